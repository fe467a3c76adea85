import { GatewayIntentBits as Intent } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Core } from '../core.js';
import type { CloseName } from './closing.js';

/** All intent bits that exist. */
const KNOWN_INTENTS = Object.values(Intent)
  .filter((bit) => typeof bit === 'number')
  .reduce((all, bit) => all | bit, 0);

/** Intents that have to be enabled for the application (gateway.mdx, Privileged Intents). */
const PRIVILEGED: number = Intent.GuildPresences | Intent.GuildMembers | Intent.MessageContent;

/** What the playground's application has enabled unless it is told otherwise. */
export const DEFAULT_PRIVILEGED_INTENTS: number = Intent.GuildMembers | Intent.MessageContent;

/** Flag of the application for each privileged intent, the "limited" ones of applications below 10,000 users. */
const FLAGS: readonly [intent: number, flag: number][] = [
  [Intent.GuildPresences, 1 << 13],
  [Intent.GuildMembers, 1 << 15],
  [Intent.MessageContent, 1 << 19],
];

/** `flags` of the application: which privileged intents it has enabled. */
export function applicationFlags(core: Core): number {
  return FLAGS.filter(([intent]) => (core.privilegedIntents & intent) !== 0).reduce((all, [, flag]) => all | flag, 0);
}

/** Presence of the bot, in IDENTIFY and in op 3. */
export const presence = z.looseObject({
  since: z.number().nullish(),
  activities: z.array(z.looseObject({ name: z.string().max(128), type: z.number().int().min(0).max(5) })).optional(),
  status: z.enum(['online', 'dnd', 'idle', 'invisible', 'offline']),
  afk: z.boolean().nullish(),
});

const schema = z.object({
  token: z.string().min(1).max(200),
  properties: z.looseObject({}),
  intents: z.number().int().min(0),
  compress: z.boolean().optional(),
  large_threshold: z.number().int().min(50).max(250).default(50),
  shard: z.tuple([z.number().int(), z.number().int()]).default([0, 1]),
  presence: presence.nullish(),
});

export type Identify = z.output<typeof schema>;

/** Reads an IDENTIFY; a wrong one is refused with the close code that belongs to it. */
export function readIdentify(core: Core, data: unknown, acceptsToken: (token: string) => boolean): Identify | CloseName {
  const parsed = schema.safeParse(data);
  if (!parsed.success) return 'decodeError';
  const { token, intents, shard } = parsed.data;
  if (!acceptsToken(token)) return 'authenticationFailed';
  const [id, count] = shard;
  if (count < 1 || id < 0 || id >= count) return 'invalidShard';
  if ((intents & ~KNOWN_INTENTS) !== 0 || intents > KNOWN_INTENTS) return 'invalidIntents';
  if ((intents & PRIVILEGED & ~core.privilegedIntents) !== 0) return 'disallowedIntents';
  return parsed.data;
}
