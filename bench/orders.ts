/** Orders for the engine's benchmarks, spread over many guilds and channels so that the default limits hold them all. */
import type { Core } from '../src/core.js';
import type { Origin } from '../src/tasks/model.js';

const GUILDS = 50;
const CHANNELS_EACH = 10;
const snowflake = (n: number) => String(400_000_000_000_000_000n + BigInt(n));

/** The n-th order comes from one of 500 channels of 50 guilds. */
function originOf(n: number): Origin {
  const channel = n % (GUILDS * CHANNELS_EACH);
  const channelId = snowflake(10_000 + channel);
  return { guildId: snowflake(channel % GUILDS), channelId, scopeId: channelId, requesterId: snowflake(50_000 + (n % 1000)) };
}

/** Creates a task as every part of the program does; gives its id. */
export async function order(core: Core, n: number): Promise<string> {
  const { task } = await core.tasks.create({ agentId: 'bench-nothing', title: `Order ${n}` }, originOf(n));
  return task.id;
}

/** Does `work` for 0 … `count` - 1, so many at a time. */
export async function inFlight(count: number, atOnce: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** Counts to a number; `reached` resolves then. */
export function countdown(count: number): { one: () => void; reached: Promise<void> } {
  let left = count;
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return {
    one: () => {
      left -= 1;
      if (left === 0) reach();
    },
    reached,
  };
}
