import type { Core } from '../core.js';
import type { Gateway } from '../gateway/server.js';
import type { Upload } from '../messages/attachments.js';

/** One request as a handler sees it. Bodies and queries are untrusted: handlers parse them. */
export interface RestRequest {
  core: Core;
  gateway: Gateway;
  params: Record<string, string>;
  query: Record<string, string | undefined>;
  body: unknown;
  uploads: Upload[];
  /** `X-Audit-Log-Reason`, decoded. */
  reason?: string;
}

/** Status and JSON body; no body means 204. */
export interface RestAnswer {
  status: number;
  body?: unknown;
}

/** Buckets by name; each has its limit in `PlaygroundLimits`. All but the last three are shared by the routes that name them. */
export type BucketName =
  | 'messages'
  | 'edits'
  | 'deletes'
  | 'reactions'
  | 'webhooks'
  | 'threads'
  | 'commands'
  | 'gateway'
  | 'general';

/** One route of the REST API. `path` has Fastify's form; handlers are synchronous, so each request is one step. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  /** `bot`: the Authorization header is checked; `token`: the path carries the right. */
  auth: 'bot' | 'token';
  bucket: BucketName;
  /** The top-level id that splits the bucket. */
  major?: 'channelId' | 'guildId' | 'token';
  /** Callbacks have no limits and no headers about them. */
  unlimited?: boolean;
  handle(request: RestRequest): RestAnswer;
}

export const ok = (body: unknown): RestAnswer => ({ status: 200, body });
export const created = (body: unknown): RestAnswer => ({ status: 201, body });
export const noContent = (): RestAnswer => ({ status: 204 });
