import { ChannelType, PermissionFlagsBits } from 'discord.js';
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

describe('reading', { timeout: 60_000 }, () => {
  it('tells of a mention while the channel is scrolled away, and leads to it', async () => {
    visitor = await stage.open('general');
    const { page } = visitor;
    const mia = stage.playground.as('member');
    for (let line = 0; line < 60; line += 1) await mia.say('general', `Line ${line}`);
    await visitor.message('Line 59').waitFor();
    await page.getByTestId('messages').evaluate((node) => node.parentElement?.scrollTo(0, 0));
    await page.getByRole('button', { name: 'Jump to present' }).waitFor();
    await mia.say('general', `<@${stage.playground.world.people.admin}> look here`);
    await page.getByTestId('toast').filter({ hasText: 'Mia in #general' }).waitFor();
    // On a slow machine the last of the lines may count too.
    await page.getByRole('button', { name: /^\d+ new messages? • Jump to present$/ }).waitFor();
    await expect.poll(() => page.title()).toBe('(1) #general | Local Discord');
    await page.getByTestId('toast').click();
    const shown = visitor.message('look here');
    await expect.poll(() => shown.evaluate((node) => node.matches(':focus'))).toBe(true);
    await page.getByRole('separator', { name: 'New messages' }).waitFor();
    await expect.poll(() => page.title()).toBe('#general | Local Discord');
  });

  it('counts unread messages and mentions of each channel and server', async () => {
    visitor = await stage.open('tasks');
    const { page } = visitor;
    const mia = stage.playground.as('member');
    await mia.say('agents-lab', 'Nothing special');
    await expect
      .poll(() => page.getByTestId('channel-agents-lab').getAttribute('aria-label'))
      .toBe('agents-lab, channel, unread: 1');
    await expect.poll(() => page.title()).toBe('• #tasks | Local Discord');
    await mia.say('agents-lab', `<@${stage.playground.world.people.admin}> this is`);
    await page.getByRole('button', { name: 'Workshop, unread mentions: 1' }).waitFor();
    await page.getByTestId('channel-agents-lab').click();
    await expect.poll(() => page.title()).toBe('#agents-lab | Local Discord');
  });

  it("keeps to the playground's clock when it is moved", async () => {
    visitor = await stage.open('staff');
    const channel = await stage.client.channels.fetch(stage.playground.world.channels.staff);
    if (!channel?.isSendable()) throw new Error('staff is a text channel');
    const seconds = Math.floor(stage.playground.clock.now() / 1000);
    await channel.send(`Begun <t:${seconds}:R>, due <t:${seconds + 7_200}:R>`);
    const shown = visitor.message('Begun');
    await expect.poll(() => shown.innerText()).toContain('due in 2 hours');
    await expect.poll(() => shown.innerText()).toContain('Today at');
    await stage.playground.clock.advance(3_600_000);
    await expect.poll(() => shown.innerText()).toMatch(/Begun 1 hour ago, due in (1 hour|60 minutes)/);
    await stage.playground.clock.advance(23 * 3_600_000);
    await expect.poll(() => shown.innerText()).toContain('Yesterday at');
    await expect.poll(() => shown.innerText()).toContain('Begun 1 day ago');
  });

  it('follows channels and rights as they change, without losing the place', async () => {
    visitor = await stage.open('tasks');
    const { page } = visitor;
    const { playground } = stage;
    const id = playground.addChannel(playground.world.guild, 'passing');
    await page.getByTestId('channel-passing').click();
    await visitor.composer.fill('A draft');
    playground.addChannel(playground.world.guild, 'another');
    await page.getByTestId('channel-another').waitFor();
    expect(await visitor.composer.inputValue()).toBe('A draft');
    playground.faults.deleteChannel(id);
    await expect.poll(() => visitor.composer.getAttribute('placeholder')).toBe('Message #general');
    await visitor.become('mia');
    const sendMessages = 2_048n;
    playground.faults.overwrite(playground.world.channels.general, playground.world.people.member, 0n, sendMessages);
    await expect.poll(() => visitor.composer.getAttribute('placeholder')).toBe('You cannot send messages in this channel');
    const nora = playground.addPerson('nora');
    playground.addMember(playground.world.guild, nora);
    await page.getByRole('complementary', { name: 'Members' }).getByRole('button', { name: /^Nora/ }).waitFor();
  });

  it('groups channels under the headings of their categories, which are no channels to go to', async () => {
    visitor = await stage.open('tasks');
    const { page } = visitor;
    const { playground, client } = stage;
    playground.setBotRole(playground.world.guild, { permissions: PermissionFlagsBits.Administrator });
    const guild = await client.guilds.fetch(playground.world.guild);
    const category = await guild.channels.create({ name: 'Projects and plans', type: ChannelType.GuildCategory });
    await guild.channels.create({ name: 'roadmap', type: ChannelType.GuildText, parent: category.id });
    const list = page.getByRole('navigation', { name: 'Channels' });
    await list.getByRole('heading', { name: 'Projects and plans' }).waitFor();
    await page.getByTestId('channel-roadmap').click();
    expect(await list.getByRole('button', { name: /Projects and plans/ }).count()).toBe(0);
    expect(await list.innerText()).toMatch(/staff[\s\S]*PROJECTS AND PLANS\s*roadmap/i);
    await visitor.composer.fill('see #');
    await page.getByTestId('mention-item').filter({ hasText: '#roadmap' }).waitFor();
    expect(await page.getByTestId('mention-item').filter({ hasText: 'Projects' }).count()).toBe(0);
  });

  it('closes the member list for the developer panel where there is no room for both, and opens it again after it', async () => {
    visitor = await stage.open('tasks');
    const { page } = visitor;
    const members = page.getByRole('complementary', { name: 'Members' });
    const panel = page.getByTestId('developer');
    await members.waitFor();
    await page.getByTestId('developer-toggle').click();
    await panel.getByRole('tab', { name: 'REST' }).waitFor();
    await members.waitFor({ state: 'hidden' });
    await page.getByTestId('developer-toggle').click();
    await members.waitFor();
    await page.getByTestId('developer-toggle').click();
    await page.getByTestId('members-toggle').click();
    await panel.waitFor({ state: 'hidden' });
    await members.waitFor();
    await page.setViewportSize({ width: 1500, height: 800 });
    await page.getByTestId('developer-toggle').click();
    await panel.waitFor();
    expect(await members.isVisible()).toBe(true);
  });

  it('lists servers, people and direct messages, each person with what is theirs', async () => {
    visitor = await stage.open('tasks');
    const { page } = visitor;
    await page.getByTitle('Northwind Studio').click();
    await page.getByRole('heading', { name: 'Northwind Studio' }).waitFor();
    await visitor.become('sam');
    expect(await page.getByRole('navigation', { name: 'Servers' }).getByTitle('Workshop').count()).toBe(0);
    await page.getByRole('button', { name: 'Direct messages', exact: true }).click();
    await visitor.composer.fill('Hello, bot');
    await page.keyboard.press('Enter');
    await visitor.message('Hello, bot').waitFor();
    await page.getByTestId('person-menu').click();
    expect(await page.getByRole('menuitemradio').allInnerTexts()).toEqual(
      expect.arrayContaining([
        expect.stringContaining('Owner and administrator'),
        expect.stringContaining('Moderator: may manage messages'),
      ]),
    );
  });

  it('shows thinking, failure, and what only one person sees', async () => {
    visitor = await stage.open('lab');
    const { page, option, command } = visitor;
    const show = async (what: string) => {
      await command('show');
      await option('what', what);
      await page.keyboard.press('Enter');
    };
    await show('secret');
    await visitor.message('Between us').getByText('Only you can see this').waitFor();
    await show('thinking');
    await visitor.message('is thinking…').waitFor();
    await show('nothing');
    await visitor.message('The application did not respond').waitFor();
  });

  it('fits a phone of 360 pixels, with everything within reach', async () => {
    visitor = await stage.open('tasks', { width: 360, height: 640 });
    const { page } = visitor;
    const width = () => page.evaluate('document.documentElement.scrollWidth');
    expect(await width()).toBe(360);
    for (const toggle of ['threads-toggle', 'pins-toggle']) {
      await page.getByTestId(toggle).click();
      const box = await page.getByTestId('float').boundingBox();
      expect(box && box.x >= 0 && box.x + box.width <= 360).toBe(true);
      await page.keyboard.press('Escape');
    }
    await page.getByTestId('members-toggle').click();
    await page.getByRole('complementary', { name: 'Members' }).getByRole('button', { name: /^Mia/ }).waitFor();
    await page.keyboard.press('Escape');
    await visitor.command('every');
    await visitor.option('text', 'From a phone');
    expect(await width()).toBe(360);
    await page.getByTestId('send').click();
    await visitor.message('From a phone').waitFor();
  });
});
