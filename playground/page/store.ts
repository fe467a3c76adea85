/** What the page knows: people, guilds, channels, commands and the messages loaded so far. */
import type { APIApplicationCommand } from 'discord-api-types/v10';
import type { PageChannel, PageEvent, PageGuild, PageMessage, PageUser } from '../protocol.js';
import { isThread } from './channels.js';
import { type ChannelLog, Logs } from './logs.js';
import { putChannel, takeChannel } from './world-changes.js';

/** What changed, so that each part of the page redraws only for its own. */
export type Change =
  | { kind: 'world' }
  | { kind: 'person' }
  | { kind: 'current' }
  /** Unread marks, or channels that came, changed or went. */
  | { kind: 'channels'; channelId?: string }
  | { kind: 'people' }
  | { kind: 'commands' }
  | { kind: 'clock' }
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
  botId: string | null = null;
  botOnline = false;
  notices: string[] = [];
  currentId: string | null = null;
  /** Whether the person has the end of the current channel in view: what comes there is read at once. */
  isWatching: () => boolean = () => true;
  #clockOffsetMs = 0;
  #commands = new Map<string, APIApplicationCommand[]>();
  #logs = new Logs();
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

  /** What is offered in the current channel, as far as the playground has said. */
  get commands(): readonly APIApplicationCommand[] {
    return this.#commands.get(this.currentId ?? '') ?? [];
  }

  /** Milliseconds since 1970 by the playground's clock. */
  nowMs(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  /** The guild of a channel; null for a DM. */
  guildOf(channel: PageChannel | null): PageGuild | null {
    return channel?.guildId ? (this.guilds.find((guild) => guild.id === channel.guildId) ?? null) : null;
  }

  log(channelId: string): ChannelLog {
    return this.#logs.of(channelId);
  }

  /** Takes an event of the playground in; interactions' own events pass through untouched. */
  apply(event: PageEvent): void {
    switch (event.type) {
      case 'snapshot':
        this.#snapshot(event);
        return;
      case 'messages':
        this.#logs.load(event, this.channels.get(event.channelId)?.unread ?? 0);
        this.#emit({ kind: 'log', channelId: event.channelId });
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
      case 'typing':
        this.#emit({ kind: 'typing', channelId: event.channelId, userId: event.userId });
        return;
      default:
        this.#applyToWorld(event);
    }
  }

  #applyToWorld(event: PageEvent): void {
    switch (event.type) {
      case 'channel':
        this.#channel(event.channel);
        return;
      case 'channel_gone':
        this.#gone(event.channelId);
        return;
      case 'guild': {
        const guild = this.guilds.find((one) => one.id === event.guild.id);
        if (guild) Object.assign(guild, event.guild);
        for (const user of event.users) this.users.set(user.id, user);
        this.#emit({ kind: 'people' });
        return;
      }
      case 'commands':
        this.#commands.set(event.channelId, event.commands);
        if (event.channelId === this.currentId) this.#emit({ kind: 'commands' });
        return;
      case 'clock':
        this.#clockOffsetMs = event.nowMs - Date.now();
        this.#emit({ kind: 'clock' });
        return;
      case 'bot':
        this.botOnline = event.online;
        this.#emit({ kind: 'bot' });
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
    this.botId = event.botId;
    this.botOnline = event.botOnline;
    this.notices = event.notices;
    this.#clockOffsetMs = event.nowMs - Date.now();
    if (!samePerson) {
      this.#logs.clear();
      this.#commands.clear();
      this.#emit({ kind: 'person' });
    }
    this.#readIfWatched(this.current);
    this.#emit({ kind: 'world' });
  }

  #readIfWatched(channel: PageChannel | null): void {
    if (!channel || channel.id !== this.currentId || !this.isWatching()) return;
    channel.unread = 0;
    channel.mentions = 0;
  }

  #channel(channel: PageChannel): void {
    putChannel({ byId: this.channels, guilds: this.guilds, dms: this.dms }, channel);
    this.#readIfWatched(channel);
    this.#emit({ kind: 'channels', channelId: channel.id });
    // The message that a thread began with shows its name and count.
    if (isThread(channel) && channel.parentId) this.touch(channel.parentId, channel.id);
  }

  #gone(channelId: string): void {
    const channel = this.channels.get(channelId);
    if (!takeChannel({ byId: this.channels, guilds: this.guilds, dms: this.dms }, channelId)) return;
    this.#logs.forget(channelId);
    this.#emit(channelId === this.currentId ? { kind: 'world' } : { kind: 'channels', channelId });
    if (channel && isThread(channel) && channel.parentId) this.touch(channel.parentId, channelId);
  }

  /** Shows another channel. Its unread count becomes the place of the "new" line. */
  select(channelId: string): void {
    if (this.currentId) this.#logs.of(this.currentId).firstNewId = null;
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
    this.#logs.outdate();
  }

  #created(channelId: string, message: PageMessage, mentioned: boolean): void {
    this.insert(channelId, message);
    const channel = this.channels.get(channelId);
    const own = message.author.id === this.me?.id;
    if (channel && !own && (channelId !== this.currentId || !this.isWatching())) {
      channel.unread += 1;
      if (mentioned || channel.guildId === null) channel.mentions += 1;
      this.#emit({ kind: 'channels' });
    }
    if (channel?.messageCount !== undefined) {
      channel.messageCount += 1;
      if (channel.parentId) this.touch(channel.parentId, channelId);
    }
    this.#emit({ kind: 'created', channelId, message, mentioned });
  }

  /** Adds a message at its place by id; one that is there already is replaced. */
  insert(channelId: string, message: PageMessage): void {
    if (this.#logs.insert(channelId, message)) this.#emit({ kind: 'log', channelId });
  }

  update(channelId: string, message: PageMessage): void {
    if (this.#logs.replace(channelId, message)) this.#emit({ kind: 'log', channelId });
  }

  /** Draws a message again although it did not change (its buttons began or stopped waiting). */
  touch(channelId: string, messageId: string): void {
    const message = this.find(channelId, messageId);
    if (message) this.update(channelId, { ...message });
  }

  remove(channelId: string, messageId: string): void {
    if (this.#logs.remove(channelId, messageId)) this.#emit({ kind: 'log', channelId });
  }

  find(channelId: string, messageId: string): PageMessage | null {
    return this.#logs.find(channelId, messageId);
  }
}
