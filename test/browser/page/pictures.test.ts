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
  await playground.as('member').say('agents-lab', 'Hello there, is **anybody** here?');
  const channel = await client.channels.fetch(playground.world.channels.lab);
  if (!channel?.isSendable()) throw new Error('the lab channel is not one to send to');
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
