/** Tasks to render, with what matters to a test overridden. */
import type { Task } from '../../../src/tasks/model.js';

export const TASK_ID = '01938f2e-0000-7000-8000-00005f2a9c1b';
export const REQUESTER = '222222222222222222';
export const NOW = new Date('2026-03-01T12:00:00.000Z');

const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);

const STATES = {
  pending: {},
  in_progress: { attempt: 1, startedAt: ago(30), workerId: '01938f2e-0000-7000-8000-000000000009' },
  completed: { attempt: 1, startedAt: ago(95), finishedAt: ago(30), result: { text: 'All good.' } },
  failed: { attempt: 1, failures: 1, startedAt: ago(95), finishedAt: ago(30), error: { reason: 'error', message: 'It broke' } },
  cancelled: { finishedAt: ago(30) },
} as const satisfies Record<Task['status'], Partial<Task>>;

/** A task in this status, consistent as the schema wants it. */
export function sampleTask(status: Task['status'] = 'pending', over: Partial<Task> = {}): Task {
  return {
    id: TASK_ID,
    guildId: '100000000000000001',
    channelId: '100000000000000002',
    scopeId: '100000000000000002',
    requesterId: REQUESTER,
    batchId: null,
    cardId: TASK_ID,
    agentId: 'sample',
    type: null,
    title: 'Count the words',
    description: '',
    input: {},
    metadata: {},
    priority: 'medium',
    status,
    waitingFor: null,
    attempt: 0,
    failures: 0,
    maxRetries: 3,
    recoveries: 0,
    ttlSeconds: 3600,
    softTimeoutSeconds: 1500,
    hardTimeoutSeconds: 1800,
    workerId: null,
    readyAt: ago(60),
    expiresAt: null,
    startedAt: null,
    finishedAt: null,
    createdAt: ago(120),
    updatedAt: ago(30),
    result: null,
    error: null,
    score: null,
    revision: 1,
    ...STATES[status],
    ...over,
  };
}
