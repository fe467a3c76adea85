import type { APIModalInteractionResponseCallbackData } from 'discord-api-types/v10';
import type { WebSocket } from 'ws';
import type { Core } from '../core.js';
import type { InteractionRecord } from '../interactions/registry.js';
import { askChoices, say, useCommand, useComponent } from '../people/actions.js';
import { offeredCommands } from '../people/commands.js';
import { submitModal } from '../people/modals.js';
import { Refused } from '../people/refused.js';
import type { PageEvent, PageRequest } from '../protocol.js';
import { WORLD_IDS } from '../world/seed.js';
import type { ChannelRecord } from '../world/types.js';
import { eventsFor } from './events.js';
import { pageRequest } from './requests.js';
import { actSocially } from './social.js';
import { markRead, messagesPage, snapshotFor } from './view.js';

/** Changes of the world that come together are told with one snapshot. */
const SNAPSHOT_DELAY_MS = 25;
/** Modals that a page may have open; the oldest are forgotten. */
const MODALS_KEPT = 20;

/** What the page shows besides the world. */
export interface PageState {
  botOnline: () => boolean;
  notices: () => string[];
}

type Request<T extends PageRequest['type']> = Extract<PageRequest, { type: T }>;

interface OpenModal {
  origin: InteractionRecord;
  modal: APIModalInteractionResponseCallbackData;
}

/** Serves one open page: it plays the person that it said hello as, with that person's permissions and no others. */
export class PageConnection {
  private userId: string | undefined;
  private readonly modals = new Map<string, OpenModal>();
  private snapshotTimer: NodeJS.Timeout | undefined;
  /** The channel that the person looks at: its commands are told whenever they may have changed. */
  private lookedAt: string | undefined;

  constructor(
    private readonly core: Core,
    private readonly socket: WebSocket,
    private readonly state: PageState,
  ) {
    const unsubscribe = core.bus.subscribe((event) => {
      if (this.userId === undefined) return;
      const events = eventsFor(core, event, this.userId);
      if (events === 'snapshot') this.snapshotSoon();
      else for (const one of events) this.send(one);
      if (event.type === 'channel_update' && event.channel.id === this.lookedAt) this.tellCommands();
    });
    const unmove = core.clock.onMove((byMs) => this.send({ type: 'clock', nowMs: core.clock.now() + byMs }));
    socket.on('message', (raw) => this.receive(String(raw)));
    socket.on('error', (error) => core.log(`page socket: ${error.message}`));
    socket.on('close', () => {
      unsubscribe();
      unmove();
      clearTimeout(this.snapshotTimer);
    });
  }

  private send(event: PageEvent): void {
    if (this.socket.readyState === 1) this.socket.send(JSON.stringify(event));
  }

  private sendSnapshot(): void {
    clearTimeout(this.snapshotTimer);
    this.snapshotTimer = undefined;
    if (this.userId === undefined) return;
    const state = { botOnline: this.state.botOnline(), notices: this.state.notices() };
    this.send(snapshotFor(this.core, this.userId, state));
    this.tellCommands();
  }

  private tellCommands(): void {
    const channel = this.core.world.channels.get(this.lookedAt ?? '');
    if (this.userId === undefined || !channel) return;
    const commands = offeredCommands(this.core, channel, this.userId);
    this.send({ type: 'commands', channelId: channel.id, commands });
  }

  private snapshotSoon(): void {
    this.snapshotTimer ??= setTimeout(() => this.sendSnapshot(), SNAPSHOT_DELAY_MS);
  }

  private receive(text: string): void {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined; // refused by the schema below
    }
    const parsed = pageRequest.safeParse(json);
    if (!parsed.success) {
      this.send({ type: 'error', message: 'The page sent something that is not a request.' });
      return;
    }
    try {
      this.handle(parsed.data);
    } catch (error) {
      if (error instanceof Refused) this.send({ type: 'error', message: error.message });
      else {
        this.core.log(`page request ${parsed.data.type}: ${(error as Error).stack}`);
        this.send({ type: 'error', message: 'The local Discord failed to do this.' });
      }
    }
  }

  private handle(request: PageRequest): void {
    if (request.type === 'hello') this.hello(request.userId);
    else if (this.userId === undefined) throw new Refused('say hello first');
    else this.act(this.userId, request);
  }

  private act(userId: string, request: Exclude<PageRequest, { type: 'hello' }>): void {
    const { core } = this;
    switch (request.type) {
      case 'open':
        this.send(messagesPage(core, this.visible(userId, request.channelId), userId, request.before));
        break;
      case 'open_dm':
        this.sendSnapshot();
        break;
      case 'read':
        markRead(core, userId, this.visible(userId, request.channelId).id, request.messageId);
        break;
      case 'say':
        this.say(userId, request);
        break;
      case 'command':
        this.interact(request.requestId, () => {
          const channel = this.visible(userId, request.channelId);
          return useCommand(core, { ...request, userId, channel });
        });
        break;
      case 'autocomplete':
        this.autocomplete(userId, request);
        break;
      case 'component':
        this.interact(request.requestId, () => useComponent(core, { ...request, userId }));
        break;
      case 'modal':
        this.interact(request.requestId, () => this.submit(userId, request));
        break;
      case 'dismiss':
        this.dismiss(userId, request.messageId);
        break;
      case 'look':
        this.lookedAt = this.visible(userId, request.channelId).id;
        this.tellCommands();
        break;
      default: {
        const answer = actSocially(core, userId, this.visible(userId, request.channelId), request);
        if (answer) this.send(answer);
      }
    }
  }

  private hello(wanted: string | undefined): void {
    const user = this.core.world.users.get(wanted ?? '');
    this.userId = user && !user.bot ? user.id : WORLD_IDS.people.admin;
    this.modals.clear();
    this.sendSnapshot();
  }

  private visible(userId: string, channelId: string): ChannelRecord {
    const channel = this.core.world.channels.get(channelId);
    if (!channel || !this.core.world.canView(channel, userId)) throw new Refused('You cannot see this channel.');
    return channel;
  }

  private say(userId: string, request: Request<'say'>): void {
    const { content, attachments, replyTo } = request;
    const stored = say(this.core, userId, this.visible(userId, request.channelId), content, {
      ...(attachments && { uploadIds: attachments }),
      ...(replyTo && { replyTo }),
    });
    markRead(this.core, userId, request.channelId, stored.message.id);
  }

  private interact(requestId: string, start: () => InteractionRecord): void {
    let record: InteractionRecord;
    try {
      record = start();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.send({ type: 'interaction', requestId, state: 'refused', reason: error.message });
      return;
    }
    // The outcome never rejects: it settles at the deadline at the latest.
    void record.outcome.then((outcome) => {
      if (outcome.kind === 'modal') this.openModal(requestId, record, outcome.modal);
      else this.send({ type: 'interaction', requestId, state: outcome.kind === 'failed' ? 'failed' : 'ok' });
    });
  }

  private openModal(requestId: string, origin: InteractionRecord, modal: APIModalInteractionResponseCallbackData): void {
    this.modals.set(origin.id, { origin, modal });
    const oldest = this.modals.keys().next().value;
    if (this.modals.size > MODALS_KEPT && oldest !== undefined) this.modals.delete(oldest);
    this.send({ type: 'modal', requestId, modalId: origin.id, modal });
  }

  private autocomplete(userId: string, request: Request<'autocomplete'>): void {
    const { requestId } = request;
    let record: InteractionRecord;
    try {
      record = askChoices(this.core, { ...request, userId, channel: this.visible(userId, request.channelId) });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.send({ type: 'choices', requestId, choices: null });
      return;
    }
    void record.outcome.then((outcome) =>
      this.send({ type: 'choices', requestId, choices: outcome.kind === 'choices' ? outcome.choices : null }),
    );
  }

  private submit(userId: string, request: Request<'modal'>): InteractionRecord {
    const open = this.modals.get(request.modalId);
    if (!open || open.origin.userId !== userId) throw new Refused('This form is no longer open.');
    return submitModal(this.core, open.origin, open.modal, request.fields);
  }

  private dismiss(userId: string, messageId: string): void {
    const stored = this.core.world.message(messageId);
    if (stored?.ephemeralFor !== userId) throw new Refused('Only messages that you alone can see can be dismissed.');
    stored.dismissed = true;
    this.send({ type: 'message_delete', channelId: stored.message.channel_id, messageId });
  }
}
