import { ApplicationCommandType } from 'discord-api-types/v10';
import type { Answer, OptionValue, Person } from '../api.js';
import type { Core } from '../core.js';
import type { InteractionRecord } from '../interactions/registry.js';
import { storeUpload } from '../messages/attachments.js';
import type { GivenOption } from '../protocol.js';
import { askChoices, say, useCommand, useComponent } from './actions.js';
import { answerOf } from './answers.js';
import { offeredCommand } from './commands.js';
import { findChannel, findPerson } from './lookup.js';
import { type Entered, submitModal } from './modals.js';
import { Refused } from './refused.js';

/** Makes the `Person` API of tests. Answers remember their interaction, so that modals can be submitted. */
export function createPeople(core: Core): (who: string) => Person {
  const origins = new WeakMap<Answer, InteractionRecord>();

  const answered = async (record: InteractionRecord): Promise<Answer> => {
    const answer = await answerOf(core, record);
    origins.set(answer, record);
    return answer;
  };

  return (who) => {
    const { id: userId, displayName } = findPerson(core, who);
    const channelOf = (channel: string) => findChannel(core, channel, userId);

    const slashCommand = (channel: string, line: string) => {
      const [name = '', ...path] = line.replace(/^\//, '').split(/\s+/);
      const where = channelOf(channel);
      const command = offeredCommand(
        core,
        where,
        userId,
        (one) => one.type === ApplicationCommandType.ChatInput && one.name === name,
        `/${line}`,
      );
      return { userId, channel: where, commandId: command.id, path };
    };

    const upload = (attachment: { name: string; contentType?: string; data: Buffer }) => {
      const stored = storeUpload(core, core.world.botId, { index: 0, ...attachment });
      core.uploads.put(userId, stored);
      return stored.id;
    };

    const givenOf = (options: Record<string, OptionValue>): GivenOption[] =>
      Object.entries(options).map(([name, value]) => ({
        name,
        type: 0,
        value: typeof value === 'object' ? upload(value.attachment) : value,
      }));

    return {
      id: userId,
      async command(channel, line, options = {}) {
        return answered(useCommand(core, { ...slashCommand(channel, line), options: givenOf(options) }));
      },
      async messageCommand(channel, name, messageId) {
        const where = channelOf(channel);
        const isMessageCommand = (type: ApplicationCommandType) => type === ApplicationCommandType.Message;
        const command = offeredCommand(core, where, userId, (one) => isMessageCommand(one.type) && one.name === name, name);
        return answered(
          useCommand(core, { userId, channel: where, commandId: command.id, path: [], options: [], targetId: messageId }),
        );
      },
      async autocomplete(channel, line, focused, options) {
        const given = Object.entries({ ...options, [focused]: options[focused] ?? '' }).map(([name, value]) => ({
          name,
          type: 0,
          value,
          focused: name === focused,
        }));
        return answered(askChoices(core, { ...slashCommand(channel, line), options: given }));
      },
      async click(messageId, button) {
        return answered(useComponent(core, { userId, messageId, customId: button }));
      },
      async select(messageId, customId, values) {
        return answered(useComponent(core, { userId, messageId, customId, values }));
      },
      async submit(answer, fields) {
        const origin = origins.get(answer);
        if (!origin || !answer.modal) throw new Refused('the answer is no modal');
        if (origin.userId !== userId) throw new Refused(`${displayName} was not shown this modal`);
        const entered = Object.entries(fields).map(([name, value]): [string, Entered] => [
          name,
          typeof value === 'object' && 'attachments' in value ? value.attachments.map(upload) : value,
        ]);
        return answered(submitModal(core, origin, answer.modal, Object.fromEntries(entered)));
      },
      async say(channel, content) {
        return structuredClone(say(core, userId, channelOf(channel), content).message);
      },
      messages(channel) {
        return core.world.messagesFor(channelOf(channel), userId).map((stored) => structuredClone(stored.message));
      },
      dm() {
        const channel = core.world.findDm(userId);
        if (!channel) throw new Error(`${displayName} has no DM channel`);
        return channel.id;
      },
    };
  };
}
