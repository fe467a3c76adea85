/**
 * The shape of a JSON text: which paths it has and what stands there. A scanner of its own rather than JSON.parse,
 * because JSON.parse cannot stop half-way: 10 MiB would hold the event loop for a tenth of a second and more.
 */
import type { Pace } from '../pace.js';

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
const TOKENS_A_STRETCH = 2000;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d{0,400})(?:\.\d{1,400})?(?:[eE][+-]?\d{1,10})?/y;
const WHITESPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

export async function summariseJson(text: string, pace: Pace): Promise<JsonSummary> {
  const scan = new Scan(text);
  try {
    while (scan.advance(TOKENS_A_STRETCH)) await pace();
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    return { valid: false, problem: error.message };
  }
  return scan.summary();
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

  constructor(readonly text: string) {}

  /** Reads so many values or closings; false: the text is at its end, and in order. */
  advance(count: number): boolean {
    for (let step = 0; step < count && !this.#ended; step += 1) this.#step();
    return !this.#ended;
  }

  summary(): JsonSummary {
    const kind = Object.keys(this.#nodes[0]?.kinds ?? {})[0] as JsonKind;
    const paths = this.#nodes.map(({ path, kinds }) => ({ path, kinds }));
    return { valid: true, kind, values: this.#values, depth: this.#depth, paths, pathsLeftOut: this.#left };
  }

  #step(): void {
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
  }

  #end(): void {
    this.#skipWhitespace();
    if (this.#at < this.text.length) this.#fail('the end');
    this.#ended = true;
  }

  #readKey(frame: Frame): PathNode | undefined {
    this.#skipWhitespace();
    const start = this.#at + 1;
    if (this.text[this.#at] !== '"') this.#fail('a property name in quotes');
    this.#skipString();
    const key = this.text.slice(start, Math.min(this.#at - 1, start + 60));
    if (!this.#take(':')) this.#fail('":"');
    return this.#nodeFor(frame.node, /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key) ? `.${key}` : `["${key}"]`);
  }

  #readValue(node: PathNode | undefined): void {
    this.#skipWhitespace();
    const first = this.text[this.#at];
    this.#values += 1;
    if (first === '{' || first === '[') {
      const kind = first === '{' ? 'object' : 'array';
      this.#at += 1;
      this.#open.push({ kind, node, empty: true });
      this.#depth = Math.max(this.#depth, this.#open.length);
      if (this.#open.length > MOST_DEPTH) throw new JsonProblem(`nested more than ${MOST_DEPTH} deep`);
      count(node, kind);
    } else if (first === '"') {
      this.#skipString();
      count(node, 'string');
    } else count(node, this.#skipScalar());
  }

  #skipScalar(): JsonKind {
    SCALAR.lastIndex = this.#at;
    const match = SCALAR.exec(this.text)?.[0];
    if (match === undefined) return this.#fail('a value');
    this.#at += match.length;
    return match === 'null' ? 'null' : match === 'true' || match === 'false' ? 'boolean' : 'number';
  }

  #skipString(): void {
    for (let at = this.#at + 1; at < this.text.length; at += 1) {
      const unit = this.text.charCodeAt(at);
      if (unit === 0x22) {
        this.#at = at + 1;
        return;
      }
      if (unit < 0x20) this.#failAt(at, 'no line end or control character inside a string');
      if (unit === 0x5c) at += this.#escapeLength(at);
    }
    this.#fail('a closing quote for the string');
  }

  #escapeLength(at: number): number {
    const letter = this.text[at + 1] ?? '';
    if ('"\\/bfnrt'.includes(letter) && letter !== '') return 1;
    if (letter === 'u' && /^[0-9a-f]{4}$/i.test(this.text.slice(at + 2, at + 6))) return 5;
    return this.#failAt(at, 'a valid escape after the backslash');
  }

  #take(character: string): boolean {
    this.#skipWhitespace();
    if (this.text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipWhitespace(): void {
    while (WHITESPACE.has(this.text.charCodeAt(this.#at))) this.#at += 1;
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
    let line = 1;
    let lineStart = 0;
    for (let end = this.text.indexOf('\n'); end >= 0 && end < at; end = this.text.indexOf('\n', lineStart)) {
      line += 1;
      lineStart = end + 1;
    }
    throw new JsonProblem(`line ${line}, column ${at - lineStart + 1}: expected ${expected}`);
  }
}

function count(node: PathNode | undefined, kind: JsonKind): void {
  if (node) node.kinds[kind] = (node.kinds[kind] ?? 0) + 1;
}
