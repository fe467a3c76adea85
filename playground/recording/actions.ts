import { type APIInteraction, type APIMessage, InteractionType } from 'discord-api-types/v10';
import type { ReactionEmoji, WorldEvent } from '../bus.js';
import type { Core } from '../core.js';
import type { Outcome } from '../interactions/registry.js';

/** What a person did, for the recording: `what` reads on from the name. */
export interface Action {
  who: string;
  where: string;
  what: string;
}

const nameOf = (core: Core, userId: string) => core.world.users.get(userId)?.displayName ?? userId;

function placeOf(core: Core, channelId: string): string {
  const channel = core.world.channels.get(channelId);
  if (!channel) return channelId;
  return channel.guildId === null ? 'a direct message' : `#${channel.name}`;
}

interface GivenOption {
  name: string;
  type: number;
  value?: unknown;
  focused?: boolean;
  options?: GivenOption[];
}

function optionWords(options: GivenOption[]): string[] {
  return options.flatMap((option) =>
    option.type <= 2
      ? [option.name, ...optionWords(option.options ?? [])]
      : [`${option.name}: ${JSON.stringify(option.value)}${option.focused ? ' (typing)' : ''}`],
  );
}

/** Inputs of a submitted modal, wherever they are: in rows or in labels. */
function fieldWords(components: unknown): string[] {
  if (!Array.isArray(components)) return [];
  return components.flatMap(
    (one: { custom_id?: string; value?: unknown; values?: unknown; components?: unknown; component?: unknown }) => {
      const inner = [...fieldWords(one.components), ...fieldWords([one.component].filter(Boolean))];
      return one.custom_id === undefined ? inner : [`${one.custom_id}: ${JSON.stringify(one.value ?? one.values)}`, ...inner];
    },
  );
}

function interactionWords(payload: APIInteraction): string {
  // Each kind of interaction has its own data; only what is printed is read, and all of it may be missing.
  const data = (payload as { data?: Record<string, unknown> }).data ?? {};
  const options = optionWords((data.options as GivenOption[] | undefined) ?? []);
  switch (payload.type) {
    case InteractionType.ApplicationCommand:
      return `uses ${data.type === 1 ? '/' : ''}${[data.name, ...options].join(' ')}${data.target_id ? ` on ${data.target_id}` : ''}`;
    case InteractionType.ApplicationCommandAutocomplete:
      return `is typing /${[data.name, ...options].join(' ')}`;
    case InteractionType.MessageComponent: {
      const picked = Array.isArray(data.values) ? ` picks ${data.values.join(', ')} in` : ' presses';
      return `${picked.trim()} ${String(data.custom_id)} of message ${payload.message.id}`;
    }
    case InteractionType.ModalSubmit:
      return `submits ${[data.custom_id, ...fieldWords(data.components)].join(' ')}`;
    default:
      return `sends an interaction of type ${payload.type}`;
  }
}

function saidWords(message: APIMessage): string {
  const files = message.attachments.map((file) => file.filename);
  const reply = message.message_reference?.message_id ? ` in reply to ${message.message_reference.message_id}` : '';
  const attached = files.length > 0 ? ` with ${files.join(', ')}` : '';
  return `says ${JSON.stringify(message.content)}${attached}${reply}`;
}

const emojiOf = (emoji: ReactionEmoji) => emoji.name ?? emoji.id ?? '';

/** What a person did in this event; undefined when it was the bot's or nobody's doing. */
export function actionOf(core: Core, event: WorldEvent): Action | undefined {
  const action = (userId: string, channelId: string, what: string): Action | undefined =>
    core.world.users.get(userId)?.bot === false
      ? { who: nameOf(core, userId), where: placeOf(core, channelId), what }
      : undefined;
  switch (event.type) {
    case 'interaction': {
      const { payload } = event;
      const userId = payload.member?.user.id ?? payload.user?.id ?? '';
      return action(userId, payload.channel?.id ?? '', interactionWords(payload));
    }
    case 'message_create':
      return action(event.stored.message.author.id, event.stored.message.channel_id, saidWords(event.stored.message));
    case 'message_update': {
      const { message } = event.stored;
      return action(
        message.author.id,
        message.channel_id,
        `has message ${message.id} changed to ${JSON.stringify(message.content)}`,
      );
    }
    case 'reaction_add':
      return action(event.userId, event.channelId, `reacts ${emojiOf(event.emoji)} to message ${event.messageId}`);
    case 'reaction_remove':
      return action(event.userId, event.channelId, `takes ${emojiOf(event.emoji)} back from message ${event.messageId}`);
    default:
      return undefined;
  }
}

/** How an interaction was answered, in a few words. */
export function outcomeWords(outcome: Outcome): string {
  if (outcome.kind === 'failed') return 'no answer in time: the interaction failed';
  if (outcome.kind === 'modal') return `a form: ${outcome.modal.title}`;
  if (outcome.kind === 'choices') return `${outcome.choices.length} choices`;
  if (outcome.kind === 'message') return `message ${outcome.messageId}`;
  if (outcome.kind === 'update') return `message ${outcome.messageId} changed`;
  return outcome.kind === 'deferred' ? `"thinking…" as message ${outcome.messageId}` : 'accepted without a change';
}
