/** Close codes of Discord's gateway (topics/opcodes-and-status-codes.mdx, Gateway Close Event Codes), with the words it sends. */
export const CLOSE = {
  unknownError: [4000, 'Unknown error.'],
  unknownOpcode: [4001, 'Unknown opcode.'],
  decodeError: [4002, 'Error while decoding payload.'],
  notAuthenticated: [4003, 'Not authenticated.'],
  authenticationFailed: [4004, 'Authentication failed.'],
  alreadyAuthenticated: [4005, 'Already authenticated.'],
  invalidSequence: [4007, 'Invalid seq.'],
  rateLimited: [4008, 'Rate limited.'],
  sessionTimedOut: [4009, 'Session timed out.'],
  invalidShard: [4010, 'Invalid shard.'],
  shardingRequired: [4011, 'Sharding required.'],
  invalidVersion: [4012, 'Invalid API version.'],
  invalidIntents: [4013, 'Invalid intent(s).'],
  disallowedIntents: [4014, 'Disallowed intent(s).'],
} as const satisfies Record<string, readonly [code: number, reason: string]>;

export type CloseName = keyof typeof CLOSE;

/**
 * Codes after which the session cannot be resumed: 1000 and 1001 (gateway.mdx, Initiating a Disconnect), those for which the
 * table says not to reconnect, and 4007 and 4009, for which it says to start a new session.
 */
const ENDS_SESSION: ReadonlySet<number> = new Set([1000, 1001, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014]);

/** Whether a connection that was closed with this code takes its session with it. */
export function endsSession(code: number): boolean {
  return ENDS_SESSION.has(code);
}

/** Whether a close frame can carry this code; 1005 and 1006 only ever mean that there was none. */
export function canBeSent(code: number): boolean {
  return (code >= 3000 && code <= 4999) || (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code));
}
