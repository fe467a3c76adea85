/**
 * What is told after a change is committed: events for readers, and hints for the queues that got work. Both may be lost without harm.
 */
import type { Bus } from '../queue/bus.js';
import type { Windows } from '../queue/window.js';
import type { TaskRow } from '../store/tasks/row.js';
import type { TaskEvent } from './events.js';
import { isFinal } from './states.js';

/** Call it with the rows of every committed change, as they are after it. */
export type AfterChange = (rows: readonly TaskRow[]) => void;

type Told = Pick<TaskRow, 'id' | 'card_id' | 'guild_id' | 'channel_id' | 'agent_id' | 'status' | 'attempt' | 'revision'>;

/** The event that tells of a row. */
export function eventOf(row: Told, kind: TaskEvent['kind'] = isFinal(row.status) ? 'ended' : 'changed'): TaskEvent {
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

/** `windows` null: database-only, where waking is all that can be done. */
export function createAfterChange(bus: Bus, windows: Windows | null): AfterChange {
  return (rows) => {
    bus.publish(rows.map((row) => eventOf(row)));
    const ready = rows.filter((row) => row.status === 'pending' && row.waiting_for === null);
    if (ready.length === 0) return;
    const queueIds = [...new Set(ready.map((row) => row.agent_id))];
    if (windows === null) return bus.wake(queueIds);
    const hints = ready.map((row) => ({ taskId: row.id, queueId: row.agent_id, priority: row.priority }));
    // Woken only when the hints are in their lists; with Redis down the wake-up alone leads to Postgres. `push` never rejects.
    void windows.push(hints).then(() => bus.wake(queueIds));
  };
}
