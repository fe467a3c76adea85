/** Writes CSV (RFC 4180) that spreadsheets can open without running anything in it. */

/**
 * Rows with CRLF line ends. A cell that a spreadsheet would take for a formula (`=`, `+`, `-`, `@` in front, not a number)
 * gets an apostrophe in front, which shows as text.
 */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string): string {
  const formula = /^[=+\-@\t\r]/.test(value) && !/^[+-]?\d+([.,]\d+)?$/.test(value);
  const text = formula ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
