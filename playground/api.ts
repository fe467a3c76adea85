/**
 * The playground's programming interface: a local Discord (REST, gateway and a page) for any discord.js bot.
 * Tests act as people through `as(user)` and look at what a person sees through `messages` and `transcript`.
 */
import type {
  APIApplicationCommandOptionChoice,
  APIMessage,
  APIModalInteractionResponseCallbackData,
} from 'discord-api-types/v10';
import type { FastifyInstance } from 'fastify';

/** The one clock of the playground: limits, deadlines and message times all read it. */
export interface PlaygroundClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once at least `ms` have passed on this clock; the returned function takes it back. */
  after(ms: number, callback: () => void): () => void;
  /** Moves the clock forward; whatever became due runs before the promise resolves. */
  advance(ms: number): Promise<void>;
}

/** Every limit of the local Discord, in the units of the name. Defaults are what was observed of the real one. */
export interface PlaygroundLimits {
  messagesPerWindow: number;
  editsPerWindow: number;
  windowMs: number;
  globalPerSecond: number;
  interactionDeadlineMs: number;
  interactionLifeMs: number;
  /** Edits of messages older than an hour, per channel and `oldEditWindowMs` (error 30046). */
  oldEditsPerWindow: number;
  oldEditWindowMs: number;
  invalidRequestsPer10Minutes: number;
  identifyIntervalMs: number;
  heartbeatIntervalMs: number;
  /** How long `enforce_nonce` remembers. */
  nonceWindowMs: number;
  /** Threads of a guild that are not archived (error 160006 beyond). */
  activeThreadsPerGuild: number;
  /** Changes of a channel's or thread's name or topic per channel and `renameWindowMs`. */
  renamesPerWindow: number;
  renameWindowMs: number;
  /** Deletions of single messages per channel and `deleteWindowMs`. */
  deletesPerWindow: number;
  deleteWindowMs: number;
  /** Adding and removing of reactions per channel and `reactionWindowMs`. */
  reactionsPerWindow: number;
  reactionWindowMs: number;
  /** Requests to one webhook (or with one interaction token) per `webhookWindowMs`; all its routes share them. */
  webhooksPerWindow: number;
  webhookWindowMs: number;
  /** Threads made per channel and `threadWindowMs`. */
  threadsPerWindow: number;
  threadWindowMs: number;
  /** Requests about commands per route, application or guild, and `commandWindowMs`. */
  commandsPerWindow: number;
  commandWindowMs: number;
  /** `GET /gateway` and `/gateway/bot` per `gatewayWindowMs`. */
  gatewayRequestsPerWindow: number;
  gatewayWindowMs: number;
  /** Every other route, per route, top-level id and `generalWindowMs`. */
  generalPerWindow: number;
  generalWindowMs: number;
  /** How long an address is blocked that made too many invalid requests. */
  blockMs: number;
  /** What a client may send over one gateway connection in `gatewaySendWindowMs` (close code 4008 beyond). */
  gatewaySendsPerWindow: number;
  gatewaySendWindowMs: number;
  /** IDENTIFYs per 24 h over all shards (`session_start_limit.total`). */
  identifiesPerDay: number;
  /** IDENTIFYs at once per `identifyIntervalMs` (`session_start_limit.max_concurrency`). */
  maxConcurrency: number;
  /** What `GET /gateway/bot` recommends. */
  shards: number;
  /** Guilds that one shard may have at most (close code 4011 beyond). */
  guildsPerShard: number;
  /** A session without a connection may be resumed for this long. */
  resumableMs: number;
  /** Events that a session keeps for RESUME. */
  eventsKept: number;
  /** REQUEST_GUILD_MEMBERS for all members of a guild, one per guild and this time. */
  membersRequestWindowMs: number;
  /** New commands per 24 h and scope (error 30034). */
  dailyCommandCreates: number;
  /** CHAT_INPUT commands per scope, global or one guild (error 30032). */
  commandsPerScope: number;
  /** USER and MESSAGE commands per scope, each. */
  contextCommandsPerScope: number;
  /** Bytes of one file and of one request (error 40005). */
  maxFileBytes: number;
  maxRequestBytes: number;
  /** Different emoji on a message (error 30010). */
  reactionsPerMessage: number;
  /** Pinned messages of a channel (error 30003). */
  pinsPerChannel: number;
  /** Webhooks of a channel (error 30007). */
  webhooksPerChannel: number;
  /** Channels (error 30013) and roles (error 30005) of a guild. */
  channelsPerGuild: number;
  rolesPerGuild: number;
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
  /** The only bot token that is accepted; absent: any but `invalid`. */
  token?: string;
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
  status: number;
  /** Discord's error code when refused. */
  code?: number;
  body?: unknown;
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
  /** Submits the modal that `answer` opened; fields by custom_id or by label. */
  submit(answer: Answer, fields: Record<string, string>): Promise<Answer>;
  say(channel: string, content: string): Promise<APIMessage>;
  /** Messages that this person can see now, oldest first, own ephemeral ones included. */
  messages(channel: string): APIMessage[];
  /** The id of this person's DM channel with the bot (opened when needed). */
  dm(): string;
}

/** What can be made to go wrong. All take effect at once. */
export interface Faults {
  /** Closes every gateway socket with this code (default 4000), or without a close frame when `code` is 0. */
  dropGateway(code?: number): void;
  /** Asks the bot to reconnect (op 7), as Discord does now and then. */
  reconnectGateway(): void;
  /** Ends every session (op 9); a resumable one may come back with RESUME. */
  invalidateGateway(resumable?: boolean): void;
  /** While refused, new gateway connections are closed at once. */
  refuseGateway(refuse: boolean): void;
  /** The next `times` REST requests whose route starts with `route` fail: before or after their effect. */
  failRest(fault: {
    route?: string;
    method?: string;
    times: number;
    status?: number;
    /** `cut` closes the connection, `hang` never answers. */
    how?: 'status' | 'cut' | 'hang';
    when?: 'before' | 'after';
    delayMs?: number;
  }): void;
  clear(): void;
  /** Sends the last interaction of this id again (a second delivery). */
  redeliver(interactionId: string): void;
  deleteChannel(channelId: string): void;
  deleteMessage(channelId: string, messageId: string): void;
  /** Sets a permission overwrite for the bot or a user in a channel (bits allowed and denied). */
  overwrite(channelId: string, userId: string, allow: bigint, deny: bigint): void;
  /** From now on this person takes no direct messages of the bot (50007). */
  closeDms(userId: string): void;
  removeBot(guildId: string): void;
  /** Content matching this is refused with 200000 (AutoMod) from now on; null: off. */
  autoMod(pattern: RegExp | null): void;
}

/** Ids of the world a new playground starts with. */
export interface World {
  bot: string;
  application: string;
  /** `Guildhall`: everybody but the stranger is a member. */
  guild: string;
  /** A second guild, of which the stranger and the admin are members. */
  otherGuild: string;
  people: { admin: string; moderator: string; member: string; secondMember: string; stranger: string };
  /** Of the first guild; `staff` is visible to admin and moderator only. */
  channels: { general: string; tasks: string; lab: string; staff: string };
  otherChannels: { general: string };
}

export interface Playground {
  readonly world: World;
  readonly clock: PlaygroundClock;
  readonly faults: Faults;
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
  addThread(channelId: string, name: string, options?: { private?: boolean; memberIds?: string[] }): string;
  ledger(): LedgerEntry[];
  /** Counts since the start (or `resetCounts`). `unknownRoutes` lists what no route answered. */
  counts(): { requests: number; status429: number; errors: Record<string, number>; unknownRoutes: string[] };
  resetCounts(): void;
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
