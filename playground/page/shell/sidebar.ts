/** The guilds at the left edge and the channels of the chosen one, with direct messages and threads. */
import type { PageChannel, PageGuild } from '../../protocol.js';
import { categoryType, isThread, privateThreadType } from '../channels.js';
import type { PageContext } from '../context.js';
import { el, fill, icon } from '../dom.js';

export interface Sidebar {
  rail: HTMLElement;
  list: HTMLElement;
  draw(): void;
  /** Goes this many channels down (or up). */
  step(by: number): void;
}

/** Builds both columns; `onPick` is called after a channel was chosen. */
export function sidebar(context: PageContext, onPick: () => void): Sidebar {
  const { store } = context;
  const rail = el('nav', { class: 'rail', attrs: { 'aria-label': 'Servers' } });
  const list = el('nav', { class: 'channels', attrs: { 'aria-label': 'Channels' } });
  const go = (channelId: string): void => {
    context.goTo(channelId);
    onPick();
  };
  const draw = (): void => {
    // Drawing anew must not take the focus away from the button it is on.
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.key : undefined;
    const guild = store.guildOf(store.current);
    fill(rail, ...railButtons(context, guild, go));
    const channels = guild ? guild.channels : store.dms;
    const title = el('h1', { class: 'guild-name' }, guild?.name ?? 'Direct messages');
    fill(
      list,
      title,
      el(
        'div',
        { class: 'channel-scroll' },
        ...(guild ? guildRows(channels, context, go) : channels.map((one) => channelRow(one, context, go))),
      ),
    );
    if (focused)
      [...rail.querySelectorAll<HTMLElement>('[data-key]'), ...list.querySelectorAll<HTMLElement>('[data-key]')]
        .find((node) => node.dataset.key === focused)
        ?.focus();
  };
  const step = (by: number): void => {
    const rows = [...list.querySelectorAll<HTMLElement>('.channel')];
    const at = rows.findIndex((row) => row.classList.contains('current'));
    rows.at((at + by) % rows.length)?.click();
  };
  return { rail, list, draw, step };
}

function railButtons(context: PageContext, current: PageGuild | null, go: (channelId: string) => void): HTMLElement[] {
  const { store } = context;
  const dmUnread = store.dms.reduce((sum, dm) => sum + dm.unread, 0);
  const dm = railButton('Direct messages', icon('at', 26), !current && store.current !== null, dmUnread > 0, dmUnread, 'dms');
  dm.addEventListener('click', () => context.openDm());
  const guilds = store.guilds.map((guild) => {
    const unread = guild.channels.some((channel) => channel.unread > 0);
    const mentions = guild.channels.reduce((sum, channel) => sum + channel.mentions, 0);
    const button = railButton(
      guild.name,
      el('span', { class: 'rail-face', attrs: { 'data-face': initials(guild.name) } }),
      guild.id === current?.id,
      unread,
      mentions,
      `guild-${guild.id}`,
    );
    button.addEventListener('click', () => {
      const first = guild.channels.find((channel) => channel.type !== categoryType && !isThread(channel));
      if (first) go(first.id);
    });
    return button;
  });
  return [dm, el('hr', { class: 'rail-rule' }), ...guilds];
}

function initials(name: string): string {
  return name
    .split(/\s+/)
    .map((word) => [...word][0] ?? '')
    .join('')
    .slice(0, 3);
}

function railButton(name: string, face: Node, selected: boolean, unread: boolean, mentions: number, key: string): HTMLElement {
  const label = mentions > 0 ? `${name}, unread mentions: ${mentions}` : unread ? `${name}, unread messages` : name;
  return el(
    'button',
    {
      class: ['rail-button', selected && 'selected', unread && 'unread'].filter(Boolean).join(' '),
      attrs: { type: 'button', 'aria-label': label, 'aria-current': selected ? 'true' : null, title: name, 'data-key': key },
    },
    face,
    mentions > 0 ? el('span', { class: 'badge', attrs: { 'aria-hidden': 'true' } }, String(Math.min(mentions, 99))) : null,
  );
}

/** Channels under their categories, threads under their channels. */
function guildRows(channels: PageChannel[], context: PageContext, go: (channelId: string) => void): HTMLElement[] {
  const threads = channels.filter((channel) => isThread(channel));
  const plain = channels.filter((channel) => !isThread(channel));
  const under = (parentId: string | null): PageChannel[] =>
    plain.filter((one) => one.parentId === parentId && one.type !== categoryType);
  const known = new Set(plain.map((one) => one.id));
  const row = (channel: PageChannel): HTMLElement[] => [
    channelRow(channel, context, go),
    ...threads
      .filter((thread) => thread.parentId === channel.id && (!thread.archived || thread.id === context.store.currentId))
      .map((thread) => channelRow(thread, context, go)),
  ];
  const categories = plain.filter((one) => one.type === categoryType);
  const top = plain.filter((one) => one.type !== categoryType && (one.parentId === null || !known.has(one.parentId)));
  return [
    ...top.flatMap(row),
    ...categories.flatMap((category) => [el('h2', { class: 'category' }, category.name), ...under(category.id).flatMap(row)]),
  ];
}

function channelRow(channel: PageChannel, context: PageContext, go: (channelId: string) => void): HTMLElement {
  const current = channel.id === context.store.currentId;
  const thread = isThread(channel);
  const dm = channel.guildId === null;
  const states = [
    channel.mentions > 0 ? `mentions: ${channel.mentions}` : '',
    channel.unread > 0 ? `unread: ${channel.unread}` : '',
  ].filter(Boolean);
  const label = [`${channel.name}, ${thread ? 'thread' : dm ? 'direct message' : 'channel'}`, ...states].join(', ');
  const user = dm ? context.store.bot : null;
  const lead = user
    ? el('img', { class: 'small-avatar', attrs: { src: user.avatar, alt: '' } })
    : icon(channel.type === privateThreadType ? 'lock' : thread ? 'thread' : 'hash', thread ? 16 : 20);
  const button = el(
    'button',
    {
      class: ['channel', thread && 'thread', current && 'current', channel.unread > 0 && 'unread'].filter(Boolean).join(' '),
      testid: `channel-${channel.name}`,
      attrs: {
        type: 'button',
        'aria-current': current ? 'page' : null,
        'aria-label': label,
        'data-key': channel.id,
        title: channel.topic || null,
      },
    },
    lead,
    el('span', { class: 'channel-name' }, channel.name),
    channel.mentions > 0
      ? el('span', { class: 'badge', attrs: { 'aria-hidden': 'true' } }, String(Math.min(channel.mentions, 99)))
      : null,
  );
  button.addEventListener('click', () => go(channel.id));
  return button;
}
