/**
 * The shape of a JSON text: which paths it has and what stands there. A scanner of its own rather than JSON.parse,
 * because JSON.parse cannot stop half-way: 10 MiB would hold the event loop for a tenth of a second and more.
 */
import type { Pace } from '../pace.js';
import type { TextEncodingFound } from './kind.js';
import { decodeChunks } from './text.js';

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

/** A place in the text: `$` the whole, `$.name` a property, `$[]` any item of an array. */
export interface JsonPath {
  path: string;
  /** How often each kind stands there. */
  kinds: Partial<Record<JsonKind, number>>;
}

export type JsonSummary =
  | { valid: true; kind: JsonKind; values: number; depth: number; paths: JsonPath[]; pathsLeftOut: boolean }
  | { valid: false; problem: string };

const MOST_PATHS = 300;
const MOST_DEPTH = 1000;
/** Deeper places count as values, but are not told apart. */
const DEEPEST_PATH = 6;
/** Tokens between two looks at the clock. */
const TOKENS_A_STRETCH = 200;

/** Spaces that one step skips, and bytes whose lines are counted for a message: about a millisecond each. */
const LONGEST_SKIP = 256 * 1024;
const FARTHEST_LINE_COUNT = 1024 * 1024;

/** Characters with a meaning in JSON, as bytes of UTF-8. */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LITERALS: readonly (readonly [JsonKind, string])[] = [
  ['boolean', 'true'],
  ['boolean', 'false'],
  ['null', 'null'],
];

export async function summariseJson(bytes: Buffer, encoding: TextEncodingFound, pace: Pace): Promise<JsonSummary> {
  const scan = new Scan(await toUtf8(bytes, encoding, pace));
  try {
    while (scan.advance(TOKENS_A_STRETCH)) await pace();
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    return { valid: false, problem: error.message };
  }
  return scan.summary();
}

/** Bytes, since everything that JSON gives a meaning is one byte in UTF-8, and decoding 10 MiB in one go takes too long. */
async function toUtf8(bytes: Buffer, encoding: TextEncodingFound, pace: Pace): Promise<Buffer> {
  if (encoding.label === 'utf-8') return bytes.subarray(bytes[0] === 0xef ? 3 : 0);
  const pieces: Buffer[] = [];
  for (const chunk of decodeChunks(bytes, encoding)) {
    pieces.push(Buffer.from(chunk));
    await pace();
  }
  return Buffer.concat(pieces);
}

class JsonProblem extends Error {}

interface PathNode {
  path: string;
  level: number;
  kinds: Partial<Record<JsonKind, number>>;
  children: Map<string, PathNode>;
}

/** An open array or object. `node`: undefined where places are no longer told apart. */
interface Frame {
  kind: 'object' | 'array';
  node: PathNode | undefined;
  empty: boolean;
}

class Scan {
  #at = 0;
  #values = 0;
  #depth = 0;
  #left = false;
  #ended = false;
  readonly #nodes: PathNode[] = [];
  readonly #open: Frame[] = [];

  constructor(readonly text: Buffer) {}

  /** Reads so many values or closings; false: the text is at its end, and in order. */
  advance(count: number): boolean {
    for (let step = 0; step < count && !this.#ended; step += 1) if (!this.#step()) break;
    return !this.#ended;
  }

  summary(): JsonSummary {
    const kind = Object.keys(this.#nodes[0]?.kinds ?? {})[0] as JsonKind;
    const paths = this.#nodes.map(({ path, kinds }) => ({ path, kinds }));
    return { valid: true, kind, values: this.#values, depth: this.#depth, paths, pathsLeftOut: this.#left };
  }

  /** False: it was a long way, time to look at the clock. */
  #step(): boolean {
    // Megabytes of nothing are skipped in several steps, so that there is a look at the clock in between.
    const from = this.#at;
    this.#skipWhitespace(from + LONGEST_SKIP);
    if (this.#at === from + LONGEST_SKIP) return false;
    const frame = this.#open.at(-1);
    if (!frame) {
      this.#readValue(this.#nodeFor(undefined, '$'));
    } else {
      const closing = frame.kind === 'object' ? '}' : ']';
      if (this.#take(closing)) {
        this.#open.pop();
      } else {
        if (!frame.empty && !this.#take(',')) this.#fail(`"," or "${closing}"`);
        frame.empty = false;
        this.#readValue(frame.kind === 'object' ? this.#readKey(frame) : this.#nodeFor(frame.node, '[]'));
      }
    }
    if (this.#open.length === 0) this.#end();
    return true;
  }

  #end(): void {
    this.#skipWhitespace();
    if (this.#at < this.text.length) this.#fail('the end');
    this.#ended = true;
  }

  #readKey(frame: Frame): PathNode | undefined {
    this.#skipWhitespace();
    const start = this.#at + 1;
    if (this.text[this.#at] !== QUOTE) this.#fail('a property name in quotes');
    this.#skipString();
    const key = this.text.toString('utf8', start, Math.min(this.#at - 1, start + 60));
    if (!this.#take(':')) this.#fail('":"');
    return this.#nodeFor(frame.node, /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key) ? `.${key}` : `["${key}"]`);
  }

  #readValue(node: PathNode | undefined): void {
    this.#skipWhitespace();
    const first = this.text[this.#at];
    this.#values += 1;
    if (first === 0x7b || first === 0x5b) {
      const kind = first === 0x7b ? 'object' : 'array';
      this.#at += 1;
      this.#open.push({ kind, node, empty: true });
      this.#depth = Math.max(this.#depth, this.#open.length);
      if (this.#open.length > MOST_DEPTH) throw new JsonProblem(`nested more than ${MOST_DEPTH} deep`);
      count(node, kind);
    } else if (first === QUOTE) {
      this.#skipString();
      count(node, 'string');
    } else count(node, this.#skipScalar());
  }

  #skipScalar(): JsonKind {
    for (const [kind, word] of LITERALS) {
      if (this.text[this.#at] !== word.charCodeAt(0)) continue;
      if (this.text.toString('latin1', this.#at, this.#at + word.length) !== word) this.#fail('a value');
      this.#at += word.length;
      return kind;
    }
    this.#skipNumber();
    return 'number';
  }

  /** Sign, whole part without leading zeros, fraction, exponent. */
  #skipNumber(): void {
    if (this.text[this.#at] === 0x2d) this.#at += 1;
    const zero = this.text[this.#at] === 0x30;
    const digits = this.#skipDigits();
    if (digits === 0) this.#fail('a value');
    if (zero && digits > 1) this.#fail('no zero in front of a number');
    if (this.text[this.#at] === 0x2e) {
      this.#at += 1;
      if (this.#skipDigits() === 0) this.#fail('digits after the point');
    }
    const exponent = this.text[this.#at];
    if (exponent !== 0x65 && exponent !== 0x45) return;
    this.#at += 1;
    const sign = this.text[this.#at];
    if (sign === 0x2b || sign === 0x2d) this.#at += 1;
    if (this.#skipDigits() === 0) this.#fail('digits in the exponent');
  }

  /** How many there were. */
  #skipDigits(): number {
    const start = this.#at;
    let at = start;
    while (isDigit(this.text[at])) at += 1;
    this.#at = at;
    return at - start;
  }

  #skipString(): void {
    const text = this.text;
    for (let at = this.#at + 1; at < text.length; at += 1) {
      const byte = text[at] as number;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return;
      }
      if (byte < 0x20) this.#failAt(at, 'no line end or control character inside a string');
      if (byte === BACKSLASH) at += this.#escapeLength(at);
    }
    this.#fail('a closing quote for the string');
  }

  #escapeLength(at: number): number {
    const letter = this.text.toString('latin1', at + 1, at + 2);
    if (letter !== '' && '"\\/bfnrt'.includes(letter)) return 1;
    if (letter === 'u' && /^[0-9a-f]{4}$/i.test(this.text.toString('latin1', at + 2, at + 6))) return 5;
    return this.#failAt(at, 'a valid escape after the backslash');
  }

  #take(character: string): boolean {
    this.#skipWhitespace();
    if (this.text[this.#at] !== character.charCodeAt(0)) return false;
    this.#at += 1;
    return true;
  }

  #skipWhitespace(end = this.text.length): void {
    const text = this.text;
    let at = this.#at;
    for (; at < end; at += 1) {
      const byte = text[at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    }
    this.#at = at;
  }

  #nodeFor(parent: PathNode | undefined, key: string): PathNode | undefined {
    if (parent === undefined && this.#nodes.length > 0) return undefined;
    const known = parent?.children.get(key);
    if (known) return known;
    const level = parent ? parent.level + 1 : 0;
    if (this.#nodes.length >= MOST_PATHS || level > DEEPEST_PATH) {
      this.#left = true;
      return undefined;
    }
    const node: PathNode = { path: `${parent?.path ?? ''}${key}`, level, kinds: {}, children: new Map() };
    this.#nodes.push(node);
    parent?.children.set(key, node);
    return node;
  }

  #fail(expected: string): never {
    return this.#failAt(this.#at, expected);
  }

  #failAt(at: number, expected: string): never {
    const text = this.text;
    if (at > FARTHEST_LINE_COUNT) throw new JsonProblem(`byte ${at + 1}: expected ${expected}`);
    let line = 1;
    let lineStart = 0;
    for (let index = 0; index < at; index += 1) {
      if (text[index] !== 0x0a) continue;
      line += 1;
      lineStart = index + 1;
    }
    // Counted in characters; a line of many kilobytes is no line to look up by column.
    const column = at - lineStart > 10_000 ? '' : `, column ${text.toString('utf8', lineStart, at).length + 1}`;
    throw new JsonProblem(`line ${line}${column}: expected ${expected}`);
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function count(node: PathNode | undefined, kind: JsonKind): void {
  if (node) node.kinds[kind] = (node.kinds[kind] ?? 0) + 1;
}
