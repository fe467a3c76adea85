/** Reads `key=value key2="quoted value" list=[1, 2]` or a JSON object, as a person types it into one line or a few. */
import type { JsonObject } from '../tasks/model.js';

/** `pairs` are strings still to be read by the agent's fields (`coerce`); `json` needs no more reading. `problem` is a sentence. */
export type ParsedPairs =
  | { ok: true; kind: 'pairs'; pairs: Record<string, string> }
  | { ok: true; kind: 'json'; value: JsonObject }
  | { ok: false; problem: string };

/** Longest text that is read; Discord's own option and field limits are lower. */
const LONGEST_TEXT = 64 * 1024;
/** Phones turn straight quotes into these. */
const CLOSING_QUOTE: Record<string, string> = { '"': '"', "'": "'", '“': '”', '„': '“', '‘': '’', '«': '»' };
const KEY = /\s*([\p{L}_][\p{L}\p{N}_.-]{0,99})\s*=(\s*)/uy;

/** Quotes may be straight, single or typographic, with `\"`, `\\` and `\n` inside; `{…}` and `[…]` may hold spaces. */
export function parsePairs(text: string): ParsedPairs {
  if (text.length > LONGEST_TEXT) return { ok: false, problem: `The input is longer than ${LONGEST_TEXT / 1024} KiB.` };
  if (text.trim().startsWith('{')) return parseObject(text);
  const pairs = new Map<string, string>();
  let position = 0;
  while (text.slice(position).trim() !== '') {
    KEY.lastIndex = position;
    const key = KEY.exec(text);
    if (!key?.[1])
      return { ok: false, problem: `Expected key=value at ${around(text, position)}. Values with spaces need quotes.` };
    const start = KEY.lastIndex;
    // `a= b=2`: the first value was left out, it is not "b=2".
    const value = key[2] && startsKey(text, start) ? { text: '', end: start } : readValue(text, start);
    if (!value) return { ok: false, problem: `The value of ${key[1]} has no end: a quote or bracket is missing.` };
    if (pairs.has(key[1])) return { ok: false, problem: `${key[1]} is given twice.` };
    pairs.set(key[1], value.text);
    position = value.end;
  }
  return { ok: true, kind: 'pairs', pairs: Object.fromEntries(pairs) };
}

function startsKey(text: string, position: number): boolean {
  KEY.lastIndex = position;
  return KEY.test(text);
}

function parseObject(text: string): ParsedPairs {
  try {
    // A text that starts with { is an object or an error.
    return { ok: true, kind: 'json', value: JSON.parse(text) as JsonObject };
  } catch (error) {
    return { ok: false, problem: `The input starts like JSON, but is not: ${(error as Error).message}.` };
  }
}

/** The value that starts at `start` and where it ends; undefined: it has no end. */
function readValue(text: string, start: number): { text: string; end: number } | undefined {
  const first = text[start] ?? '';
  const closing = CLOSING_QUOTE[first];
  if (closing !== undefined) return readQuoted(text, start + 1, closing);
  if (first === '{' || first === '[') return readBracketed(text, start);
  let end = start;
  while (end < text.length && !/\s/.test(text[end] as string)) end += 1;
  return { text: text.slice(start, end), end };
}

function readQuoted(text: string, start: number, closing: string): { text: string; end: number } | undefined {
  let value = '';
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] as string;
    if (character === closing) return { text: value, end: at + 1 };
    if (character !== '\\') {
      value += character;
      continue;
    }
    at += 1;
    const escaped = text[at] ?? '';
    // Any other backslash stays, so that Windows paths and regular expressions survive.
    value += escaped === 'n' ? '\n' : escaped === '\\' || escaped === closing ? escaped : `\\${escaped}`;
  }
  return undefined;
}

/** A JSON array or object up to its last bracket; brackets inside strings do not count. */
function readBracketed(text: string, start: number): { text: string; end: number } | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth === 0 && !inString) return { text: text.slice(start, at + 1), end: at + 1 };
  }
  return undefined;
}

function around(text: string, position: number): string {
  const rest = [...text.slice(position).trim()];
  return `"${rest.slice(0, 20).join('')}${rest.length > 20 ? '…' : ''}"`;
}
