import { describe, expect, it, vi } from 'vitest';
import { until } from '../support/until.js';
import { openStage, type Stage, words } from './stage.js';

vi.setConfig({ testTimeout: 120_000 });

/** Commands are answered: what a person sees when the connection is back. */
async function answersAgain(stage: Stage): Promise<void> {
  await stage.playground.botReady(40_000);
  await until('an answer', async () => (await stage.member.command('tasks', 'help')).kind === 'message', 40_000);
}

async function saidOnce(stage: Stage, titles: string[]): Promise<void> {
  await stage.allTasks(titles.length, ({ status }) => status === 'completed', 45_000);
  await stage.allSaid(60_000);
  expect(titles.map((title) => [stage.cards(title).length, stage.told(title)])).toEqual(titles.map(() => [1, 1]));
  for (const title of titles) expect(stage.cards(title)[0]?.embeds[0]?.title).toMatch(/^✅/);
}

describe.concurrent('while a program runs, Discord', () => {
  it('is down for a while: tasks end, and afterwards everybody is told once', async (context) => {
    const stage = await openStage(context);
    const program = stage.start();
    await program.ready();
    await stage.create('Ends in the dark', 'delayMs=1500 steps=3');
    await stage.create('Ends later', 'delayMs=4000 steps=4');
    await stage.allTasks(2, ({ status }) => status === 'in_progress');
    const { faults } = stage.playground;
    faults.refuseGateway(true);
    faults.dropGateway(0);
    faults.failRest({ times: 1000, how: 'cut' });
    await until('both have ended', async () => (await stage.tasks()).every(({ status }) => status === 'completed'));
    expect([stage.told('Ends in the dark'), stage.told('Ends later')]).toEqual([0, 0]);
    faults.clear();
    await saidOnce(stage, ['Ends in the dark', 'Ends later']);
    await answersAgain(stage);
  });

  it('takes messages but does not answer: nobody is told twice', async (context) => {
    const stage = await openStage(context);
    await stage.start().ready();
    const { faults } = stage.playground;
    await stage.create('Unanswered', 'delayMs=500 steps=2');
    faults.failRest({ method: 'POST', route: '/channels/:id/messages', times: 2, how: 'cut', when: 'after' });
    faults.failRest({ method: 'PATCH', route: '/channels/:id/messages', times: 2, status: 503, when: 'after' });
    await saidOnce(stage, ['Unanswered']);
  });

  it('is not there at the start: the program waits, and answers when it comes', async (context) => {
    const stage = await openStage(context);
    stage.playground.faults.failRest({ times: 3, how: 'cut' });
    const program = stage.start();
    expect((await program.ready()).discord).toBe('real');
    await stage.create('First', 'delayMs=100 steps=1');
    await saidOnce(stage, ['First']);
  });

  for (const [how, drop] of [
    ['drops the socket', (stage: Stage) => stage.playground.faults.dropGateway()],
    ['cuts the line', (stage: Stage) => stage.playground.faults.dropGateway(0)],
    ['asks to reconnect', (stage: Stage) => stage.playground.faults.reconnectGateway()],
    ['ends the session', (stage: Stage) => stage.playground.faults.invalidateGateway(false)],
  ] as const) {
    it(`${how}: commands are answered again`, async (context) => {
      const stage = await openStage(context);
      const program = stage.start();
      await program.ready();
      await stage.create('Before', 'delayMs=200 steps=2');
      drop(stage);
      await until('the bot noticed', () => program.log.filter(({ msg }) => msg === 'gateway').length > 1, 30_000);
      await answersAgain(stage);
      await stage.create('After', 'delayMs=200 steps=2');
      await saidOnce(stage, ['Before', 'After']);
      expect(await words(await stage.member.command('tasks', 'task list'))).toContain('After');
    });
  }

  it('refuses the token later on: the program ends with code 1 and the reason', async (context) => {
    const stage = await openStage(context);
    const program = stage.start();
    await program.ready();
    stage.playground.faults.dropGateway(4004);
    expect(await program.ended()).toEqual({ code: 1, signal: null });
    expect(program.output()).toContain('Discord does not accept the token in DISCORD_TOKEN');
  });
});
