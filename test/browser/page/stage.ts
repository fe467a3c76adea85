/** A local Discord with its page, a bot that shows everything, and a browser: what every browser test of the page stands on. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'discord.js';
import type { Browser, Locator, Page } from 'playwright-core';
import { createPlayground, type Playground, type PlaygroundOptions } from '../../../playground/index.js';
import { buildPage } from '../../../scripts/build-page.mjs';
import { launchChromium } from '../../playground/chromium.js';
import { FAST, login, newClient } from '../../playground/support.js';
import { answer, COMMANDS } from './bot.js';

/** Waits are for what a slow machine needs; a test that passes does not wait. */
const patienceMs = 12_000;
/** Short, so that a bot that never answers does not hold the tests up; ample for one that does. */
const interactionDeadlineMs = 2_500;

export const desktop = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

export interface PageStage {
  playground: Playground;
  client: Client<true>;
  url: string;
  /** What went wrong in the pages so far: errors, and requests to another machine. */
  problems: string[];
  /** Opens the page in a channel. */
  open(channel?: string, size?: { width: number; height: number }): Promise<Visitor>;
  close(): Promise<void>;
}

/** A person at the page. */
export interface Visitor {
  page: Page;
  composer: Locator;
  /** The newest message whose text has this. */
  message(text: string): Locator;
  /** Types a command's name and takes it from the list. */
  command(name: string): Promise<void>;
  /** Fills an option of the command that is being written in; takes the first entry of its list when `choose` is set. */
  option(name: string, text: string, choose?: boolean): Promise<void>;
  /** Opens the menu of a message and takes the entry of this name. */
  act(message: Locator, entry: string): Promise<void>;
  /** Becomes another person. */
  become(username: string): Promise<void>;
}

export async function setPageStage(options: PlaygroundOptions = {}): Promise<PageStage> {
  const pageDir = await mkdtemp(join(tmpdir(), 'page-'));
  await buildPage(pageDir);
  const playground = createPlayground({ pageDir, ...options, limits: { ...FAST, interactionDeadlineMs, ...options.limits } });
  const { apiUrl, url } = await playground.listen();
  const client = await login(newClient(apiUrl));
  await client.application.commands.set(COMMANDS);
  await playground.botReady();
  client.on('interactionCreate', (interaction) => void answer(interaction, () => playground.clock.now()));
  const browser: Browser = await launchChromium();
  const problems: string[] = [];
  return {
    playground,
    client,
    url,
    problems,
    async open(channel = 'tasks', size = desktop) {
      const page = await browser.newPage({ viewport: size, colorScheme: 'dark', locale: 'en-GB', timezoneId: 'UTC' });
      page.setDefaultTimeout(patienceMs);
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (line) => line.type() === 'error' && problems.push(line.text()));
      page.on('request', (request) => {
        if (/^(http|ws)/.test(request.url()) && !request.url().startsWith(url)) problems.push(`asked ${request.url()}`);
      });
      const channelId = Object.entries(playground.world.channels).find(([name]) => name === channel)?.[1] ?? channel;
      await page.goto(`${url}/#/${channelId}`);
      await page.getByTestId('composer').waitFor();
      return visitor(page);
    },
    async close() {
      await browser.close();
      await client.destroy();
      await playground.close();
      await rm(pageDir, { recursive: true, force: true });
    },
  };
}

function visitor(page: Page): Visitor {
  const composer = page.getByTestId('composer');
  return {
    page,
    composer,
    message: (text) => page.getByTestId('message').filter({ hasText: text }).last(),
    async command(name) {
      await composer.fill(`/${name}`);
      const item = page.getByTestId('command-item').filter({ hasText: `/${name}` });
      await item.first().waitFor();
      await page.keyboard.press('Enter');
      await page.getByTestId('command-form').waitFor();
    },
    async option(name, text, choose = false) {
      const field = page.getByTestId(`option-${name}`);
      if ((await field.count()) === 0) {
        await page.getByTestId('more-options').click();
        await page
          .getByTestId('optional-item')
          .filter({ has: page.locator('.popup-label', { hasText: new RegExp(`^${name}$`) }) })
          .click();
      }
      await field.fill(text);
      if (choose)
        await page
          .getByTestId('choice')
          .filter({ hasText: new RegExp(text, 'i') })
          .first()
          .click();
    },
    async act(message, entry) {
      // Its focus shows the toolbar and brings it into view; a pointer would leave a message that scrolls away from under it.
      const more = message.getByRole('button', { name: 'More actions' });
      await more.focus();
      await more.click();
      await page.getByRole('menuitem', { name: entry, exact: true }).click();
    },
    async become(username) {
      await page.getByTestId('person-menu').click();
      await page.getByTestId(`person-${username}`).click();
      await page
        .getByTestId('person-menu')
        .filter({ hasText: new RegExp(username, 'i') })
        .waitFor();
    },
  };
}
