/** The messages loaded so far, by channel, each list in the order of its ids. */
import type { PageEvent, PageMessage } from '../protocol.js';
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

export class Logs {
  #byChannel = new Map<string, ChannelLog>();

  of(channelId: string): ChannelLog {
    let log = this.#byChannel.get(channelId);
    if (!log) {
      log = { messages: [], hasMore: false, loaded: false, loading: false, firstNewId: null };
      this.#byChannel.set(channelId, log);
    }
    return log;
  }

  clear(): void {
    this.#byChannel.clear();
  }

  forget(channelId: string): void {
    this.#byChannel.delete(channelId);
  }

  /** After a lost connection everything loaded may be out of date. */
  outdate(): void {
    for (const log of this.#byChannel.values()) {
      log.loaded = false;
      log.loading = false;
    }
  }

  /** Takes a page of messages in; `unread` is how many at the end are new to the person. */
  load(event: Extract<PageEvent, { type: 'messages' }>, unread: number): void {
    const log = this.of(event.channelId);
    log.loading = false;
    log.hasMore = event.hasMore;
    const sorted = [...event.messages].sort((one, other) => compareIds(one.id, other.id));
    if (event.before) {
      const known = new Set(log.messages.map((message) => message.id));
      log.messages = [...sorted.filter((message) => !known.has(message.id)), ...log.messages];
    } else {
      log.messages = sorted;
      if (!log.loaded && unread > 0) log.firstNewId = sorted.at(-unread)?.id ?? sorted[0]?.id ?? null;
    }
    log.loaded = true;
  }

  /** Adds a message at its place by id, replacing one that is there; false when the channel was not loaded. */
  insert(channelId: string, message: PageMessage): boolean {
    const log = this.of(channelId);
    // Nothing was asked for yet: opening the channel will bring the message along.
    if (!log.loaded) return false;
    const at = placeOf(log.messages, message.id);
    if (log.messages[at]?.id === message.id) log.messages[at] = message;
    else log.messages.splice(at, 0, message);
    return true;
  }

  /** Replaces a message that is there; false when it is not. */
  replace(channelId: string, message: PageMessage): boolean {
    const messages = this.#byChannel.get(channelId)?.messages ?? [];
    const at = placeOf(messages, message.id);
    if (messages[at]?.id !== message.id) return false;
    messages[at] = message;
    return true;
  }

  /** Takes a message away; false when it was not there. */
  remove(channelId: string, messageId: string): boolean {
    const log = this.#byChannel.get(channelId);
    if (!log) return false;
    const at = placeOf(log.messages, messageId);
    if (log.messages[at]?.id !== messageId) return false;
    log.messages.splice(at, 1);
    if (log.firstNewId === messageId) log.firstNewId = log.messages[at]?.id ?? null;
    return true;
  }

  find(channelId: string, messageId: string): PageMessage | null {
    const messages = this.#byChannel.get(channelId)?.messages ?? [];
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
