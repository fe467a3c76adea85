/** The marks inside a line of Discord's Markdown. Pure. */
import type { Inline } from './markdown.js';
import { maxTimestampSeconds, type TimestampStyle, timestampStyles } from './timestamps.js';

/** Marks inside marks deeper than this stay text. */
const deepest = 8;

/** The inline tree of a text (a paragraph, a field's name, an embed's title). */
export function parseInline(text: string): Inline[] {
  return parse(text, 0, false);
}

type Hit = { node: Inline; length: number } | null;

function parse(text: string, depth: number, insideLink: boolean): Inline[] {
  const nodes: Inline[] = [];
  let plain = '';
  // Marks that are known not to close in the rest of this text: looking again for each one would take quadratic time.
  const unclosed = new Set<string>();
  const flush = (): void => {
    if (plain !== '') nodes.push({ kind: 'text', text: plain });
    plain = '';
  };
  for (let at = 0; at < text.length; ) {
    const escaped = text[at] === '\\' ? escapedAt(text, at) : null;
    if (escaped) {
      plain += escaped;
      at += 2;
      continue;
    }
    const hit = hitAt(text, at, { depth, insideLink, unclosed });
    if (hit) {
      flush();
      nodes.push(hit.node);
      at += hit.length;
    } else {
      const length = text[at] === '`' ? runLength(text, at) : 1;
      plain += text.slice(at, at + length);
      at += length;
    }
  }
  flush();
  return nodes;
}

interface Scope {
  depth: number;
  insideLink: boolean;
  unclosed: Set<string>;
}

/** How many of the same letter stand here in a row. */
function runLength(text: string, at: number): number {
  let length = 1;
  while (text[at + length] === text[at]) length += 1;
  return length;
}

/** A backslash before punctuation shows that character. */
function escapedAt(text: string, at: number): string | null {
  const next = text[at + 1];
  return next !== undefined && /[^a-zA-Z0-9\s]/.test(next) ? next : null;
}

function hitAt(text: string, at: number, scope: Scope): Hit {
  const { depth, insideLink } = scope;
  switch (text[at]) {
    case '`':
      return codeAt(text, at);
    case '<':
      return insideLink ? null : tagAt(text, at);
    case '[':
      return insideLink ? null : maskedLinkAt(text, at, depth);
    case 'h':
      return insideLink ? null : bareLinkAt(text, at);
    case '@':
      return everyoneAt(text, at);
    case '*':
    case '_':
    case '~':
    case '|':
      return depth < deepest ? markAt(text, at, scope) : null;
    default:
      return null;
  }
}

function codeAt(text: string, at: number): Hit {
  const ticks = runLength(text, at);
  const mark = '`'.repeat(ticks);
  for (let close = text.indexOf(mark, at + ticks); close >= 0; ) {
    const run = runLength(text, close);
    if (run === ticks) {
      const inner = text.slice(at + ticks, close);
      // One space beside the ticks lets code begin or end with a tick.
      const shown = ticks > 1 ? inner.replace(/^ (?=`)|(?<=`) $/g, '') : inner;
      return inner === '' ? null : { node: { kind: 'code', text: shown }, length: close + ticks - at };
    }
    close = text.indexOf(mark, close + run);
  }
  return null;
}

const tags: readonly [RegExp, (match: RegExpExecArray) => Inline | null][] = [
  [/^<@!?(\d{15,22})>/, ([, id]) => ({ kind: 'user', id: id ?? '' })],
  [/^<#(\d{15,22})>/, ([, id]) => ({ kind: 'channel', id: id ?? '' })],
  [/^<@&(\d{15,22})>/, ([, id]) => ({ kind: 'role', id: id ?? '' })],
  [/^<\/([^<>:\n]{1,100}):(\d{1,22})>/, ([, name, id]) => ({ kind: 'command', name: name ?? '', id: id ?? '' })],
  [/^<t:(-?\d{1,16})(?::([a-zA-Z]))?>/, ([, seconds, style]) => timeNode(Number(seconds), style ?? 'f')],
  [/^<a?:(\w{2,32}):(\d{15,22})>/, ([, name, id]) => ({ kind: 'emoji', name: name ?? '', id: id ?? '' })],
  [/^<(https?:\/\/[^\s<>]{1,2000})>/, ([, url]) => linkNode(url ?? '')],
];

function tagAt(text: string, at: number): Hit {
  const rest = text.slice(at, at + 2100);
  for (const [pattern, make] of tags) {
    const match = pattern.exec(rest);
    const node = match && make(match);
    if (match && node) return { node, length: match[0].length };
  }
  return null;
}

function timeNode(seconds: number, style: string): Inline | null {
  const known = timestampStyles.includes(style as TimestampStyle);
  return known && Math.abs(seconds) <= maxTimestampSeconds ? { kind: 'time', seconds, style: style as TimestampStyle } : null;
}

function linkNode(url: string): Inline | null {
  const safe = safeUrl(url);
  return safe ? { kind: 'link', url: safe, children: [{ kind: 'text', text: url }], masked: false } : null;
}

/** The address when it is http or https and well formed, else null. */
export function safeUrl(url: string): string | null {
  if (!/^https?:\/\//i.test(url)) return null;
  try {
    return new URL(url).href;
  } catch {
    return null; // Not an address: the caller shows it as text.
  }
}

function bareLinkAt(text: string, at: number): Hit {
  const match = /^https?:\/\/[^\s<>]{1,2000}/.exec(text.slice(at, at + 2010));
  if (!match) return null;
  let url = match[0].replace(/[.,:;"'\]*_~|!?]+$/, '');
  // A closing bracket belongs to the sentence unless the address opened it.
  while (url.endsWith(')') && url.split(')').length > url.split('(').length) url = url.slice(0, -1);
  const node = linkNode(url);
  return node ? { node, length: url.length } : null;
}

function maskedLinkAt(text: string, at: number, depth: number): Hit {
  const match = /^\[((?:\\.|[^[\]\\\n]){1,1000})\]\(\s*<?(https?:\/\/[^\s<>]{1,2000}?)>?(?:\s+"[^"\n]{0,200}")?\s*\)/.exec(
    text.slice(at, at + 3300),
  );
  const url = match?.[2] ? safeUrl(match[2]) : null;
  if (!match || !url) return null;
  return { node: { kind: 'link', url, children: parse(match[1] ?? '', depth + 1, true), masked: true }, length: match[0].length };
}

function everyoneAt(text: string, at: number): Hit {
  const match = /^@(everyone|here)\b/.exec(text.slice(at, at + 10));
  return match ? { node: { kind: 'everyone', text: match[0] as '@everyone' | '@here' }, length: match[0].length } : null;
}

const marks = [
  ['***', 'bold'],
  ['**', 'bold'],
  ['__', 'underline'],
  ['~~', 'strike'],
  ['||', 'spoiler'],
  ['*', 'italic'],
  ['_', 'italic'],
] as const;

function markAt(text: string, at: number, { depth, insideLink, unclosed }: Scope): Hit {
  for (const [mark, kind] of marks) {
    if (!text.startsWith(mark, at) || unclosed.has(mark) || !opens(text, at, mark)) continue;
    const close = closing(text, at + mark.length, mark);
    if (close < 0) {
      unclosed.add(mark);
      continue;
    }
    const children = parse(text.slice(at + mark.length, close), depth + 1, insideLink);
    const node: Inline = mark === '***' ? { kind: 'bold', children: [{ kind: 'italic', children }] } : { kind, children };
    return { node, length: close + mark.length - at };
  }
  return null;
}

/** `2 * 3` and snake_case are not italic. */
function opens(text: string, at: number, mark: string): boolean {
  if (mark === '*') return /\S/.test(text[at + 1] ?? ' ') && text[at + 1] !== '*';
  if (mark === '_') return !/\w/.test(text[at - 1] ?? ' ');
  return true;
}

/** Where the mark closes, skipping escapes and inline code; -1: nowhere. */
function closing(text: string, from: number, mark: string): number {
  for (let at = from; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '\\') {
      at += 1;
    } else if (letter === '`') {
      const code = codeAt(text, at);
      if (code) at += code.length - 1;
    } else if (at > from && text.startsWith(mark, at) && closes(text, at, mark)) {
      return at;
    } else if (mark.length === 1 && text.startsWith(mark + mark, at)) {
      at += 1; // A doubled mark inside belongs to bold or underline.
    }
  }
  return -1;
}

function closes(text: string, at: number, mark: string): boolean {
  if (mark === '*') return /\S/.test(text[at - 1] ?? ' ') && text[at + 1] !== '*';
  if (mark === '_') return !/\w/.test(text[at + 1] ?? ' ') && text[at + 1] !== '_';
  // `**a *b***`: the last two close the bold, the first one the italic.
  return text[at + mark.length] !== mark[0];
}
