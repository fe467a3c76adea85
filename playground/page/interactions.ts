/** What the person does with the bot: commands, buttons, selects, modals and autocomplete, and what became of it. */
import type { APIApplicationCommandOptionChoice, APIModalInteractionResponseCallbackData } from 'discord-api-types/v10';
import type { GivenOption, PageEvent, PageMessage, PageRequest } from '../protocol.js';
import { idAt } from './snowflake.js';
import type { Store } from './store.js';

type Pending =
  | { kind: 'command'; channelId: string; name: string }
  | { kind: 'component'; channelId: string; messageId: string; customId: string }
  | { kind: 'modal'; channelId: string; settle: (result: ModalResult) => void };

/** What a submitted modal came to; the dialog stays open unless `ok`. */
export type ModalResult = { ok: true } | { ok: false; reason: string };

export interface OpenedModal {
  modalId: string;
  channelId: string;
  modal: APIModalInteractionResponseCallbackData;
}

export interface CommandCall {
  channelId: string;
  commandId: string;
  path: string[];
  /** As people read it, without the slash: `task create`. */
  name: string;
  options: GivenOption[];
  targetId?: string;
}

/** A message that exists in this page alone: what Discord's client says when a command failed. */
export interface LocalNote extends PageMessage {
  local: { error: string };
}

export function isLocalNote(message: PageMessage): message is LocalNote {
  return 'local' in message;
}

interface Deps {
  store: Store;
  send(request: PageRequest): boolean;
  openModal(modal: OpenedModal): void;
  nowMs(): number;
}

/** The playground answers within 3 s; beyond this the answer is taken as lost. */
const answerTimeoutMs = 10_000;
const choicesTimeoutMs = 4_000;

export class Interactions {
  #deps: Deps;
  #pending = new Map<string, Pending>();
  #choices = new Map<string, (choices: APIApplicationCommandOptionChoice[] | null) => void>();
  #failures = new Map<string, string>();
  #count = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  #track(pending: Pending): string {
    this.#count += 1;
    const requestId = `p${this.#count}`;
    this.#pending.set(requestId, pending);
    setTimeout(() => this.#settle(requestId, 'failed'), answerTimeoutMs);
    return requestId;
  }

  command(call: CommandCall): void {
    const requestId = this.#track({ kind: 'command', channelId: call.channelId, name: call.name });
    const { name: _, ...request } = call;
    if (!this.#deps.send({ type: 'command', requestId, ...request })) this.#settle(requestId, 'refused', notConnected);
  }

  component(message: PageMessage, customId: string, values?: string[]): void {
    if (this.isWaiting(message.id)) return;
    const channelId = message.channel_id;
    this.#failures.delete(message.id);
    const requestId = this.#track({ kind: 'component', channelId, messageId: message.id, customId });
    const sent = this.#deps.send({ type: 'component', requestId, channelId, messageId: message.id, customId, values });
    if (sent) this.#deps.store.touch(channelId, message.id);
    else this.#settle(requestId, 'refused', notConnected);
  }

  submitModal(opened: OpenedModal, fields: Record<string, string | string[] | boolean>): Promise<ModalResult> {
    return new Promise((settle) => {
      const requestId = this.#track({ kind: 'modal', channelId: opened.channelId, settle });
      const sent = this.#deps.send({ type: 'modal', requestId, modalId: opened.modalId, fields });
      if (!sent) this.#settle(requestId, 'refused', notConnected);
    });
  }

  /** The bot's choices; null when it failed to answer. */
  autocomplete(call: Omit<CommandCall, 'name' | 'targetId'>): Promise<APIApplicationCommandOptionChoice[] | null> {
    this.#count += 1;
    const requestId = `a${this.#count}`;
    return new Promise((resolve) => {
      const settle = (choices: APIApplicationCommandOptionChoice[] | null): void => {
        if (this.#choices.delete(requestId)) resolve(choices);
      };
      this.#choices.set(requestId, settle);
      setTimeout(() => settle(null), choicesTimeoutMs);
      if (!this.#deps.send({ type: 'autocomplete', requestId, ...call })) settle(null);
    });
  }

  /** A component of this message waits for its answer. */
  isWaiting(messageId: string, customId?: string): boolean {
    const waiting = this.waitingFor(messageId);
    return waiting !== null && (customId === undefined || waiting === customId);
  }

  /** The component of this message that waits for its answer; null when none does. */
  waitingFor(messageId: string): string | null {
    for (const pending of this.#pending.values())
      if (pending.kind === 'component' && pending.messageId === messageId) return pending.customId;
    return null;
  }

  /** Why the last press on this message failed, in red below it. */
  failure(messageId: string): string | null {
    return this.#failures.get(messageId) ?? null;
  }

  handle(event: PageEvent): void {
    if (event.type === 'interaction') this.#settle(event.requestId, event.state, event.reason);
    else if (event.type === 'choices') this.#choices.get(event.requestId)?.(event.choices);
    else if (event.type === 'modal') this.#opened(event);
  }

  /** Another person looks at the page: what failed for the one before is none of theirs. */
  personChanged(): void {
    this.#failures.clear();
  }

  /** The connection is gone, and with it every answer. */
  connectionLost(): void {
    for (const requestId of [...this.#pending.keys()])
      this.#settle(requestId, 'failed', 'The connection was lost before the answer came.');
    for (const settle of [...this.#choices.values()]) settle(null);
  }

  #opened(event: Extract<PageEvent, { type: 'modal' }>): void {
    const channelId = this.#pending.get(event.requestId)?.channelId ?? this.#deps.store.currentId ?? '';
    this.#settle(event.requestId, 'ok');
    this.#deps.openModal({ modalId: event.modalId, modal: event.modal, channelId });
  }

  #settle(requestId: string, state: 'ok' | 'failed' | 'refused', reason?: string): void {
    const pending = this.#pending.get(requestId);
    if (!pending) return;
    this.#pending.delete(requestId);
    if (pending.kind === 'component') {
      if (state !== 'ok') this.#failures.set(pending.messageId, reason ?? 'This interaction failed');
      this.#deps.store.touch(pending.channelId, pending.messageId);
    } else if (pending.kind === 'modal') {
      pending.settle(state === 'ok' ? { ok: true } : { ok: false, reason: reason ?? 'Something went wrong. Try again.' });
    } else if (state !== 'ok') {
      this.#note(pending.channelId, pending.name, reason ?? 'The application did not respond');
    }
  }

  #note(channelId: string, name: string, error: string): void {
    const { store, nowMs } = this.#deps;
    const bot = store.bot;
    if (!bot || !store.me) return;
    const now = nowMs();
    const note = {
      id: idAt(now),
      channel_id: channelId,
      author: { id: bot.id, username: bot.username, global_name: bot.displayName, bot: true, discriminator: '0', avatar: null },
      content: '',
      timestamp: new Date(now).toISOString(),
      flags: 64,
      commandLine: { userId: store.me.id, name },
      local: { error },
    } as unknown as LocalNote;
    store.insert(channelId, note);
  }
}

const notConnected = 'Not connected. Try again in a moment.';
