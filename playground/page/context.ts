/** What the parts of the page share; built once in app.ts and handed to each. */
import type { PageMessage, PageRequest } from '../protocol.js';
import type { Interactions } from './interactions.js';
import type { MenuItem } from './menu.js';
import type { Store } from './store.js';
import type { TimeContext } from './timestamps.js';

export interface PageContext {
  store: Store;
  interactions: Interactions;
  send(request: PageRequest): boolean;
  /** Now, with the formatters that the whole page shares. */
  time(): TimeContext;
  /** Shows a channel and, when given, brings a message of it into view. */
  goTo(channelId: string, messageId?: string): void;
  /** Shows the direct messages with the bot, opening them when there are none yet. */
  openDm(): void;
  openMenu(anchor: HTMLElement, label: string, items: MenuItem[]): void;
  replyTo(message: PageMessage): void;
  /** The message whose text is being changed in its place. */
  editing(): string | null;
  /** Begins to change the text of one's own message, or (null) stops. */
  edit(message: PageMessage | null): void;
  /** Asks whether to delete the message, and does. */
  askToDelete(message: PageMessage): void;
  /** Asks for the name of a thread and opens it, from a message or in the current channel. */
  askForThread(message: PageMessage | null): void;
  /** Puts a command into the message box (a command mention was pressed). */
  useCommand(name: string): void;
  focusComposer(): void;
  /** A short note at the corner of the page. */
  toast(title: string, text: string, onPress?: () => void): void;
  /** Says something to screen readers. */
  announce(text: string): void;
  /** Puts a copy of the text on the clipboard and says so. */
  copy(text: string, what: string): void;
}
