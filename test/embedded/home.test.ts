import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HomeInUseError, openHome } from '../../src/embedded/home.js';
import { processBirth } from '../../src/embedded/processes.js';
import { newHome } from './homes.js';

/** Above every real process id (Linux ends at 2^22). */
const NO_PROCESS = 99_999_999;

describe('the lock of the home', () => {
  let home: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ home, remove } = await newHome());
  });
  afterEach(() => remove());

  const writeLock = (content: object | string) =>
    writeFile(join(home, 'guildhall.lock'), typeof content === 'string' ? content : JSON.stringify(content));

  it('refuses a second start and names the first', async () => {
    const first = await openHome(home);
    await expect(openHome(home)).rejects.toThrow(`process ${process.pid})`);
    await first.announce('http://127.0.0.1:3000/');
    const refusal = await openHome(home).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(HomeInUseError);
    expect((refusal as HomeInUseError).holder).toEqual({ pid: process.pid, url: 'http://127.0.0.1:3000/' });
    expect((refusal as Error).message).toContain(`process ${process.pid} at http://127.0.0.1:3000/`);
    await first.release();
  });

  it('is free after release, which may come twice and leaves nothing', async () => {
    const first = await openHome(home);
    await first.release();
    await first.release();
    expect(await readdir(home)).toEqual([]);
    await (await openHome(home)).release();
  });

  it('makes a home that is missing', async () => {
    const made = await openHome(join(home, 'deep', 'down'));
    expect(await readdir(made.path)).toEqual(['guildhall.lock']);
  });

  it.each([
    ['of a process that is gone', { pid: NO_PROCESS, birth: 'x' }],
    ['whose process id now belongs to another process', { pid: process.pid, birth: 'another time' }],
    ['that is damaged', '{"pid":'],
    ['that names no process', { pid: 'none' }],
  ])('takes over a lock %s', async (_what, content) => {
    await writeLock(content);
    const held = await openHome(home);
    expect(JSON.parse(await readFile(join(home, 'guildhall.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    await held.release();
    expect(await readdir(home)).toEqual([]);
  });

  it('gives a stale lock to one of many that come at the same time', async () => {
    await writeLock({ pid: NO_PROCESS });
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => openHome(home)));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    const refusals = outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome) => outcome.reason);
    expect(refusals.every((reason) => reason instanceof HomeInUseError)).toBe(true);
  });

  it('tells two processes with one id apart by their birth', () => {
    expect(processBirth(process.pid)).toBe(processBirth(process.pid));
    expect(processBirth(process.ppid)).not.toBe(processBirth(process.pid));
    expect(processBirth(NO_PROCESS)).toBeUndefined();
  });
});
