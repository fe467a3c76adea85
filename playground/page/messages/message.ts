/** One message of the list, with the lines above it (day, "new") and everything below it. */
import type { PageMessage, PageUser } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { dots, el, icon } from '../dom.js';
import { isLocalNote } from '../interactions.js';
import { parseMarkdown, plainText } from '../markdown.js';
import { formatMessageTime, formatTimestamp } from '../timestamps.js';
import { attachments } from './attachments.js';
import { components } from './components.js';
import { embed } from './embed.js';
import type { RowPlan } from './grouping.js';
import { markdown } from './markdown-view.js';
import { messageMenu } from './message-menu.js';

const ephemeralFlag = 64;
const suppressEmbedsFlag = 4;

/** The list item of a message. */
export function messageRow(message: PageMessage, plan: RowPlan, context: PageContext): HTMLLIElement {
  const row = el('li', { class: 'row' });
  if (plan.day) row.append(divider(plan.day, 'day-divider'));
  if (plan.firstNew) row.append(divider('New', 'new-divider'));
  row.append(article(message, plan, context));
  return row;
}

function divider(text: string, style: string): HTMLElement {
  const attrs = { role: 'separator', 'aria-label': style === 'new-divider' ? 'New messages' : text };
  return el('div', { class: style, attrs }, el('span', {}, text));
}

function article(message: PageMessage, plan: RowPlan, context: PageContext): HTMLElement {
  const { store } = context;
  const author = authorOf(message, context);
  const at = Date.parse(message.timestamp);
  const mentioned =
    store.me !== null && (message.mention_everyone || (message.mentions ?? []).some((user) => user.id === store.me?.id));
  const ephemeral = ((message.flags ?? 0) & ephemeralFlag) !== 0;
  const classes = ['message', plan.grouped && 'grouped', mentioned && 'mentioned', ephemeral && 'ephemeral']
    .filter(Boolean)
    .join(' ');
  const time = formatMessageTime(at, context.time());
  const node = el('article', {
    class: classes,
    testid: 'message',
    attrs: { 'data-message-id': message.id, tabindex: -1, 'aria-label': `${author.displayName}, ${time}` },
  });
  const above = message.commandLine ? commandLine(message, context) : reply(message, context);
  if (above) node.append(above);
  node.append(plan.grouped ? sideTime(at, context) : el('img', { class: 'avatar', attrs: { src: author.avatar, alt: '' } }));
  node.append(el('div', { class: 'message-main' }, plan.grouped ? null : header(author, at, context), ...body(message, context)));
  node.append(moreButton(message, context));
  return node;
}

/** The author as the page knows it, or as much as the message says. */
export function authorOf(message: PageMessage, context: PageContext): PageUser {
  const { author } = message;
  return (
    context.store.users.get(author.id) ?? {
      id: author.id,
      username: author.username,
      displayName: author.global_name ?? author.username,
      bot: author.bot ?? false,
      role: '',
      avatar: blankAvatar,
    }
  );
}

/** A message in one line without marks; embeds and files are named when there is no text. */
export function summary(message: PageMessage, context: PageContext): string {
  const { store } = context;
  const roles = store.guilds.flatMap((guild) => guild.roles);
  const text = plainText(parseMarkdown(message.content), (kind, id) => {
    if (kind === 'user') return store.users.get(id)?.displayName ?? null;
    if (kind === 'channel') return store.channels.get(id)?.name ?? null;
    return roles.find((role) => role.id === id)?.name ?? null;
  });
  const [embedded] = message.embeds ?? [];
  const short = text.replace(/https?:\/\/(?:\w+\.)?discord\.com\/channels\/\S+/g, '(link to a message)');
  return short || embedded?.title || embedded?.description || (message.thinking ? 'is thinking' : 'sent a file');
}

const blankAvatar =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 40'%3E%3Crect width='40' height='40' fill='%234e5058'/%3E%3C/svg%3E";

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
  return el(
    'header',
    { class: 'message-header' },
    el('span', { class: 'author' }, author.displayName),
    author.bot ? el('span', { class: 'app-tag' }, 'APP') : null,
    el('time', { class: 'message-time', attrs: { datetime: new Date(at).toISOString(), title } }, time),
  );
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

function body(message: PageMessage, context: PageContext): (Node | null)[] {
  if (message.thinking) {
    const bot = authorOf(message, context).displayName;
    return [el('div', { class: 'thinking', attrs: { role: 'status' } }, dots(), `${bot} is thinking…`), foot(message, context)];
  }
  const failed = isLocalNote(message) ? message.local.error : null;
  const content = message.content ? el('div', { class: 'content' }, markdown(message.content, context), edited(message)) : null;
  return [
    failed ? el('div', { class: 'local-error', attrs: { role: 'alert' } }, icon('warning', 18), failed) : null,
    content,
    ...shownEmbeds(message).map((one) => embed(one, message, context)),
    attachments(looseFiles(message)),
    components(message, context),
    content ? null : edited(message),
    threadLink(message, context),
    foot(message, context),
  ];
}

/** All embeds, unless the message asks for none (SUPPRESS_EMBEDS). */
function shownEmbeds(message: PageMessage): PageMessage['embeds'] {
  return ((message.flags ?? 0) & suppressEmbedsFlag) !== 0 ? [] : (message.embeds ?? []);
}

/** The way into the thread that began with this message. */
function threadLink(message: PageMessage, context: PageContext): HTMLElement | null {
  const { thread } = message;
  if (!thread) return null;
  const name = context.store.channels.get(thread.id)?.name ?? ('name' in thread ? thread.name : null) ?? 'Thread';
  const open = el('button', { class: 'thread-link', attrs: { type: 'button' } }, icon('thread', 16), `${name} ›`);
  open.addEventListener('click', () => context.goTo(thread.id));
  return open;
}

/** Files that no embed of the message shows. */
function looseFiles(message: PageMessage): PageMessage['attachments'] {
  const shown = new Set<string | undefined>();
  for (const one of shownEmbeds(message)) {
    for (const url of [one.image?.url, one.thumbnail?.url, one.author?.icon_url, one.footer?.icon_url]) shown.add(url);
  }
  return (message.attachments ?? []).filter((file) => !shown.has(file.url) && !shown.has(`attachment://${file.filename}`));
}

function edited(message: PageMessage): HTMLElement | null {
  if (!message.edited_timestamp) return null;
  const title = new Date(message.edited_timestamp).toLocaleString();
  return el('span', { class: 'edited', attrs: { title } }, ' (edited)');
}

function foot(message: PageMessage, context: PageContext): HTMLElement | null {
  const failure = context.interactions.failure(message.id);
  const failed = failure
    ? el('div', { class: 'interaction-failed', attrs: { role: 'alert' } }, icon('warning', 16), failure)
    : null;
  if (((message.flags ?? 0) & ephemeralFlag) === 0) return failed;
  const dismiss = el('button', { class: 'link', attrs: { type: 'button' } }, 'Dismiss message');
  dismiss.addEventListener('click', () => dismissMessage(message, context));
  return el('div', {}, failed, el('div', { class: 'only-you' }, icon('eye', 16), 'Only you can see this • ', dismiss));
}

/** Takes an ephemeral message or a local note away. */
export function dismissMessage(message: PageMessage, context: PageContext): void {
  if (!isLocalNote(message)) context.send({ type: 'dismiss', channelId: message.channel_id, messageId: message.id });
  context.store.remove(message.channel_id, message.id);
  context.focusComposer();
}

function moreButton(message: PageMessage, context: PageContext): HTMLElement {
  const button = el(
    'button',
    {
      class: 'icon-button more',
      attrs: { type: 'button', 'aria-label': 'More actions', 'aria-haspopup': 'menu', 'aria-expanded': 'false', tabindex: -1 },
    },
    icon('more'),
  );
  button.addEventListener('click', () => context.openMenu(button, 'Message actions', messageMenu(message, context)));
  return button;
}
