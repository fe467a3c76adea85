import { answerInteraction } from '../../interactions/callback.js';
import { deleteAnswer, editAnswer, fetchAnswer, followUp } from '../../interactions/followups.js';
import { noContent, ok, type RestRequest, type Route } from '../route.js';
import { deleteWebhookMessage, editWebhookMessage, executeWebhook, getWebhookMessage, isWebhook } from './webhook-messages.js';

function callback({ core, params, query, body, uploads }: RestRequest) {
  const answer = answerInteraction(core, params.interactionId ?? '', params.token ?? '', body, uploads);
  return query.with_response === 'true' ? ok(answer) : noContent();
}

function create(request: RestRequest) {
  if (isWebhook(request)) return executeWebhook(request);
  const { core, params, body, uploads } = request;
  return ok(followUp(core, params.applicationId ?? '', params.token ?? '', body, uploads));
}

function get(request: RestRequest) {
  if (isWebhook(request)) return getWebhookMessage(request);
  const { core, params } = request;
  return ok(fetchAnswer(core, params.applicationId ?? '', params.token ?? '', params.messageId ?? ''));
}

function patch(request: RestRequest) {
  if (isWebhook(request)) return editWebhookMessage(request);
  const { core, params, body, uploads } = request;
  return ok(editAnswer(core, params.applicationId ?? '', params.token ?? '', params.messageId ?? '', body, uploads));
}

function remove(request: RestRequest) {
  if (isWebhook(request)) return deleteWebhookMessage(request);
  const { core, params } = request;
  deleteAnswer(core, params.applicationId ?? '', params.token ?? '', params.messageId ?? '');
  return noContent();
}

const webhook = '/webhooks/:applicationId/:token';

/** Answers to interactions, and posts of webhooks, which have the same paths; the token in them is the right to give them. */
export const interactionRoutes: Route[] = [
  {
    method: 'POST',
    path: '/interactions/:interactionId/:token/callback',
    auth: 'token',
    bucket: 'general',
    unlimited: true,
    handle: callback,
  },
  { method: 'POST', path: webhook, auth: 'token', bucket: 'webhooks', major: 'token', handle: create },
  { method: 'GET', path: `${webhook}/messages/:messageId`, auth: 'token', bucket: 'webhooks', major: 'token', handle: get },
  { method: 'PATCH', path: `${webhook}/messages/:messageId`, auth: 'token', bucket: 'webhooks', major: 'token', handle: patch },
  { method: 'DELETE', path: `${webhook}/messages/:messageId`, auth: 'token', bucket: 'webhooks', major: 'token', handle: remove },
];
