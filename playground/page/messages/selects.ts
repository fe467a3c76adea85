/** Selects of messages and modals: their own options, or the people, roles and channels of this guild. */
import type { PageMessage } from '../../protocol.js';
import { isThread } from '../channels.js';
import type { PageContext } from '../context.js';
import { el, icon } from '../dom.js';
import { type SelectChoice, selectMenu } from '../select-menu.js';
import { readableColor } from './colors.js';
import type { AnyComponent } from './component-data.js';

export function select(data: AnyComponent, message: PageMessage, context: PageContext): HTMLElement {
  const customId = data.custom_id ?? '';
  return selectMenu({
    label: data.placeholder ?? 'Choose',
    placeholder: data.placeholder ?? 'Make a selection',
    testid: `select-${customId}`,
    customId,
    choices: selectChoices(data, context),
    search: data.type !== 3,
    min: data.min_values ?? 1,
    max: data.max_values ?? 1,
    disabled: data.disabled,
    busy: context.interactions.isWaiting(message.id, customId),
    onCommit: (values) => context.interactions.component(message, customId, values),
  }).node;
}

/** What a select offers; those that `default` or `default_values` name are chosen already. */
export function selectChoices(data: AnyComponent, context: PageContext): SelectChoice[] {
  if (data.type === 3)
    return (data.options ?? []).map((option) => ({
      label: option.label,
      value: option.value,
      description: option.description,
      emoji: option.emoji?.name ?? undefined,
      selected: option.default,
    }));
  const chosen = new Set((data.default_values ?? []).map((one) => one.id));
  return entities(data, context).map((choice) => ({ ...choice, selected: chosen.has(choice.value) }));
}

function entities(data: AnyComponent, context: PageContext): SelectChoice[] {
  switch (data.type) {
    case 5:
      return people(context);
    case 6:
      return roles(context);
    case 7:
      return [...people(context), ...roles(context)];
    default:
      return channels(data.channel_types ?? [], context);
  }
}

function people(context: PageContext): SelectChoice[] {
  const { store } = context;
  const guild = store.guildOf(store.current);
  return [...store.users.values()]
    .filter((user) => (guild ? guild.memberIds.includes(user.id) : user.id === store.me?.id || user.id === store.botId))
    .map((user) => ({
      label: user.displayName,
      value: user.id,
      description: user.username,
      lead: () => el('img', { class: 'tiny-avatar', attrs: { src: user.avatar, alt: '' } }),
    }));
}

function roles(context: PageContext): SelectChoice[] {
  const guild = context.store.guildOf(context.store.current);
  return (guild?.roles ?? []).map((role) => ({
    label: `@${role.name.replace(/^@/, '')}`,
    value: role.id,
    lead: () => {
      const dot = el('span', { class: 'role-dot' });
      if (role.color) dot.style.background = readableColor(role.color);
      return dot;
    },
  }));
}

function channels(types: readonly number[], context: PageContext): SelectChoice[] {
  const guild = context.store.guildOf(context.store.current);
  return (guild?.channels ?? [])
    .filter((channel) => types.length === 0 || types.includes(channel.type))
    .map((channel) => ({
      label: isThread(channel) ? channel.name : `#${channel.name}`,
      value: channel.id,
      lead: () => icon(isThread(channel) ? 'thread' : 'hash', 16),
    }));
}
