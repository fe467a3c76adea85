import { answerInteraction } from '../../interactions/callback.js';
import { deleteAnswer, editAnswer, fetchAnswer, followUp } from '../../interactions/followups.js';
import { noContent, ok, type RestRequest, type Route } from '../route.js';

function callback({ core, params, query, body, uploads }: RestRequest) {
  const answer = answerInteraction(core, params.interactionId ?? '', params.token ?? '', body, uploads);
  return query.with_response === 'true' ? ok(answer) : noContent();
}

function create({ core, params, body, uploads }: RestRequest) {
  return ok(followUp(core, params.applicationId ?? '', params.token ?? '', body, uploads));
}

function get({ core, params }: RestRequest) {
  return ok(fetchAnswer(core, params.applicationId ?? '', params.token ?? '', params.messageId ?? ''));
}

function patch({ core, params, body, uploads }: RestRequest) {
  return ok(editAnswer(core, params.applicationId ?? '', params.token ?? '', params.messageId ?? '', body, uploads));
}

function remove({ core, params }: RestRequest) {
  deleteAnswer(core, params.applicationId ?? '', params.token ?? '', params.messageId ?? '');
  return noContent();
}

const webhook = '/webhooks/:applicationId/:token';

/** Answers to interactions; the token in the path is the right to give them. */
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
