/** Whether the page of the local Discord stays responsive in a long channel in which much changes. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';
import { createPlayground, type Playground } from '../playground/index.js';
import type { Figure } from './report.js';

const MESSAGES = 5_000;
const EDITS_PER_SECOND = 20;
const EDIT_SECONDS = 10;
/** Chromium tells of longer tasks only. */
const SHORTEST_MS = 50;
const UNLIMITED = { messagesPerWindow: 1e6, editsPerWindow: 1e6, globalPerSecond: 1e6 };
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function browserPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = folders.flatMap((folder) => BROWSERS.map((name) => join(folder, name)));
  return process.env.CHROMIUM_PATH ?? paths.find((path) => existsSync(path));
}

/** A member's messages with one of the bot among every ten; gives the ids of the bot's. */
async function fill(playground: Playground, apiUrl: string, count: number): Promise<string[]> {
  const member = playground.as('member');
  const own: string[] = [];
  for (let n = 0; n < count; n += 1) {
    if (n % 10 !== 9) await member.say('tasks', `Message **${n}** of many, with \`code\` and <@${member.id}>`);
    else own.push(await post(apiUrl, playground.world.channels.tasks, n));
  }
  return own;
}

async function send(url: string, method: string, body: object): Promise<{ id: string }> {
  const headers = { authorization: 'Bot bench', 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${url} was answered ${response.status}`);
  return (await response.json()) as { id: string };
}

const card = (n: number, step: number) => ({
  embeds: [{ title: `Task ${n}`, description: `Step **${step}**`, fields: [{ name: 'State', value: 'running', inline: true }] }],
  components: [{ type: 1, components: [{ type: 2, style: 2, label: 'Details', custom_id: `details-${n}` }] }],
});

async function post(apiUrl: string, channelId: string, n: number): Promise<string> {
  return (await send(`${apiUrl}/v10/channels/${channelId}/messages`, 'POST', card(n, 0))).id;
}

/** Notes how long each long task took, from now on. */
async function watchTasks(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(`window.longTasks = []; new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.longTasks.push(entry.duration);
  }).observe({ type: 'longtask' });`);
  return async () => {
    // The observer is told when the page is idle.
    await sleep(300);
    const tasks = (await page.evaluate('window.longTasks.splice(0)')) as number[];
    return Math.max(SHORTEST_MS, ...tasks);
  };
}

/** Goes up until the first message is there. */
async function toTheTop(page: Page, firstId: string): Promise<void> {
  const first = page.locator(`[data-message-id="${firstId}"]`);
  for (let step = 0; step < MESSAGES && (await first.count()) === 0; step += 1) {
    await page.evaluate("document.querySelector('.scroller').scrollTop = 0");
    await sleep(30);
  }
  await first.waitFor({ state: 'attached', timeout: 10_000 });
}

async function edits(playground: Playground, apiUrl: string, ids: readonly string[]): Promise<void> {
  const channelId = playground.world.channels.tasks;
  const startedAt = performance.now();
  for (let n = 0; n < EDITS_PER_SECOND * EDIT_SECONDS; n += 1) {
    const id = ids.at(-1 - (n % Math.min(40, ids.length))) as string;
    await send(`${apiUrl}/v10/channels/${channelId}/messages/${id}`, 'PATCH', card(n, n));
    await sleep(Math.max(0, startedAt + ((n + 1) * 1000) / EDITS_PER_SECOND - performance.now()));
  }
}

/** No figure without a browser. */
export async function measurePage(scale: number): Promise<Figure[]> {
  const executablePath = browserPath();
  if (executablePath === undefined) return [];
  const playground = createPlayground({ limits: UNLIMITED });
  const browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
  try {
    const { url, apiUrl } = await playground.listen();
    const count = Math.ceil(MESSAGES * scale);
    const ids = await fill(playground, apiUrl, count);
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(url);
    const longest = await watchTasks(page);
    await page.getByTestId('channel-tasks').click();
    await toTheTop(page, playground.messages('tasks')[0]?.id ?? '');
    const reading = await longest();
    await page.getByTestId('composer').click();
    await page.getByRole('button', { name: 'Jump to present' }).click();
    const writing = page.keyboard.type('Something to say while all of this happens. '.repeat(3), { delay: 60 });
    await Promise.all([edits(playground, apiUrl, ids), writing]);
    const editing = await longest();
    return [
      { name: `the page: longest task while going up through ${count} messages`, unit: 'ms', values: [reading], below: 200 },
      {
        name: `the page: longest task with ${count} messages and ${EDITS_PER_SECOND} edits a second`,
        unit: 'ms',
        values: [editing],
        below: 200,
      },
    ];
  } finally {
    await browser.close();
    await playground.close();
  }
}
