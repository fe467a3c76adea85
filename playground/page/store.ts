/** What the page knows: people, guilds, channels, commands and the messages loaded so far. */
import type { APIApplicationCommand } from 'discord-api-types/v10';
import type { PageChannel, PageEvent, PageGuild, PageMessage, PageUser } from '../protocol.js';
import { compareIds } from './snowflake.js';

/** The loaded part of a channel, oldest first. */
export interface ChannelLog {
  messages: PageMessage[];
  hasMore: boolean;
  loaded: boolean;
  /** An `open` request is under way. */
  loading: boolean;
  /** The first message that was new when the person came, for the "new" line. */
  firstNewId: string | null;
}

/** What changed, so that each part of the page redraws only for its own. */
export type Change =
  | { kind: 'world' }
  | { kind: 'person' }
  | { kind: 'current' }
  | { kind: 'channels' }
  | { kind: 'bot' }
  | { kind: 'log'; channelId: string }
  | { kind: 'created'; channelId: string; message: PageMessage; mentioned: boolean }
  | { kind: 'typing'; channelId: string; userId: string };

export class Store {
  me: PageUser | null = null;
  users = new Map<string, PageUser>();
  guilds: PageGuild[] = [];
  dms: PageChannel[] = [];
  channels = new Map<string, PageChannel>();
  commands: APIApplicationCommand[] = [];
  botId: string | null = null;
  botOnline = false;
  notices: string[] = [];
  currentId: string | null = null;
  #logs = new Map<string, ChannelLog>();
  #listeners = new Set<(change: Change) => void>();

  subscribe(listener: (change: Change) => void): void {
    this.#listeners.add(listener);
  }

  #emit(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  get current(): PageChannel | null {
    return this.currentId ? (this.channels.get(this.currentId) ?? null) : null;
  }

  get bot(): PageUser | null {
    return this.botId ? (this.users.get(this.botId) ?? null) : null;
  }

  /** The guild of a channel; null for a DM. */
  guildOf(channel: PageChannel | null): PageGuild | null {
    return channel?.guildId ? (this.guilds.find((guild) => guild.id === channel.guildId) ?? null) : null;
  }

  log(channelId: string): ChannelLog {
    let log = this.#logs.get(channelId);
    if (!log) {
      log = { messages: [], hasMore: false, loaded: false, loading: false, firstNewId: null };
      this.#logs.set(channelId, log);
    }
    return log;
  }

  /** Takes an event of the playground in; interactions' own events pass through untouched. */
  apply(event: PageEvent): void {
    switch (event.type) {
      case 'snapshot':
        this.#snapshot(event);
        return;
      case 'messages':
        this.#loaded(event);
        return;
      case 'message_create':
        this.#created(event.channelId, event.message, event.mentioned);
        return;
      case 'message_update':
        this.update(event.channelId, event.message);
        return;
      case 'message_delete':
        this.remove(event.channelId, event.messageId);
        return;
      case 'bot':
        this.botOnline = event.online;
        this.#emit({ kind: 'bot' });
        return;
      case 'typing':
        this.#emit({ kind: 'typing', channelId: event.channelId, userId: event.userId });
        return;
      default:
        return;
    }
  }

  #snapshot(event: Extract<PageEvent, { type: 'snapshot' }>): void {
    const samePerson = this.me?.id === event.me.id;
    this.me = event.me;
    this.users = new Map([...event.users, event.me].map((user) => [user.id, user]));
    this.guilds = event.guilds;
    this.dms = event.dms;
    this.channels = new Map([...event.dms, ...event.guilds.flatMap((guild) => guild.channels)].map((one) => [one.id, one]));
    this.commands = event.commands;
    this.botId = event.botId;
    this.botOnline = event.botOnline;
    this.notices = event.notices;
    if (!samePerson) {
      this.#logs.clear();
      this.#emit({ kind: 'person' });
    }
    const current = this.current;
    if (current) {
      current.unread = 0;
      current.mentions = 0;
    }
    this.#emit({ kind: 'world' });
  }

  /** Shows another channel. Its unread count becomes the place of the "new" line. */
  select(channelId: string): void {
    const previous = this.currentId ? this.#logs.get(this.currentId) : undefined;
    if (previous) previous.firstNewId = null;
    this.currentId = channelId;
    const channel = this.channels.get(channelId);
    const log = this.log(channelId);
    if (channel && channel.unread > 0 && log.loaded) log.firstNewId = log.messages.at(-channel.unread)?.id ?? null;
    this.#emit({ kind: 'current' });
  }

  /** The person has seen the channel up to its end. */
  markRead(channelId: string): void {
    const channel = this.channels.get(channelId);
    if (!channel || (channel.unread === 0 && channel.mentions === 0)) return;
    channel.unread = 0;
    channel.mentions = 0;
    this.#emit({ kind: 'channels' });
  }

  clearNewLine(channelId: string): void {
    const log = this.log(channelId);
    if (log.firstNewId === null) return;
    log.firstNewId = null;
    this.#emit({ kind: 'log', channelId });
  }

  /** After a lost connection everything loaded may be out of date. */
  forgetLogs(): void {
    for (const log of this.#logs.values()) {
      log.loaded = false;
      log.loading = false;
    }
  }

  #loaded(event: Extract<PageEvent, { type: 'messages' }>): void {
    const log = this.log(event.channelId);
    log.loading = false;
    log.hasMore = event.hasMore;
    const sorted = [...event.messages].sort((one, other) => compareIds(one.id, other.id));
    if (event.before) {
      const known = new Set(log.messages.map((message) => message.id));
      log.messages = [...sorted.filter((message) => !known.has(message.id)), ...log.messages];
    } else {
      log.messages = sorted;
      const unread = this.channels.get(event.channelId)?.unread ?? 0;
      if (!log.loaded && unread > 0) log.firstNewId = sorted.at(-unread)?.id ?? sorted[0]?.id ?? null;
    }
    log.loaded = true;
    this.#emit({ kind: 'log', channelId: event.channelId });
  }

  #created(channelId: string, message: PageMessage, mentioned: boolean): void {
    this.insert(channelId, message);
    const channel = this.channels.get(channelId);
    const own = message.author.id === this.me?.id;
    if (channel && channelId !== this.currentId && !own) {
      channel.unread += 1;
      if (mentioned || channel.guildId === null) channel.mentions += 1;
      this.#emit({ kind: 'channels' });
    }
    this.#emit({ kind: 'created', channelId, message, mentioned });
  }

  /** Adds a message at its place by id; one that is there already is replaced. */
  insert(channelId: string, message: PageMessage): void {
    const log = this.log(channelId);
    // Nothing was asked for yet: opening the channel will bring the message along.
    if (!log.loaded) return;
    const at = placeOf(log.messages, message.id);
    if (log.messages[at]?.id === message.id) log.messages[at] = message;
    else log.messages.splice(at, 0, message);
    this.#emit({ kind: 'log', channelId });
  }

  update(channelId: string, message: PageMessage): void {
    const log = this.#logs.get(channelId);
    if (!log) return;
    const at = placeOf(log.messages, message.id);
    if (log.messages[at]?.id !== message.id) return;
    log.messages[at] = message;
    this.#emit({ kind: 'log', channelId });
  }

  /** Draws a message again although it did not change (its buttons began or stopped waiting). */
  touch(channelId: string, messageId: string): void {
    const message = this.find(channelId, messageId);
    if (message) this.update(channelId, { ...message });
  }

  remove(channelId: string, messageId: string): void {
    const log = this.#logs.get(channelId);
    if (!log) return;
    const at = placeOf(log.messages, messageId);
    if (log.messages[at]?.id !== messageId) return;
    log.messages.splice(at, 1);
    if (log.firstNewId === messageId) log.firstNewId = log.messages[at]?.id ?? null;
    this.#emit({ kind: 'log', channelId });
  }

  find(channelId: string, messageId: string): PageMessage | null {
    const messages = this.#logs.get(channelId)?.messages ?? [];
    const found = messages[placeOf(messages, messageId)];
    return found?.id === messageId ? found : null;
  }
}

/** Index of the id in a list sorted by id, or where it would go. */
export function placeOf(messages: readonly PageMessage[], id: string): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const here = messages[middle];
    if (here && compareIds(here.id, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
