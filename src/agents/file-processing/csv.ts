/** Summary of a table's columns, read as a stream. */
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { Pace } from '../pace.js';
import type { TextEncodingFound } from './kind.js';
import { decodeChunks } from './text.js';

export type ColumnKind = 'empty' | 'integer' | 'number' | 'boolean' | 'date' | 'text';

export interface ColumnSummary {
  name: string;
  kind: ColumnKind;
  /** Cells that are not empty. */
  filled: number;
  /** Different values; when `distinctIsMinimum`, there are more. */
  distinct: number;
  distinctIsMinimum: boolean;
  /** Smallest and largest number, or first and last date. */
  min?: number | string;
  max?: number | string;
  /** Of numbers. */
  mean?: number;
}

export interface CsvSummary {
  delimiter: string;
  /** Whether the first row names the columns. */
  header: boolean;
  /** Without the header. */
  rows: number;
  columns: ColumnSummary[];
  /** Columns beyond the 200 that are summarised. */
  columnsLeftOut: number;
  /** Rows with more or fewer cells than the first. */
  unevenRows: number;
  /** Why reading stopped before the end; what stands above then covers the rows before. */
  problem?: string;
}

const MOST_COLUMNS = 200;
/** Different values kept per column and in all. */
const MOST_DISTINCT = 10_000;
const MOST_DISTINCT_IN_ALL = 200_000;

export async function summariseCsv(bytes: Buffer, encoding: TextEncodingFound, pace: Pace): Promise<CsvSummary> {
  const delimiter = detectDelimiter(new TextDecoder(encoding.label).decode(bytes.subarray(0, 4096)));
  const table = new Table();
  const parser = parse({
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: 1024 * 1024,
  });
  const source = Readable.from(pacedPieces(bytes, encoding, pace));
  source.pipe(parser);
  let problem: string | undefined;
  try {
    for await (const row of parser as AsyncIterable<string[]>) {
      table.add(row);
      await pace();
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    problem = error.message;
  } finally {
    source.destroy();
    parser.destroy();
  }
  return { delimiter, ...table.summary(), ...(problem === undefined ? {} : { problem }) };
}

/** Parsing this much takes a few milliseconds. */
const PIECE_LENGTH = 8 * 1024;

/** Paced here as well as at the rows: inside of one endless cell there are no rows. */
async function* pacedPieces(bytes: Buffer, encoding: TextEncodingFound, pace: Pace): AsyncGenerator<string> {
  for (const chunk of decodeChunks(bytes, encoding)) {
    for (let at = 0; at < chunk.length; at += PIECE_LENGTH) {
      await pace();
      yield chunk.slice(at, at + PIECE_LENGTH);
    }
  }
}

/** The candidate that the first line holds most often. */
function detectDelimiter(start: string): string {
  const line = start.split(/\r?\n/, 1)[0] ?? '';
  const unquoted = line.replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t', '|'].map((candidate) => ({ candidate, count: unquoted.split(candidate).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).candidate;
}

class Table {
  #first: string[] | undefined;
  #header = false;
  #rows = 0;
  #uneven = 0;
  #columns: Column[] = [];
  readonly #budget = { left: MOST_DISTINCT_IN_ALL };

  add(row: string[]): void {
    if (this.#first === undefined) {
      this.#first = row;
      this.#header = isHeader(row);
      this.#columns = row
        .slice(0, MOST_COLUMNS)
        .map((cell, index) => new Column(this.#header ? cell.trim() : `column ${index + 1}`, this.#budget));
      if (this.#header) return;
    }
    this.#rows += 1;
    if (row.length !== this.#first.length) this.#uneven += 1;
    for (const [index, column] of this.#columns.entries()) column.add(row[index] ?? '');
  }

  summary(): Omit<CsvSummary, 'delimiter' | 'problem'> {
    return {
      header: this.#header,
      rows: this.#rows,
      columns: this.#columns.map((column) => column.summary()),
      columnsLeftOut: Math.max(0, (this.#first?.length ?? 0) - MOST_COLUMNS),
      unevenRows: this.#uneven,
    };
  }
}

/** Names are filled, different from each other, and neither numbers nor dates. */
function isHeader(row: readonly string[]): boolean {
  const cells = row.map((cell) => cell.trim());
  return new Set(cells).size === cells.length && cells.every((cell) => cell !== '' && !NUMBER.test(cell) && !DATE.test(cell));
}

const INTEGER = /^[+-]?\d{1,15}$/;
const NUMBER = /^[+-]?(?:\d{1,300}(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?$/i;
const BOOLEAN = /^(?:true|false|yes|no)$/i;
const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

class Column {
  #filled = 0;
  #sum = 0;
  #smallest = Number.POSITIVE_INFINITY;
  #largest = Number.NEGATIVE_INFINITY;
  #firstDate = '';
  #lastDate = '';
  #overflow = false;
  readonly #values = new Set<string>();
  /** What every cell so far can be read as. */
  readonly #fits = { integer: true, number: true, boolean: true, date: true };

  constructor(
    readonly name: string,
    readonly budget: { left: number },
  ) {}

  add(cell: string): void {
    const value = cell.trim();
    if (value === '') return;
    this.#filled += 1;
    this.#remember(value);
    const fits = this.#fits;
    if (fits.integer && !INTEGER.test(value)) fits.integer = false;
    if (fits.boolean && !BOOLEAN.test(value)) fits.boolean = false;
    if (fits.number) this.#addNumber(value);
    if (fits.date) this.#addDate(value);
  }

  summary(): ColumnSummary {
    const kind = this.#kind();
    const summary: ColumnSummary = {
      name: this.name,
      kind,
      filled: this.#filled,
      distinct: this.#values.size,
      distinctIsMinimum: this.#overflow,
    };
    if (kind === 'integer' || kind === 'number')
      return { ...summary, min: this.#smallest, max: this.#largest, mean: this.#sum / this.#filled };
    return kind === 'date' ? { ...summary, min: this.#firstDate, max: this.#lastDate } : summary;
  }

  #kind(): ColumnKind {
    if (this.#filled === 0) return 'empty';
    const { integer, number, boolean, date } = this.#fits;
    return integer ? 'integer' : number ? 'number' : boolean ? 'boolean' : date ? 'date' : 'text';
  }

  #remember(value: string): void {
    const key = value.length > 200 ? `${value.slice(0, 200)}…${value.length}` : value;
    if (this.#values.has(key)) return;
    if (this.#values.size >= MOST_DISTINCT || this.budget.left === 0) {
      this.#overflow = true;
      return;
    }
    this.#values.add(key);
    this.budget.left -= 1;
  }

  #addNumber(value: string): void {
    const number = NUMBER.test(value) ? Number(value) : Number.NaN;
    if (!Number.isFinite(number)) {
      this.#fits.number = false;
      return;
    }
    this.#sum += number;
    this.#smallest = Math.min(this.#smallest, number);
    this.#largest = Math.max(this.#largest, number);
  }

  /** ISO dates sort as text, as long as their zones are the same; a summary needs no more. */
  #addDate(value: string): void {
    if (!DATE.test(value)) {
      this.#fits.date = false;
      return;
    }
    if (this.#firstDate === '' || value < this.#firstDate) this.#firstDate = value;
    if (value > this.#lastDate) this.#lastDate = value;
  }
}
