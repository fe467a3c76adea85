import { createHash } from 'node:crypto';
import type { PlaygroundClock } from '../api.js';
import { fitsRoute, type RouteLimit } from '../faults.js';
import type { PlaygroundLimits } from '../limits.js';
import type { BucketName, Route } from './route.js';
import { createWindows } from './windows.js';

export type RateScope = 'user' | 'global' | 'shared';

/** What the limiter says to a request. `headers` go on the answer, whatever it is. */
export interface RateVerdict {
  headers: Record<string, string>;
  /** The bucket's name, as in `X-RateLimit-Bucket`. */
  bucket?: string;
  /** Present when the request is refused. */
  refused?: { retryAfterMs: number; scope: RateScope; code?: number };
}

/** A bucket that is in use now, for looking at. */
export interface BucketState {
  /** `X-RateLimit-Bucket`; `global` and `invalid requests` for what has no bucket. */
  bucket: string;
  /** What the bucket counts: `PATCH /channels/:id` or the name that several routes share. */
  name: string;
  /** The top-level id; of a token only the end. */
  major: string;
  limit: number;
  used: number;
  /** Milliseconds of the playground's clock since 1970. */
  resetAt: number;
}

export interface RateLimiter {
  /** Makes the counter of a route; it is asked once for each request. `name` is the route with its ids replaced. */
  meterOf(route: Route, name: string): (params: Record<string, string>) => RateVerdict;
  /** Edits of messages older than an hour have a small limit of their own per channel; ms to wait when it is used up. */
  takeOldEdit(channelId: string): number | undefined;
  /** The same for changes of a channel's name or topic. */
  takeRename(channelId: string): number | undefined;
  /** Counts a 401, 403 or 429 that was not of a shared limit. */
  noteInvalid(): void;
  /** Blocks the address for this long. */
  block(ms: number): void;
  /** How long the address is still blocked; 0 when it is not. */
  blockedForMs(): number;
  /** Adds a limit of a route; the returned function takes it back. */
  tighten(limit: RouteLimit): () => void;
  /** Buckets whose window is open. */
  state(): BucketState[];
}

const GLOBAL_WINDOW_MS = 1_000;
const INVALID_WINDOW_MS = 10 * 60_000;

interface Bucket {
  limit: keyof PlaygroundLimits;
  windowMs: keyof PlaygroundLimits;
  /** All routes of the bucket count together, so that they have one `X-RateLimit-Bucket`. */
  together?: true;
}

const BUCKETS: Record<BucketName, Bucket> = {
  messages: { limit: 'messagesPerWindow', windowMs: 'windowMs', together: true },
  edits: { limit: 'editsPerWindow', windowMs: 'windowMs', together: true },
  deletes: { limit: 'deletesPerWindow', windowMs: 'deleteWindowMs', together: true },
  reactions: { limit: 'reactionsPerWindow', windowMs: 'reactionWindowMs', together: true },
  webhooks: { limit: 'webhooksPerWindow', windowMs: 'webhookWindowMs', together: true },
  threads: { limit: 'threadsPerWindow', windowMs: 'threadWindowMs', together: true },
  commands: { limit: 'commandsPerWindow', windowMs: 'commandWindowMs' },
  gateway: { limit: 'gatewayRequestsPerWindow', windowMs: 'gatewayWindowMs' },
  general: { limit: 'generalPerWindow', windowMs: 'generalWindowMs' },
};

const hashOf = (name: string) => createHash('md5').update(name).digest('hex').slice(0, 32);

/** The path of a request, as rules of faults may name it. */
const pathOf = (route: Route, params: Record<string, string>) =>
  route.path.replaceAll(/:([A-Za-z]+)/g, (_all, name: string) => params[name] ?? '');

/** A token in a bucket's key is a right: only its end is shown. */
const shownMajor = (route: Route, major: string) => (route.major === 'token' ? `…${major.slice(-4)}` : major);

/** Limits as Discord's: windows that start with their first request, by route and top-level id, all on the playground's clock. */
export function createRateLimiter(clock: PlaygroundClock, limits: PlaygroundLimits): RateLimiter {
  const windows = createWindows(clock);
  const extra: RouteLimit[] = [];
  let blockedUntil = 0;

  const globalWait = () =>
    windows.take('global', limits.globalPerSecond, GLOBAL_WINDOW_MS, { bucket: 'global', name: 'all routes', major: '' });

  const headersOf = (bucket: string, limit: number, key: string, windowMs: number) => {
    const { used, resetAt } = windows.peek(key, windowMs);
    return {
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': String(Math.max(0, limit - used)),
      'X-RateLimit-Reset': (resetAt / 1000).toFixed(3),
      'X-RateLimit-Reset-After': (Math.max(0, resetAt - clock.now()) / 1000).toFixed(3),
      'X-RateLimit-Bucket': bucket,
    };
  };

  const meterOf = (route: Route, routeName: string) => {
    const { limit: limitName, windowMs: windowName, together } = BUCKETS[route.bucket];
    const name = together ? route.bucket : `${route.method} ${routeName}`;
    const bucket = hashOf(name);
    return (params: Record<string, string>): RateVerdict => {
      const global = route.auth === 'bot' && !route.unlimited ? globalWait() : undefined;
      if (global !== undefined) {
        return { headers: { 'X-RateLimit-Global': 'true' }, refused: { retryAfterMs: global, scope: 'global' } };
      }
      const rule = extra.find((one) => fitsRoute(one, route.method, routeName, pathOf(route, params)));
      const major = route.major ? (params[route.major] ?? '') : '';
      const about = { bucket, name, major: shownMajor(route, major) };
      // What has no limit of its own has no headers either.
      const own = rule && rule.scope !== 'shared' ? rule : undefined;
      if (route.unlimited && !own) return { headers: {}, ...sharedRefusal(rule, routeName, major) };
      const limit = own?.limit ?? limits[limitName];
      const windowMs = own?.windowMs ?? limits[windowName];
      const key = `${name}:${major}`;
      const wait = windows.take(key, limit, windowMs, about);
      const headers = headersOf(bucket, limit, key, windowMs);
      if (wait !== undefined) return { headers, bucket, refused: { retryAfterMs: wait, scope: 'user' } };
      return { headers, bucket, ...sharedRefusal(rule, routeName, major) };
    };
  };

  /** A limit of the resource comes on top: the bucket's own headers tell nothing of it. */
  const sharedRefusal = (rule: RouteLimit | undefined, name: string, major: string): Pick<RateVerdict, 'refused'> => {
    if (rule?.scope !== 'shared') return {};
    const about = { bucket: 'shared', name, major };
    const wait = windows.take(`shared:${rule.method} ${rule.route}:${major}`, rule.limit, rule.windowMs, about);
    return wait === undefined ? {} : { refused: { retryAfterMs: wait, scope: 'shared', ...(rule.code && { code: rule.code }) } };
  };

  const takeOwn = (name: string, channelId: string, limit: number, windowMs: number) =>
    windows.take(`${name}:${channelId}`, limit, windowMs, { bucket: name, name, major: channelId });

  return {
    meterOf,
    takeOldEdit: (channelId) => takeOwn('old edits', channelId, limits.oldEditsPerWindow, limits.oldEditWindowMs),
    takeRename: (channelId) => takeOwn('renames', channelId, limits.renamesPerWindow, limits.renameWindowMs),
    noteInvalid() {
      const about = { bucket: 'invalid requests', name: '401, 403, 429', major: '' };
      const most = limits.invalidRequestsPer10Minutes;
      windows.take('invalid', most, INVALID_WINDOW_MS, about);
      if (windows.peek('invalid', INVALID_WINDOW_MS).used < most) return;
      windows.forget('invalid');
      blockedUntil = clock.now() + limits.blockMs;
    },
    block(ms) {
      blockedUntil = clock.now() + ms;
    },
    blockedForMs: () => Math.max(0, blockedUntil - clock.now()),
    tighten(limit) {
      extra.unshift(limit);
      return () => {
        const at = extra.indexOf(limit);
        if (at >= 0) extra.splice(at, 1);
      };
    },
    state: () => windows.open(),
  };
}
