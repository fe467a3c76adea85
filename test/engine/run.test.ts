import { expect, test } from 'vitest';
import { inThisThread } from '../../src/agents/runner.js';
import { RunAborted } from '../../src/engine/retry-policy.js';
import { runTask } from '../../src/engine/run.js';
import { sampleTask } from '../discord/cards/samples.js';
import { agentOf } from '../support/lab.js';

const deps = {
  retry: { baseRetryDelaySeconds: 1, maxRetryDelaySeconds: 1 },
  random: () => 0,
  progress: () => undefined,
  log: () => undefined,
  attach: async () => undefined,
  files: [],
  runner: inThisThread,
  alone: false,
};

test.each([
  [1, '1 second'],
  [2, '2 seconds'],
  [60, '1 minute'],
  [90, '1 minute 30 seconds'],
  [120, '2 minutes'],
  [3600, '1 hour'],
  [9000, '2 hours 30 minutes'],
])('a run of at most %i s that heeds the soft limit names the limit that was asked for', async (hardTimeoutSeconds, words) => {
  const controller = new AbortController();
  const agent = agentOf('heeds', async (_task, context) => {
    controller.abort(new RunAborted('soft_timeout'));
    await context.wait(60_000);
    return '';
  });
  const task = sampleTask('in_progress', {
    hardTimeoutSeconds,
    softTimeoutSeconds: Math.max(1, hardTimeoutSeconds * 0.9),
    maxRetries: 0,
  });
  expect(await runTask(agent, task, deps, controller)).toEqual({
    kind: 'failed',
    error: { reason: 'timeout', message: `It did not finish within ${words}.` },
  });
});

test('a run that ignores everything is ended at the hard limit, which is named', async () => {
  const agent = agentOf('deaf', async () => new Promise<string>(() => undefined));
  const task = sampleTask('in_progress', { hardTimeoutSeconds: 1, softTimeoutSeconds: 1, maxRetries: 0 });
  expect(await runTask(agent, task, deps, new AbortController())).toMatchObject({
    error: { reason: 'timeout', message: 'It did not finish within 1 second.' },
  });
});
