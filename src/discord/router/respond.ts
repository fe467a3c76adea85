/**
 * Answers one interaction. Discord allows one first response within 3 s, and what may follow depends on it: this is the state machine
 * of that. Work that takes longer than `DEFER_AFTER_MS` is deferred by a timer, in the way its command declared.
 *
 * A public deferral cannot become ephemeral: a refusal then takes the "thinking" message away and follows up. An ephemeral deferral cannot
 * become public: a card is then a follow-up.
 */
import { InteractionResponseType, Routes } from 'discord-api-types/v10';
import type { FirstResponse, MessageBody, Outcome } from './contract.js';
import { type Envelope, EPHEMERAL } from './incoming.js';
import { ALREADY_ANSWERED, discordCode, type Rest } from './rest.js';

/** Milliseconds of work before an interaction is deferred: far from Discord's 3 s, and longer than ordinary work takes. */
export const DEFER_AFTER_MS = 1200;

type State = 'open' | 'thinking' | 'thinking-public' | 'thinking-update' | 'closed';

export interface ResponderOptions {
  rest: Rest;
  envelope: Envelope;
  first: FirstResponse;
  /** Whether a form may be opened (not in answer to a form). */
  formsAllowed: boolean;
  /** Called once, when Discord has accepted the first response. */
  acknowledged: () => void;
}

/** One interaction's answer. Errors are those of the REST client. */
export class Responder {
  #state: State = 'open';
  /** The deferral on its way, if any: nothing else may be sent before it is settled. */
  #deferral: Promise<void> | null = null;
  readonly #options: ResponderOptions;

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  /** Tells Discord that the answer will follow, unless one was given already. */
  defer(): Promise<void> {
    if (this.#state === 'open') this.#deferral ??= this.#deferNow();
    return this.#deferral ?? Promise.resolve();
  }

  /** Sends the outcome in the way that the state still allows. */
  async deliver(outcome: Outcome): Promise<void> {
    await this.#deferral;
    switch (outcome.kind) {
      case 'message':
        return this.#message(outcome.body);
      case 'update':
        return this.#source() ? this.#update(outcome.body) : this.#message(outcome.body);
      case 'form':
        if (this.#state !== 'open' || !this.#options.formsAllowed) return this.#message(outcome.otherwise);
        return void (await this.#callback(InteractionResponseType.Modal, outcome.form));
      case 'card':
        return this.#card(outcome);
    }
  }

  async #deferNow(): Promise<void> {
    const { first } = this.#options;
    if (first === 'update' && this.#source()) {
      await this.#callback(InteractionResponseType.DeferredMessageUpdate, undefined);
      this.#state = 'thinking-update';
    } else {
      const open = first === 'public' && !this.#source();
      await this.#callback(InteractionResponseType.DeferredChannelMessageWithSource, { flags: open ? 0 : EPHEMERAL });
      this.#state = open ? 'thinking-public' : 'thinking';
    }
  }

  /** Whether there is an ephemeral message to replace. Cards are public and belong to the announcer: they are never replaced here. */
  #source(): boolean {
    return this.#options.envelope.message?.ephemeral === true;
  }

  async #message(body: MessageBody): Promise<void> {
    switch (this.#state) {
      case 'open':
        await this.#callback(InteractionResponseType.ChannelMessageWithSource, { ...whole(body), flags: EPHEMERAL }, body);
        return;
      case 'thinking':
        await this.#editOriginal(body);
        return;
      case 'thinking-public':
        await this.#options.rest.delete(this.#route('@original'), { auth: false });
        await this.#followUp(body, EPHEMERAL);
        return;
      case 'thinking-update':
      case 'closed':
        await this.#followUp(body, EPHEMERAL);
    }
  }

  async #update(body: MessageBody): Promise<void> {
    if (this.#state === 'open') await this.#callback(InteractionResponseType.UpdateMessage, whole(body), body);
    else if (this.#state === 'thinking-update' || this.#state === 'thinking') await this.#editOriginal(body);
    else await this.#message(body);
  }

  async #card(outcome: Outcome & { kind: 'card' }): Promise<void> {
    // Refused: there is no message, and the announcer posts the card at once. Otherwise there may be one whose answer was lost: the announcer looks
    // for it in the channel when the wait is over, lest the card is there twice.
    const message = await this.#postCard(outcome).catch(async (error: unknown) => {
      if (wasRefused(error)) await outcome.notPosted();
      throw error;
    });
    if (message === null) return;
    if ((await outcome.posted(message.id)) === 'surplus') await this.#options.rest.delete(message.route, { auth: false });
    if (outcome.whisper !== undefined) await this.#followUp({ content: outcome.whisper }, EPHEMERAL);
  }

  async #postCard({ body, note }: Outcome & { kind: 'card' }): Promise<{ id: string; route: `/${string}` } | null> {
    if (this.#state === 'thinking-public') return at(idOf(await this.#editOriginal(body)), this.#route('@original'));
    if (this.#state === 'open' && !this.#source()) {
      const answer = await this.#callback(InteractionResponseType.ChannelMessageWithSource, whole(body), body, true).catch(
        (error) => this.#answeredAlready(error),
      );
      return at(callbackMessageId(answer), this.#route('@original'));
    }
    await this.#update({ content: note });
    const id = idOf(await this.#followUp(body, 0));
    return at(id, this.#route(id ?? ''));
  }

  /**
   * A request without an answer may have arrived all the same, and "answered already" may mean our own first try, or another process of the token that
   * was quicker with the same task: the message that is there is the card then. Throws the error that was when there is none.
   */
  async #answeredAlready(error: unknown): Promise<unknown> {
    const code = discordCode(error);
    if (code !== null && code !== ALREADY_ANSWERED) throw error;
    const message = await this.#options.rest.get(this.#route('@original'), { auth: false }).catch(() => {
      throw error; // Nothing is there: what went wrong first is what counts.
    });
    if (isEphemeral(message)) throw error;
    this.#state = 'closed';
    return { resource: { message } };
  }

  async #callback(type: InteractionResponseType, data: unknown, body?: MessageBody, withResponse = false): Promise<unknown> {
    const { rest, envelope, acknowledged } = this.#options;
    const answer = await rest.post(Routes.interactionCallback(envelope.id, envelope.token), {
      auth: false,
      body: data === undefined ? { type } : { type, data },
      ...(body?.files ? { files: body.files } : {}),
      ...(withResponse ? { query: new URLSearchParams({ with_response: 'true' }) } : {}),
    });
    this.#state = 'closed';
    acknowledged();
    return answer;
  }

  #route(messageId: string): `/${string}` {
    return Routes.webhookMessage(this.#options.envelope.applicationId, this.#options.envelope.token, messageId);
  }

  async #editOriginal(body: MessageBody): Promise<unknown> {
    const message = await this.#options.rest.patch(this.#route('@original'), {
      auth: false,
      body: whole(body),
      ...filesOf(body),
    });
    this.#state = 'closed';
    return message;
  }

  async #followUp(body: MessageBody, flags: number): Promise<unknown> {
    const { rest, envelope } = this.#options;
    return rest.post(Routes.webhook(envelope.applicationId, envelope.token), {
      auth: false,
      query: new URLSearchParams({ wait: 'true' }),
      body: { ...whole(body), flags },
      ...filesOf(body),
    });
  }
}

/** The complete body: what it does not name is emptied, and nobody is ever mentioned. */
function whole(body: MessageBody) {
  return {
    content: body.content ?? '',
    embeds: body.embeds ?? [],
    components: body.components ?? [],
    attachments: (body.files ?? []).map(({ name }, index) => ({ id: String(index), filename: name })),
    allowed_mentions: { parse: [] },
  };
}

function filesOf(body: MessageBody) {
  return body.files ? { files: body.files } : {};
}

/** Whether Discord has said no. */
function wasRefused(error: unknown): boolean {
  const status = error !== null && typeof error === 'object' && 'status' in error ? Number(error.status) : 0;
  return status >= 400 && status < 500;
}

function at(id: string | null, route: `/${string}`): { id: string; route: `/${string}` } | null {
  return id === null ? null : { id, route };
}

function idOf(message: unknown): string | null {
  return message !== null && typeof message === 'object' && 'id' in message && typeof message.id === 'string' ? message.id : null;
}

function isEphemeral(message: unknown): boolean {
  return message !== null && typeof message === 'object' && 'flags' in message && (Number(message.flags) & EPHEMERAL) !== 0;
}

function callbackMessageId(answer: unknown): string | null {
  if (answer === null || typeof answer !== 'object' || !('resource' in answer)) return null;
  const resource = answer.resource;
  return resource !== null && typeof resource === 'object' && 'message' in resource ? idOf(resource.message) : null;
}
