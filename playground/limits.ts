import type { PlaygroundLimits } from './api.js';

/**
 * Discord publishes none of these but the deadlines, the global limit and the heartbeat; the others were observed:
 * 5 messages and 5 edits per 5 s and channel, 10,000 invalid requests per 10 minutes, one IDENTIFY per 5 s, 1,000 active
 * threads per guild. The limit on old edits is a claim of the community (3 per 20 s and channel).
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
  nonceWindowMs: 5 * 60_000,
  activeThreadsPerGuild: 1_000,
  renamesPerWindow: 2,
  renameWindowMs: 10 * 60_000,
};

/** One file and one request may have this many bytes (10 MiB and 25 MiB). */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;
export const MAX_REQUEST_BYTES = 25 * 1024 * 1024;
