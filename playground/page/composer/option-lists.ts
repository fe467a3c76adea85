/** What the list of an option offers without asking the bot: its choices, True and False, people, channels, roles. */
import { categoryType } from '../channels.js';
import type { PageContext } from '../context.js';
import { el } from '../dom.js';
import { type OptionSpec, optionTypes } from './commands.js';

export interface ListItem {
  label: string;
  value: string | number | boolean;
  detail?: string;
  lead?: Node;
}

/** The whole list; empty for free text, numbers and files. */
export function optionList(option: OptionSpec, context: PageContext): ListItem[] {
  if (option.choices.length > 0) return option.choices.map((choice) => ({ label: choice.name, value: choice.value }));
  switch (option.type) {
    case optionTypes.boolean:
      return [
        { label: 'True', value: true },
        { label: 'False', value: false },
      ];
    case optionTypes.user:
      return peopleList(context);
    case optionTypes.channel:
      return channelList(option.channelTypes, context);
    case optionTypes.role:
      return roleList(context);
    case optionTypes.mentionable:
      return [...peopleList(context), ...roleList(context)];
    default:
      return [];
  }
}

/** The members of this guild, the bot included. */
export function peopleList(context: PageContext): ListItem[] {
  const { store } = context;
  const guild = store.guildOf(store.current);
  return [...store.users.values()]
    .filter((user) => !guild || guild.memberIds.includes(user.id) || user.id === store.botId)
    .map((user) => ({
      label: user.displayName,
      value: user.id,
      detail: user.username,
      lead: el('img', { class: 'tiny-avatar', attrs: { src: user.avatar, alt: '' } }),
    }));
}

/** The guild's channels that this person sees, of these types (all when empty). */
export function channelList(types: readonly number[], context: PageContext): ListItem[] {
  const guild = context.store.guildOf(context.store.current);
  return (guild?.channels ?? [])
    .filter((channel) => types.length === 0 || types.includes(channel.type))
    .map((channel) => ({
      label: channel.type === categoryType ? channel.name : `#${channel.name}`,
      value: channel.id,
      detail: channel.topic || undefined,
    }));
}

/** The guild's roles. */
export function roleList(context: PageContext): ListItem[] {
  const guild = context.store.guildOf(context.store.current);
  return (guild?.roles ?? []).map((role) => ({ label: role.name.startsWith('@') ? role.name : `@${role.name}`, value: role.id }));
}

/** The items whose name (or second line) has what was typed; those that begin with it come first. */
export function filterList(items: readonly ListItem[], typed: string): ListItem[] {
  const query = typed.trim().toLowerCase().replace(/^[#@]/, '');
  if (query === '') return items.slice(0, 50);
  const plain = (item: ListItem): string => item.label.toLowerCase().replace(/^[#@]/, '');
  const begins = items.filter((item) => plain(item).startsWith(query));
  const has = items.filter(
    (item) => !begins.includes(item) && `${plain(item)} ${item.detail?.toLowerCase() ?? ''}`.includes(query),
  );
  return [...begins, ...has].slice(0, 50);
}
