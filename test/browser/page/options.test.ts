import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PageStage, setPageStage, type Visitor } from './stage.js';

let stage: PageStage;
let visitor: Visitor;

beforeAll(async () => {
  stage = await setPageStage();
}, 60_000);
afterAll(() => stage?.close());
afterEach(async () => {
  await visitor.page.close();
  expect(stage.problems.splice(0)).toEqual([]);
});

/** Drops or pastes a file, the way a browser tells the page of it. */
function give(how: 'drop' | 'paste', name: string): string {
  return `(() => {
    const data = new DataTransfer();
    data.items.add(new File(['a,b'], ${JSON.stringify(name)}, { type: 'text/csv' }));
    const event = ${how === 'drop' ? "new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })" : "new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })"};
    (document.activeElement ?? document.body).dispatchEvent(event);
  })()`;
}

describe('options of commands', { timeout: 60_000 }, () => {
  it('takes an option of every type and sends what was chosen', async () => {
    visitor = await stage.open('tasks');
    const { page, option } = visitor;
    await visitor.command('every');
    await option('text', 'Some text');
    await option('choice', 'High', true);
    await option('live', 'bet', true);
    await option('whole', '7');
    await option('number', '2.5');
    await option('switch', 'True', true);
    await option('person', 'Mia', true);
    await option('channel', 'agents', true);
    await option('role', 'Moderator', true);
    await option('whom', 'Mo', true);
    await page.getByTestId('more-options').click();
    await page
      .getByTestId('optional-item')
      .filter({ has: page.locator('.popup-label', { hasText: /^file$/ }) })
      .click();
    const chooser = page.waitForEvent('filechooser');
    await page.getByTestId('option-file').click();
    await (await chooser).setFiles({ name: 'clicked.csv', mimeType: 'text/csv', buffer: Buffer.from('a') });
    await page.getByTestId('command-form').getByText('clicked.csv').waitFor();
    await page.getByTestId('send').click();
    const { people, channels, guild } = stage.playground.world;
    const moderators = (await stage.client.guilds.fetch(guild)).roles.cache.find((role) => role.name === 'Moderator')?.id;
    const shown = await visitor.message('text = Some text').innerText();
    for (const line of [
      'choice = high',
      'live = beta',
      'whole = 7',
      'number = 2.5',
      'switch = true',
      `person = ${people.member}`,
      `channel = ${channels.lab}`,
      `role = ${moderators}`,
      'file = clicked.csv',
    ])
      expect(shown).toContain(line);
    expect(shown).toContain(`whom = ${people.moderator}`);
  });

  it('says what is wrong with a value, and what is missing', async () => {
    visitor = await stage.open('tasks');
    const { page, option } = visitor;
    await visitor.command('every');
    const said = (text: string) => page.locator('.hint-error').filter({ hasText: text }).waitFor();
    await page.getByTestId('send').click();
    await said('This option is required');
    await option('text', 'x');
    await said('At least 2 characters, now 1');
    await option('text', 'fine');
    await option('whole', '1.5');
    await said('Give a whole number');
    await option('whole', '11');
    await said('Give a number from 1 to 10');
    await option('whole', '');
    await option('number', '0.1');
    await said('Give a number of at least 0.5');
    await option('number', '1');
    await option('person', 'Nobody at all');
    await said('Choose a person from the list');
    await page.getByTestId('option-person').press('Escape');
    await option('person', '');
    await option('channel', 'staff', true);
    // Categories and threads are not among the types that this option takes; a person is no role.
    await option('role', 'Mia');
    await page.getByTestId('choices').getByText('Nothing fits').waitFor();
    await option('role', '');
    await page.getByTestId('send').click();
    await visitor.message(`channel = ${stage.playground.world.channels.staff}`).waitFor();
  });

  it('completes live, drops answers that are late, and says when loading failed', async () => {
    visitor = await stage.open('tasks');
    const { page, option } = visitor;
    await visitor.command('every');
    await option('text', 'fine');
    await option('live', 'al');
    await expect.poll(() => page.getByTestId('choice').allInnerTexts(), { timeout: 12_000 }).toEqual(['ALPHA']);
    await page.getByTestId('option-live').fill('gam');
    await expect.poll(() => page.getByTestId('choice').allInnerTexts(), { timeout: 12_000 }).toEqual(['GAMMA']);
    await page.getByTestId('option-live').fill('broken');
    await page.getByTestId('choices').getByText('Loading failed').waitFor();
  });

  it('takes files that are dropped and pasted, and leaves a command from the keyboard', async () => {
    visitor = await stage.open('tasks');
    const { page } = visitor;
    await visitor.command('every');
    await visitor.option('text', 'files');
    await page.evaluate(give('drop', 'dropped.csv'));
    await page.getByTestId('option-file').filter({ hasText: 'dropped.csv' }).waitFor();
    await page.getByTestId('option-text').focus();
    await page.evaluate(give('paste', 'pasted.csv'));
    await page.getByTestId('option-second').filter({ hasText: 'pasted.csv' }).waitFor();
    await page.keyboard.press('Enter');
    const card = visitor.message('text = files');
    await card.getByText('file = dropped.csv').waitFor();
    await card.getByText('second = pasted.csv').waitFor();
    await visitor.composer.focus();
    await page.evaluate(give('paste', 'note.csv'));
    await page.evaluate(give('drop', 'other.csv'));
    await page.getByRole('list', { name: 'Files to send' }).getByText('other.csv').waitFor();
    await page.getByRole('button', { name: 'Remove other.csv' }).click();
    await visitor.composer.fill('With one file');
    await page.keyboard.press('Enter');
    const said = visitor.message('With one file');
    await said.getByText('note.csv').waitFor();
    await said.getByTestId('text-preview').getByText('a,b').waitFor();
    expect(
      stage.playground
        .messages('tasks')
        .at(-1)
        ?.attachments.map((file) => file.filename),
    ).toEqual(['note.csv']);
  });

  it('offers what the place and the person allow', async () => {
    visitor = await stage.open('tasks');
    const { page, composer } = visitor;
    const offered = async () => {
      await composer.fill('/');
      await page.getByTestId('command-item').first().waitFor();
      const names = await page.getByTestId('command-item').locator('.popup-label').allInnerTexts();
      await composer.fill('');
      return names;
    };
    expect(await offered()).toEqual(['/every', '/form', '/show', '/staff']);
    await page.getByRole('button', { name: 'Direct messages', exact: true }).click();
    await expect.poll(() => composer.getAttribute('placeholder')).toBe('Message @Bot');
    await expect.poll(offered).toEqual(['/every', '/form', '/show']);
    await visitor.become('mia');
    await page.getByTitle('Workshop').click();
    await expect.poll(() => composer.getAttribute('placeholder')).toBe('Message #general');
    await expect.poll(offered).toEqual(['/every', '/form', '/show']);
    await visitor.become('mo');
    await expect.poll(offered).toEqual(['/every', '/form', '/show', '/staff']);
  });

  it("runs apps' commands on messages and on people", async () => {
    visitor = await stage.open('tasks');
    const { page, composer } = visitor;
    await composer.fill('Something to look at');
    await page.keyboard.press('Enter');
    await visitor.act(visitor.message('Something to look at'), 'Inspect message');
    await visitor.message('Looked at: Something to look at').waitFor();
    await page.getByRole('complementary', { name: 'Members' }).getByRole('button', { name: /^Mia/ }).click();
    await page.getByRole('menuitem', { name: 'Inspect person' }).click();
    await visitor.message('Looked at: mia').waitFor();
  });
});
