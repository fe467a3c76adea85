import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

async function say(text: string): Promise<void> {
  await visitor.composer.fill(text);
  await visitor.page.keyboard.press('Enter');
  await visitor.message(text).waitFor();
}

describe('what people do with messages', { timeout: 60_000 }, () => {
  it('reacts by the picker and by a press, and takes it back', async () => {
    const { page } = visitor;
    await stage.playground.as('member').say('tasks', 'React to this');
    const shown = visitor.message('React to this');
    await visitor.act(shown, 'Add reaction');
    await page.getByTestId('emoji-picker').getByRole('button', { name: 'party' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const chip = shown.getByTestId('reactions').getByRole('button', { name: /^👎, 1: Ada/ });
    await chip.waitFor();
    expect(await chip.getAttribute('aria-pressed')).toBe('true');
    const stored = stage.playground.messages('tasks').at(-1);
    const channel = await stage.client.channels.fetch(stage.playground.world.channels.tasks);
    if (!channel?.isTextBased()) throw new Error('tasks is a text channel');
    await (await channel.messages.fetch(stored?.id ?? '')).react('🎉');
    await shown.getByRole('button', { name: /^🎉, 1: Bot/ }).click();
    await shown.getByRole('button', { name: /^🎉, 2: Bot, Ada/ }).click();
    await shown.getByRole('button', { name: /^🎉, 1: Bot/ }).waitFor();
    await chip.click();
    await expect.poll(() => chip.count()).toBe(0);
  });

  it('changes and deletes own messages from the keyboard', async () => {
    const { page } = visitor;
    await say('A mistke');
    await page.keyboard.press('ArrowUp');
    const input = page.getByTestId('edit-input');
    await expect.poll(() => input.evaluate((node) => node.matches(':focus'))).toBe(true);
    await input.fill('A mistake, corrected');
    await page.keyboard.press('Enter');
    const shown = visitor.message('A mistake, corrected');
    await shown.getByText('(edited)').waitFor();
    expect(await input.count()).toBe(0);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Escape');
    await expect.poll(() => input.count()).toBe(0);
    await shown.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Delete message' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Delete message' }).getByRole('button', { name: 'Delete' }).waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => shown.count()).toBe(0);
    expect(stage.playground.messages('tasks').map((message) => message.content)).not.toContain('A mistake, corrected');
  });

  it('offers each person only what that person may do', async () => {
    const { page } = visitor;
    await stage.playground.as('admin').say('tasks', 'By the owner');
    const entries = async () => {
      const shown = visitor.message('By the owner');
      await shown.hover();
      await shown.getByRole('button', { name: 'More actions' }).click();
      const names = await page.getByRole('menuitem').allInnerTexts();
      await page.keyboard.press('Escape');
      return names;
    };
    expect(await entries()).toEqual(expect.arrayContaining(['Edit message', 'Pin message', 'Delete message', 'Create thread']));
    await visitor.become('mia');
    await visitor.message('By the owner').waitFor();
    const forMia = await entries();
    expect(forMia).toEqual(expect.arrayContaining(['Add reaction', 'Reply', 'Create thread']));
    for (const name of ['Edit message', 'Pin message', 'Delete message']) expect(forMia).not.toContain(name);
    await visitor.become('mo');
    await visitor.message('By the owner').waitFor();
    const forMo = await entries();
    expect(forMo).toEqual(expect.arrayContaining(['Pin message', 'Delete message']));
    expect(forMo).not.toContain('Edit message');
  });

  it('pins a message, lists it, leads to it and takes the pin off', async () => {
    const { page } = visitor;
    await say('Worth keeping');
    await visitor.act(visitor.message('Worth keeping'), 'Pin message');
    await visitor.message('Ada pinned a message to this channel').waitFor();
    await page.getByTestId('pins-toggle').click();
    const pin = page.getByTestId('pin').filter({ hasText: 'Worth keeping' });
    await pin.getByRole('button', { name: 'Jump' }).click();
    await expect
      .poll(() =>
        page
          .getByTestId('message')
          .filter({ hasText: 'Worth keeping' })
          .first()
          .evaluate((node) => node.matches(':focus')),
      )
      .toBe(true);
    await page.getByTestId('pins-toggle').click();
    await pin.getByRole('button', { name: 'Unpin message' }).click();
    await page.getByText('This channel has no pinned messages yet.').waitFor();
    await page.keyboard.press('Escape');
    const line = visitor.message('Ada pinned a message to this channel');
    await line.hover();
    await line.getByRole('button', { name: 'More actions' }).click();
    // A line of Discord's own takes no pin, no change and no thread.
    expect(await page.getByRole('menuitem', { name: /^(Pin message|Edit message|Create thread)$/ }).count()).toBe(0);
    await page.keyboard.press('Escape');
  });

  it('makes mentions of names that were typed instead of chosen', async () => {
    await say('Ask @Mia or @mo in #general now');
    const shown = visitor.message('Ask @Mia');
    await expect.poll(() => shown.locator('.mention').allInnerTexts()).toEqual(['@Mia', '@Mo', '#general']);
  });

  it('starts a thread from a message, writes in it, archives it and finds it again', async () => {
    const { page, composer } = visitor;
    await say('Let us talk');
    await visitor.act(visitor.message('Let us talk'), 'Create thread');
    const dialog = page.getByRole('dialog', { name: 'New thread' });
    await dialog.getByLabel('Thread name').fill('A long talk');
    await page.keyboard.press('Enter');
    await expect.poll(() => composer.getAttribute('placeholder')).toBe('Message A long talk');
    await say('First in here');
    await page.getByTestId('channel-tasks').click();
    const box = visitor.message('Let us talk').getByTestId('thread-link');
    await box.filter({ hasText: '1 message' }).click();
    await page.getByTestId('archive-toggle').click();
    await page.getByRole('button', { name: 'Unarchive thread' }).waitFor();
    await page.getByTestId('channel-tasks').click();
    await expect.poll(() => page.getByTestId('channel-A long talk').count()).toBe(0);
    await page.getByTestId('threads-toggle').click();
    const list = page.getByTestId('threads');
    await list.getByText('Archived — 1').waitFor();
    await list.getByRole('button', { name: /A long talk/ }).click();
    await visitor.message('First in here').waitFor();
    await say('Back again');
    await page.getByTestId('channel-A long talk').waitFor();
  });

  it('shows the thread that a bot starts from a message, and one without', async () => {
    const { page } = visitor;
    const { id } = await stage.playground.as('member').say('tasks', 'Bot, start here');
    const channel = await stage.client.channels.fetch(stage.playground.world.channels.tasks);
    if (!channel || !('threads' in channel) || !channel.isTextBased()) throw new Error('tasks is a text channel');
    await (await channel.messages.fetch(id)).startThread({ name: 'Started by the bot' });
    await visitor.message('Bot, start here').getByTestId('thread-link').click();
    await expect.poll(() => visitor.composer.getAttribute('placeholder')).toBe('Message Started by the bot');
    await page.getByTestId('channel-tasks').click();
    await page.getByTestId('threads-toggle').click();
    await page.getByRole('button', { name: 'New thread' }).click();
    await page.getByLabel('Thread name').fill('From nothing');
    await page.keyboard.press('Enter');
    await page.getByTestId('channel-From nothing').waitFor();
    await page.getByTestId('channel-tasks').click();
    const line = visitor.message('Ada started a thread: From nothing');
    await line.getByRole('button', { name: 'From nothing' }).click();
    await expect.poll(() => visitor.composer.getAttribute('placeholder')).toBe('Message From nothing');
  });

  it('replies, and leads to the message that was answered', async () => {
    const { page } = visitor;
    const { id } = await stage.playground.as('member').say('tasks', 'A question?');
    const asked = page.locator(`[data-message-id="${id}"]`);
    await asked.hover();
    await asked.getByRole('button', { name: 'Reply' }).click();
    await page.getByText('Replying to Mia').waitFor();
    await say('An answer');
    await visitor.message('An answer').getByRole('button', { name: 'A question?' }).click();
    await expect.poll(() => asked.evaluate((node) => node.matches(':focus'))).toBe(true);
    expect(stage.playground.messages('tasks').at(-1)?.message_reference?.message_id).toBe(id);
  });
});
