/** Counts lines, words and characters of a text, a chunk at a time. */
import type { Pace } from '../pace.js';
import type { TextEncodingFound } from './kind.js';

export interface TextStatistics {
  encoding: string;
  lines: number;
  words: number;
  /** Code points; line ends count. */
  characters: number;
  /** The 50 most frequent words, lower-cased. */
  frequentWords: { word: string; count: number }[];
  /** Different words; when `distinctIsMinimum`, there were more than could be kept. */
  distinctWords: number;
  distinctIsMinimum: boolean;
}

/** Decoding and counting this much takes a few milliseconds. */
const CHUNK_BYTES = 64 * 1024;
/** Different words kept: about 20 MB of memory at worst. */
const MOST_WORDS = 100_000;
const LONGEST_WORD = 60;
const KEPT_WORDS = 50;
const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;
/** What a word that goes on in the next chunk ends with. Bounded, as a file may be one word. */
const TAIL = /[\p{L}\p{N}'’-]{1,1000}$/u;

/** The text in pieces of about 64 KiB, without its byte order mark. */
export function* decodeChunks(bytes: Buffer, encoding: TextEncodingFound): Generator<string> {
  const decoder = new TextDecoder(encoding.label);
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    yield decoder.decode(bytes.subarray(at, at + CHUNK_BYTES), { stream: true });
  }
  yield decoder.decode();
}

export async function countText(bytes: Buffer, encoding: TextEncodingFound, pace: Pace): Promise<TextStatistics> {
  const words = new WordCounter();
  let lineEnds = 0;
  let characters = 0;
  let last = '';
  for (const chunk of decodeChunks(bytes, encoding)) {
    const counted = countCharacters(chunk, last);
    lineEnds += counted.lineEnds;
    characters += counted.characters;
    words.add(chunk);
    last = chunk.at(-1) ?? last;
    await pace();
  }
  words.end();
  await pace();
  return {
    encoding: encoding.name,
    lines: lineEnds + (last === '' || last === '\n' || last === '\r' ? 0 : 1),
    words: words.total,
    characters,
    frequentWords: words.mostFrequent(),
    distinctWords: words.distinct,
    distinctIsMinimum: words.full,
  };
}

/** LF, CRLF and a lone CR each end a line. `before`: the last unit of the chunk before. */
function countCharacters(chunk: string, before: string): { lineEnds: number; characters: number } {
  let lineEnds = 0;
  let characters = chunk.length;
  let previous = before.charCodeAt(0);
  for (let at = 0; at < chunk.length; at += 1) {
    const unit = chunk.charCodeAt(at);
    if (unit === 0x0d || (unit === 0x0a && previous !== 0x0d)) lineEnds += 1;
    // The second half of a pair belongs to the character that the first half began.
    if (unit >= 0xdc00 && unit <= 0xdfff) characters -= 1;
    previous = unit;
  }
  return { lineEnds, characters };
}

type Counted = TextStatistics['frequentWords'][number];

function comesBefore(one: Counted, other: Counted): boolean {
  return one.count > other.count || (one.count === other.count && one.word < other.word);
}

class WordCounter {
  total = 0;
  full = false;
  readonly #counts = new Map<string, number>();
  #tail = '';

  get distinct(): number {
    return this.#counts.size;
  }

  add(chunk: string): void {
    const text = this.#tail + chunk;
    this.#tail = TAIL.exec(text.slice(-1000))?.[0] ?? '';
    if (this.#tail.length >= 1000) this.#tail = '';
    this.#count(text.slice(0, text.length - this.#tail.length));
  }

  end(): void {
    this.#count(this.#tail);
    this.#tail = '';
  }

  mostFrequent(): Counted[] {
    // One pass with a short list instead of sorting a hundred thousand words.
    const top: Counted[] = [];
    for (const [word, count] of this.#counts) {
      const entry = { word, count };
      const last = top.at(-1);
      if (count < 2 || (top.length === KEPT_WORDS && last && !comesBefore(entry, last))) continue;
      const at = top.findIndex((other) => comesBefore(entry, other));
      top.splice(at < 0 ? top.length : at, 0, entry);
      if (top.length > KEPT_WORDS) top.pop();
    }
    return top;
  }

  #count(text: string): void {
    for (const [match] of text.matchAll(WORD)) {
      this.total += 1;
      const word = match.slice(0, LONGEST_WORD).toLowerCase();
      const count = this.#counts.get(word);
      if (count !== undefined) this.#counts.set(word, count + 1);
      else if (this.#counts.size < MOST_WORDS) this.#counts.set(word, 1);
      else this.full = true;
    }
  }
}
