/** A file's summary as Markdown. */
import { clip, codeBlock, escapeMarkdown, formatBytes, formatCount, inlineCode } from '../markdown.js';
import type { FileSummary } from './analyse.js';
import type { ColumnSummary, CsvSummary } from './csv.js';
import type { JsonSummary } from './json.js';
import type { TextStatistics } from './text.js';

/** What the text shows at most; summary.json has more. */
const SHOWN = { words: 8, columns: 12, paths: 15 } as const;

export function describeFile(file: FileSummary): string {
  const declared = file.declaredContentType.split(';')[0]?.trim() ?? '';
  const differs = declared !== '' && declared !== 'application/octet-stream' && declared !== file.contentType;
  const lines = [
    `**${escapeMarkdown(clip(file.name, 100))}**`,
    `${file.format} · ${formatBytes(file.size)} · ${inlineCode(file.contentType)}${differs ? ` (declared as ${inlineCode(clip(declared, 80))})` : ''}`,
    `SHA-256 ${inlineCode(file.sha256)}`,
  ];
  if (file.text) lines.push(...describeText(file.text));
  if (file.csv) lines.push(...describeCsv(file.csv));
  if (file.json) lines.push(...describeJson(file.json));
  return lines.join('\n');
}

function describeText(text: TextStatistics): string[] {
  const counts = `${plural(text.lines, 'line')}, ${plural(text.words, 'word')}, ${plural(text.characters, 'character')}`;
  const words = text.frequentWords
    .slice(0, SHOWN.words)
    .map(({ word, count }) => `${escapeMarkdown(word)} (${formatCount(count)})`);
  return [`Text: ${text.encoding} · ${counts}`, ...(words.length > 0 ? [`Most frequent: ${words.join(', ')}`] : [])];
}

function describeCsv(csv: CsvSummary): string[] {
  const delimiter = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' }[csv.delimiter] ?? csv.delimiter;
  const count = csv.columns.length + csv.columnsLeftOut;
  const header = csv.header ? 'first row names the columns' : 'no header';
  const lines = [`Table: ${plural(csv.rows, 'row')}, ${plural(count, 'column')}, separated by ${delimiter}, ${header}`];
  if (csv.unevenRows > 0) lines.push(`⚠ ${plural(csv.unevenRows, 'row')} with more or fewer cells than the first`);
  if (csv.problem !== undefined) lines.push(`⚠ Reading stopped early: ${escapeMarkdown(clip(csv.problem, 200))}`);
  if (csv.columns.length === 0) return lines;
  const shown = csv.columns.slice(0, SHOWN.columns);
  lines.push(codeBlock(alignColumns([['column', 'kind', 'filled', 'distinct', 'min', 'max', 'mean'], ...shown.map(columnRow)])));
  if (count > shown.length) lines.push(`… and ${plural(count - shown.length, 'more column', 'more columns')}`);
  return lines;
}

function columnRow(column: ColumnSummary): string[] {
  const value = (given: number | string | undefined) =>
    given === undefined ? '' : typeof given === 'number' ? formatCount(given) : clip(given, 25);
  const distinct = `${formatCount(column.distinct)}${column.distinctIsMinimum ? '+' : ''}`;
  const name = clip(column.name.replace(/\s+/g, ' '), 24);
  return [name, column.kind, formatCount(column.filled), distinct, value(column.min), value(column.max), value(column.mean)];
}

function alignColumns(rows: string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length))) ?? [];
  const pad = (cell: string, column: number) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length));
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

function describeJson(json: JsonSummary): string[] {
  if (!json.valid) return [`⚠ Not valid JSON: ${escapeMarkdown(json.problem)}`];
  const shown = json.paths.slice(0, SHOWN.paths).map(({ path, kinds }) => {
    const what = Object.entries(kinds).map(([kind, count]) => (count === 1 ? kind : `${formatCount(count)} × ${kind}`));
    return `${clip(path, 60)}: ${what.join(', ')}`;
  });
  const rest = json.paths.length - shown.length;
  if (rest > 0 || json.pathsLeftOut)
    shown.push(`… and ${rest > 0 ? formatCount(rest) : ''}${json.pathsLeftOut ? '+' : ''} more places`);
  const nesting = json.depth === 0 ? 'not nested' : `nested ${json.depth} deep`;
  return [`JSON: ${json.kind}, ${plural(json.values, 'value')}, ${nesting}`, codeBlock(shown.join('\n'))];
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
