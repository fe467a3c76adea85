/**
 * The playground's programming interface: a local Discord (REST, gateway and a page) for any discord.js bot.
 * Tests act as people through `as(user)` and look at what a person sees through `messages` and `transcript`.
 */
import type {
  APIApplicationCommandOptionChoice,
  APIApplicationCommandPermission,
  APIMessage,
  APIModalInteractionResponseCallbackData,
} from 'discord-api-types/v10';
import type { FastifyInstance } from 'fastify';
import type { Faults } from './faults.js';
import type { ConnectionInfo } from './gateway/connection.js';
import type { GatewayFrame } from './gateway/frames.js';
import type { StartLimit } from './gateway/starts.js';
import type { LedgerCounts, RestAnswered } from './ledger.js';
import type { PlaygroundLimits } from './limits.js';
import type { BucketState } from './rest/ratelimits.js';

export type { Faults, RestFault, RouteLimit } from './faults.js';
export type { ConnectionInfo } from './gateway/connection.js';
export type { GatewayFrame } from './gateway/frames.js';
export type { StartLimit } from './gateway/starts.js';
export type { LedgerCounts, RestAnswered } from './ledger.js';
export type { PlaygroundLimits } from './limits.js';
export type { BucketState } from './rest/ratelimits.js';

/** The one clock of the playground: limits, deadlines and message times all read it. */
export interface PlaygroundClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once at least `ms` have passed on this clock; the returned function takes it back. */
  after(ms: number, callback: () => void): () => void;
  /** Moves the clock forward; whatever became due runs before the promise resolves. */
  advance(ms: number): Promise<void>;
  /** Tells, before anything becomes due, by how much the clock is moved; the returned function ends that. */
  onMove(listener: (byMs: number) => void): () => void;
}

export interface PlaygroundOptions {
  /** File that keeps the world over restarts; absent: memory only. Written atomically, at most every 500 ms and on close. */
  stateFile?: string;
  limits?: Partial<PlaygroundLimits>;
  clock?: PlaygroundClock;
  /** Lines the page shows at its top. */
  notices?: () => string[];
  /** Serve the page (default true). */
  page?: boolean;
  /** Folder of the built page; default: `dist/playground/page` of this repository. */
  pageDir?: string;
  /** What a new world calls the bot (default `Bot`) and the first guild (`Workshop`). A saved world keeps its names. */
  names?: { bot?: string; guild?: string };
  /** The only bot token that is accepted; absent: any but `invalid`. */
  token?: string;
  /** Bits of the privileged intents that the application has enabled (default: members and message content); 4014 for others. */
  privilegedIntents?: number;
  /** Takes lines about trouble of the playground itself (a corrupt state file); default: stderr. */
  log?: (line: string) => void;
}

/** One REST request as the ledger keeps it (the newest 50,000). */
export interface LedgerEntry {
  at: number;
  method: string;
  /** Route with ids replaced, e.g. `/channels/:id/messages/:id`. */
  route: string;
  path: string;
  /** 0: there was no answer (a fault cut it off). */
  status: number;
  /** Real milliseconds until the answer. */
  durationMs: number;
  /** Discord's error code when refused. */
  code?: number;
  body?: unknown;
  /** What Discord's own schemas say against the body, a line each; absent: nothing. */
  violations?: string[];
  /** `X-RateLimit-Bucket` of the answer. */
  bucket?: string;
  /** For how long a 429 told the bot to wait, and which kind of limit it was. */
  retryAfterMs?: number;
  scope?: 'user' | 'global' | 'shared';
  /** What a fault did to it. */
  fault?: string;
}

/** What the ledger counts of one route. */
export interface RouteCounts {
  requests: number;
  status429: number;
  /** Answers with a status of 400 and above. */
  refused: number;
  /** All waits that 429s told, together. */
  waitMs: number;
  /** The longest request, in real milliseconds. */
  longestMs: number;
}

/** How an interaction was answered, as its user sees it. */
export interface Answer {
  kind: 'message' | 'deferred' | 'update' | 'deferred_update' | 'modal' | 'choices' | 'failed';
  /** Milliseconds (real, monotonic) from dispatch to the callback. */
  latencyMs: number;
  /** Present for message and update; for a deferred one after `settled()`. */
  message?: APIMessage;
  modal?: APIModalInteractionResponseCallbackData;
  choices?: APIApplicationCommandOptionChoice[];
  /** Waits until a deferred answer got its content (or 10 s real time) and gives that message. */
  settled(): Promise<APIMessage>;
}

export type OptionValue = string | number | boolean | { attachment: { name: string; contentType?: string; data: Buffer } };

export type FieldValue = string | boolean | string[] | { attachments: { name: string; contentType?: string; data: Buffer }[] };

/** What one person can do. Ids are snowflakes; a channel may be given by id or by name (`#tasks` or `tasks`). */
export interface Person {
  readonly id: string;
  /** `command('tasks', 'task create', { agent: 'sample', title: 'Hi' })`; throws when Discord's client would not allow it. */
  command(channel: string, name: string, options?: Record<string, OptionValue>): Promise<Answer>;
  /** Context-menu command on a message. */
  messageCommand(channel: string, name: string, messageId: string): Promise<Answer>;
  autocomplete(channel: string, name: string, focused: string, options: Record<string, string>): Promise<Answer>;
  /** Presses the button with this label or custom_id. */
  click(messageId: string, button: string): Promise<Answer>;
  select(messageId: string, customId: string, values: string[]): Promise<Answer>;
  /**
   * Submits the modal that `answer` opened; fields by custom_id or by label. A list for inputs that take several values, a
   * boolean for a checkbox, files for an upload.
   */
  submit(answer: Answer, fields: Record<string, FieldValue>): Promise<Answer>;
  say(channel: string, content: string): Promise<APIMessage>;
  /** Messages that this person can see now, oldest first, own ephemeral ones included. */
  messages(channel: string): APIMessage[];
  /** The id of this person's DM channel with the bot (opened when needed). */
  dm(): string;
}

/** Ids of the world a new playground starts with. */
export interface World {
  bot: string;
  application: string;
  /** The first guild: everybody but the stranger is a member. */
  guild: string;
  /** A second guild, of which the stranger and the admin are members. */
  otherGuild: string;
  people: { admin: string; moderator: string; member: string; secondMember: string; stranger: string };
  /** Of the first guild; `staff` is visible to admin and moderator only. */
  channels: { general: string; tasks: string; lab: string; staff: string };
  otherChannels: { general: string };
}

/** What a test or a panel sees of the gateway. */
export interface GatewayView {
  connections(): ConnectionInfo[];
  /** `session_start_limit` as `GET /gateway/bot` tells it now. */
  startLimit(): StartLimit;
  /** Tells what goes over every connection, in both directions, tokens masked; the returned function ends that. */
  onFrame(listener: (frame: GatewayFrame) => void): () => void;
}

export interface Playground {
  readonly world: World;
  readonly clock: PlaygroundClock;
  readonly faults: Faults;
  readonly gateway: GatewayView;
  readonly limits: PlaygroundLimits;
  /** Registers the REST API (`/api/v10`), the gateway (`/gateway`), files (`/cdn`) and the page (`/`) on this server. */
  attach(app: FastifyInstance): Promise<void>;
  /** Listens on a server of its own; `port` 0 picks one. */
  listen(options?: { host?: string; port?: number }): Promise<{ url: string; apiUrl: string; port: number }>;
  /** Base for `rest.api` of discord.js: `http://127.0.0.1:PORT/api`. */
  apiUrl(): string;
  close(): Promise<void>;
  as(person: keyof World['people'] | string): Person;
  addChannel(guildId: string, name: string): string;
  addGuild(name: string, memberIds: string[]): { guildId: string; channelId: string };
  /** Adds a person without any guild; gives the id. */
  addPerson(username: string): string;
  addMember(guildId: string, userId: string): void;
  removeMember(guildId: string, userId: string): void;
  /** Sets what the bot's own role in a guild may do (all bits) and how high it stands, as an administrator does. */
  setBotRole(guildId: string, change: { permissions?: bigint; position?: number }): void;
  /** Sets who may use a command in a guild, as an administrator does in Discord's settings; a bot cannot. */
  setCommandPermissions(guildId: string, commandId: string, permissions: APIApplicationCommandPermission[]): void;
  addThread(channelId: string, name: string, options?: { private?: boolean; memberIds?: string[] }): string;
  ledger(): LedgerEntry[];
  /** Counts since the start (or `resetCounts`). `unknownRoutes` lists what no route answered. */
  counts(): LedgerCounts;
  resetCounts(): void;
  /** Tells each REST request once it is answered; the returned function ends that. */
  onRequest(listener: (answered: RestAnswered) => void): () => void;
  /** Rate-limit buckets whose window is open now. */
  buckets(): BucketState[];
  /**
   * Writes what happens from now on to this file, one JSON object a line, tokens masked: REST requests with their answers, gateway
   * frames, what people do, faults, moves of the clock. The returned function ends it and resolves once all is written.
   */
  record(file: string): () => Promise<void>;
  /** Ids of the people whom this message notified when it was posted (an edit never notifies). */
  notified(messageId: string): string[];
  /** All messages of a channel, oldest first, ephemeral ones left out. */
  messages(channel: string): APIMessage[];
  /** "What a person sees" in a channel as deterministic text (ids and times replaced), for assertions. */
  transcript(channel: string, asUser?: string): string;
  /** Waits until the bot is connected and has registered at least one command. */
  botReady(timeoutMs?: number): Promise<void>;
  /** Resolves with the first message of the channel that satisfies the test, now or within the time; else throws with the transcript. */
  waitFor(channel: string, test: (message: APIMessage) => boolean, timeoutMs?: number): Promise<APIMessage>;
}
