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
  /** How long, in real time, a client may take to answer when it is asked for a heartbeat that is overdue. */
  heartbeatGraceMs: number;
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

/**
 * Discord publishes few of these, and asks bots to read the headers instead. Documented: the deadlines and the life of a
 * token, 50 requests per second, 10,000 invalid requests per 10 minutes, the heartbeat, 120 gateway sends per minute, 1,000
 * IDENTIFYs a day, 2,500 guilds a shard, one request for all members per guild and 30 s, 200 new commands a day, 100 + 15 + 15
 * commands, 10 MiB a file and 25 MiB a request, 20 reactions, 250 pins, 15 webhooks, 500 channels, 250 roles.
 * Observed: 5 messages and 5 edits per 5 s and channel (discord-api-docs#20), 2 renames per 10 minutes (#1900), 1,000 active
 * threads per guild, a block of an hour (#5385, #4395). A claim of the community: 3 old edits per 20 s and channel.
 * The windows of the other routes are wide enough for any honest bot, so that a test meets only limits that it asks for.
 */
export const DEFAULT_LIMITS: PlaygroundLimits = {
  messagesPerWindow: 5,
  editsPerWindow: 5,
  windowMs: 5_000,
  globalPerSecond: 50,
  interactionDeadlineMs: 3_000,
  interactionLifeMs: 15 * 60_000,
  oldEditsPerWindow: 3,
  oldEditWindowMs: 20_000,
  invalidRequestsPer10Minutes: 10_000,
  identifyIntervalMs: 5_000,
  heartbeatIntervalMs: 41_250,
  heartbeatGraceMs: 5_000,
  nonceWindowMs: 5 * 60_000,
  activeThreadsPerGuild: 1_000,
  renamesPerWindow: 2,
  renameWindowMs: 10 * 60_000,
  deletesPerWindow: 100,
  deleteWindowMs: 1_000,
  reactionsPerWindow: 100,
  reactionWindowMs: 1_000,
  webhooksPerWindow: 100,
  webhookWindowMs: 1_000,
  threadsPerWindow: 50,
  threadWindowMs: 10_000,
  commandsPerWindow: 100,
  commandWindowMs: 5_000,
  gatewayRequestsPerWindow: 100,
  gatewayWindowMs: 5_000,
  generalPerWindow: 100,
  generalWindowMs: 1_000,
  blockMs: 60 * 60_000,
  gatewaySendsPerWindow: 120,
  gatewaySendWindowMs: 60_000,
  identifiesPerDay: 1_000,
  maxConcurrency: 1,
  shards: 1,
  guildsPerShard: 2_500,
  resumableMs: 5 * 60_000,
  eventsKept: 5_000,
  membersRequestWindowMs: 30_000,
  dailyCommandCreates: 200,
  commandsPerScope: 100,
  contextCommandsPerScope: 15,
  maxFileBytes: 10 * 1024 * 1024,
  maxRequestBytes: 25 * 1024 * 1024,
  reactionsPerMessage: 20,
  pinsPerChannel: 250,
  webhooksPerChannel: 15,
  channelsPerGuild: 500,
  rolesPerGuild: 250,
};
