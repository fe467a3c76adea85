/**
 * Makes text of people and agents safe to show: it can neither format the card, ping anybody, hide a link's target nor break the layout.
 * Lengths are UTF-16 units, never fewer than Discord counts; cuts fall between code points.
 */

/** Stands between the characters of a mention, so that it is shown as it was typed. */
const BREAK = '\u200b';
/** Control characters, direction overrides and halves of surrogate pairs: nothing that a reader could see. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing control characters is the purpose
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
/** A web address whose characters mean nothing to Markdown once Discord has taken it as an address. */
const ADDRESS = /https?:\/\/(?:[A-Za-z0-9\-._~:/?#!$&'*+,;=%]|@(?!everyone|here)){1,500}/;
const TOKENS = new RegExp(`${ADDRESS.source}|[\\s\\S]`, 'giu');
const SPECIAL = new Set([...'\\*_~`|<>[]#']);

/** Removes what nobody can see (control characters, direction overrides); keeps line ends and tabs as spaces. */
export function visible(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/\t/g, ' ').replace(INVISIBLE, '');
}

function escapeToken(token: string, place: 'start' | 'number' | 'within'): string {
  if (token.length > 2) return token;
  if (token === '@') return `@${BREAK}`;
  if (SPECIAL.has(token)) return `\\${token}`;
  const startsList = (place === 'start' && (token === '-' || token === '+')) || (place === 'number' && token === '.');
  return startsList ? `\\${token}` : token;
}

/** Joins the tokens up to `max` units; what does not fit becomes one `…`. */
function join(tokens: Iterable<string>, max: number): string {
  let out = '';
  let safe = '';
  for (const token of tokens) {
    if (out.length + token.length > max) return `${safe.trimEnd()}…`;
    out += token;
    if (out.length <= max - 1) safe = out;
  }
  return out;
}

function* escaped(text: string): Generator<string> {
  let place: 'start' | 'number' | 'within' = 'start';
  for (const [token] of text.matchAll(TOKENS)) {
    yield escapeToken(token, place);
    if (token === '\n' || (token === ' ' && place === 'start')) place = 'start';
    else place = place !== 'within' && /^\d$/.test(token) ? 'number' : 'within';
  }
}

/** One line of plain text, escaped, at most `max` units after escaping. Empty text becomes `fallback`. */
export function line(text: string, max: number, fallback = '–'): string {
  const flat = visible(text).replace(/\s+/gu, ' ').trim();
  return flat === '' ? fallback : join(escaped(flat), max);
}

/** Several lines of plain text, escaped; blank lines are kept singly. At most `max` units and `lines` lines. */
export function block(text: string, max: number, lines = 12): string {
  const rows = visible(text)
    .replace(/\n\s*\n\s*/g, '\n\n')
    .trim()
    .split('\n');
  const cut = rows.length > lines ? `${rows.slice(0, lines).join('\n')} …` : rows.join('\n');
  return join(escaped(cut), max);
}

/** Cuts unescaped text (labels, file texts, names) between code points. */
export function cut(text: string, max: number): string {
  return join(text, max);
}

const CODE = /(```[\s\S]*?(?:```|$)|`[^`\n]+`)/;

function tame(text: string): string {
  return text
    .replace(/@(everyone|here)/gi, `@${BREAK}$1`)
    .replace(/<(?=[@#:/a])/g, `<${BREAK}`)
    .replace(/<(?=t:)/g, `<${BREAK}`)
    .replace(/\](?=\()/g, `]${BREAK}`)
    .replace(/^(\s*)(-?#{1,3})(?=\s)/gm, '$1\\$2');
}

/** Ends a code block or spoiler that the cut, or the author, left open. */
function closed(text: string): string {
  let out = text;
  if ((out.match(/```/g)?.length ?? 0) % 2 === 1) out = `${out}\n\`\`\``;
  return out;
}

/**
 * An agent's Markdown, made harmless: emphasis, lists and code stay; mentions, headings and masked links are shown as typed;
 * an open code block is closed. At most `max` units.
 */
export function markdown(text: string, max: number): string {
  const parts = visible(text).trim().split(CODE);
  const tamed = parts.map((part, index) => (index % 2 === 1 ? tameCode(part) : tame(part))).join('');
  return closed(join(tamed, max - 4));
}

function tameCode(part: string): string {
  return part.replace(/@(everyone|here)/gi, `@${BREAK}$1`).replace(/<(?=[@#])/g, `<${BREAK}`);
}

/** The last eight digits of an id: enough to recognise a task by (the first digits of a UUIDv7 are its time). */
export function shortId(id: string): string {
  return id.replaceAll('-', '').slice(-8);
}
