/** Checks that a value that claims to be an agent is one, before anything depends on it. */
import { z } from 'zod';
import { agentIdSchema, BOUNDS, text } from '../tasks/model.js';
import type { Agent } from './contract.js';

/** A module or an agent in it that cannot be used. The message names the module, the field and the problem: show it and stop the start. */
export class AgentDefinitionError extends Error {
  override readonly name = 'AgentDefinitionError';
}

const seconds = z.int().min(BOUNDS.timeoutSeconds.min).max(BOUNDS.timeoutSeconds.max).optional();

const agentSchema = z
  .looseObject({
    id: agentIdSchema,
    name: text(1, 80),
    description: text(1, 500),
    inputSchema: z.instanceof(z.ZodObject, { error: 'must be a zod 4 object schema: z.object({ … })' }).refine(hasJsonShape, {
      error: 'has a field that cannot be written as JSON Schema, so that nobody could be asked for it',
    }),
    files: z.enum(['none', 'optional', 'required']).optional(),
    softTimeoutSeconds: seconds,
    hardTimeoutSeconds: seconds,
    concurrency: z.int().min(1).max(1000).optional(),
    module: z
      .string()
      .max(2000)
      .regex(/^file:/, "must be the file: URL of the agent's module, such as import.meta.url")
      .optional(),
    isolation: z.enum(['thread', 'none']).optional(),
    run: z.custom((value) => typeof value === 'function', 'must be a function: run(task, context)'),
  })
  .refine(({ softTimeoutSeconds: soft, hardTimeoutSeconds: hard }) => soft === undefined || hard === undefined || soft <= hard, {
    error: 'must not be longer than hardTimeoutSeconds',
    path: ['softTimeoutSeconds'],
  });

function hasJsonShape(schema: z.ZodObject): boolean {
  try {
    z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    return true;
  } catch {
    return false; // The caller turns this into its message; zod's own would not name the field either.
  }
}

/**
 * The value as an agent, unchanged (the same object, so that `this` keeps working in its methods).
 * @param source where it comes from, as the message should name it: `./my-agent.js` or `built-in`.
 * @throws AgentDefinitionError
 */
export function validateAgent(value: unknown, source: string): Agent {
  if (value === null || typeof value !== 'object')
    throw new AgentDefinitionError(`${source}: an agent must be an object, not ${value === null ? 'null' : typeof value}.`);
  const checked = agentSchema.safeParse(value);
  if (checked.success) return value as Agent;
  const id = 'id' in value && typeof value.id === 'string' ? ` of agent "${value.id.slice(0, 100)}"` : '';
  const problems = checked.error.issues.map((issue) => `field "${issue.path.join('.')}"${id}: ${issue.message}`);
  throw new AgentDefinitionError(`${source}: ${problems.join('; ')}.`);
}
