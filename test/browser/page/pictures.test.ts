import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { messages } from './bot.js';
import { desktop, type PageStage, phone, setPageStage, type Visitor } from './stage.js';

/** Kept for looking at; `npm run screenshot -- page` takes them anew. */
const folder = join(import.meta.dirname, '..', '..', '..', 'test-artifacts', 'page');
const sizes = { desktop, phone };

let stage: PageStage;

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  stage = await setPageStage({ notices: () => ['Running without Redis'] });
  const { playground, client } = stage;
  const { id } = await playground.as('member').say('agents-lab', 'Hello there, is **anybody** here?');
  const channel = await client.channels.fetch(playground.world.channels.lab);
  if (!channel?.isSendable()) throw new Error('the lab channel is not one to send to');
  const hello = channel.isTextBased() && 'threads' in channel ? await channel.messages.fetch(id) : undefined;
  await hello?.react('🎉');
  await hello?.startThread({ name: 'A thread of its own' });
  for (const message of Object.values(messages(playground.clock.now()))) await channel.send(message);
}, 60_000);

afterAll(() => stage?.close());

async function shoot(visitor: Visitor, name: string): Promise<void> {
  await visitor.page.mouse.move(0, 0);
  await visitor.page.evaluate('document.fonts.ready');
  const taken = await visitor.page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' });
  expect(taken.length).toBeGreaterThan(1_000);
}

for (const [size, viewport] of Object.entries(sizes)) {
  it(`takes pictures of messages of every kind: ${size}`, { timeout: 90_000 }, async () => {
    const visitor = await stage.open('lab', viewport);
    const { page } = visitor;
    for (const [name, text] of Object.entries(shown)) {
      await visitor.message(text).scrollIntoViewIfNeeded();
      await visitor.page.evaluate(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`);
      await shoot(visitor, `${size}-${name}`);
    }
    await page.close();
  });
}

/** States of the page, each reached from a freshly opened one. */
const states: Record<string, (visitor: Visitor, size: { width: number }) => Promise<void>> = {
  'command-list': async ({ page, composer }) => {
    await composer.fill('/');
    await page.getByTestId('command-item').first().waitFor();
  },
  chips: async ({ page, command, option }) => {
    await command('every');
    await option('text', 'Some text');
    await option('choice', 'High', true);
    await option('whole', '11');
    await option('person', 'M');
    await page.getByTestId('choice').first().waitFor();
  },
  'loading-failed': async ({ page, command, option }) => {
    await command('every');
    await option('live', 'broken');
    await page.getByText('Loading failed').waitFor();
  },
  form: async ({ page, command }) => {
    await command('form');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Submit' }).click();
    await page.getByText('This field is required').waitFor();
  },
  choices: async ({ page, message }) => {
    await message('Buttons of every style').getByRole('button', { name: 'Form' }).click();
    await page.getByRole('dialog', { name: 'Choices' }).waitFor();
  },
  select: async ({ page, message }) => {
    await message('Selects of every kind').getByRole('combobox', { name: 'Choose a person', exact: true }).click();
    await page.getByTestId('choice').first().waitFor();
  },
  menu: async ({ page, message }) => {
    await message('Buttons of every style').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('menu').waitFor();
  },
  reactions: async ({ page, message }) => {
    await message('Hello there').scrollIntoViewIfNeeded();
    await message('Hello there').getByTestId('reactions').getByRole('button', { name: 'Add a reaction' }).click();
    await page.getByTestId('emoji-picker').waitFor();
  },
  thread: async ({ page, message }) => {
    await message('Hello there').scrollIntoViewIfNeeded();
    await page.getByTestId('threads-toggle').click();
    await page.getByTestId('threads').getByText('A thread of its own').waitFor();
  },
  people: async ({ page }, { width }) => {
    if (width < 760) await page.getByRole('button', { name: 'Channels and servers' }).click();
    await page.getByTestId('person-menu').click();
    await page.getByTestId('menu').waitFor();
  },
  edit: async ({ page, composer, message }) => {
    await composer.fill('To be changed');
    await page.keyboard.press('Enter');
    await message('To be changed').waitFor();
    await page.keyboard.press('ArrowUp');
    await page.getByTestId('edit-input').waitFor();
  },
  answers: async ({ page, command, option, message }) => {
    for (const what of ['secret', 'thinking', 'nothing']) {
      await command('show');
      await option('what', what);
      await page.keyboard.press('Enter');
    }
    await message('The application did not respond').waitFor();
  },
};

for (const [size, viewport] of Object.entries(sizes)) {
  it(`takes pictures of the states of the page: ${size}`, { timeout: 120_000 }, async () => {
    for (const [name, reach] of Object.entries(states)) {
      const visitor = await stage.open('lab', viewport);
      await visitor.message('A long line').waitFor();
      await reach(visitor, viewport);
      await shoot(visitor, `${size}-${name}`);
      await visitor.page.close();
    }
  });
}

/** Pictures of the messages by a text that they show. */
const shown = {
  markdown: 'A heading',
  embed: 'Everything at a glance',
  files: 'A table and a note',
  buttons: 'Buttons of every style',
  selects: 'Selects of every kind',
  layout: 'Components V2',
  long: 'A long line',
};
