/** The developer panel of the page, with a real bot: what it shows live, and what can be made to go wrong from it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Client } from 'discord.js';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPlayground, type Playground } from '../../../playground/index.js';
import { buildPage } from '../../../scripts/build-page.mjs';
import { launchChromium } from '../../playground/chromium.js';
import { answer, PAGE_COMMANDS } from '../../playground/page-bot.js';
import { FAST, login, newClient } from '../../playground/support.js';

let pageDir: string;
let playground: Playground;
let client: Client<true>;
let browser: Browser;
let page: Page;
let url: string;
let problems: string[];

beforeAll(async () => {
  pageDir = await mkdtemp(join(tmpdir(), 'page-'));
  await buildPage(pageDir);
  playground = createPlayground({ pageDir, limits: FAST });
  const { apiUrl, url: base } = await playground.listen();
  url = base;
  client = await login(newClient(apiUrl));
  await client.application.commands.set(PAGE_COMMANDS);
  await playground.botReady();
  client.on('interactionCreate', (interaction) => void answer(interaction, Promise.resolve()).catch(() => {}));
  browser = await launchChromium();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await client?.destroy();
  await playground?.close();
  await rm(pageDir, { recursive: true, force: true });
});

beforeEach(async () => {
  problems = [];
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(6_000);
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => line.type() === 'error' && problems.push(line.text()));
  await page.goto(url);
  await page.getByTestId('channel-tasks').click();
  await page.getByTestId('developer-toggle').click();
  await page.getByTestId('dev-tab-rest').waitFor();
});

afterEach(async () => {
  playground.faults.clear();
  await page.close();
  expect(problems).toEqual([]);
});

const tab = (name: string) => page.getByTestId(`dev-tab-${name}`).click();
const send = async (content: string) => {
  const channel = await client.channels.fetch(playground.world.channels.lab);
  if (!channel?.isSendable()) throw new Error('the lab channel is not one to send to');
  return channel.send(content);
};
/** The newest line whose text has this. */
const line = (list: string, text: string): Locator => page.getByTestId(list).locator('li').filter({ hasText: text }).first();
/** The form with this name in the panel's group. */
async function form(group: string, name: string): Promise<Locator> {
  await tab('faults');
  const details = page.locator('details').filter({ has: page.locator('summary', { hasText: group }) });
  if ((await details.getAttribute('open')) === null) await details.locator('summary').click();
  return page.getByRole('form', { name });
}

describe('the developer panel', { timeout: 20_000 }, () => {
  it('lists REST calls live, and shows the bodies of one with its secrets masked', async () => {
    await send('watch me');
    const post = line('dev-rest', '/channels/:id/messages');
    await post.waitFor();
    expect(await post.innerText()).toContain('POST');
    await post.getByRole('button').click();
    await post.getByRole('region', { name: 'Request body' }).getByText('watch me').waitFor();
    expect(await post.getByRole('region', { name: 'Answer headers' }).innerText()).toMatch(/x-ratelimit-remaining/i);
    await playground.as('admin').command('tasks', 'secret');
    const callback = line('dev-rest', '/callback');
    await callback.getByRole('button').click();
    expect(await callback.getByRole('region', { name: 'Path' }).innerText()).toMatch(/interactions\/\d+\/\*\*\*\/callback/);
  });

  it('filters and pauses the list', async () => {
    await send('one');
    await line('dev-rest', 'POST').waitFor();
    await page.getByLabel('Filter REST calls').fill('get gateway');
    await expect.poll(() => page.getByTestId('dev-rest').getByText('POST', { exact: true }).count()).toBe(0);
    await page.getByLabel('Filter REST calls').fill('');
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await page.getByRole('button', { name: 'Pause' }).click();
    await send('two');
    await page.getByText('1 waiting').waitFor();
    expect(await page.getByTestId('dev-rest').locator('[data-n]').count()).toBe(0);
    await page.getByRole('button', { name: 'Resume' }).click();
    await line('dev-rest', 'POST').waitFor();
  });

  it('shows gateway frames both ways', async () => {
    await tab('gateway');
    playground.faults.reconnectGateway();
    await line('dev-gateway', 'RECONNECT').waitFor();
    await line('dev-gateway', 'RESUME').waitFor();
    const resume = page
      .getByTestId('dev-gateway')
      .locator('li')
      .filter({ hasText: /RESUME(?!D)/ })
      .first();
    await resume.getByRole('button').click();
    await expect.poll(() => resume.getByRole('region', { name: 'Payload' }).innerText()).toContain('"token": "***"');
    await line('dev-gateway', 'RESUMED').waitFor();
  });

  it('shows buckets, and how often each route was limited', async () => {
    await tab('limits');
    await send('counted');
    await page.getByTestId('dev-limits').getByText('#agents-lab').first().waitFor();
    await page.getByTestId('dev-limits').getByRole('cell', { name: 'POST /channels/:id/messages', exact: true }).waitFor();
  });

  it('fails the next request, tells of it, and clears', async () => {
    const fail = await form('REST', 'The next requests fail');
    await fail.getByLabel('They will').selectOption('503');
    await fail.getByLabel('Route begins with').fill('/channels/:id/messages');
    await fail.getByLabel('How many').fill('2');
    await fail.getByRole('button', { name: 'Set' }).click();
    await page.getByTestId('dev-faults-now').getByText('The next 2 of /channels/:id/messages will answer 503').waitFor();
    await send('after two failures');
    await page.getByTestId('dev-faults-now').getByText('everything works').waitFor();
    await tab('rest');
    await line('dev-rest', '503').waitFor();
    const block = await form('Channels, messages, permissions', 'Block messages with a text (AutoMod)');
    await block.getByLabel('Text (empty: off)').fill('(spam');
    await block.getByRole('button').click();
    await page.getByTestId('dev-faults-now').getByText('200000').waitFor();
    await expect(send('this is (SPAM')).rejects.toMatchObject({ code: 200000 });
    await page.getByTestId('dev-clear').click();
    await page.getByTestId('dev-faults-now').getByText('everything works').waitFor();
    await send('this is (SPAM');
  });

  it('takes a permission away, drops the socket, tightens a limit, delivers twice', async () => {
    const take = await form('Channels, messages, permissions', 'Take a permission of the bot in a channel');
    await take.getByLabel('Channel').selectOption(playground.world.channels.lab);
    await take.getByLabel('Permission').selectOption('SendMessages');
    await take.getByRole('button').click();
    await page.getByTestId('dev-told').getByText('overwrite').waitFor();
    await expect(send('x')).rejects.toMatchObject({ code: 50013 });
    await page.getByTestId('dev-clear').click();
    await page.getByTestId('dev-faults-now').getByText('everything works').waitFor();

    const resumed = new Promise((resolve) => client.once('shardResume', resolve));
    await (await form('Gateway', 'Kill the socket without a close')).getByRole('button').click();
    await resumed;

    const tighten = await form('Limits', 'Tighten a route');
    await tighten.getByLabel('Requests').fill('0');
    await tighten.getByLabel('Per seconds').fill('1');
    await tighten.getByRole('button').click();
    await page.getByTestId('dev-told').getByText('limitRoute').waitFor();
    const limited = new Promise((resolve) => client.rest.once('rateLimited', resolve));
    const waiting = send('limited');
    await limited;
    await page.getByTestId('dev-clear').click();
    await waiting;

    const seen: string[] = [];
    const count = (interaction: { id: string }) => seen.push(interaction.id);
    client.on('interactionCreate', count);
    await playground.as('member').command('tasks', 'secret');
    const again = await form('Interactions', 'Deliver an interaction again');
    await expect.poll(() => again.getByLabel('Interaction').locator('option').count()).toBeGreaterThan(0);
    await again.getByRole('button').click();
    await expect.poll(() => seen.length).toBe(2);
    client.off('interactionCreate', count);
    expect(seen[1]).toBe(seen[0]);
  });

  it('moves the clock', async () => {
    await tab('time');
    const before = playground.clock.now();
    await page.getByRole('button', { name: '+15 min' }).click();
    await expect.poll(() => playground.clock.now() - before).toBeGreaterThanOrEqual(15 * 60_000);
    await page.getByLabel('Another step').fill('2');
    await page.getByLabel('Unit').selectOption({ label: 'hours' });
    await page.getByRole('button', { name: 'Move' }).click();
    await page.getByTestId('dev-now').getByText('ahead by 2 h 15 min').waitFor();
  });

  it('works by keyboard, gives the focus back, and listens only while it is open', async () => {
    const sockets: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    const focused = () => page.evaluate<string | null>("document.activeElement?.getAttribute('data-testid')");
    await expect.poll(focused).toBe('dev-tab-rest');
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('dev-tab-gateway');
    await page.keyboard.press('End');
    expect(await focused()).toBe('dev-tab-time');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByTestId('developer').isVisible()).toBe(false);
    expect(await focused()).toBe('developer-toggle');
    await page.keyboard.press('Enter');
    await expect.poll(focused).toBe('dev-tab-time');
    await expect.poll(() => sockets.filter((one) => one.endsWith('/dev')).length).toBe(1);
  });

  it('has no serious accessibility violation in any tab', async () => {
    await send('something to list');
    await line('dev-rest', 'POST').getByRole('button').click();
    await page.getByRole('region', { name: 'Request body' }).waitFor();
    await page.evaluate(axe.source);
    for (const name of ['rest', 'gateway', 'limits', 'faults', 'time']) {
      await tab(name);
      const found = (await page.evaluate(
        "axe.run('#developer', { resultTypes: ['violations'] }).then((result) => result.violations)",
      )) as { id: string; impact: string | null; nodes: { html: string }[] }[];
      const serious = found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(
        serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`),
        name,
      ).toEqual([]);
    }
  });

  it('fits a phone', async () => {
    await page.setViewportSize({ width: 390, height: 780 });
    for (const name of ['rest', 'gateway', 'limits', 'faults', 'time']) {
      await tab(name);
      const box = await page.getByTestId('developer').boundingBox();
      expect(box?.width, name).toBe(390);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth'), name).toBe(390);
    }
  });
});
