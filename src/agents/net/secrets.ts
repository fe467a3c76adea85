/** Which names stand for secrets, and how their values are kept out of results, logs and errors. */
import type { JsonObject, JsonValue } from '../../tasks/model.js';

/** `auth`, `authorization`, but not `author`. */
const SECRET_NAME =
  /auth(?!or(?!i))|cookie|api[-_]?key|access[-_]?key|token|secret|password|passwd|credential|session|signature|private[-_]?key/i;
const MASK = '[hidden]';

/** Whether a header, a query parameter or an input field of this name holds a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || /^(key|sig|pwd|pass)$/i.test(name) || /[-_]key$/i.test(name);
}

/** The input for people: values of secret fields masked at every depth, and secret parameters in URLs. Numbers and yes/no are no secrets. */
export function maskSecrets(input: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, maskValue(value, isSecretName(name))]));
}

function maskValue(value: JsonValue, secret: boolean): JsonValue {
  if (typeof value === 'string') return secret && value !== '' ? MASK : maskUrl(value);
  if (Array.isArray(value)) return value.map((item) => maskValue(item, secret));
  if (value === null || typeof value !== 'object') return value;
  return secret ? MASK : maskSecrets(value);
}

/** A URL without secrets stays as it was typed. */
function maskUrl(text: string): string {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return text;
  const url = new URL(text);
  const secret = url.username !== '' || url.password !== '' || [...url.searchParams.keys()].some(isSecretName);
  return secret ? displayUrl(url) : text;
}

/** The URL for people: without its fragment, with the values of secret parameters masked. */
export function displayUrl(url: URL): string {
  const shown = new URL(url);
  shown.hash = '';
  shown.username = '';
  shown.password = '';
  for (const name of new Set(shown.searchParams.keys())) if (isSecretName(name)) shown.searchParams.set(name, 'hidden');
  return shown.href;
}

/** Replaces every occurrence of the secrets, also where an echo of the request brings them back. */
export interface Redactor {
  text(text: string): string;
  bytes(bytes: Buffer): Buffer;
}

/**
 * @param headers as sent; the values of those with secret names are hidden, whole and in their parts
 * (`Bearer x` hides `x` too; `Basic …` hides what it encodes; each cookie's value).
 */
export function createRedactor(headers: Iterable<readonly [string, string]>, url: URL): Redactor {
  const secrets = new Set<string>();
  for (const [name, value] of headers) if (isSecretName(name)) for (const part of partsOf(value)) secrets.add(part);
  for (const [name, value] of url.searchParams) if (isSecretName(name) && value !== '') secrets.add(value);
  // Longest first, so that a part does not break up the whole.
  const ordered = [...secrets].sort((one, other) => other.length - one.length);
  return {
    text: (text) => ordered.reduce((rest, secret) => rest.replaceAll(secret, MASK), text),
    bytes: (bytes) => ordered.reduce(replaceBytes, bytes),
  };
}

/** Shorter parts would blank out half of any text; the whole value is always hidden. */
const SHORTEST_PART = 4;

function partsOf(value: string): string[] {
  const parts = [value, value.replace(/^\S+\s+/, '')];
  const basic = /^basic\s+(\S+)$/i.exec(value)?.[1];
  if (basic) {
    const decoded = Buffer.from(basic, 'base64').toString('utf8');
    parts.push(decoded, decoded.slice(decoded.indexOf(':') + 1));
  }
  for (const pair of value.split(/;\s*/)) parts.push(pair.slice(pair.indexOf('=') + 1));
  const quoted = parts.map((part) => JSON.stringify(part).slice(1, -1));
  return [...parts, ...quoted].filter((part) => part.length >= SHORTEST_PART || (part === value && part !== ''));
}

function replaceBytes(bytes: Buffer, secret: string): Buffer {
  const needle = Buffer.from(secret);
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, from)) {
    pieces.push(bytes.subarray(from, at), Buffer.from(MASK));
    from = at + needle.length;
  }
  return pieces.length === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(from)]);
}
