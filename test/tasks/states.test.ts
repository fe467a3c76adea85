import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { claimHinted, claimOldest } from '../../src/store/tasks/claim.js';
import { expireOverdue, failStale, promoteDue, rescueTasks } from '../../src/store/tasks/keep.js';
import { readTask } from '../../src/store/tasks/read.js';
import type { TaskRow } from '../../src/store/tasks/row.js';
import { type Outcome, settleRuns, writeProgress } from '../../src/store/tasks/run.js';
import { cancelTasks, rateTask, retryTasks, startTask, updateTask } from '../../src/store/tasks/steer.js';
import { renewLease } from '../../src/store/tasks/workers.js';
import {
  CANCELLABLE_STATUSES,
  FINAL_STATUSES,
  isFinal,
  MOVES,
  type Mover,
  mayMove,
  RETRYABLE_STATUSES,
  STATUSES,
  type Status,
  TIMED_REASONS,
  WAITING_REASONS,
  type WaitingReason,
} from '../../src/tasks/states.js';
import { GUILD, USER } from '../support/lab.js';
import { type TestStores, testStores } from '../support/stores.js';
import { inStatus, plainRow, putTask, refusalOf } from './rows.js';

let stores: TestStores;
let sql: ReturnType<typeof openDatabase>;
beforeAll(async () => {
  stores = testStores();
  sql = openDatabase({ url: stores.databaseUrl, schema: stores.schema, max: 4 });
  await migrate(sql, stores.schema);
});
afterAll(async () => {
  await sql.end();
  await stores.dispose();
});

describe('the state machine', () => {
  test('the lists that are derived from the moves', () => {
    expect(STATUSES.filter(isFinal)).toEqual([...FINAL_STATUSES]);
    expect(RETRYABLE_STATUSES).toEqual(['failed', 'cancelled']);
    expect(CANCELLABLE_STATUSES).toEqual(['pending', 'in_progress']);
  });

  test('nothing leaves completed, nothing ends without having been pending, and only workers begin and complete', () => {
    expect(MOVES.filter(({ from }) => (from as Status) === 'completed')).toEqual([]);
    for (const by of ['person', 'keeper'] as const) {
      expect(mayMove('pending', 'in_progress', by)).toBe(false);
      expect(mayMove('in_progress', 'completed', by)).toBe(false);
    }
    expect(mayMove('pending', 'completed', 'worker')).toBe(false);
    for (const status of FINAL_STATUSES) expect(mayMove(status, 'in_progress', 'worker')).toBe(false);
    expect(mayMove('failed', 'pending', 'keeper')).toBe(false);
  });
});

test('the database keeps each combination of status, reason, worker, end, start and attempt that the states allow, and no other', async () => {
  const worker = uuidv7();
  const odd: string[] = [];
  for (const status of STATUSES)
    for (const waiting_for of [null, ...WAITING_REASONS])
      for (const bits of Array.from({ length: 16 }, (_, n) => n)) {
        const [held, ended, started, counted] = [1, 2, 4, 8].map((bit) => (bits & bit) !== 0);
        const legal =
          (waiting_for === null || status === 'pending') &&
          held === (status === 'in_progress') &&
          ended === isFinal(status) &&
          (status !== 'in_progress' || (started === true && counted === true));
        const row = {
          ...plainRow(),
          status,
          waiting_for,
          worker_id: held ? worker : null,
          finished_at: ended ? new Date() : null,
          started_at: started ? new Date() : null,
          attempt: counted ? 1 : 0,
        };
        const refusal = await refusalOf(sql, row);
        if ((refusal === null) !== legal || (refusal !== null && refusal !== '23514'))
          odd.push(`${status}/${waiting_for}/${bits}: ${refusal}, legal: ${legal}`);
      }
  expect(odd).toEqual([]);
  for (const status of ['deleted', 'PENDING', '', 'running'])
    expect(await refusalOf(sql, { ...plainRow(), status })).toBe('23514');
  expect(await refusalOf(sql, { ...plainRow(), waiting_for: 'boredom' })).toBe('23514');
  await sql`delete from tasks`;
});

/** A task's place in the state machine before a statement. */
interface Before {
  status: Status;
  waitingFor: WaitingReason | null;
  /** Whether its time has come: expiry, time-out, delay. */
  overdue: boolean;
}
const BEFORE: Before[] = [false, true].flatMap((overdue) => [
  ...[null, ...WAITING_REASONS].map((waitingFor) => ({ status: 'pending' as const, waitingFor, overdue })),
  ...(['in_progress', ...FINAL_STATUSES] as const).map((status) => ({ status, waitingFor: null, overdue })),
]);

interface Drive {
  name: string;
  by: Mover;
  run(id: string, worker: string): Promise<readonly unknown[]>;
  /** Which tasks it must change; whatever it changes else is checked against the moves. */
  applies(before: Before): boolean;
}
const PERSON = `person:${USER}`;
const error = { reason: 'error', message: 'no' } as const;
const outcomes: Outcome[] = [
  { kind: 'completed', result: { text: 'done' } },
  { kind: 'failed', error },
  { kind: 'retry', error, delayMs: 60_000 },
  { kind: 'returned' },
];
const one = async (row: Promise<TaskRow | undefined>) => [await row].filter((each) => each !== undefined);
const ready = ({ status, waitingFor, overdue }: Before) => status === 'pending' && waitingFor === null && !overdue;
const running = ({ status }: Before) => status === 'in_progress';
const DRIVES: Drive[] = [
  { name: 'claimHinted', by: 'worker', run: (id, worker) => claimHinted(sql, worker, [id]), applies: ready },
  {
    name: 'claimOldest',
    by: 'worker',
    run: (_, worker) => claimOldest(sql, worker, [{ queueId: 'echo', slots: 9 }]),
    applies: ready,
  },
  ...outcomes.map(
    (outcome): Drive => ({
      name: `settleRuns ${outcome.kind}`,
      by: 'worker',
      run: (taskId, worker) => settleRuns(sql, worker, [{ taskId, attempt: 1, outcome }]),
      applies: running,
    }),
  ),
  {
    name: 'promoteDue',
    by: 'keeper',
    run: () => promoteDue(sql),
    applies: ({ waitingFor, overdue }) => overdue && (TIMED_REASONS as readonly unknown[]).includes(waitingFor),
  },
  {
    name: 'expireOverdue',
    by: 'keeper',
    run: () => expireOverdue(sql),
    applies: ({ status, waitingFor, overdue }) => overdue && status === 'pending' && waitingFor === null,
  },
  {
    name: 'rescueTasks',
    by: 'keeper',
    run: () => rescueTasks(sql, 0),
    applies: ({ status, overdue }) => status === 'in_progress' && overdue,
  },
  {
    name: 'failStale',
    by: 'keeper',
    run: () => failStale(sql, { graceSeconds: 1, orDead: true, guildId: null, actor: 'keeper' }),
    applies: ({ status, overdue }) => status === 'in_progress' && overdue,
  },
  {
    name: 'failStale of an admin',
    by: 'person',
    run: () => failStale(sql, { graceSeconds: 1, orDead: true, guildId: GUILD, actor: PERSON }),
    applies: ({ status, overdue }) => status === 'in_progress' && overdue,
  },
  {
    name: 'startTask',
    by: 'person',
    run: (id) => one(startTask(sql, id, PERSON)),
    applies: ({ waitingFor }) => waitingFor === 'hold' || waitingFor === 'delay',
  },
  {
    name: 'cancelTasks',
    by: 'person',
    run: (id) => cancelTasks(sql, [id], { actor: PERSON, actorId: USER, reason: 'enough' }),
    applies: ({ status }) => CANCELLABLE_STATUSES.includes(status),
  },
  {
    name: 'retryTasks',
    by: 'person',
    run: (id) => retryTasks(sql, [id], PERSON),
    applies: ({ status }) => RETRYABLE_STATUSES.includes(status),
  },
];

/** Puts a task there; `live` and `dead` are workers with and without a lease in force. */
async function put({ status, waitingFor, overdue }: Before, live: string, dead: string): Promise<{ id: string; worker: string }> {
  const worker = overdue ? dead : live;
  const past = new Date(Date.now() - 3_600_000);
  const later = new Date(Date.now() + 3_600_000);
  const timed = (TIMED_REASONS as readonly unknown[]).includes(waitingFor);
  const id = await putTask(sql, {
    ...inStatus(status, worker, waitingFor),
    ready_at: timed ? (overdue ? past : later) : past,
    ...(status === 'pending' && waitingFor === null ? { expires_at: overdue ? past : later } : {}),
    ...(status === 'in_progress' && overdue ? { started_at: new Date(Date.now() - 3_500_000) } : {}),
  });
  return { id, worker };
}

describe('each statement, from each state', () => {
  const live = uuidv7();
  const dead = uuidv7();
  const seen = new Set<string>();
  beforeAll(async () => {
    const worker = { name: 'w', queues: ['echo'], load: {} };
    await renewLease(sql, { ...worker, id: live, leaseSeconds: 600 });
    await renewLease(sql, { ...worker, id: dead, leaseSeconds: -1 });
  });

  test.each(DRIVES)('$name', async ({ run, by, applies }) => {
    for (const before of BEFORE) {
      await sql`with t as (delete from tasks), c as (delete from cards), p as (delete from completions) delete from audit_events`;
      const { id, worker } = await put(before, live, dead);
      const was = (await readTask(sql, id)) as TaskRow;
      // Claims are made by a live worker; settlements by whoever holds the run.
      const changed = await run(id, before.status === 'in_progress' ? worker : live);
      const now = (await readTask(sql, id)) as TaskRow;
      const what = `${before.status}:${before.waitingFor}${before.overdue ? ' overdue' : ''} → ${now.status}:${now.waiting_for}`;
      expect(changed.length === 1, what).toBe(applies(before));
      const audit = await sql<
        { actor: string; from_state: string; to_state: string }[]
      >`select actor, from_state, to_state from audit_events`;
      if (changed.length === 0) {
        expect(now, what).toEqual(was);
        expect(audit).toEqual([]);
        continue;
      }
      expect(mayMove(before.status, now.status, by), `${what} by ${by}`).toBe(true);
      seen.add(`${before.status} ${now.status} ${by}`);
      expect(now.revision, what).toBe(was.revision + 1);
      const state = (row: TaskRow) => row.status + (row.waiting_for === null ? '' : `:${row.waiting_for}`);
      expect(audit).toMatchObject([{ from_state: state(was), to_state: state(now) }]);
      expect(audit[0]?.actor.split(':')[0]).toBe(by);
      expect((await sql`select revision, final from cards`)[0]).toEqual({ revision: 2, final: isFinal(now.status) });
    }
  });

  test('every legal move has a statement, for each of those who may make it', () => {
    const legal = MOVES.flatMap(({ from, to, by }) => by.map((mover) => `${from} ${to} ${mover}`));
    expect([...seen].sort()).toEqual([...new Set(legal)].sort());
  });

  test('progress, ratings and changes of priority leave the status alone', async () => {
    for (const before of BEFORE) {
      const { id, worker } = await put(before, live, dead);
      await writeProgress(sql, worker, [{ taskId: id, attempt: 1, percent: 50, step: 's', description: '' }]);
      const rated = await rateTask(sql, id, 1, PERSON);
      const updated = await updateTask(sql, id, { priority: 0, metadata: {} }, PERSON);
      expect(rated !== undefined).toBe(before.status === 'completed');
      expect(updated !== undefined).toBe(before.status === 'pending');
      expect(await sql`select from progress where task_id = ${id}`).toHaveLength(before.status === 'in_progress' ? 1 : 0);
      expect(await readTask(sql, id)).toMatchObject({ status: before.status, waiting_for: before.waitingFor });
    }
  });

  test('no worker without a lease in force claims anything', async () => {
    const { id } = await put({ status: 'pending', waitingFor: null, overdue: false }, live, dead);
    for (const worker of [dead, uuidv7()]) {
      expect(await claimHinted(sql, worker, [id])).toHaveLength(0);
      expect(await claimOldest(sql, worker, [{ queueId: 'echo', slots: 5 }])).toHaveLength(0);
    }
  });
});
