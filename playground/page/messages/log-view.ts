/**
 * The list of messages: keeps to the bottom while one is there, loads older ones at the top, and holds at most
 * `maxRows` of them in the document, whatever the channel holds.
 *
 * One invariant: after `#sync` the rows in the document are exactly the messages from `#startId` to `#endId`, each drawn
 * from the object that the store holds now. Whatever changes, the answer is to sync again, once per frame.
 */
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { placeOf } from '../logs.js';
import { planRow } from './grouping.js';
import { MessageRow } from './message.js';
import { reachNewest, readingKeys } from './reading-keys.js';

const firstRows = 60;
/** Height of a one-line message without a header. */
const lowestRowPx = 26;
const moreRows = 40;
const maxRows = 300;
/** Nearer to an edge than this, more rows are added there. */
const edgePx = 500;

export interface LogViewOptions {
  scroller: HTMLElement;
  list: HTMLOListElement;
  context: PageContext;
  /** Whether the newest message is in view. */
  onBottom(atBottom: boolean): void;
}

export class LogView {
  readonly #options: LogViewOptions;
  #rows = new Map<string, MessageRow>();
  #channelId: string | null = null;
  #startId: string | null = null;
  #endId: string | null = null;
  #stick = true;
  #frame = 0;
  #jumpTo: string | null = null;
  #lastTop = 0;

  constructor(options: LogViewOptions) {
    this.#options = options;
    const { scroller, list } = options;
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    // Pictures that finish loading, and the window getting smaller, must not push the newest message out of view.
    const keep = new ResizeObserver(() => this.#stick && this.#toBottom());
    keep.observe(list);
    keep.observe(scroller);
    readingKeys(list, () => options.context.focusComposer());
  }

  get atBottom(): boolean {
    return this.#stick;
  }

  /** Shows another channel from its end. */
  show(channelId: string): void {
    this.#channelId = channelId;
    this.#startId = null;
    this.#endId = null;
    this.#stick = true;
    this.#jumpTo = null;
    this.#rows.clear();
    this.#options.list.replaceChildren();
    this.#sync();
  }

  /** Something in this channel changed: draws once per frame however often it is called. */
  changed(channelId: string): void {
    if (channelId !== this.#channelId || this.#frame !== 0) return;
    // A hidden tab gets no animation frames.
    const next = (run: () => void): number => (document.hidden ? window.setTimeout(run, 50) : requestAnimationFrame(run));
    this.#frame = next(() => this.#sync());
  }

  /** Brings a message into view, loading older ones until it is there. */
  jumpTo(messageId: string): void {
    this.#jumpTo = messageId;
    this.#sync();
  }

  toPresent(): void {
    this.#stick = true;
    this.#startId = null;
    this.#sync();
  }

  #sync(): void {
    this.#frame = 0;
    const channelId = this.#channelId;
    if (channelId === null) return;
    const { store } = this.#options.context;
    const log = store.log(channelId);
    if (this.#jumpTo) this.#aim(log.messages);
    const [start, end] = this.#range(log.messages);
    const anchor = this.#stick ? null : this.#anchor();
    const focused = this.#rememberFocus();
    this.#draw(log.messages, start, end, log.hasMore, log.firstNewId);
    this.#startId = log.messages[start]?.id ?? null;
    this.#endId = log.messages[end - 1]?.id ?? null;
    focused?.();
    if (this.#stick) this.#toBottom();
    else if (anchor) this.#restore(anchor);
    this.#land();
    this.#options.onBottom(this.#stick);
    // Adding rows moves the edge away, so this ends after a few turns at most.
    if (log.loaded && this.#rows.size > 0) this.#extend();
  }

  /** Which part of the loaded messages to have in the document. */
  #range(messages: readonly PageMessage[]): [number, number] {
    const length = messages.length;
    if (this.#stick || this.#startId === null || this.#endId === null) {
      const fitting = Math.ceil(this.#options.scroller.clientHeight / lowestRowPx);
      const shown = Math.max(firstRows, fitting + moreRows);
      return [Math.max(0, length - shown), length];
    }
    const start = placeOf(messages, this.#startId);
    let end = Math.min(length, placeOf(messages, this.#endId) + 1);
    // New messages join at the end while there is room; beyond that the "present" button leads to them.
    const wasComplete = !this.#options.list.dataset.cut;
    if (wasComplete) end = Math.min(length, start + maxRows);
    return [start, end];
  }

  #draw(messages: readonly PageMessage[], start: number, end: number, hasMore: boolean, firstNewId: string | null): void {
    const { list, context } = this.#options;
    const keep = new Set<string>();
    let cursor: ChildNode | null = list.firstChild;
    for (let at = start; at < end; at += 1) {
      const message = messages[at];
      if (!message) continue;
      keep.add(message.id);
      // Without its predecessor loaded, a message's day is still shown when nothing older exists.
      const before = messages[at - 1] ?? null;
      const plan = planRow(message, before, firstNewId);
      if (!before && hasMore) plan.day = null;
      const key = JSON.stringify(plan);
      let row = this.#rows.get(message.id);
      if (!row) {
        row = new MessageRow(message, plan, context);
        this.#rows.set(message.id, row);
      } else if (!row.shows(message, key)) row.update(message, plan, key);
      if (row.node === cursor) cursor = cursor.nextSibling;
      else list.insertBefore(row.node, cursor);
    }
    for (const [id, row] of this.#rows) {
      if (keep.has(id)) continue;
      row.node.remove();
      this.#rows.delete(id);
    }
    if (end < messages.length) list.dataset.cut = 'true';
    else delete list.dataset.cut;
    reachNewest(list);
  }

  #scrolled(): void {
    const { scroller, list } = this.#options;
    if (this.#channelId === null) return;
    const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    // Only moving up lets go of the end: while messages pour in, this event comes late and finds more of them below.
    const movedUp = scroller.scrollTop < this.#lastTop - 2;
    this.#lastTop = scroller.scrollTop;
    const stick = (below < 40 && !list.dataset.cut) || (this.#stick && !movedUp);
    if (stick !== this.#stick) {
      this.#stick = stick;
      this.#options.onBottom(stick);
    }
    this.#extend();
  }

  /** Adds rows at an edge that is near, or asks the playground for older messages. */
  #extend(): void {
    if (this.#channelId === null || this.#startId === null || this.#endId === null) return;
    const { scroller, context } = this.#options;
    const log = context.store.log(this.#channelId);
    const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    const start = placeOf(log.messages, this.#startId);
    const end = placeOf(log.messages, this.#endId) + 1;
    if (scroller.scrollTop < edgePx && start > 0 && !this.#stick) {
      const from = Math.max(0, start - moreRows);
      this.#window(log.messages, from, Math.min(end, from + maxRows));
    } else if (scroller.scrollTop < edgePx && log.hasMore && !log.loading) {
      this.#loadOlder();
    } else if (below < edgePx && end < log.messages.length) {
      const to = Math.min(log.messages.length, end + moreRows);
      this.#window(log.messages, Math.max(start, to - maxRows), to);
    }
  }

  #window(messages: readonly PageMessage[], start: number, end: number): void {
    this.#stick = false;
    this.#startId = messages[start]?.id ?? null;
    this.#endId = messages[end - 1]?.id ?? null;
    if (end < messages.length) this.#options.list.dataset.cut = 'true';
    else delete this.#options.list.dataset.cut;
    this.#sync();
  }

  #loadOlder(): void {
    const { context } = this.#options;
    if (this.#channelId === null) return;
    const log = context.store.log(this.#channelId);
    const before = log.messages[0]?.id;
    if (!before || log.loading) return;
    log.loading = context.send({ type: 'open', channelId: this.#channelId, before });
  }

  /** Moves the window so that the message to jump to is inside, or asks for older ones. */
  #aim(messages: readonly PageMessage[]): void {
    const target = this.#jumpTo;
    if (!target || this.#channelId === null) return;
    const at = placeOf(messages, target);
    if (messages[at]?.id === target) {
      const start = Math.max(0, at - moreRows);
      const end = Math.min(messages.length, at + moreRows);
      this.#stick = false;
      this.#startId = messages[start]?.id ?? null;
      this.#endId = messages[end - 1]?.id ?? null;
      if (end < messages.length) this.#options.list.dataset.cut = 'true';
      return;
    }
    const log = this.#options.context.store.log(this.#channelId);
    if (!log.loaded) return;
    if (log.hasMore && at === 0) this.#loadOlder();
    else this.#jumpTo = null; // It was deleted, or this person cannot see it.
  }

  #land(): void {
    const row = this.#jumpTo ? this.#rows.get(this.#jumpTo) : undefined;
    if (!row) return;
    this.#jumpTo = null;
    const message = row.article;
    message.scrollIntoView({ block: 'center' });
    message.focus({ preventScroll: true });
    // Near the end of the channel the newest message may be in view as well.
    this.#scrolled();
    message.classList.add('flash');
    message.addEventListener('animationend', () => message.classList.remove('flash'), { once: true });
  }

  #toBottom(): void {
    const { scroller } = this.#options;
    scroller.scrollTop = scroller.scrollHeight;
    this.#lastTop = scroller.scrollTop;
  }

  /** The first row in view and how far it stands below the top. */
  #anchor(): { id: string; top: number } | null {
    const top = this.#options.scroller.getBoundingClientRect().top;
    for (const row of this.#options.list.children) {
      const box = row.getBoundingClientRect();
      const id = row.querySelector<HTMLElement>('.message')?.dataset.messageId;
      if (id && box.bottom > top) return { id, top: box.top };
    }
    return null;
  }

  #restore(anchor: { id: string; top: number }): void {
    const row = this.#rows.get(anchor.id);
    if (row) this.#options.scroller.scrollTop += row.node.getBoundingClientRect().top - anchor.top;
  }

  /** Drawing a message anew replaces its buttons: the focus goes to the new one with the same id. */
  #rememberFocus(): (() => void) | null {
    const focused = document.activeElement;
    const holder = focused?.closest<HTMLElement>('.message');
    if (!(focused instanceof HTMLElement) || !holder || !this.#options.list.contains(holder)) return null;
    const messageId = holder.dataset.messageId ?? '';
    const customId = focused.dataset.customId;
    return () => {
      if (focused.isConnected) return;
      const message = this.#rows.get(messageId)?.article;
      const same = [...(message?.querySelectorAll<HTMLElement>('[data-custom-id]') ?? [])].find(
        (node) => node.dataset.customId === customId && !node.hasAttribute('disabled'),
      );
      (same ?? message)?.focus({ preventScroll: true });
    };
  }
}
