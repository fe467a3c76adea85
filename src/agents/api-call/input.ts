/** The input of an API call and how its loose parts are read. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';
import type { JsonValue } from '../../tasks/model.js';

/** First and last status that counts as success, both included. */
export interface StatusRange {
  from: number;
  to: number;
}

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export const LARGEST_BODY = 5 * 1024 * 1024;
const DEFAULT_STATUS = '200-299';

/** Headers that belong to the connection: the client sets them, and setting them by hand can break or smuggle requests. */
const CONNECTION_HEADERS = new Set(
  'host connection content-length transfer-encoding keep-alive upgrade expect te trailer proxy-authorization proxy-connection'.split(
    ' ',
  ),
);

const headersSchema = z
  .record(z.string().max(200), z.string().max(8192))
  .superRefine((headers, issues) => {
    const entries = Object.entries(headers);
    if (entries.length > 50) issues.addIssue('at most 50 headers');
    for (const [name, value] of entries) {
      const problem = headerProblem(name, value);
      // The value stays out of the message: it may be a secret.
      if (problem) issues.addIssue({ code: 'custom', message: problem, path: [name] });
    }
  })
  .prefault({});

function headerProblem(name: string, value: string): string | undefined {
  if (CONNECTION_HEADERS.has(name.toLowerCase())) return 'cannot be set: the connection sets it itself';
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return undefined;
  } catch {
    return 'is not a valid header'; // Node's own message would repeat the value.
  }
}

const urlSchema = z
  .string()
  .max(2048)
  .refine((text) => URL.canParse(text), 'is not a URL')
  .refine((text) => !URL.canParse(text) || /^https?:$/.test(new URL(text).protocol), 'must start with http:// or https://')
  .refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return !url || (url.username === '' && url.password === '');
  }, 'must not hold a user name or password; use the authorization header');

const statusSchema = z
  .union([z.int(), z.array(z.union([z.int(), z.string().max(50)])).max(50), z.string().max(200)])
  .prefault(DEFAULT_STATUS)
  .transform((given, issues) => {
    const ranges = parseStatuses(given);
    if (ranges) return ranges;
    issues.addIssue('must be a status (200), a range (200-299) or a list of them, between 100 and 599');
    return z.NEVER;
  });

export const inputSchema = z.object({
  url: urlSchema.meta({ title: 'URL', description: 'The address, starting with https:// or http://.' }),
  method: z.enum(METHODS).default('GET'),
  headers: headersSchema.describe('As a JSON object. Values of authorization, cookies and keys are never shown.'),
  body: z
    .union([z.string().max(60_000), z.record(z.string(), z.json()), z.array(z.json())])
    .optional()
    .describe('Text, or JSON, which sets the content type.'),
  expectStatus: statusSchema.meta({
    title: 'Expected status',
    description: 'What counts as success, such as 200, 200-299 or 200,404.',
  }),
  timeoutSeconds: z
    .number()
    .min(0.1)
    .max(120)
    .default(30)
    .meta({ title: 'Time limit in seconds', description: 'For the whole call, redirects included.' }),
  maxBytes: z
    .int()
    .min(1)
    .max(LARGEST_BODY)
    .default(1024 * 1024)
    .meta({ title: 'Largest answer in bytes', description: 'A larger one fails the task.' }),
});
export type CallInput = z.output<typeof inputSchema>;

/** `200`, `"200-299"`, `"200, 404"`, `[200, "300-399"]` → ranges; undefined: not readable or outside 100–599. */
export function parseStatuses(given: number | string | readonly (number | string)[]): StatusRange[] | undefined {
  const parts = (Array.isArray(given) ? given : [given]).flatMap((part) => String(part).split(','));
  const ranges: StatusRange[] = [];
  for (const part of parts) {
    const match = /^\s*(\d{3})\s*(?:[-–]\s*(\d{3}))?\s*$/.exec(part);
    const from = Number(match?.[1]);
    const to = Number(match?.[2] ?? match?.[1]);
    if (!(from >= 100 && to <= 599 && from <= to)) return undefined;
    ranges.push({ from, to });
  }
  return ranges.length > 0 ? ranges : undefined;
}

export function isExpected(status: number, ranges: readonly StatusRange[]): boolean {
  return ranges.some(({ from, to }) => status >= from && status <= to);
}

export function formatStatuses(ranges: readonly StatusRange[]): string {
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}

/** What is sent, and the content type that goes with it unless a header names another. */
export function encodeBody(body: JsonValue | undefined): { bytes: Buffer; contentType: string } | undefined {
  if (body === undefined) return undefined;
  if (typeof body !== 'string') return { bytes: Buffer.from(JSON.stringify(body)), contentType: 'application/json' };
  return { bytes: Buffer.from(body), contentType: looksLikeJson(body) ? 'application/json' : 'text/plain; charset=utf-8' };
}

function looksLikeJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // Text that merely starts like JSON is sent as text.
  }
}
