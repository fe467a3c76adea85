/** Small pieces for the Markdown of a result, safe for text that came from outside. */

/** At most `length` characters (code points), with an ellipsis when something was cut. */
export function clip(text: string, length: number): string {
  // A code point is at most two units: no need to spread a text of megabytes to cut it.
  const head = [...text.slice(0, length * 2 + 2)];
  return head.length <= length && text.length <= length * 2 + 2 ? text : `${head.slice(0, length - 1).join('')}…`;
}

/** Text as it is, with what Discord would read as formatting made harmless. */
export function escapeMarkdown(text: string): string {
  return storable(text).replace(/[\\*_~`|>[\]()#<-]/g, '\\$&');
}

/** Inline code on one line. Backticks inside become look-alikes, because Discord has no escape for them. */
export function inlineCode(text: string): string {
  const line = storable(text).replace(/\s+/g, ' ').replaceAll('`', 'ˋ').trim();
  return line === '' ? '(empty)' : `\`${line}\``;
}

/** A code block. A zero-width space keeps fences inside it from closing it. */
export function codeBlock(text: string, language = ''): string {
  return `\`\`\`${language}\n${storable(text).replaceAll('```', '`\u200b``')}\n\`\`\``;
}

/** Replaces what no UTF-8 store keeps: NUL, and halves of surrogate pairs. */
export function storable(text: string): string {
  return text
    .replaceAll('\u0000', '␀')
    .replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
}

/** `1,234,567.891`: at most three decimals. Not with Intl, whose first use holds the event loop for tens of milliseconds. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e15) return String(value);
  const [whole = '', decimals] = String(Number(value.toFixed(3))).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}

/** `512 B`, `1.5 KiB`, `10 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const [value, unit] = bytes < 1024 * 1024 ? [bytes / 1024, 'KiB'] : [bytes / (1024 * 1024), 'MiB'];
  return `${Number(value.toFixed(1))} ${unit}`;
}
