/** One message of the list, with the lines above it (day, "new"); a change redraws only the parts that it touches. */
import type { PageMessage, PageUser } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { el, icon } from '../dom.js';
import { formatMessageTime, formatTimestamp } from '../timestamps.js';
import { authorName, authorOf, summary } from './authors.js';
import { bodyParts, ephemeralFlag } from './body.js';
import type { RowPlan } from './grouping.js';
import { Parts } from './parts.js';
import { isSystem, systemLine } from './system.js';
import { toolbar } from './toolbar.js';

/** The list item of a message. */
export class MessageRow {
  readonly node = el('li', { class: 'row' });
  message: PageMessage;
  #plan = '';
  readonly #context: PageContext;
  readonly #article: HTMLElement;
  readonly #main = el('div', { class: 'message-main' });
  readonly #rows: Parts;
  readonly #parts: Parts;
  readonly #bodyParts: Parts;

  constructor(message: PageMessage, plan: RowPlan, context: PageContext) {
    this.message = message;
    this.#context = context;
    this.#article = el('article', { testid: 'message', attrs: { 'data-message-id': message.id, tabindex: -1 } });
    this.#rows = new Parts(this.node);
    this.#parts = new Parts(this.#article);
    this.#bodyParts = new Parts(this.#main);
    this.update(message, plan, JSON.stringify(plan));
  }

  /** The element that has the focus when the message is read with the arrow keys. */
  get article(): HTMLElement {
    return this.#article;
  }

  /** Whether it shows this very object in this plan already. */
  shows(message: PageMessage, planKey: string): boolean {
    return this.message === message && this.#plan === planKey;
  }

  update(message: PageMessage, plan: RowPlan, planKey: string): void {
    this.message = message;
    this.#plan = planKey;
    this.#rows.show([
      { name: 'day', key: plan.day ?? '', draw: () => (plan.day ? divider(plan.day, 'day-divider') : null) },
      { name: 'new', key: String(plan.firstNew), draw: () => (plan.firstNew ? divider('New', 'new-divider') : null) },
      { name: 'message', key: 'message', draw: () => this.#article },
    ]);
    this.#drawArticle(message, plan);
  }

  #drawArticle(message: PageMessage, plan: RowPlan): void {
    const context = this.#context;
    const author = authorOf(message, context);
    const at = Date.parse(message.timestamp);
    const { grouped } = plan;
    this.#article.className = classesOf(message, grouped, context);
    this.#article.setAttribute('aria-label', `${author.displayName}, ${formatMessageTime(at, context.time())}`);
    const lead = `${grouped} ${author.avatar}`;
    this.#parts.show([
      { name: 'above', key: aboveKey(message), draw: () => above(message, context) },
      { name: 'lead', key: lead, draw: () => (grouped ? sideTime(at, context) : picture(author, message)) },
      { name: 'main', key: 'main', draw: () => this.#main },
      { name: 'toolbar', key: toolbarKey(message, context), draw: () => toolbar(() => this.message, context) },
    ]);
    const head = isSystem(message)
      ? { name: 'header', key: 'system', draw: () => systemLine(message, context) }
      : { name: 'header', key: `${grouped}`, draw: () => (grouped ? null : header(author, at, context)) };
    this.#bodyParts.show([head, ...bodyParts(message, context)]);
  }
}

function classesOf(message: PageMessage, grouped: boolean, context: PageContext): string {
  const { me } = context.store;
  const mentioned = me !== null && (message.mention_everyone || (message.mentions ?? []).some((user) => user.id === me.id));
  const ephemeral = ((message.flags ?? 0) & ephemeralFlag) !== 0;
  return ['message', grouped && 'grouped', mentioned && 'mentioned', ephemeral && 'ephemeral', isSystem(message) && 'system']
    .filter(Boolean)
    .join(' ');
}

/** Buttons of the toolbar depend on the channel's rights and on whose message it is. */
function toolbarKey(message: PageMessage, context: PageContext): string {
  const { current, me } = context.store;
  return `${message.flags ?? 0} ${message.author.id === me?.id} ${current?.canSend} ${current?.may.react}`;
}

function divider(text: string, style: string): HTMLElement {
  const attrs = { role: 'separator', 'aria-label': style === 'new-divider' ? 'New messages' : text };
  return el('div', { class: style, attrs }, el('span', {}, text));
}

function picture(author: PageUser, message: PageMessage): HTMLElement {
  if (isSystem(message))
    return el('span', { class: 'system-icon' }, icon(message.type === 6 ? 'pin' : message.type === 7 ? 'right' : 'thread'));
  return el('img', { class: 'avatar', attrs: { src: author.avatar, alt: '' } });
}

function sideTime(at: number, context: PageContext): HTMLElement {
  const now = context.time();
  return el(
    'time',
    { class: 'side-time', attrs: { datetime: new Date(at).toISOString(), title: formatTimestamp(at / 1000, 'F', now) } },
    formatTimestamp(at / 1000, 't', now),
  );
}

function header(author: PageUser, at: number, context: PageContext): HTMLElement {
  const title = formatTimestamp(at / 1000, 'F', context.time());
  const time = formatMessageTime(at, context.time());
  const attrs = { datetime: new Date(at).toISOString(), title, 'data-said-at': at };
  return el(
    'header',
    { class: 'message-header' },
    authorName(author, context),
    author.bot ? el('span', { class: 'app-tag' }, 'APP') : null,
    el('time', { class: 'message-time', attrs }, time),
  );
}

function aboveKey(message: PageMessage): string {
  const { commandLine, referenced_message: replied, type } = message;
  return JSON.stringify([commandLine, type === 19, replied?.id, replied?.content, replied?.edited_timestamp]);
}

function above(message: PageMessage, context: PageContext): HTMLElement | null {
  if (isSystem(message)) return null;
  return message.commandLine ? commandLine(message, context) : reply(message, context);
}

function commandLine(message: PageMessage, context: PageContext): HTMLElement {
  const user = context.store.users.get(message.commandLine?.userId ?? '');
  return el(
    'div',
    { class: 'message-above' },
    user ? el('img', { class: 'tiny-avatar', attrs: { src: user.avatar, alt: '' } }) : null,
    el('span', { class: 'above-name' }, user?.displayName ?? 'Someone'),
    el('span', {}, ' used '),
    el('span', { class: 'above-command' }, `/${message.commandLine?.name.replace(/^\//, '') ?? ''}`),
  );
}

function reply(message: PageMessage, context: PageContext): HTMLElement | null {
  const referenced = message.referenced_message as PageMessage | null | undefined;
  if (!referenced) {
    return message.type === 19
      ? el('div', { class: 'message-above' }, icon('reply', 14), el('em', {}, 'The original message was deleted'))
      : null;
  }
  const author = authorOf(referenced, context);
  const jump = el('button', { class: 'above-jump', attrs: { type: 'button' } }, summary(referenced, context));
  jump.addEventListener('click', () => context.goTo(referenced.channel_id, referenced.id));
  return el(
    'div',
    { class: 'message-above' },
    el('img', { class: 'tiny-avatar', attrs: { src: author.avatar, alt: '' } }),
    el('span', { class: 'above-name' }, author.displayName),
    jump,
  );
}
