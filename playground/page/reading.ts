/** What the person has seen: read marks, the title of the window, and notes about what comes while they look elsewhere. */
import { channelLabel } from './channels.js';
import type { PageContext } from './context.js';
import { authorOf, summary } from './messages/authors.js';
import type { MainPane } from './shell/main-pane.js';
import type { Change } from './store.js';

const title = 'Local Discord';

export class Reading {
  readonly #context: PageContext;
  readonly #pane: () => MainPane;
  #readId: string | null = null;

  constructor(context: PageContext, pane: () => MainPane) {
    this.#context = context;
    this.#pane = pane;
    context.store.isWatching = () => this.isWatching();
  }

  /** The newest message of the current channel is in view. */
  isWatching(): boolean {
    return !document.hidden && this.#pane().log.atBottom;
  }

  /** Marks the current channel as read when its end is in view. */
  markSeen(): void {
    const { store, send } = this.#context;
    const channelId = store.currentId;
    // Before the messages are there nothing was seen, and the unread count still has to place the "new" line.
    if (!channelId || !this.isWatching() || !store.log(channelId).loaded) return;
    const last = store.log(channelId).messages.at(-1);
    store.markRead(channelId);
    if (!last || last.id === this.#readId || 'local' in last) return;
    this.#readId = last.id;
    send({ type: 'read', channelId, messageId: last.id });
  }

  /** The window's title: how often one was mentioned, or a dot for anything unread. */
  drawTitle(): void {
    const { store } = this.#context;
    const mentions = [...store.channels.values()].reduce((sum, channel) => sum + channel.mentions, 0);
    const unread = [...store.channels.values()].some((channel) => channel.unread > 0);
    const channel = store.current;
    const mark = mentions > 0 ? `(${mentions}) ` : unread ? '• ' : '';
    document.title = `${mark}${channel ? `${channelLabel(channel)} | ` : ''}${title}`;
  }

  /** A message has come. */
  created({ channelId, message, mentioned }: Extract<Change, { kind: 'created' }>): void {
    const { store, announce } = this.#context;
    const pane = this.#pane();
    const own = message.author.id === store.me?.id;
    const current = channelId === store.currentId;
    if (current) {
      pane.stopTyping(message.author.id);
      if (own) {
        store.clearNewLine(channelId);
        pane.log.toPresent();
        return;
      }
      announce(`${authorOf(message, this.#context).displayName}: ${summary(message, this.#context)}`);
      if (this.isWatching()) return;
      if (store.log(channelId).firstNewId === null) store.log(channelId).firstNewId = message.id;
      pane.drawPresent();
    }
    if (mentioned && !own) this.#note(channelId, message);
  }

  #note(channelId: string, message: Extract<Change, { kind: 'created' }>['message']): void {
    const { store, toast, goTo } = this.#context;
    const channel = store.channels.get(channelId);
    if (!channel) return;
    const place = channel.guildId === null ? 'direct messages' : channelLabel(channel);
    const author = authorOf(message, this.#context).displayName;
    const text = summary(message, this.#context).slice(0, 140);
    toast(`${author} in ${place}`, text, () => goTo(channelId, message.id));
  }
}
