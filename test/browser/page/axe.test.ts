import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { messages } from './bot.js';
import { desktop, type PageStage, phone, setPageStage, type Visitor } from './stage.js';

let stage: PageStage;
let visitor: Visitor;

beforeAll(async () => {
  stage = await setPageStage({ notices: () => ['Running without Redis'] });
  const { playground, client } = stage;
  const { id } = await playground.as('member').say('tasks', `Hello <@${playground.world.people.admin}>, a **bold** word`);
  const channel = await client.channels.fetch(playground.world.channels.tasks);
  if (!channel?.isTextBased() || !channel.isSendable()) throw new Error('tasks is a text channel');
  await (await channel.messages.fetch(id)).react('👍');
  for (const message of Object.values(messages(playground.clock.now()))) await channel.send(message);
  const owner = await stage.open('tasks');
  await owner.act(owner.message('Hello @Ada'), 'Pin message');
  await owner.message('pinned a message').waitFor();
  await owner.page.close();
}, 60_000);
afterAll(() => stage?.close());
afterEach(async () => {
  await visitor.page.close();
  expect(stage.problems.splice(0)).toEqual([]);
});

interface Violation {
  id: string;
  impact: string | null;
  nodes: { html: string; failureSummary?: string }[];
}

/** What axe-core finds of impact "serious" or "critical", with the elements. */
async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate('typeof axe !== "undefined"'))) await page.evaluate(axe.source);
  // Animations that are under way change colours.
  await page.evaluate(
    'Promise.all(document.getAnimations().map((one) => one.effect.getTiming().iterations === Infinity ? null : one.finished))',
  );
  const found = (await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations)",
  )) as Violation[];
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`));
}

/** The main states of the page, each from a freshly opened one. */
const states: Record<string, (visitor: Visitor, size: { width: number }) => Promise<void>> = {
  channel: async () => {},
  'every kind of message': async ({ page }) => {
    await page.getByTestId('messages').evaluate((node) => node.parentElement?.scrollTo(0, 0));
  },
  'command list': async ({ page, composer }) => {
    await composer.fill('/');
    await page.getByTestId('command-item').first().waitFor();
  },
  'option chips': async ({ page, command, option }) => {
    await command('every');
    await option('text', 'x');
    await option('person', 'M');
    await page.getByTestId('choice').first().waitFor();
    await page.getByTestId('send').click();
    await page.locator('.hint-error').waitFor();
  },
  'optional options': async ({ page, command }) => {
    await command('every');
    await page.getByTestId('more-options').click();
    await page.getByTestId('optional-item').first().waitFor();
  },
  'form with errors': async ({ page, command }) => {
    await command('form');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Submit' }).click();
    await page.getByText('This field is required').waitFor();
  },
  'form with choices': async ({ page, message }) => {
    await message('Buttons of every style').getByRole('button', { name: 'Form' }).click();
    await page.getByRole('dialog', { name: 'Choices' }).waitFor();
  },
  'open select': async ({ page, message }) => {
    await message('Selects of every kind').getByRole('combobox', { name: 'Choose a person', exact: true }).click();
    await page.getByTestId('choice').first().waitFor();
  },
  'menu of a message': async ({ page, message }) => {
    const shown = message('Buttons of every style');
    await shown.focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('menu').waitFor();
  },
  'emoji picker': async ({ page, act, message }) => {
    await act(message('Buttons of every style'), 'Add reaction');
    await page.getByTestId('emoji-picker').waitFor();
  },
  'pinned messages': async ({ page }) => {
    await page.getByTestId('pins-toggle').click();
    await page.getByTestId('pin').waitFor();
  },
  threads: async ({ page }) => {
    await page.getByTestId('threads-toggle').click();
    await page.getByTestId('threads').waitFor();
  },
  people: async ({ page }, { width }) => {
    if (width < 760) await page.getByRole('button', { name: 'Channels and servers' }).click();
    await page.getByTestId('person-menu').click();
    await page.getByTestId('menu').waitFor();
  },
  'a message being changed': async ({ page, composer, message }) => {
    await composer.fill('To be changed');
    await page.keyboard.press('Enter');
    await message('To be changed').waitFor();
    await page.keyboard.press('ArrowUp');
    await page.getByTestId('edit-input').waitFor();
  },
  'what only one sees': async ({ page, command, option, message }) => {
    await command('show');
    await option('what', 'secret');
    await page.keyboard.press('Enter');
    await message('Between us').waitFor();
  },
};

for (const [name, size] of Object.entries({ desktop, phone })) {
  describe(`accessibility: ${name}`, { timeout: 60_000 }, () => {
    for (const [state, reach] of Object.entries(states)) {
      it(`finds no serious violation: ${state}`, async () => {
        visitor = await stage.open('tasks', size);
        await visitor.message('Buttons of every style').waitFor();
        await reach(visitor, size);
        expect(await violations(visitor.page)).toEqual([]);
      });
    }
  });
}
