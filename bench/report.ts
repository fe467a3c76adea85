/** Figures of a benchmark: what was measured, against which target, as lines on the terminal and as a table in Markdown. */

/** One measured quantity, once per repetition. */
export interface Figure {
  name: string;
  /** `ms`, `per s`, `MB` … */
  unit: string;
  /** One value per repetition, in the order of measurement. */
  values: readonly number[];
  /** The median must be below this; absent: nothing was asked of it. */
  below?: number;
  /** What is counted may be this at most, and the largest value decides; for counts that must be 0. */
  atMost?: number;
}

/** What one section of the benchmark gives back. */
export interface Section {
  title: string;
  /** How it was measured: one or more sentences. */
  how: string;
  figures: readonly Figure[];
  /** More to show below the table, in Markdown (a plan, for example). */
  more?: string;
}

/** Whether a figure keeps its target; null without one. */
export function passes(figure: Figure): boolean | null {
  if (figure.atMost !== undefined) return Math.max(...figure.values) <= figure.atMost;
  return figure.below === undefined ? null : median(figure.values) < figure.below;
}

/** The middle value, of an even number the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The smallest value that at least the part `q` of all does not exceed. NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/** p50 and p99 of several repetitions as two figures. */
export function spread(name: string, repetitions: readonly (readonly number[])[], below?: number): Figure[] {
  const of = (q: number) => repetitions.map((times) => quantile(times, q));
  return [
    { name: `${name}, p50`, unit: 'ms', values: of(0.5) },
    { name: `${name}, p99`, unit: 'ms', values: of(0.99), below },
  ];
}

/** One line for the terminal. */
export function lineOf(figure: Figure): string {
  const { name, unit, values } = figure;
  const passed = passes(figure);
  const target = passed === null ? '' : `  target ${targetOf(figure)}  ${passed ? 'pass' : 'FAIL'}`;
  const range = values.length > 1 ? ` (${shown(Math.min(...values))} – ${shown(Math.max(...values))})` : '';
  return `  ${name.padEnd(64)} ${shown(median(values)).padStart(8)} ${unit}${range}${target}`;
}

/** The section as Markdown. `environment`: date, versions and cores in one line. */
export function markdownOf(section: Section, environment: string): string {
  const rows = section.figures.map((figure) => {
    const { name, unit, values } = figure;
    const passed = passes(figure);
    const cells = [
      name,
      `${shown(median(values))} ${unit}`.trim(),
      values.length > 1 ? shown(Math.min(...values)) : '',
      values.length > 1 ? shown(Math.max(...values)) : '',
      String(values.length),
      passed === null ? '' : targetOf(figure),
      passed === null ? '' : passed ? 'pass' : '**fail**',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `## ${section.title}`,
    '',
    section.how,
    '',
    `Measured ${environment}.`,
    '',
    '| figure | median | min | max | runs | target | |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    ...(section.more === undefined ? [] : ['', section.more]),
    '',
  ].join('\n');
}

/** Puts a section into the page in place of its last one, or at the end; the other sections stay as they are. */
export function withSection(page: string, id: string, text: string): string {
  const marked = `<!-- bench:${id} -->\n${text}<!-- /bench:${id} -->\n`;
  const there = new RegExp(`<!-- bench:${id} -->.*?<!-- /bench:${id} -->\n`, 's');
  return there.test(page) ? page.replace(there, () => marked) : `${page.trimEnd()}\n\n${marked}`;
}

function targetOf({ unit, below, atMost }: Figure): string {
  return atMost !== undefined ? `at most ${atMost}` : `below ${below} ${unit}`;
}

/** Three significant digits, whole numbers from 100 on. */
function shown(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return value.toPrecision(3);
}
