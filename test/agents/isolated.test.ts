/** Runs apart from the engine's thread, on real threads and processes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Agent, type OutputFile, PermanentError } from '../../src/agents/contract.js';
import { createIsolatedRunner, type IsolatedRunner } from '../../src/agents/isolated/pool.js';
import { CrashedAloneError, RunLostError } from '../../src/agents/runner.js';
import { fileOf } from '../support/run-agent.js';
import { until } from '../support/until.js';
import fixtures from './fixtures/misbehaving.js';

const agent = fixtures[0] as Agent;
const module = new URL('./fixtures/misbehaving.ts', import.meta.url).href;
let pool: IsolatedRunner;
beforeEach(() => {
  pool = createIsolatedRunner({ moduleOf: () => module, memoryMb: 64, log: pino({ level: 'silent' }) });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await pool.close();
});

function start(how: string, more: { alone?: boolean; files?: ReturnType<typeof fileOf>[] } = {}) {
  const [wound, over] = [new AbortController(), new AbortController()];
  const told = { progress: [] as unknown[][], logs: [] as unknown[][], files: [] as OutputFile[] };
  const context = {
    signal: wound.signal,
    progress: (...words: unknown[]) => void told.progress.push(words),
    log: (...words: unknown[]) => void told.logs.push(words),
    attach: async (file: OutputFile) => {
      if (file.name === '') throw Object.assign(new Error('no name'), { name: 'InvalidError' });
      told.files.push(file);
    },
    wait: async () => undefined,
  };
  const task = {
    ...{ id: '0193a3f0-0000-7000-8000-000000000000', title: 'A test', description: '', type: null, metadata: { a: 1 } },
    ...{ guildId: null, channelId: '1', requesterId: '2', attempt: 3, failures: 1, input: { how }, files: more.files ?? [] },
  };
  const result = pool.execute(agent, task, context, { stored: { how }, over: over.signal, alone: more.alone ?? false });
  result.catch(() => undefined);
  return { result, told, abort: (why: string) => wound.abort(Object.assign(new Error(why), { why })), end: () => over.abort() };
}

const run = (how: string, more = {}) => start(how, more).result;

describe.each([{ alone: false }, { alone: true }])('a run, in a process of its own: $alone', ({ alone }) => {
  test('has the context of the contract', async () => {
    const { result, told } = start('reports', { alone, files: [fileOf('in.txt', 'what came')] });
    const { files: _files, ...seen } = JSON.parse((await result).text);
    expect(seen).toMatchObject({ title: 'A test', attempt: 3, failures: 1, metadata: { a: 1 } });
    expect(seen).toMatchObject({ dated: true, read: ['what came'], refused: 'InvalidError' });
    expect(told.files).toMatchObject([{ name: 'out.txt', contentType: 'text/plain' }]);
    expect(Buffer.from(told.files[0]?.bytes ?? []).toString()).toBe('small');
    expect(told.progress[0]).toEqual([0, 'counting', 'at 0']);
    expect(told.progress.at(-1)).toEqual([100, 'counting', 'at 100']);
    expect(told.progress.length).toBeLessThan(20);
    expect(told.logs).toEqual([['a line', { files: 1 }]]);
  });

  test("sees the environment without Guildhall's own secrets", async () => {
    vi.stubEnv('DISCORD_TOKEN', 'secret-token');
    vi.stubEnv('DATABASE_URL', 'postgres://user:secret@host/db');
    vi.stubEnv('REDIS_URL', 'redis://:secret@host');
    vi.stubEnv('WEATHER_API_KEY', 'of the agent');
    const { text } = await run('environment', { alone });
    expect(JSON.parse(text)).toMatchObject({ WEATHER_API_KEY: 'of the agent' });
    expect(text).not.toContain('secret');
  });

  test.each([
    ['throws', TypeError.name, 'thrown on purpose'],
    ['permanent', PermanentError.name, 'never'],
    ['exits', RunLostError.name, 'The agent ended its own thread (exit code 3).'],
    ['memory', RunLostError.name, 'The agent needed more than the 64 MB of memory that a run may use (AGENT_MEMORY_MB).'],
  ])('that %s fails with %s', async (how, name, message) => {
    await expect(run(how, { alone })).rejects.toMatchObject({ name, message });
  });

  test('that loops for ever is ended', async () => {
    const { result, end } = start('loop', { alone });
    await until('it runs', () => pool.counts().started === 1);
    await sleep(300);
    const asked = performance.now();
    end();
    await expect(result).rejects.toThrow(RunLostError);
    await until('nothing is left', () => pool.counts().threads + pool.counts().processes === 0);
    expect(performance.now() - asked).toBeLessThan(1000);
  });

  test('is told why it is to wind up', async () => {
    const { result, abort } = start('winds up', { alone });
    await sleep(50);
    abort('soft_timeout');
    expect(await result).toEqual({ text: 'stopped: soft_timeout' });
  });
});

describe('a thread', () => {
  test.each([
    ['text', 'Error', 'only text'],
    ['hostile', 'Error', ''],
    ['exits later', RunLostError.name, 'The agent ended its own thread (exit code 4).'],
    ['rejects', 'Error', 'nobody awaits this'],
    ['throws later', 'Error', 'from a timer'],
  ])('whose run %s fails it with %s', async (how, name, message) => {
    await expect(run(how)).rejects.toMatchObject({ name, message });
  });

  test.each([
    ['data', { text: 'with data', data: { list: [1, 'two', null] } }],
    ['a function as data', { text: 'with a function' }],
    ['deep data', { text: 'deep' }],
    ['no result', {}],
    ['speaks for itself', { text: 'done' }],
    ['logs without end', { text: 'done' }],
  ])('gives back %s', async (how, result) => {
    expect(await run(how)).toEqual(result);
  });

  test('tells progress also from within a loop without a pause', async () => {
    const { result, told } = start('reports in a loop');
    await result;
    expect(told.progress.length).toBeGreaterThan(5);
    expect(told.progress.length).toBeLessThan(60);
  });

  test('is used again, by one run at a time', async () => {
    expect([
      (await run('count')).text,
      (await run('count')).text,
      (await run('throws').catch(() => ({ text: 'threw' }))).text,
    ]).toEqual(['1', '2', 'threw']);
    expect((await run('count')).text).toBe('3');
    expect(pool.counts()).toMatchObject({ threads: 1, idle: 1, started: 1 });
    await Promise.all([run('count'), run('count'), run('count')]);
    expect(pool.counts()).toMatchObject({ threads: 3, idle: 3, started: 3 });
  });

  test('that an earlier run left a loop in is replaced before the next run begins', async () => {
    await run('leaves a loop behind');
    await sleep(100);
    expect((await run('count')).text).toBe('1');
    expect(pool.counts()).toMatchObject({ started: 2 });
  });

  test('that an earlier run left a rejection in does no harm to the next run, and is not used after it', async () => {
    await run('leaves a rejection behind');
    const next = start('winds up');
    await sleep(300);
    next.abort('enough');
    expect((await next.result).text).toBe('stopped: enough');
    expect((await run('count')).text).toBe('1');
  });

  test('of a module that is not there fails its run', async () => {
    await pool.close();
    pool = createIsolatedRunner({ moduleOf: () => 'file:///nowhere/agent.js', memoryMb: 64, log: pino({ level: 'silent' }) });
    await expect(run('nothing')).rejects.toThrow(/nowhere/);
  });

  test('ends with the pool', async () => {
    const waiting = start('deaf');
    await until('it runs', () => pool.counts().threads === 1);
    await pool.close();
    await expect(waiting.result).rejects.toThrow(RunLostError);
    expect(pool.counts()).toMatchObject({ threads: 0 });
  });
});

test('a process of its own that dies is a crash of that run', async () => {
  await expect(run('kills its process', { alone: true })).rejects.toThrow(CrashedAloneError);
  expect((await run('count', { alone: true })).text).toBe('1');
});
