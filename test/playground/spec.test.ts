import * as spec from 'discord-api-spec/zod';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiscordError } from '../../playground/errors.js';
import { parseCommand } from '../../playground/validation/commands.js';
import { parseMessageBody } from '../../playground/validation/messages.js';
import { parseModal } from '../../playground/validation/modals.js';
import { type Stage, setStage } from './support.js';

/** Discord's own specification as the judge: what it refuses, the playground must refuse too. */
describe("Discord's own schemas", () => {
  let accepted = 0;
  const accepts = (parse: () => unknown) => {
    try {
      parse();
      accepted++;
      return true;
    } catch (error) {
      if (error instanceof DiscordError) return false;
      throw error;
    }
  };
  const text = (max: number) => fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('x', 'x'.repeat(max), 'x'.repeat(max + 1)));
  const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

  const button = fc.record({
    type: fc.constant(2),
    style: fc.integer({ min: 0, max: 6 }),
    label: some(text(80)),
    custom_id: some(text(100)),
    disabled: some(fc.boolean()),
  });
  const select = fc.record({
    type: fc.constant(3),
    custom_id: text(100),
    options: fc.array(fc.record({ label: text(100), value: text(100) }), { maxLength: 27 }),
    min_values: some(fc.integer({ min: -1, max: 27 })),
  });
  const row = fc.record({ type: fc.constant(1), components: fc.array(fc.oneof(button, select), { maxLength: 6 }) });
  const embed = fc.record({
    title: some(text(256)),
    description: some(text(4096)),
    color: some(fc.integer({ min: -1, max: 0x1000000 })),
    fields: some(fc.array(fc.record({ name: text(256), value: text(1024) }), { maxLength: 26 })),
  });
  const message = fc.record({
    content: some(fc.oneof(text(2000), fc.integer())),
    embeds: some(fc.array(embed, { maxLength: 11 })),
    components: some(fc.array(row, { maxLength: 6 })),
    nonce: some(text(25)),
    tts: some(fc.boolean()),
  });

  it('never accept less than the playground does, for messages', () => {
    fc.assert(
      fc.property(message, (body) => {
        const plain = JSON.parse(JSON.stringify(body));
        if (accepts(() => parseMessageBody(plain)))
          expect(spec.MessageCreateRequestSchema.safeParse(plain).error).toBeUndefined();
      }),
      { numRuns: 300 },
    );
    // A test of nothing but refusals would say nothing.
    expect(accepted).toBeGreaterThan(0);
  });

  it('never accept less, for modals', () => {
    const input = fc.record({
      type: fc.constant(4),
      custom_id: text(100),
      style: fc.integer({ min: 0, max: 3 }),
      label: text(45),
      value: some(text(4000)),
    });
    const modal = fc.record({
      custom_id: text(100),
      title: text(45),
      components: fc.array(fc.record({ type: fc.constant(1), components: fc.array(input, { maxLength: 2 }) }), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(modal, (data) => {
        const plain = JSON.parse(JSON.stringify(data));
        if (accepts(() => parseModal(plain)))
          expect(spec.ModalInteractionCallbackRequestDataSchema.safeParse(plain).error).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('never accept less, for commands', () => {
    const option = fc.record({
      type: fc.integer({ min: 3, max: 5 }),
      name: text(32),
      description: text(100),
      required: some(fc.boolean()),
    });
    const command = fc.record({ name: text(32), description: text(100), options: some(fc.array(option, { maxLength: 26 })) });
    fc.assert(
      fc.property(command, (body) => {
        const plain = JSON.parse(JSON.stringify(body));
        if (accepts(() => parseCommand(plain)))
          expect(spec.ApplicationCommandCreateRequestSchema.safeParse(plain).error).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  describe('for what the playground answers', () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await setStage();
    });
    afterAll(() => stage.close());

    type Schema = typeof spec.MessageResponseSchema;
    const check = (schema: Schema, value: unknown, what: string) =>
      expect(schema.safeParse(value).error?.issues, `${what}: ${JSON.stringify(value)}`).toBeUndefined();
    const fetched = async (schema: Schema, path: string, method = 'GET', body?: unknown) => {
      const reply = await stage.fetch(method, path, body);
      check(schema, reply.body, path);
      return reply.body;
    };

    it('are met by everything that a bot can ask for', async () => {
      const { world } = stage.playground;
      const tasks = `/channels/${world.channels.tasks}`;
      const guild = `/guilds/${world.guild}`;
      const app = `/applications/${world.application}`;
      await fetched(spec.GatewayBotResponseSchema, '/gateway/bot');
      await fetched(spec.PrivateApplicationResponseSchema, '/applications/@me');
      await fetched(spec.UserPIIResponseSchema, '/users/@me');
      await fetched(spec.UserResponseSchema, `/users/${world.people.member}`);
      await fetched(spec.GuildWithCountsResponseSchema, guild);
      await fetched(spec.GuildMemberResponseSchema, `${guild}/members/${world.people.member}`);
      await fetched(spec.GuildChannelResponseSchema, tasks);
      const roles = await stage.fetch('GET', `${guild}/roles`);
      for (const role of roles.body) check(spec.GuildRoleResponseSchema, role, 'role');
      await fetched(spec.PrivateChannelResponseSchema, '/users/@me/channels', 'POST', { recipient_id: world.people.member });
      const commands = await stage.fetch('GET', `${app}/commands?with_localizations=true`);
      for (const command of commands.body) check(spec.ApplicationCommandResponseSchema, command, 'command');
      await fetched(spec.ApplicationCommandResponseSchema, `${app}/guilds/${world.guild}/commands`, 'POST', {
        name: 'A b',
        type: 2,
      });
      const message = await fetched(spec.MessageResponseSchema, `${tasks}/messages`, 'POST', { content: 'x' });
      const thread = await fetched(spec.CreatedThreadResponseSchema, `${tasks}/messages/${message.id}/threads`, 'POST', {
        name: 't',
      });
      await fetched(spec.MessageResponseSchema, `${tasks}/messages/${message.id}`);
      await fetched(spec.ThreadsResponseSchema, `${guild}/threads/active`);
      const members = await stage.fetch('GET', `/channels/${thread.id}/thread-members`);
      check(spec.ThreadMemberResponseSchema, members.body[0], 'thread member');
    });

    it('are met by answers to commands, buttons and forms, and by replies to them', async () => {
      const { playground } = stage;
      const button = { type: 2, style: 1, label: 'L', custom_id: 'c' } as const;
      const input = { type: 4, custom_id: 'i', style: 1, label: 'I' } as const;
      stage.on(async (interaction) => {
        if (interaction.isChatInputCommand()) {
          const response = await interaction.reply({
            content: 'x',
            components: [{ type: 1, components: [button] }],
            withResponse: true,
          });
          check(
            spec.MessageResponseSchema,
            playground.messages('tasks').find((one) => one.id === response.resource?.message?.id),
            'reply',
          );
          await interaction.followUp({ embeds: [{ title: 't' }] });
        } else if (interaction.isButton()) {
          await interaction.showModal({ custom_id: 'm', title: 'T', components: [{ type: 1, components: [input] }] });
        } else if (interaction.isModalSubmit()) await interaction.reply('thanks');
      });
      const mia = playground.as('member');
      const { message } = await mia.command('tasks', 'echo', { text: 'x' });
      await playground.waitFor('tasks', (one) => one.embeds.length > 0);
      await mia.submit(await mia.click(message?.id ?? '', 'L'), { I: 'i' });
      const reference = { content: 'r', message_reference: { message_id: message?.id } };
      await stage.fetch('POST', `/channels/${playground.world.channels.tasks}/messages`, reference);
      const all = playground.messages('tasks');
      expect(all.length).toBeGreaterThanOrEqual(4);
      for (const one of all) check(spec.MessageResponseSchema, one, one.content);
    });
  });
});
