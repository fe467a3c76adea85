/** Addresses of the services that Guildhall talks to: Postgres, Redis in its four shapes, Discord's REST API. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { z } from 'zod';
import { readHost } from './values.js';

/** Host and port of one server. IPv6 without brackets. */
export interface HostAndPort {
  host: string;
  port: number;
}

/** Who logs in to Redis, and whether over TLS. */
export interface RedisLogin {
  username: string | undefined;
  password: string | undefined;
  tls: boolean;
}

/**
 * Where Redis is. `embedded`: Guildhall starts one; `off`: database-only mode. `single.url` is a plain redis:// or rediss://
 * address; the other two are what ioredis calls Sentinel and Cluster.
 */
export type RedisAddress =
  | { kind: 'embedded' }
  | { kind: 'off' }
  | { kind: 'single'; url: string }
  | ({ kind: 'sentinel'; sentinels: HostAndPort[]; master: string; database: number } & RedisLogin)
  | ({ kind: 'cluster'; nodes: HostAndPort[] } & RedisLogin);

const REDIS = /^(redis|rediss)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^/?#]*)(?:\/([^?#]*))?$/;

/** `off`, redis://, rediss://, redis+sentinel://[user:pass@]h1:p1,h2:p2/master[/db], redis+cluster://h1:p1,h2:p2 (and rediss+…). */
export const redisAddress = z.string().transform((text, context): RedisAddress => {
  const address = text === 'off' ? ({ kind: 'off' } as const) : readRedis(text);
  if (address !== undefined) return address;
  context.addIssue({ code: 'custom', message: 'not a Redis address' });
  return z.NEVER;
});

function readRedis(text: string): RedisAddress | undefined {
  const match = REDIS.exec(text);
  if (!match) return undefined;
  const [, scheme, shape, userinfo, hostList = '', path = ''] = match;
  const login = readLogin(userinfo, scheme === 'rediss');
  if (login === undefined) return undefined;
  if (shape === undefined) {
    const database = path === '' || /^\d{1,3}$/.test(path);
    return readHost(hostList) !== undefined && database ? { kind: 'single', url: text } : undefined;
  }
  const hosts = readHosts(hostList, shape === 'sentinel' ? 26_379 : 6_379);
  if (hosts === undefined) return undefined;
  if (shape === 'cluster') return path === '' ? { kind: 'cluster', nodes: hosts, ...login } : undefined;
  const [, master, database] = /^([A-Za-z0-9._-]{1,100})(?:\/(\d{1,3}))?$/.exec(path) ?? [];
  if (master === undefined) return undefined;
  return { kind: 'sentinel', sentinels: hosts, master, database: Number(database ?? 0), ...login };
}

function readLogin(userinfo: string | undefined, tls: boolean): RedisLogin | undefined {
  if (userinfo === undefined) return { username: undefined, password: undefined, tls };
  const [username = '', ...rest] = userinfo.split(':');
  try {
    const decoded = { username: decodeURIComponent(username), password: decodeURIComponent(rest.join(':')) };
    return { username: decoded.username || undefined, password: decoded.password || undefined, tls };
  } catch {
    // A stray percent sign: decodeURIComponent has no other failure. The caller reports the setting.
    return undefined;
  }
}

function readHosts(list: string, defaultPort: number): HostAndPort[] | undefined {
  const hosts = list.split(',').map((item) => readHost(item.trim()));
  const good = hosts.filter((host) => host !== undefined);
  if (good.length === 0 || good.length !== hosts.length || good.length > 50) return undefined;
  return good.map(({ host, port }) => ({ host, port: port ?? defaultPort }));
}

/** What postgres.js takes as `ssl`; undefined when the address says nothing about TLS. */
export type DatabaseTls = false | 'prefer' | 'require' | ConnectionOptions | undefined;

/**
 * A Postgres address and what its TLS parameters mean. `url` keeps `sslmode`, and loses the parameters that name files
 * (sslrootcert, sslcert, sslkey), which the driver would send to the server; they are read into `tls`.
 */
export interface DatabaseAddress {
  url: string;
  tls: DatabaseTls;
}

/** postgres:// or postgresql://, with sslmode and the files of certificates and keys as libpq names them. */
export const databaseAddress = z.string().transform((text, context): DatabaseAddress => {
  const problem = (message: string) => {
    context.addIssue({ code: 'custom', message, params: { say: true } });
    return z.NEVER;
  };
  const url = /^postgres(?:ql)?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !isEncoded(url))
    return problem('it is not an address; characters such as # / @ in a password must be percent-encoded');
  if (url.hostname === '') return problem('it names no host');
  const mode = sslMode.optional().safeParse(url.searchParams.get('sslmode') ?? undefined);
  if (!mode.success) return problem(`sslmode must be one of ${sslMode.options.join(', ')}`);
  try {
    const tls = readTls(url, mode.data);
    return { url: url.toString(), tls };
  } catch (error) {
    return problem(`a file of its TLS parameters cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
});

const sslMode = z.enum(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']);

function isEncoded(url: URL): boolean {
  return [url.username, url.password, url.pathname].every((part) => !/%(?![0-9a-f]{2})/i.test(part));
}

function readTls(url: URL, mode: z.infer<typeof sslMode> | undefined): DatabaseTls {
  const file = (name: string) => {
    const path = url.searchParams.get(name);
    url.searchParams.delete(name);
    return path === null || path === 'system' ? undefined : readFileSync(path, 'utf8');
  };
  const files = { ca: file('sslrootcert'), cert: file('sslcert'), key: file('sslkey') };
  if (mode === undefined && !files.ca && !files.cert) return undefined;
  if (mode === 'disable') return false;
  if ((mode === 'allow' || mode === 'prefer') && !files.cert) return 'prefer';
  // As in libpq: a root certificate makes `require` check the chain, only verify-full checks the name as well.
  const checksChain = mode === 'verify-ca' || mode === 'verify-full' || files.ca !== undefined;
  if (!checksChain && !files.cert) return 'require';
  const name = mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined };
  return { ...files, rejectUnauthorized: checksChain, ...name };
}

/** https://, or http:// where the host is loopback; no user, query or fragment; given back without a slash at its end. */
export const discordApiUrl = z.string().transform((text, context): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const bare = url !== undefined && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (bare && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))) {
    return url.toString().replace(/\/+$/, '');
  }
  context.addIssue({ code: 'custom', message: 'not a base address' });
  return z.NEVER;
});

/** Whether a URL's hostname names this machine's loopback interface by itself, without asking DNS. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
