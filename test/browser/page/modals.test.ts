import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { messages } from './bot.js';
import { type PageStage, setPageStage, type Visitor } from './stage.js';

let stage: PageStage;
let visitor: Visitor;

beforeAll(async () => {
  stage = await setPageStage();
}, 60_000);
beforeEach(async () => {
  visitor = await stage.open('tasks');
});
afterAll(() => stage?.close());
afterEach(async () => {
  await visitor.page.close();
  expect(stage.problems.splice(0)).toEqual([]);
});

describe('modals', { timeout: 60_000 }, () => {
  it('checks and submits texts, selects and files', async () => {
    const { page } = visitor;
    await visitor.command('form');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Every kind of field' });
    await dialog.getByText('Fill this in, please.').waitFor();
    const submit = dialog.getByRole('button', { name: 'Submit' });
    await submit.click();
    await dialog.getByText('This field is required').waitFor();
    await dialog.getByText('Choose one').waitFor();
    await dialog.getByText('A file is required').waitFor();
    await dialog.getByLabel('Name').fill('ab');
    await submit.click();
    await dialog.getByText('At least 3 characters, now 2').waitFor();
    await dialog.getByLabel('Name').fill('Report');
    await dialog.getByRole('combobox', { name: 'Level' }).click();
    await dialog.getByTestId('choice').filter({ hasText: 'High' }).click();
    await dialog.getByRole('combobox', { name: 'Reviewer' }).click();
    await dialog.getByTestId('choice').filter({ hasText: 'Mia' }).click();
    const chooser = page.waitForEvent('filechooser');
    await dialog.getByRole('button', { name: 'File' }).click();
    const file = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('x') });
    await (await chooser).setFiles([file('one.txt'), file('two.txt')]);
    await dialog.getByText('two.txt').waitFor();
    await submit.click();
    const answer = visitor.message('name = Report');
    for (const line of ['level = high', `reviewer = ${stage.playground.world.people.member}`, 'file = one.txt, two.txt'])
      await answer.getByText(line).waitFor();
    expect(await dialog.count()).toBe(0);
  });

  it('checks and submits radio buttons, checkboxes, channels and long texts, from the keyboard', async () => {
    const { page } = visitor;
    const channel = await stage.client.channels.fetch(stage.playground.world.channels.tasks);
    if (!channel?.isSendable()) throw new Error('the tasks channel is not one to send to');
    const { id } = await channel.send(messages(stage.playground.clock.now()).buttons ?? {});
    await page.locator(`[data-message-id="${id}"]`).getByRole('button', { name: 'Form' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Choices' });
    await dialog.waitFor();
    await dialog.getByRole('button', { name: 'Submit' }).press('Enter');
    expect(await dialog.getByText('Choose one', { exact: true }).count()).toBeGreaterThanOrEqual(2);
    await dialog.getByRole('radio', { name: 'Fast' }).press('Space');
    await dialog.getByRole('checkbox', { name: 'Cake' }).press('Space');
    await dialog.getByRole('checkbox', { name: 'Tea' }).press('Space');
    await dialog.getByRole('checkbox', { name: 'Milk' }).press('Space');
    await dialog.getByRole('button', { name: 'Submit' }).press('Enter');
    await dialog.getByText('Choose at most 2').waitFor();
    await dialog.getByRole('checkbox', { name: 'Milk' }).press('Space');
    await dialog.getByRole('checkbox', { name: 'I agree' }).press('Space');
    await dialog.getByRole('combobox', { name: 'Where' }).press('ArrowDown');
    await page.keyboard.type('gen');
    await page.keyboard.press('Enter');
    await dialog.getByLabel('About').fill('A longer\ntext');
    await dialog.getByLabel('About').press('Control+Enter');
    const answer = visitor.message('speed = fast');
    for (const line of [
      'extras = cake, tea',
      'agree = true',
      `where = ${stage.playground.world.channels.general}`,
      'about = A longer',
    ])
      await answer.getByText(line).waitFor();
    await expect.poll(() => dialog.count()).toBe(0);
  });

  it('keeps the focus inside, closes with Escape, and gives it back', async () => {
    const { page } = visitor;
    await visitor.command('form');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    for (let step = 0; step < 12; step += 1) {
      await page.keyboard.press('Tab');
      expect(await dialog.evaluate((node) => node.matches(':focus-within'))).toBe(true);
    }
    await page.keyboard.press('Escape');
    expect(await dialog.count()).toBe(0);
    expect(await visitor.composer.evaluate((node) => node.matches(':focus'))).toBe(true);
  });
});
