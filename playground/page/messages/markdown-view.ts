/** Draws the Markdown tree as elements. */
import type { PageContext } from '../context.js';
import { add, el } from '../dom.js';
import { type Block, type Inline, type ListBlock, parseMarkdown } from '../markdown.js';
import { parseInline } from '../markdown-inline.js';
import { formatMessageTime, formatTimestamp, type TimeContext, type TimestampStyle } from '../timestamps.js';
import { discordLink } from './links.js';

/** A whole text: paragraphs, lists, quotes, code. */
export function markdown(text: string, context: PageContext): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const blocks = parseMarkdown(text);
  const jumbo = onlyEmoji(blocks);
  for (const block of blocks) fragment.append(drawBlock(block, context, jumbo));
  return fragment;
}

/** One line: a title, a field's name. */
export function inlineMarkdown(text: string, context: PageContext): DocumentFragment {
  return drawInline(parseInline(text), context);
}

function onlyEmoji(blocks: Block[]): boolean {
  const [first] = blocks;
  if (blocks.length !== 1 || first?.kind !== 'paragraph') return false;
  return first.children.every(
    (node) => node.kind === 'text' && /^(?:\p{Extended_Pictographic}|\u200d|\ufe0f|\s){1,60}$/u.test(node.text),
  );
}

function drawBlock(block: Block, context: PageContext, jumbo = false): HTMLElement {
  switch (block.kind) {
    case 'paragraph':
      return el('p', { class: jumbo ? 'md-p md-jumbo' : 'md-p' }, drawInline(block.children, context));
    case 'heading':
      return el(`h${(block.level + 2) as 3 | 4 | 5}`, { class: `md-h md-h${block.level}` }, drawInline(block.children, context));
    case 'subtext':
      return el('p', { class: 'md-subtext' }, drawInline(block.children, context));
    case 'code':
      return el(
        'pre',
        {
          class: 'md-pre',
          attrs: { tabindex: 0, role: 'group', 'aria-label': block.language ? `Code, ${block.language}` : 'Code' },
        },
        el('code', {}, block.text),
      );
    case 'quote':
      return el('blockquote', { class: 'md-quote' }, el('div', {}, ...block.children.map((child) => drawBlock(child, context))));
    case 'list':
      return drawList(block, context);
  }
}

function drawList(block: ListBlock, context: PageContext): HTMLElement {
  const items = block.items.map((item) =>
    el('li', {}, drawInline(item.children, context), item.list ? drawList(item.list, context) : null),
  );
  return block.ordered
    ? el('ol', { class: 'md-list', attrs: { start: block.start } }, ...items)
    : el('ul', { class: 'md-list' }, ...items);
}

function drawInline(nodes: Inline[], context: PageContext): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const node of nodes) fragment.append(drawNode(node, context));
  return fragment;
}

const plainTags = { bold: 'strong', italic: 'em', underline: 'u', strike: 's' } as const;

function drawNode(node: Inline, context: PageContext): Node {
  const { store } = context;
  switch (node.kind) {
    case 'text':
      return document.createTextNode(node.text);
    case 'bold':
    case 'italic':
    case 'underline':
    case 'strike':
      return el(plainTags[node.kind], {}, drawInline(node.children, context));
    case 'code':
      return el('code', { class: 'md-code' }, node.text);
    case 'spoiler':
      return spoiler(drawInline(node.children, context));
    case 'link':
      return link(node.url, node.masked ? drawInline(node.children, context) : null, context);
    case 'user':
      return el('span', { class: 'mention' }, `@${store.users.get(node.id)?.displayName ?? 'unknown-user'}`);
    case 'role': {
      const roles = store.guildOf(store.current)?.roles ?? [];
      return el('span', { class: 'mention' }, `@${roles.find((role) => role.id === node.id)?.name ?? 'unknown-role'}`);
    }
    case 'everyone':
      return el('span', { class: 'mention' }, node.text);
    case 'channel':
      return channelMention(node.id, undefined, context);
    case 'command':
      return el(
        'button',
        { class: 'mention', attrs: { type: 'button' }, on: { click: () => context.useCommand(node.name) } },
        `/${node.name}`,
      );
    case 'time':
      return time(node.seconds, node.style, context);
    case 'emoji':
      return el('span', { class: 'md-emoji', attrs: { title: `:${node.name}:` } }, `:${node.name}:`);
  }
}

function spoiler(content: Node): HTMLElement {
  const inner = el('span', { class: 'spoiler-content' }, content);
  inner.inert = true;
  const shell = el(
    'span',
    { class: 'spoiler', attrs: { role: 'button', tabindex: 0, 'aria-label': 'Spoiler, hidden', 'aria-expanded': 'false' } },
    inner,
  );
  const reveal = (): void => {
    inner.inert = false;
    shell.classList.add('shown');
    for (const name of ['role', 'tabindex', 'aria-label', 'aria-expanded']) shell.removeAttribute(name);
  };
  shell.addEventListener('click', reveal, { once: true });
  shell.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      reveal();
    }
  });
  return shell;
}

/** A link to another site opens in a new tab; one to a message here moves this page. */
export function link(url: string, label: Node | null, context: PageContext): HTMLElement {
  const inside = discordLink(url);
  if (inside) {
    if (!label) return channelMention(inside.channelId, inside.messageId, context);
    const go = (): void => context.goTo(inside.channelId, inside.messageId);
    return el('button', { class: 'link', attrs: { type: 'button' }, on: { click: go } }, label);
  }
  return el('a', { class: 'link', attrs: { href: url, target: '_blank', rel: 'noopener noreferrer', title: url } }, label ?? url);
}

function channelMention(channelId: string, messageId: string | undefined, context: PageContext): HTMLElement {
  const channel = context.store.channels.get(channelId);
  if (!channel) return el('span', { class: 'mention' }, messageId ? '#unknown › message' : '#unknown');
  const name = channel.guildId === null ? channel.name : `#${channel.name}`;
  const button = el('button', { class: 'mention', attrs: { type: 'button' } }, messageId ? `${name} › message` : name);
  button.addEventListener('click', () => context.goTo(channelId, messageId));
  return button;
}

function time(seconds: number, style: TimestampStyle, context: PageContext): HTMLElement {
  const full = formatTimestamp(seconds, 'F', context.time());
  const node = el('time', { class: 'md-time', attrs: { datetime: new Date(seconds * 1000).toISOString(), title: full } });
  add(node, formatTimestamp(seconds, style, context.time()));
  if (style === 'R') node.dataset.relative = String(seconds);
  return node;
}

/** Brings the times under `root` up to date: relative ones, and (with `days`) those that say "Today" and "Yesterday". */
export function tickTimes(root: ParentNode, now: TimeContext, days: boolean): void {
  for (const node of root.querySelectorAll<HTMLElement>('time[data-relative]'))
    write(node, formatTimestamp(Number(node.dataset.relative), 'R', now));
  if (!days) return;
  for (const node of root.querySelectorAll<HTMLElement>('time[data-said-at]'))
    write(node, formatMessageTime(Number(node.dataset.saidAt), now));
}

function write(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
