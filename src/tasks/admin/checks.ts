/** The rules for what an admin may ask for. */
import { z } from 'zod';
import { agentIdSchema, BOUNDS, snowflakeSchema, taskIdSchema } from '../model.js';
import { FINAL_STATUSES } from '../states.js';

/** Tasks that are requeued at once at most. */
export const REQUEUE_LIMIT = 1_000;

export const cleanupFilterSchema = z.object({
  olderThanDays: z.number().min(0).max(3_650).optional(),
  status: z.enum(FINAL_STATUSES).optional(),
  channelId: snowflakeSchema.optional(),
});

export const statsSchema = z.object({
  hours: z
    .int()
    .min(1)
    .max(10 * 366 * 24),
  channelId: snowflakeSchema.optional(),
  requesterId: snowflakeSchema.optional(),
  agentId: agentIdSchema.optional(),
  type: z.string().min(1).max(BOUNDS.type).optional(),
});

export const requeueSchema = z.array(taskIdSchema).max(REQUEUE_LIMIT, `at most ${REQUEUE_LIMIT} tasks at once`).nullable();

/** Bounds as in guild_settings; null takes a limit back. */
export const limitsSchema = z.object({
  queueSize: z.int().min(100).max(10_000).nullish(),
  channelLimit: z.int().min(10).max(1_000).nullish(),
});
