/** The kinds of values that settings have: zod schemas from the text of an environment variable to a typed value. */
import { z } from 'zod';

/** A whole number from `min` to `max`; with `orZero`, 0 as well. */
export function wholeNumber(min: number, max: number, options: { orZero?: boolean } = {}) {
  return z
    .string()
    .regex(/^\d{1,12}$/)
    .transform(Number)
    .refine((value) => (value >= min && value <= max) || (options.orZero === true && value === 0));
}

/** `true`, `false`, `yes`, `no`, `on`, `off`, `1`, `0`. */
export const flag = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', 'yes', 'on', '1', 'false', 'no', 'off', '0']))
  .transform((value) => ['true', 'yes', 'on', '1'].includes(value));

/** A Discord id. */
export const snowflake = z.string().regex(/^\d{17,20}$/);

/** An agent's id, as in the contract of agents. */
export const agentId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,99}$/);

/** Comma separated items, blanks around them dropped, empty ones ignored, at most `max`. */
export function commaSeparated<T>(item: z.ZodType<T, string>, max: number) {
  return z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item).max(max));
}

/** An agent that this process runs; `concurrency` is undefined where WORKER_CONCURRENCY applies. */
export interface AgentShare {
  id: string;
  concurrency: number | undefined;
}

/** `all`, `none`, or comma separated `id` and `id:concurrency`, each id once. */
export const agentShares = z.string().transform((text, context): 'all' | AgentShare[] => {
  if (text === 'all') return 'all';
  if (text === 'none') return [];
  const shares = commaSeparated(z.string(), 100).safeParse(text).data?.map(readShare) ?? [];
  const good = shares.filter((share) => share !== undefined);
  const ids = new Set(good.map((share) => share.id));
  if (good.length > 0 && good.length === shares.length && ids.size === good.length) return good;
  context.addIssue({ code: 'custom', message: 'not a list of agents' });
  return z.NEVER;
});

function readShare(item: string): AgentShare | undefined {
  const [id, concurrency, ...rest] = item.split(':');
  if (!agentId.safeParse(id).success || rest.length > 0) return undefined;
  if (concurrency === undefined) return { id: id as string, concurrency: undefined };
  const count = wholeNumber(1, 1000).safeParse(concurrency);
  return count.success ? { id: id as string, concurrency: count.data } : undefined;
}

/** A host that api-call may reach although it is private; `port` undefined: every port. IPv6 without brackets. */
export interface AllowedHost {
  host: string;
  port: number | undefined;
}

const HOST = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?))(?::(\d{1,5}))?$/;

/** Reads `host`, `host:port` or `[v6]:port`; undefined when it is none of these. */
export function readHost(text: string): AllowedHost | undefined {
  const match = HOST.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return undefined;
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  return { host: host.toLowerCase(), port };
}

/** `host` or `host:port`. */
export const allowedHost = z.string().transform((text, context): AllowedHost => {
  const host = readHost(text);
  if (host !== undefined) return host;
  context.addIssue({ code: 'custom', message: 'not a host' });
  return z.NEVER;
});
