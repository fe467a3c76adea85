import {
  ApplicationCommandCreateRequestSchema,
  MessageCreateRequestSchema,
  MessageResponseSchema,
  ModalInteractionCallbackRequestDataSchema,
} from 'discord-api-spec/zod';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiscordError } from '../../playground/errors.js';
import { parseCommand } from '../../playground/validation/commands.js';
import { parseMessageBody } from '../../playground/validation/messages.js';
import { parseModal } from '../../playground/validation/modals.js';
import { type Stage, setStage } from './support.js';

/** Discord's own specification as the judge: what it refuses, the playground must refuse too. */
describe("Discord's own schemas", () => {
  const accepts = (parse: () => unknown) => {
    try {
      parse();
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
        if (accepts(() => parseMessageBody(plain))) expect(MessageCreateRequestSchema.safeParse(plain).error).toBeUndefined();
      }),
      { numRuns: 300 },
    );
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
          expect(ModalInteractionCallbackRequestDataSchema.safeParse(plain).error).toBeUndefined();
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
          expect(ApplicationCommandCreateRequestSchema.safeParse(plain).error).toBeUndefined();
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

    it('are met by messages', async () => {
      const { world } = stage.playground;
      stage.on(
        (interaction) => interaction.isChatInputCommand() && interaction.reply({ content: 'x', embeds: [{ title: 't' }] }),
      );
      const answer = await stage.playground.as('member').command('tasks', 'echo', { text: 'x' });
      const path = `/channels/${world.channels.tasks}/messages`;
      const components = [{ type: 1, components: [{ type: 2, style: 1, label: 'L', custom_id: 'c' }] }];
      const reply = { content: 'r', components, message_reference: { message_id: answer.message?.id } };
      const replied = await stage.fetch('POST', path, reply);
      const got = await stage.fetch('GET', `${path}/${answer.message?.id}`);
      for (const one of [replied.body, got.body]) expect(MessageResponseSchema.safeParse(one).error?.issues).toBeUndefined();
    });
  });
});
