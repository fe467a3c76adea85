import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { messages } from './bot.js';
import { type PageStage, setPageStage, type Visitor } from './stage.js';

let stage: PageStage;
let visitor: Visitor;
let send: (name: string) => Promise<string>;

beforeAll(async () => {
  stage = await setPageStage();
  const channel = await stage.client.channels.fetch(stage.playground.world.channels.tasks);
  if (!channel?.isSendable()) throw new Error('the tasks channel is not one to send to');
  send = async (name) => (await channel.send(messages(stage.playground.clock.now())[name] ?? {})).id;
}, 60_000);
beforeEach(async () => {
  visitor = await stage.open('tasks');
});
afterAll(() => stage?.close());
afterEach(async () => {
  await visitor.page.close();
  expect(stage.problems.splice(0)).toEqual([]);
});

const messageOf = (id: string) => visitor.page.locator(`[data-message-id="${id}"]`);

describe('components of messages', { timeout: 60_000 }, () => {
  it('draws and presses buttons of every style', async () => {
    const shown = messageOf(await send('buttons'));
    for (const name of ['Primary', 'Secondary', 'Success', 'Danger', 'Rocket']) {
      await shown.getByRole('button', { name }).click();
      await visitor.message(`Pressed ${name.toLowerCase()}`).getByRole('button', { name: 'Dismiss message' }).click();
    }
    expect(await shown.getByRole('button', { name: 'Off' }).isDisabled()).toBe(true);
    expect(await shown.getByRole('link', { name: 'Link' }).getAttribute('href')).toBe('https://example.com/');
    await shown.getByRole('button', { name: 'Silent' }).click();
    await expect.poll(() => shown.getByRole('button', { name: 'Silent' }).getAttribute('aria-busy')).toBe('true');
    await shown.getByText('This interaction failed').waitFor();
    expect(await shown.getByRole('button', { name: 'Silent' }).getAttribute('aria-busy')).toBeNull();
  });

  it('chooses in selects of every kind', async () => {
    const { page } = visitor;
    const { people, channels } = stage.playground.world;
    const shown = messageOf(await send('selects'));
    const open = (name: string) => shown.getByRole('combobox', { name, exact: true }).click();
    const choose = (text: string) => shown.getByTestId('choice').filter({ hasText: text }).first().click();
    await open('Choose up to two');
    await choose('First');
    await choose('Third');
    await shown.getByTestId('choice').filter({ hasText: 'Second' }).click();
    expect(await shown.getByRole('option', { selected: true }).count()).toBe(2);
    await page.keyboard.press('Escape');
    await visitor.message('string: 1, 3').waitFor();
    await open('Choose a person');
    await page.keyboard.type('mi');
    await shown.getByText('Search: mi').waitFor();
    await page.keyboard.press('Enter');
    await visitor.message(`users: ${people.member}`).waitFor();
    await open('Choose a role');
    // The list lies inside what is seen of the messages, wherever the select stands in it.
    const box = async (of: Locator) => (await of.boundingBox()) ?? { y: Number.NaN, height: 0 };
    const list = await box(shown.getByTestId('choices'));
    const room = await box(page.locator('.scroller'));
    expect(list.y + list.height).toBeLessThanOrEqual(room.y + room.height + 1);
    await choose('@Moderator');
    await visitor.message('roles: ').waitFor();
    await open('Choose a person or role');
    await choose('Max');
    await visitor.message(`mentionables: ${people.secondMember}`).waitFor();
    await open('Choose a channel');
    await choose('#agents-lab');
    await visitor.message(`channels: ${channels.lab}`).waitFor();
  });

  it('shows what a select has as its default', async () => {
    const channel = await stage.client.channels.fetch(stage.playground.world.channels.tasks);
    if (!channel?.isSendable()) throw new Error('the tasks channel is not one to send to');
    const { people } = stage.playground.world;
    const select = { type: 5, custom_id: 'preset', default_values: [{ id: people.member, type: 'user' }] };
    const { id } = await channel.send({ content: 'Preset', components: [{ type: 1, components: [select] }] as never });
    await messageOf(id).getByTestId('select-preset').getByText('Mia').waitFor();
  });

  it('draws Components V2: text, sections, pictures, files, separators, containers and spoilers', async () => {
    const shown = messageOf(await send('layout'));
    await shown.getByRole('heading', { name: 'Components V2' }).waitFor();
    await shown.getByRole('img', { name: 'A blue picture' }).waitFor();
    await shown.getByRole('img', { name: 'Red' }).waitFor();
    await shown.getByText('rows.csv').waitFor();
    await shown.getByTestId('text-preview').getByText('row 4,12').waitFor();
    await shown.getByRole('button', { name: 'Show 7 more lines' }).click();
    await shown.getByTestId('text-preview').getByText('row 11,33').waitFor();
    await shown.getByRole('button', { name: 'Spoiler: show the picture' }).click();
    await shown.getByRole('img', { name: 'Green' }).waitFor();
    await shown.getByRole('button', { name: 'Spoiler: show the content' }).click();
    await shown.getByText('A hidden container').waitFor();
    await shown.getByRole('button', { name: 'Press' }).click();
    await visitor.message('Pressed press').waitFor();
    // Files that a component shows are not shown a second time.
    expect(await shown.getByTestId('text-preview').count()).toBe(1);
  });

  it('draws Markdown, timestamps, embeds, pictures and files', async () => {
    const text = messageOf(await send('markdown'));
    await text.getByText('small print').waitFor();
    for (const tag of ['h3', 'strong', 'em', 'u', 's', 'code', 'ul', 'ol', 'blockquote', 'pre'])
      expect(await text.locator(`.content ${tag}`).count(), tag).toBeGreaterThan(0);
    await text.getByRole('button', { name: 'Spoiler, hidden' }).click();
    await text.getByText('a secret').waitFor();
    expect(await text.getByRole('link', { name: 'a link' }).getAttribute('href')).toBe('https://example.com/');
    const times = messageOf(await send('times'));
    await times.getByText('1 hour ago').waitFor();
    expect(await times.locator('time.md-time').count()).toBe(7);
    const embed = messageOf(await send('embed')).getByTestId('embed');
    for (const words of ['Weekly report', 'Everything at a glance', 'Done', 'Notes', 'Made by the bot'])
      await embed.getByText(words).first().waitFor();
    const image = embed.locator('img.embed-image');
    await expect.poll(() => image.evaluate((node) => (node as unknown as { naturalWidth: number }).naturalWidth)).toBe(320);
    const pictures = messageOf(await send('pictures'));
    await pictures.getByRole('img', { name: 'red.png' }).waitFor();
    expect(await pictures.locator('[inert]').count()).toBe(1);
    await pictures.getByRole('button', { name: 'Spoiler: show the picture' }).click();
    await expect.poll(() => pictures.locator('[inert]').count()).toBe(0);
    const files = messageOf(await send('files'));
    await files.getByRole('link', { name: 'Download archive.zip' }).waitFor();
    await files.getByText('2.00 KB').waitFor();
  });

  it('keeps what is open, focused and revealed in a message while another part of it changes', async () => {
    const channel = await stage.client.channels.fetch(stage.playground.world.channels.tasks);
    if (!channel?.isSendable()) throw new Error('the tasks channel is not one to send to');
    const select = { type: 3, custom_id: 'kept', placeholder: 'Kept', options: [{ label: 'One', value: '1' }] };
    const components = [{ type: 1, components: [select] }] as never;
    const sent = await channel.send({ content: 'Step 1', components });
    const shown = messageOf(sent.id);
    await shown.getByRole('combobox', { name: 'Kept' }).click();
    await shown.getByTestId('choice').waitFor();
    await sent.edit({ content: 'Step 2' });
    await shown.getByText('Step 2').waitFor();
    expect(await shown.getByTestId('choice').count()).toBe(1);
    expect(await shown.getByRole('combobox', { name: 'Kept' }).evaluate((node) => node.matches(':focus'))).toBe(true);
    await visitor.page.keyboard.press('Enter');
    await visitor.message('kept: 1').waitFor();
  });
});
