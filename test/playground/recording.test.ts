/** A run recorded to a file, its secrets masked, and read as text. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordedLine } from '../../playground/recording/lines.js';
import { recordingText } from '../../playground/recording/text.js';
import { createMask } from '../../playground/secrets.js';
import { asBot, type Stage, setStage } from './support.js';

const MAIN = fileURLToPath(new URL('../../playground/main.ts', import.meta.url));
/** Lets Node.js import the sources as they are. */
const HOOKS = new URL('../support/typescript-hooks.mjs', import.meta.url).href;
const TYPESCRIPT = `data:text/javascript,import{register}from"node:module";register(${JSON.stringify(HOOKS)})`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recording-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function textOf(file: string, isFull = false): Promise<string> {
  const lines: string[] = [];
  for await (const line of recordingText((await readFile(file, 'utf8')).split('\n'), { isFull })) lines.push(line);
  return lines.join('\n');
}

/** A command that is deferred, answered and refused once; a message; a fault; an hour that passes. */
async function play(stage: Stage): Promise<string[]> {
  const { playground } = stage;
  const tokens: string[] = [];
  stage.on(async (interaction) => {
    if (!interaction.isChatInputCommand()) return;
    tokens.push(interaction.token);
    await interaction.deferReply();
    await interaction.editReply('done');
  });
  const answer = await playground.as('member').command('tasks', 'echo', { text: 'hello' });
  await answer.settled();
  await playground.as('admin').say('general', 'how are you?');
  playground.faults.failRest({ times: 1, status: 503, route: '/channels' });
  await stage.fetch('GET', `/channels/${playground.world.channels.tasks}`);
  await asBot(stage.api, 'invalid')('GET', '/users/@me');
  stage.on(() => {});
  const failed = playground.as('member').command('tasks', 'echo', { text: 'nobody answers' });
  await playground.clock.advance(3_600_000);
  await failed;
  return tokens;
}

describe('a recording', () => {
  let stage: Stage;
  let file: string;
  let tokens: string[];
  beforeAll(async () => {
    stage = await setStage();
    file = join(folder, 'deep', 'run.jsonl');
    const end = stage.playground.record(file);
    tokens = await play(stage);
    await end();
    await end();
    await stage.fetch('GET', '/users/@me');
  });
  afterAll(() => stage.close());

  it('is one JSON object a line: requests with answers, frames both ways, people, outcomes, faults, the clock', async () => {
    const lines = (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => recordedLine.parse(JSON.parse(line)));
    expect(lines[0]).toMatchObject({ kind: 'begin', version: 1 });
    expect(lines.at(-1)?.kind).toBe('end');
    const rest = lines.filter((line) => line.kind === 'rest');
    expect(rest.map(({ method, route, status }) => `${method} ${route} ${status}`)).toEqual([
      'POST /interactions/:id/:id/callback 204',
      'PATCH /webhooks/:id/:id/messages/:id 200',
      'GET /channels/:id 503',
      'GET /users/:id 401',
    ]);
    expect(rest[0]?.request).toMatchObject({ type: 5 });
    expect(rest[1]).toMatchObject({ request: { content: 'done' }, answer: { content: 'done' } });
    expect(rest[1]?.headers).toMatchObject({ 'X-RateLimit-Bucket': expect.any(String) });
    const frames = lines.flatMap((line) => (line.kind === 'frame' ? [`${line.direction} ${line.t ?? line.op}`] : []));
    expect(frames.filter((frame) => frame === 'out INTERACTION_CREATE')).toHaveLength(2);
    expect(frames).toContain('out MESSAGE_UPDATE');
    expect(lines.filter((line) => line.kind === 'person').map((line) => `${line.who} ${line.where} ${line.what}`)).toEqual([
      'Mia #tasks uses /echo text: "hello"',
      expect.stringContaining('#general says "how are you?"'),
      'Mia #tasks uses /echo text: "nobody answers"',
    ]);
    const outcomes = lines.filter((line) => line.kind === 'outcome').map((line) => line.how);
    expect(outcomes).toEqual([
      expect.stringMatching(/^"thinking…" as message \d+$/),
      'no answer in time: the interaction failed',
    ]);
    expect(lines.some((line) => line.kind === 'clock' && line.byMs === 3_600_000)).toBe(true);
    const faults = lines.flatMap((line) => (line.kind === 'fault' ? [line.what] : []));
    expect(faults).toEqual([expect.stringMatching(/^failRest /), 'GET /channels/:id: status 503, before its effect']);
  });

  it('has no token in it, and is for its owner alone', async () => {
    const text = await readFile(file, 'utf8');
    expect(tokens).toHaveLength(1);
    for (const token of tokens) expect(text.includes(token)).toBe(false);
    expect(text).toContain('<secret 1>');
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
    const mask = createMask();
    const bot = 'MTIzNDU2Nzg5MDEyMzQ1Njc4OQ.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB';
    expect(mask(JSON.stringify({ content: `my token is ${bot}.`, d: { token: 'x', n: 1 } }))).toBe(
      '{"content":"my token is <secret 2>.","d":{"token":"<secret 1>","n":1}}',
    );
    expect(mask('/webhooks/1300000000000000001/abc-DEF_1/messages/@original?wait=true')).toBe(
      '/webhooks/1300000000000000001/<secret 3>/messages/@original?wait=true',
    );
    expect(mask('/interactions/1300000000000000002/abc-DEF_1/callback')).toBe(
      '/interactions/1300000000000000002/<secret 3>/callback',
    );
  });

  it('reads as a text that tells the story, with whole bodies when asked for', async () => {
    const text = await textOf(file);
    const story = [
      /^00:00\.000 {2}recording of \w+ in 2 servers begins/m,
      /^00:00\.000 {2}Mia in #tasks uses \/echo text: "hello"$/m,
      /^00:00\.000 {2}gateway → bot #1 INTERACTION_CREATE \(\d+\)$/m,
      /^00:00\.000 {2}bot {3}POST \/interactions\/\d+\/<secret 1>\/callback → 204 \(.+ms\)\n {12}asked \{"type":5/m,
      /^00:00\.000 {2}Mia got "thinking…" as message \d+ \(\d+ ms\)$/m,
      /^00:00\.000 {2}bot {3}GET \/channels\/\d+ → 503 \(.+; fault: status 503, before its effect\)\n {12}got \{"message":"503/m,
      /^00:00\.000 {2}the clock moves by 1 h$/m,
      /^00:03\.000 {2}Mia got no answer in time: the interaction failed/m,
      /^01:00:00\.000 {2}recording ends$/m,
    ];
    for (const part of story) expect(text).toMatch(part);
    expect(text).not.toContain('HEARTBEAT');
    const full = await textOf(file, true);
    expect(full).toContain('"content": "done"');
    expect(full.length).toBeGreaterThan(text.length);
  });

  it('says which line is not of a recording, and tells the log when it cannot be written', async () => {
    const broken = join(folder, 'broken.jsonl');
    await writeFile(broken, '{"kind":"clock","at":5,"byMs":3000}\nnot json\n{"kind":"other"}\n');
    expect(await textOf(broken)).toBe(
      '00:00.000  the clock moves by 3 s\nline 2 is not of a recording\nline 3 is not of a recording',
    );
    const logged: string[] = [];
    const other = await setStage({ log: (line) => void logged.push(line) });
    const end = other.playground.record(folder);
    await expect.poll(() => logged.join(), { timeout: 15_000 }).toContain('could not be written');
    await other.playground.as('member').say('tasks', 'still here');
    await end();
    await other.close();
  });

  it('is printed by a command', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', TYPESCRIPT, MAIN, '--read', 'deep/run.jsonl'],
      // Where npm says that the person stands.
      { env: { ...process.env, INIT_CWD: folder } },
    );
    expect(stdout).toContain('Mia in #tasks uses /echo text: "hello"');
  });
});
