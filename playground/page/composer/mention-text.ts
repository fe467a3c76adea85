/** Finding and writing mentions in the text of the message box. Pure. */

/** The word being typed after `@` or `#`, with its place in the text; null when the caret is in no such word. */
export function mentionAt(text: string, caret: number): { sign: '@' | '#'; query: string; start: number } | null {
  const match = /(?:^|[\s(])([@#])([\p{L}\p{N}_.-]{0,32})$/u.exec(text.slice(0, caret));
  if (!match) return null;
  const query = match[2] ?? '';
  return { sign: match[1] as '@' | '#', query, start: caret - query.length - 1 };
}

/** A mention that was chosen from the list. */
export interface Written {
  /** As it stands in the text: `@Mia`. */
  label: string;
  /** As it is sent: `<@1300…>`. */
  tag: string;
}

/** Code is left as it is; a name ends where no further part of a word follows. */
const typedName = /(```[\s\S]*?```|`[^`\n]*`)|(?<=^|[\s(])([@#][\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*)/gu;

/** Names that were typed instead of chosen: `@mia` and `#tasks` become mentions when `known` has them (in lower case), as Discord's client does. */
export function encodeTyped(text: string, known: ReadonlyMap<string, string>): string {
  return text.replace(typedName, (whole, _code, name?: string) => (name && known.get(name.toLowerCase())) || whole);
}

/** The longest names first, so that `@Mia` does not take a part of `@Mia Two`. */
export function encodeMentions(text: string, written: readonly Written[]): string {
  const ordered = [...written].sort((one, other) => other.label.length - one.label.length);
  return ordered.reduce((result, { label, tag }) => result.replaceAll(label, tag), text);
}
