/**
 * What a newcomer does in the page, with the whole bot behind it: give a task, see its card move, cancel and retry it, read the result, answer a form,
 * rate, look at the details.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildPage } from '../../scripts/build-page.mjs';
import { type Hall, openHall } from '../commands/hall.js';
import { launchChromium } from '../playground/chromium.js';

let pageDir: string;
let hall: Hall;
let browser: Browser;
let page: Page;
let problems: string[];

beforeAll(async () => {
  pageDir = await mkdtemp(join(tmpdir(), 'page-'));
  await buildPage(pageDir);
  [hall, browser] = await Promise.all([openHall({ pageDir }), launchChromium()]);
  await hall.playground.botReady();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await hall?.close();
  await rm(pageDir, { recursive: true, force: true });
});

beforeEach(async () => {
  problems = [];
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => line.type() === 'error' && problems.push(line.text()));
  await page.goto(hall.url);
  await page.getByTestId('channel-tasks').click();
});

afterEach(async () => {
  await page.close();
  expect(problems).toEqual([]);
});

/** Types a command as a person does: the name, each option, Enter. */
async function command(name: string, options: Record<string, string>): Promise<void> {
  await page.getByTestId('composer').click();
  await page.keyboard.type(`/${name}`);
  await page.getByTestId('command-item').first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByTestId('command-form').waitFor();
  for (const [option, value] of Object.entries(options)) {
    const input = page.getByTestId(`option-${option}`);
    if ((await input.count()) === 0) {
      await page.getByTestId('more-options').click();
      await page.getByTestId('optional-item').filter({ hasText: option }).first().click();
    }
    await input.click();
    await page.keyboard.type(value);
    if (['agent', 'id', 'priority'].includes(option)) {
      await page.getByTestId('choice').first().waitFor();
      await page.keyboard.press('Enter');
      await page.getByTestId('choices').waitFor({ state: 'detached' });
    }
  }
  await page.keyboard.press('Enter');
}

/** The message with the card of a task: the one that has buttons. */
function cardOf(title: string): Locator {
  return page
    .getByTestId('message')
    .filter({ has: page.getByTestId('embed').filter({ hasText: title }) })
    .filter({ has: page.getByRole('button', { name: 'Details' }) })
    .last();
}

test('a task is given, moves, is completed, told and rated', async () => {
  await command('task create', { agent: 'sample', title: 'Count the ships', input: 'delayMs=8000 steps=5' });
  const card = cardOf('Count the ships');
  await card.getByText('Running').waitFor();
  await card.getByText(/Step [2-5] of 5/).waitFor();
  await card.getByText('Done', { exact: true }).waitFor();
  await page.getByTestId('message').filter({ hasText: 'your task is done' }).last().waitFor();
  await card.getByRole('button', { name: '👍' }).click();
  await card.getByRole('button', { name: 'Details' }).click();
  await page.getByTestId('message').filter({ hasText: 'History' }).filter({ hasText: 'Only you can see this' }).last().waitFor();
  const [task] = (await hall.stored('ships')).tasks;
  expect(task).toMatchObject({ status: 'completed', score: 1 });
});

test('a running task is cancelled and retried by its buttons', async () => {
  await command('task create', { agent: 'sample', title: 'Paint the hull', input: 'delayMs=60000' });
  const card = cardOf('Paint the hull');
  await card.getByText('Running').waitFor();
  await card.getByRole('button', { name: 'Cancel' }).click();
  await card.getByText('Cancelled').waitFor();
  await card.getByRole('button', { name: 'Retry' }).click();
  await card.getByText('Running').waitFor();
  await command('task cancel', { id: 'Paint' });
  await card.getByText('Cancelled').waitFor();
  const [task] = (await hall.stored('hull')).tasks;
  expect(task).toMatchObject({ status: 'cancelled', attempt: 2 });
});

test('a form asks for the input that is missing, and a file comes with the result', async () => {
  await command('task create', { agent: 'batch', title: 'Shout the names' });
  const form = page.getByRole('dialog');
  await form.getByLabel(/Items/).fill('hull\nmast\nsail');
  await form.getByRole('button', { name: 'Submit' }).click();
  const card = cardOf('Shout the names');
  await card.getByText('Done', { exact: true }).waitFor();
  await card.getByText('results.csv').first().waitFor();
});

test('a member sees and may do less than an admin', async () => {
  await page.getByTestId('person-menu').click();
  await page.getByTestId('person-max').click();
  await page.getByTestId('channel-tasks').click();
  await page.getByTestId('composer').click();
  await page.keyboard.type('/admin');
  await page.getByTestId('commands').getByText('/admin', { exact: false }).waitFor({ state: 'detached', timeout: 1000 });
  await page.keyboard.press('Escape');
  await cardOf('Shout the names').getByText('Done', { exact: true }).waitFor();
  expect(await page.getByTestId('channel-staff').count()).toBe(0);
});
