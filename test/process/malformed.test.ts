import { randomUUID } from 'node:crypto';
import type { APIMessage } from 'discord-api-types/v10';
import { describe, expect, it, vi } from 'vitest';
import { until } from '../support/until.js';
import { openStage, type Stage, words } from './stage.js';

vi.setConfig({ testTimeout: 90_000 });

const EPHEMERAL = 64;

async function oneProgram(context: Parameters<typeof openStage>[0]) {
  const stage = await openStage(context);
  const program = stage.start();
  await program.ready();
  return { stage, program };
}

/** Posts with the bot's token a message whose button has this custom_id, as an old version or a forger would. */
async function plant(stage: Stage, customId: string): Promise<APIMessage> {
  const { channels } = stage.playground.world;
  const response = await fetch(`${stage.playground.apiUrl()}/v10/channels/${channels.tasks}/messages`, {
    method: 'POST',
    headers: { authorization: 'Bot x', 'content-type': 'application/json' },
    body: JSON.stringify({
      content: 'planted',
      components: [{ type: 1, components: [{ type: 2, style: 1, label: 'Press', custom_id: customId }] }],
    }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as APIMessage;
}

describe.concurrent('what is wrong', () => {
  it('an interaction that is delivered twice makes one task', async (context) => {
    const { stage } = await oneProgram(context);
    const answer = await stage.create('Twice', 'delayMs=200 steps=2');
    const message = answer.message ?? (await answer.settled());
    const id = message.interaction_metadata?.id ?? '';
    stage.playground.faults.redeliver(id);
    stage.playground.faults.redeliver(id);
    await stage.create('Another', 'delayMs=200 steps=2');
    await stage.allTasks(2, ({ status }) => status === 'completed');
    await stage.allSaid();
    expect(['Twice', 'Another'].map((title) => [stage.cards(title).length, stage.told(title)])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(stage.playground.counts().errors).toEqual({});
  });

  it('forged buttons are refused with a sentence, and do nothing', async (context) => {
    const { stage, program } = await oneProgram(context);
    await stage.create('Untouched', 'delayMs=60000 steps=1');
    const [task] = await stage.allTasks(1, ({ status }) => status === 'in_progress');
    const id = task?.id ?? '';
    const before = await stage.sql`select * from tasks`;
    const forged = [
      'cancel',
      `t0:cancel:${id}`,
      `t9:cancel:${id}`,
      `t1:cancel:${randomUUID()}`,
      't1:cancel:not-a-uuid',
      `t1:cancel:${id.toUpperCase()}x`,
      `t1:drop-table:${id}`,
      `t1:cancel:${id}:and:more:parts`,
      `t1:list-page:${id}:-1`,
      `t1:cancel:'; drop table tasks; --`,
      'x'.repeat(100),
      '\u{1F4A5}'.repeat(25),
      't1:__proto__:constructor',
    ];
    for (const customId of forged) {
      const planted = await plant(stage, customId);
      const answer = await stage.member.click(planted.id, 'Press');
      expect([customId, answer.kind]).toEqual([customId, 'message']);
      expect(answer.message?.flags ?? 0).toBe(EPHEMERAL);
      expect(answer.message?.content).toMatch(/\w+ .*\.$/);
    }
    // Somebody else's task, by a button that is right in form.
    const stranger = await plant(stage, `t1:cancel:${id}`);
    const answer = await stage.playground.as('secondMember').click(stranger.id, 'Press');
    expect(await words(answer)).toMatch(/somebody else/);
    expect(await stage.sql`select * from tasks`).toEqual(before);
    expect(program.log.filter(({ level }) => level >= 50)).toEqual([]);
  });

  it('malformed words are refused with a sentence or kept harmless, and the program lives', async (context) => {
    const { stage, program } = await oneProgram(context);
    const create = (options: Record<string, string | number>) =>
      stage.member.command('tasks', 'task create', { agent: 'sample', title: 'Bad', ...options });
    const refused: Record<string, string | number>[] = [
      { title: '\0' },
      { title: 'a\0b' },
      { title: '\uD800' },
      { title: '   ' },
      { description: 'nul \0 in it' },
      { agent: 'nobody' },
      { agent: '__proto__' },
      { agent: "'; drop table tasks; --" },
      { input: '{"delayMs": 1' },
      { input: '{"delayMs": "\\u0000"}' },
      { input: '{"delayMs": 1, "extra\\u0000": 1}' },
      { input: `${'['.repeat(1500)}${']'.repeat(1500)}` },
      { input: 'delayMs=99999999999' },
      { input: '{"__proto__": {"delayMs": 1}, "delayMs": -1}' },
      { timeout: '-1s' },
      { delay: '\0' },
      { delay: '9'.repeat(90) },
      { type: 'a\0b' },
    ];
    for (const options of refused) {
      const answer = await create(options);
      const said = answer.kind === 'modal' ? 'a form' : await words(answer);
      expect([options, answer.kind]).toEqual([options, 'message']);
      expect(said).toMatch(/\w+ .+/);
      expect(said).not.toMatch(/[Ss]omething went wrong/);
    }
    const ids = ['not-a-uuid', '\0', 'x'.repeat(100), '00000000-0000-0000-0000-000000000000', '1', "' or true"];
    for (const action of ['show', 'cancel', 'retry', 'start']) {
      for (const id of ids) {
        const answer = await stage.member.command('tasks', `task ${action}`, { id });
        expect([action, id, answer.kind]).toEqual([action, id, 'message']);
        expect(await words(answer)).not.toMatch(/[Ss]omething went wrong/);
      }
    }
    const search = await stage.member.command('tasks', 'task list', { search: 'a\0b \uDFFF %_\\' });
    expect(await words(search)).not.toMatch(/[Ss]omething went wrong/);
    expect(await stage.tasks()).toEqual([]);
    expect(program.log.filter(({ level }) => level >= 50)).toEqual([]);
  });

  it('files that lie are refused, and a batch with one bad row stores none', async (context) => {
    const { stage, program } = await oneProgram(context);
    const batch = (name: string, contentType: string, data: Buffer) =>
      stage.member.command('tasks', 'task batch', { agent: 'sample', file: { attachment: { name, contentType, data } } });
    const bad: [string, string, Buffer][] = [
      ['huge.json', 'application/json', Buffer.from(`[${'{"title":"x"},'.repeat(100_000)}{"title":"x"}]`)],
      ['deep.json', 'application/json', Buffer.from(`${'['.repeat(100_000)}`)],
      ['long.csv', 'text/csv', Buffer.from(`title\n${'x'.repeat(100_000)}\n`)],
      ['nul.csv', 'text/csv', Buffer.from('title\nfine\na\0b\n')],
      ['bytes.json', 'application/json', Buffer.from([0xff, 0xfe, 0x00, 0xd8])],
      ['lone.json', 'application/json', Buffer.from('[{"title":"fine"},{"title":"\\ud800"}]')],
      ['empty.csv', 'text/csv', Buffer.from('')],
    ];
    for (const file of bad) {
      const answer = await batch(...file);
      expect([file[0], answer.kind]).not.toEqual([file[0], 'failed']);
      const said = await words(answer);
      expect(said).toMatch(/\w+ .*/);
      expect(said).not.toMatch(/[Ss]omething went wrong/);
    }
    expect(await stage.tasks()).toEqual([]);
    expect(await stage.sql`select * from batches`).toEqual([]);
    await stage.create('Still alive', 'delayMs=100 steps=1');
    await until('it is done', async () => (await stage.tasks())[0]?.status === 'completed');
    expect(program.log.filter(({ level }) => level >= 50)).toEqual([]);
  });
});
