/** What a thread or process of an agent gets to see of the environment. */

/** Guildhall's own ways in: an agent has no use for them, and what it does not have it cannot give away. */
const WITHHELD = ['DISCORD_TOKEN', 'DATABASE_URL', 'REDIS_URL'] as const;

/** The environment without Guildhall's own secrets. Keys of an agent's own services stay. */
export function agentEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = { ...env };
  for (const name of WITHHELD) delete kept[name];
  return kept;
}
