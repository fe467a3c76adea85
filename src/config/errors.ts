/** One setting that cannot be used. `shown` is safe to print: secrets are masked. */
export interface SettingProblem {
  name: string;
  /** The sentence to print: the name, its bounds and what it was. */
  message: string;
}

/** Settings that stop the start (exit code 2). `message` has one line per problem and contains no secret. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(problems.map((problem) => problem.message).join('\n'));
    this.problems = problems;
  }
}

/** How a bad value may be shown: as it is, not at all (tokens), or as an address without its user and password. */
export type Secrecy = 'plain' | 'token' | 'address';

const SHOWN_LENGTH = 80;

/**
 * A bad value as it may appear in logs. A token is never shown; of an address only scheme and host are, and of one that
 * cannot be read only its scheme, because there is no telling where the password stands in it.
 */
export function showValue(value: string, secrecy: Secrecy): string {
  if (secrecy === 'token') return hidden(value);
  if (secrecy === 'address') return showAddress(value);
  const cut = value.length > SHOWN_LENGTH ? `${value.slice(0, SHOWN_LENGTH)}…` : value;
  return JSON.stringify(cut);
}

function showAddress(value: string): string {
  const scheme = /^([a-z][a-z0-9+]{0,20}):\/\//i.exec(value)?.[1];
  if (scheme === undefined) return hidden(value);
  // Percent signs and a second @ mean that host and password may be mixed up.
  const host = URL.canParse(value) ? new URL(value).host : '';
  if (!/^[a-z0-9.:[\]-]{1,100}$/i.test(host)) return `"${scheme}://…" (the rest is not shown, it may hold a password)`;
  const user = value.includes('@') ? '***@' : '';
  return `"${scheme}://${user}${host}…"`;
}

function hidden(value: string): string {
  return `a text of ${value.length} characters (not shown)`;
}
