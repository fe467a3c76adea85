/**
 * What is told after a change is committed: events for readers, and hints for the queues that got work. Both may be lost without harm.
 */
import type { Bus } from '../queue/bus.js';
import type { Windows } from '../queue/window.js';
import type { Told } from '../store/tasks/row.js';
import type { TaskEvent } from './events.js';
import { isFinal } from './states.js';

/** Call it with the rows of every committed change, as they are after it. */
export type AfterChange = (rows: readonly Told[]) => void;

/** The event that tells of a row. */
export function eventOf(
  row: Omit<Told, 'waiting_for' | 'priority'>,
  kind: TaskEvent['kind'] = isFinal(row.status) ? 'ended' : 'changed',
): TaskEvent {
  return {
    kind,
    taskId: row.id,
    cardId: row.card_id,
    guildId: row.guild_id,
    channelId: row.channel_id,
    agentId: row.agent_id,
    status: row.status,
    attempt: row.attempt,
    revision: row.revision,
  };
}

/**
 * Hints of everything that changes within one event-loop turn go out together.
 * @param windows null: database-only, where waking is all that can be done.
 */
export function createAfterChange(bus: Bus, windows: Windows | null): AfterChange {
  let waiting: Told[] = [];
  const flush = () => {
    const ready = waiting;
    waiting = [];
    const queueIds = [...new Set(ready.map((row) => row.agent_id))];
    if (windows === null) return bus.wake(queueIds);
    const hints = ready.map((row) => ({ taskId: row.id, queueId: row.agent_id, priority: row.priority }));
    // Woken only when the hints are in their lists; with Redis down the wake-up alone leads to Postgres. `push` never rejects.
    void windows.push(hints).then(() => bus.wake(queueIds));
  };
  return (rows) => {
    bus.publish(rows.map((row) => eventOf(row)));
    for (const row of rows) {
      if (row.status !== 'pending' || row.waiting_for !== null) continue;
      if (waiting.length === 0) setImmediate(flush);
      waiting.push(row);
    }
  };
}
