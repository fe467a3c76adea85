/**
 * Discord's Markdown as a small tree. Pure: no DOM; `markdown-view.ts` draws it.
 *
 * Blocks are found line by line, inline marks by one pass with a stack of calls. Depth is bounded, so hostile text
 * (thousands of `*` or `>`) costs time that is quadratic in a message's 4,000 characters at worst.
 */
import { parseInline } from './markdown-inline.js';

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'bold' | 'italic' | 'underline' | 'strike' | 'spoiler'; children: Inline[] }
  | { kind: 'code'; text: string }
  /** `url` is http or https, always. A bare link has its own text as only child. */
  | { kind: 'link'; url: string; children: Inline[]; masked: boolean }
  | { kind: 'user' | 'channel' | 'role'; id: string }
  | { kind: 'command'; id: string; name: string }
  | { kind: 'everyone'; text: '@everyone' | '@here' }
  | { kind: 'time'; seconds: number; style: 't' | 'T' | 'd' | 'D' | 'f' | 'F' | 'R' }
  | { kind: 'emoji'; name: string; id: string };

export interface ListItem {
  children: Inline[];
  /** A list inside this item. */
  list?: ListBlock;
}

export interface ListBlock {
  kind: 'list';
  ordered: boolean;
  /** Number of the first item. */
  start: number;
  items: ListItem[];
}

export type Block =
  | { kind: 'paragraph'; children: Inline[] }
  | { kind: 'heading'; level: 1 | 2 | 3; children: Inline[] }
  | { kind: 'subtext'; children: Inline[] }
  | { kind: 'code'; language: string; text: string }
  | { kind: 'quote'; children: Block[] }
  | ListBlock;

const fence = /^```(?:([\w+\-.#]{1,32})\n)?\n*([\s\S]*?)\n*```/;
const listItem = /^( *)(?:([-*])|(\d{1,9})\.) +(\S.*)$/;

/** The tree of a whole message or embed description. */
export function parseMarkdown(text: string): Block[] {
  return parseBlocks(text.replace(/\r\n?/g, '\n'), true);
}

function parseBlocks(text: string, quotesAllowed: boolean): Block[] {
  const blocks: Block[] = [];
  let plain = '';
  const flush = (): void => {
    // The line break between a paragraph and the block after it belongs to neither.
    const paragraph = plain.endsWith('\n') ? plain.slice(0, -1) : plain;
    plain = '';
    if (paragraph !== '') blocks.push({ kind: 'paragraph', children: parseInline(paragraph) });
  };
  let at = 0;
  while (at < text.length) {
    const found = blockAt(text, at, quotesAllowed);
    if (found) {
      flush();
      blocks.push(found.block);
      at = found.end;
      continue;
    }
    const end = plainEnd(text, at);
    plain += text.slice(at, end.to);
    at = end.to;
    if (end.code) {
      flush();
      blocks.push(end.code.block);
      at = end.code.end;
    }
  }
  if (plain !== '') blocks.push({ kind: 'paragraph', children: parseInline(plain) });
  return blocks;
}

interface Found {
  block: Block;
  /** Where the text goes on after the block. */
  end: number;
}

/** The block that begins at this line start, if any. */
function blockAt(text: string, at: number, quotesAllowed: boolean): Found | null {
  if (quotesAllowed && text.startsWith('>>> ', at)) {
    return { block: { kind: 'quote', children: parseBlocks(text.slice(at + 4), false) }, end: text.length };
  }
  if (quotesAllowed && text.startsWith('> ', at)) return quoteAt(text, at);
  const line = lineAt(text, at);
  const heading = /^(#{1,3}) +(\S.*)$/.exec(line.text);
  if (heading?.[1] && heading[2]) {
    const level = heading[1].length as 1 | 2 | 3;
    return { block: { kind: 'heading', level, children: parseInline(heading[2]) }, end: line.next };
  }
  const subtext = /^-# +(\S.*)$/.exec(line.text);
  if (subtext?.[1]) return { block: { kind: 'subtext', children: parseInline(subtext[1]) }, end: line.next };
  if (listItem.test(line.text)) return listAt(text, at);
  return null;
}

function lineAt(text: string, at: number): { text: string; next: number } {
  const newline = text.indexOf('\n', at);
  return newline < 0 ? { text: text.slice(at), next: text.length } : { text: text.slice(at, newline), next: newline + 1 };
}

function quoteAt(text: string, at: number): Found {
  const lines: string[] = [];
  let end = at;
  while (end < text.length && text.startsWith('> ', end)) {
    const line = lineAt(text, end);
    lines.push(line.text.slice(2));
    end = line.next;
  }
  return { block: { kind: 'quote', children: parseBlocks(lines.join('\n'), false) }, end };
}

/** Plain text up to the end of the line, or up to a closed code fence within it. */
function plainEnd(text: string, at: number): { to: number; code?: Found } {
  const line = lineAt(text, at);
  let from = at;
  for (;;) {
    const start = text.indexOf('```', from);
    if (start < 0 || start >= line.next) return { to: line.next };
    const match = text[start - 1] === '\\' ? null : fence.exec(text.slice(start));
    if (match && match[2] !== '') {
      const end = start + match[0].length;
      const code: Block = { kind: 'code', language: match[1] ?? '', text: match[2] ?? '' };
      return { to: start, code: { block: code, end: text[end] === '\n' ? end + 1 : end } };
    }
    from = start + 3;
  }
}

/** Discord nests lists by indentation; deeper levels than this are drawn at this one. */
const deepestList = 5;

interface ListRow {
  indent: number;
  ordered: boolean;
  number: number;
  text: string;
}

function listAt(text: string, at: number): Found {
  const rows: ListRow[] = [];
  let end = at;
  while (end < text.length) {
    const line = lineAt(text, end);
    const row = listRow(line.text);
    // A numbered list after bullets (or the other way round) at the outermost level is a list of its own.
    if (!row || (rows[0] && row.indent <= rows[0].indent && row.ordered !== rows[0].ordered)) break;
    rows.push(row);
    end = line.next;
  }
  const cursor = { next: 0 };
  return { block: listLevel(rows, cursor, 0, 1), end };
}

function listRow(line: string): ListRow | null {
  const match = listItem.exec(line);
  if (!match) return null;
  return { indent: match[1]?.length ?? 0, ordered: match[3] !== undefined, number: Number(match[3] ?? 1), text: match[4] ?? '' };
}

/** The items from the cursor on that are indented at least this far. */
function listLevel(rows: readonly ListRow[], cursor: { next: number }, indent: number, depth: number): ListBlock {
  const first = rows[cursor.next];
  const list: ListBlock = { kind: 'list', ordered: first?.ordered ?? false, start: first?.number ?? 1, items: [] };
  for (let row = first; row && row.indent >= indent; row = rows[cursor.next]) {
    const last = list.items.at(-1);
    if (last && row.indent > indent + 1 && depth < deepestList && !last.list) {
      last.list = listLevel(rows, cursor, row.indent, depth + 1);
    } else {
      list.items.push({ children: parseInline(row.text) });
      cursor.next += 1;
    }
  }
  return list;
}

/** How a mention reads in plain text; null when its target is unknown. */
export type NameOf = (kind: 'user' | 'role' | 'channel', id: string) => string | null;

/** The text without its marks, for notifications and screen readers. */
export function plainText(blocks: Block[], nameOf: NameOf = () => null): string {
  const inline = (nodes: Inline[]): string => nodes.map(inlineText).join('');
  const inlineText = (node: Inline): string => {
    switch (node.kind) {
      case 'text':
      case 'code':
      case 'everyone':
        return node.text;
      case 'emoji':
        return `:${node.name}:`;
      case 'command':
        return `/${node.name}`;
      case 'user':
      case 'role':
        return `@${nameOf(node.kind, node.id) ?? 'unknown'}`;
      case 'channel':
        return `#${nameOf(node.kind, node.id) ?? 'unknown'}`;
      case 'time':
        return new Date(node.seconds * 1000).toLocaleString();
      case 'spoiler':
        return 'spoiler';
      default:
        return inline(node.children);
    }
  };
  const block = (node: Block): string => {
    if (node.kind === 'code') return node.text;
    if (node.kind === 'quote') return node.children.map(block).join(' ');
    if (node.kind === 'list') return node.items.map((item) => inline(item.children)).join(', ');
    return inline(node.children);
  };
  return blocks.map(block).join(' ').replace(/\s+/g, ' ').trim();
}
