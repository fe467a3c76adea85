import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'discord.js';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPlayground, type Playground } from '../../playground/index.js';
import { buildPage } from '../../scripts/build-page.mjs';
import { launchChromium } from './chromium.js';
import { answer, PAGE_COMMANDS } from './page-bot.js';
import { FAST, login, newClient } from './support.js';

/** Short, so that a bot that never answers does not hold the tests up; ample for one that does. */
const interactionDeadlineMs = 1_500;

let pageDir: string;
let playground: Playground;
let client: Client<true>;
let browser: Browser;
let url: string;
let page: Page;
let releaseSlow: () => void;
let problems: string[];

beforeAll(async () => {
  pageDir = await mkdtemp(join(tmpdir(), 'page-'));
  await buildPage(pageDir);
  playground = createPlayground({
    pageDir,
    notices: () => ['Running without Redis'],
    limits: { ...FAST, interactionDeadlineMs },
  });
  const { apiUrl, url: base } = await playground.listen();
  url = base;
  client = await login(newClient(apiUrl));
  await client.application.commands.set(PAGE_COMMANDS);
  await playground.botReady();
  const slow = new Promise<void>((resolve) => {
    releaseSlow = resolve;
  });
  client.on('interactionCreate', (interaction) => void answer(interaction, slow));
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
  page.on('request', (request) => {
    if (/^(http|ws)/.test(request.url()) && !request.url().startsWith(url)) problems.push(`asked ${request.url()}`);
  });
  await page.goto(url);
  await page.getByTestId('channel-tasks').click();
  await expect.poll(() => page.getByTestId('composer').getAttribute('placeholder')).toBe('Message #tasks');
});

afterEach(async () => {
  await page.close();
  expect(problems).toEqual([]);
});

function composer(): Locator {
  return page.getByTestId('composer');
}

/** The newest message whose text has this. */
function message(text: string): Locator {
  return page.getByTestId('message').filter({ hasText: text }).last();
}

function hasFocus(locator: Locator): Promise<boolean> {
  return locator.evaluate((node) => node.matches(':focus'));
}

/** Types a command's name and takes it from the list. */
async function command(name: string): Promise<void> {
  await composer().fill(`/${name}`);
  await page
    .getByTestId('command-item')
    .filter({ hasText: `/${name}` })
    .first()
    .waitFor();
  await page.keyboard.press('Enter');
}

describe('the page of the local Discord', { timeout: 20_000 }, () => {
  it('takes a command with autocomplete and options from the keyboard alone', async () => {
    await composer().focus();
    await page.keyboard.type('/task cr');
    await expect.poll(() => page.getByTestId('command-item').count()).toBe(1);
    await page.keyboard.press('Tab');
    await page.keyboard.type('fil');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByTestId('option-agent').inputValue()).toBe('file-processing');
    await page.keyboard.type('Quarterly report');
    await page.getByTestId('more-options').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('optional-item').first().waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('3');
    await page.keyboard.press('Enter');
    const card = message('Quarterly report');
    await card.waitFor();
    const text = await card.innerText();
    expect(text.replace(/\s+/g, ' ')).toContain('Ada used /task create');
    expect(text).toContain('file-processing');
    expect(await card.getByTestId('embed').locator('strong').innerText()).toBe('line');
    expect(await hasFocus(composer())).toBe(true);
  });

  it('asks for what is missing and says which values it takes', async () => {
    const before = playground.messages('tasks').length;
    await command('task create');
    await page.getByTestId('choice').first().waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    const form = page.getByTestId('command-form');
    await expect.poll(() => page.getByTestId('option-agent').getAttribute('aria-invalid')).toBe('true');
    await page.getByTestId('option-agent').fill('sample');
    await page.getByTestId('choice').filter({ hasText: 'sample' }).click();
    await page.getByTestId('option-title').fill('ab');
    await page.getByTestId('send').click();
    await page.getByText('At least 3 characters, now 2').waitFor();
    await page.getByTestId('option-title').fill('abc');
    await page.getByTestId('more-options').click();
    await page.getByTestId('optional-item').filter({ hasText: 'retries' }).click();
    await page.getByTestId('option-retries').fill('11');
    await page.keyboard.press('Enter');
    await page.getByText('Give a number from 0 to 10').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => form.count()).toBe(0);
    expect(playground.messages('tasks')).toHaveLength(before);
  });

  it('says so when choices cannot be loaded', async () => {
    await command('task create');
    await page.getByTestId('option-agent').fill('broken');
    await page.getByTestId('choices').getByText('Loading failed').waitFor();
  });

  it('sends a file, a person and a choice with a command', async () => {
    await command('task create');
    await page.getByTestId('option-agent').fill('sample');
    await page.getByTestId('choice').first().click();
    await page.getByTestId('option-title').fill('With a file');
    for (const name of ['owner', 'priority', 'hold']) {
      await page.getByTestId('more-options').click();
      await page.getByTestId('optional-item').filter({ hasText: name }).click();
      await page
        .getByTestId('choice')
        .filter({ hasText: { owner: 'Mia', priority: 'High', hold: 'True' }[name] ?? '' })
        .click();
    }
    await page.getByTestId('more-options').click();
    await page.getByTestId('optional-item').filter({ hasText: 'file' }).click();
    const chooser = page.waitForEvent('filechooser');
    await page.getByTestId('option-file').click();
    await (await chooser).setFiles({ name: 'data.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') });
    await page.getByTestId('command-form').getByText('data.csv').waitFor();
    // Enter on the chosen file sends, it does not ask for another one.
    await page.keyboard.press('Enter');
    const card = message('With a file');
    await card.getByText('data.csv, 8 bytes').waitFor();
    await card.getByText('@Mia').waitFor();
    await card.getByText('true', { exact: true }).waitFor();
  });

  it('fills a form, checks it, and submits it', async () => {
    await command('form');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Details of the task' });
    await dialog.waitFor();
    expect(await hasFocus(dialog.getByLabel('Title'))).toBe(true);
    await page.keyboard.press('Enter');
    await dialog.getByText('This field is required').waitFor();
    await page.keyboard.type('My form');
    await dialog.getByRole('combobox', { name: 'Level' }).press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Submit' }).click();
    await message('Form: My form / as usual / high').waitFor();
    expect(await dialog.count()).toBe(0);
  });

  it('leaves a form with Escape and gives the focus back', async () => {
    await command('form');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await hasFocus(composer())).toBe(true);
  });

  it('presses buttons, chooses in selects, and dismisses what only one person sees', async () => {
    await command('panel');
    await page.keyboard.press('Enter');
    const panel = message('A panel');
    await panel.waitFor();
    expect(await panel.getByRole('button', { name: 'Off' }).isDisabled()).toBe(true);
    await panel.getByRole('combobox', { name: 'Open a task' }).click();
    await panel.getByTestId('choice').filter({ hasText: 'Second' }).click();
    const note = message('Chose 2');
    await note.getByText('Only you can see this').waitFor();
    await note.getByRole('button', { name: 'Dismiss message' }).click();
    await expect.poll(() => note.count()).toBe(0);
    await panel.getByRole('button', { name: 'Cancel' }).click();
    await message('Pressed cancel').waitFor();
  });

  it('shows the bot thinking until the answer is there', async () => {
    await command('slow');
    await page.keyboard.press('Enter');
    await message('is thinking…').waitFor();
    releaseSlow();
    await message('Done thinking').waitFor();
  });

  it('says when the bot did not answer', async () => {
    await command('silent');
    await page.keyboard.press('Enter');
    await message('The application did not respond').waitFor();
  });

  it("runs an app's command on a message from the keyboard", async () => {
    await composer().fill('Please look at **this**');
    await page.keyboard.press('Enter');
    const mine = message('Please look at this');
    await mine.waitFor();
    await mine.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Create task' }).focus();
    await page.keyboard.press('Enter');
    await message('From message: Please look at this').waitFor();
  });

  it('switches person: each sees what is theirs', async () => {
    await command('secret');
    await page.keyboard.press('Enter');
    await message('Between us').waitFor();
    await page.getByTestId('person-menu').click();
    await page.getByRole('menuitemradio', { name: /^Mia/ }).click();
    await expect.poll(() => message('Between us').count()).toBe(0);
    expect(await page.getByTestId('channel-staff').count()).toBe(0);
    await page.getByTestId('person-menu').click();
    await page.getByRole('menuitemradio', { name: /^Sam/ }).click();
    await expect.poll(() => page.getByTestId('channel-tasks').count()).toBe(0);
  });

  it('tells of a mention in another channel and leads there', async () => {
    const channel = await client.channels.fetch(playground.world.channels.lab);
    if (!channel?.isSendable()) throw new Error('the lab channel is not one to send to');
    await channel.send(`<@${playground.world.people.admin}> your task is done`);
    await page.getByTestId('toast').filter({ hasText: 'your task is done' }).click();
    await message('your task is done').waitFor();
    await expect.poll(() => page.getByTestId('channel-agents-lab').getAttribute('aria-current')).toBe('page');
  });

  it('marks what is new since the last visit, and counts it as read then', async () => {
    const mia = playground.as('member');
    await mia.say('general', 'Something happened');
    await expect.poll(() => page.getByTestId('channel-general').getAttribute('class')).toContain('unread');
    await page.getByTestId('channel-general').click();
    await message('Something happened').waitFor();
    expect(await page.getByRole('separator', { name: 'New messages' }).count()).toBe(1);
    await expect.poll(() => page.getByTestId('channel-general').getAttribute('class')).not.toContain('unread');
  });

  it('loads older messages on the way up, and leads to a linked message', async () => {
    const mia = playground.as('member');
    const { id } = await mia.say('general', 'Where it all began');
    for (let line = 0; line < 120; line += 1) await mia.say('general', `Line ${line}`);
    const { guild, channels } = playground.world;
    await composer().fill(`https://discord.com/channels/${guild}/${channels.general}/${id}`);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '#general › message' }).click();
    await expect.poll(() => page.locator(`[data-message-id="${id}"]`).count()).toBe(1);
    await expect.poll(() => hasFocus(page.locator(`[data-message-id="${id}"]`))).toBe(true);
    await page.getByRole('button', { name: 'Jump to present' }).click();
    await expect.poll(() => message('Line 119').isVisible()).toBe(true);
  });

  it('mentions people by name', async () => {
    await composer().focus();
    await page.keyboard.type('Ask @mi');
    await page.getByTestId('mention-item').filter({ hasText: '@Mia' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('please');
    await page.keyboard.press('Enter');
    await message('Ask @Mia please').waitFor();
    expect(playground.messages('tasks').at(-1)?.content).toBe(`Ask <@${playground.world.people.member}> please`);
  });

  it('shows text as text, whatever it holds', async () => {
    await composer().fill('<img src=x onerror=alert(1)> [x](javascript:alert(1)) <script>1</script>');
    await page.keyboard.press('Enter');
    const mine = message('<img src=x onerror=alert(1)>');
    await mine.waitFor();
    expect(await mine.locator('.content img, .content script, .content a').count()).toBe(0);
  });

  it('says that the connection is lost, and comes back by itself', async () => {
    const first = createPlayground({ pageDir, limits: FAST });
    const { url: address, port } = await first.listen();
    const visitor = await browser.newPage();
    await visitor.goto(address);
    await visitor.getByTestId('channel-tasks').click();
    await first.close();
    await visitor.getByText('Connection to the local Discord lost').waitFor();
    const second = createPlayground({ pageDir, limits: FAST });
    await second.listen({ port });
    await visitor.getByText('Connection to the local Discord lost').waitFor({ state: 'hidden' });
    await visitor.getByTestId('composer').fill('Back again');
    await visitor.keyboard.press('Enter');
    await visitor.getByTestId('message').filter({ hasText: 'Back again' }).waitFor();
    await visitor.close();
    await second.close();
  });

  it('fits a narrow phone', async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    await page.getByRole('button', { name: 'Channels and servers' }).click();
    await page.getByTestId('channel-agents-lab').click();
    await expect.poll(() => composer().getAttribute('placeholder')).toBe('Message #agents-lab');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.getByTestId('notices').getByText('Running without Redis').waitFor();
  });
});
