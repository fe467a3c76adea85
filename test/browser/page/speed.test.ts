import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PageStage, setPageStage } from './stage.js';

/**
 * Issue 3: no task of the page is longer, with 5,000 messages in the channel and 20 edits a second. What is asserted is the time
 * that a task of the page's main thread computes: on a busy machine a task also waits for others, which is none of its doing.
 */
const longestTaskMs = 200;
const messageCount = 5_000;
const editsPerSecond = 20;
const editingMs = 5_000;

let stage: PageStage;

beforeAll(async () => {
  stage = await setPageStage({
    limits: { messagesPerWindow: 1e6, editsPerWindow: 1e6, globalPerSecond: 1e6, oldEditsPerWindow: 1e6 },
  });
}, 60_000);
afterAll(() => stage?.close());

describe('the page under load', { timeout: 120_000 }, () => {
  it('stays responsive with 5,000 messages in a channel and 20 edits a second', async () => {
    const { playground, client } = stage;
    const mia = playground.as('member');
    for (let line = 0; line < messageCount; line += 1) await mia.say('tasks', `Line ${line} with **some** words and \`code\``);
    const channel = await client.channels.fetch(playground.world.channels.tasks);
    if (!channel?.isSendable()) throw new Error('tasks is a text channel');
    const button = { type: 2, style: 1, label: 'Press', custom_id: 'press' };
    const cards = await Promise.all(
      Array.from({ length: editsPerSecond }, (_, at) =>
        channel.send({ embeds: [card(at, 0)], components: [{ type: 1, components: [button] }] }),
      ),
    );
    const visitor = await stage.open('tasks');
    const { page } = visitor;
    await visitor.message('Card 19').waitFor();
    // All are loaded, as if the person had read upwards to the first one.
    const first = playground.messages('tasks')[0]?.id ?? '';
    const tasks = await watchTasks(page);
    await visitor.composer.fill(
      `https://discord.com/channels/${playground.world.guild}/${playground.world.channels.tasks}/${first}`,
    );
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '#tasks › message' }).click();
    await page.locator(`[data-message-id="${first}"]`).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Jump to present' }).click();
    await visitor.message('Card 19').waitFor();

    const end = performance.now() + editingMs;
    let edits = 0;
    while (performance.now() < end) {
      const started = performance.now();
      await Promise.all(cards.map((sent, at) => sent.edit({ embeds: [card(at, edits + 1)] })));
      edits += 1;
      // Typing goes on meanwhile.
      await visitor.composer.pressSequentially('x');
      const rest = (1_000 * cards.length) / editsPerSecond - (performance.now() - started);
      if (rest > 0) await page.waitForTimeout(rest);
    }
    await visitor.message(`Card 19, step ${edits}`).waitFor();
    expect(await visitor.composer.inputValue()).toBe('x'.repeat(edits));
    const { computed, elapsed } = await tasks.stop();
    const longest = (list: number[]) =>
      list
        .toSorted((one, other) => other - one)
        .slice(0, 8)
        .map(Math.round)
        .join(', ');
    console.log(`${edits * cards.length} edits; longest tasks: ${longest(computed)} ms computed, ${longest(elapsed)} ms elapsed`);
    expect(computed.length).toBeGreaterThan(100);
    expect(Math.max(...computed)).toBeLessThan(longestTaskMs);
    expect(stage.problems).toEqual([]);
  });
});

interface TraceEvent {
  name: string;
  ph: string;
  tid: number;
  pid: number;
  /** Microseconds: from the wall clock, and of the thread's own computing. */
  dur?: number;
  tdur?: number;
  args?: { name?: string };
}

/** Watches the tasks of the page's main thread; `stop` gives how long each computed and how long it took, in milliseconds. */
async function watchTasks(page: Page): Promise<{ stop(): Promise<{ computed: number[]; elapsed: number[] }> }> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => void events.push(...(value as unknown as TraceEvent[])));
  const includedCategories = ['devtools.timeline', 'disabled-by-default-devtools.timeline', '__metadata'];
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories } });
  return {
    async stop() {
      const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
      await session.send('Tracing.end');
      await complete;
      const main = events.filter((one) => one.name === 'thread_name' && one.args?.name === 'CrRendererMain');
      const isMain = (event: TraceEvent) => main.some((one) => one.tid === event.tid && one.pid === event.pid);
      const tasks = events.filter((one) => one.name === 'RunTask' && one.ph === 'X' && isMain(one));
      return { computed: tasks.map((one) => (one.tdur ?? 0) / 1_000), elapsed: tasks.map((one) => (one.dur ?? 0) / 1_000) };
    },
  };
}

function card(at: number, step: number) {
  return {
    title: `Card ${at}, step ${step}`,
    description: `Working on **it**: ${'▰'.repeat(step % 10)}`,
    fields: Array.from({ length: 6 }, (_, field) => ({ name: `Field ${field}`, value: `Value ${step}`, inline: true })),
  };
}
