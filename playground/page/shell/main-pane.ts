/** The middle of the page: the channel's head, its messages, who is typing, and the message box. */
import type { PageChannel } from '../../protocol.js';
import { isThread } from '../channels.js';
import type { PageContext } from '../context.js';
import { dots, el, fill, type IconName, icon } from '../dom.js';
import { LogView } from '../messages/log-view.js';

export interface MainPane {
  node: HTMLElement;
  log: LogView;
  /** Shows the current channel from its end. */
  show(): void;
  drawHead(): void;
  drawStart(): void;
  typing(userId: string): void;
  stopTyping(userId: string): void;
}

interface MainPaneOptions {
  context: PageContext;
  composer: HTMLElement;
  toggleDrawer(): void;
  toggleMembers(): void;
  toggleDeveloper(): void;
  /** The newest message came into view. */
  onSeen(): void;
}

/** Discord's client shows someone as typing this long after each sign of it. */
const typingMs = 10_000;

export function mainPane(options: MainPaneOptions): MainPane {
  const { context } = options;
  const { store } = context;
  const head = el('header', { class: 'head' });
  const start = el('div', { class: 'channel-start' });
  const list = el('ol', { class: 'log', testid: 'messages', attrs: { 'aria-label': 'Messages' } });
  const scroller = el('div', { class: 'scroller', attrs: { tabindex: -1 } }, start, list);
  const present = el('button', { class: 'to-present', attrs: { type: 'button' } }, 'Jump to present', icon('down', 16));
  const typingLine = el('div', { class: 'typing', attrs: { 'aria-live': 'polite' } });
  const typists = new Map<string, number>();
  present.hidden = true;
  const log = new LogView({
    scroller,
    list,
    context,
    onBottom(atBottom) {
      present.hidden = atBottom;
      if (atBottom) options.onSeen();
    },
  });
  present.addEventListener('click', () => log.toPresent());
  const drawTyping = (): void => {
    const names = [...typists.keys()].map((id) => store.users.get(id)?.displayName ?? 'Someone');
    fill(
      typingLine,
      names.length > 0 ? dots() : null,
      names.length > 0 ? ` ${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} typing…` : null,
    );
  };
  const drawHead = (): void => fill(head, ...headParts(options));
  const pane: MainPane = {
    node: el(
      'main',
      { class: 'main', attrs: { 'aria-label': 'Channel' } },
      head,
      el('div', { class: 'log-shell' }, scroller, present),
      options.composer,
      typingLine,
    ),
    log,
    show() {
      typists.clear();
      drawTyping();
      drawHead();
      pane.drawStart();
      if (store.currentId) log.show(store.currentId);
    },
    drawHead,
    drawStart() {
      const channel = store.current;
      const loaded = store.currentId ? store.log(store.currentId) : null;
      start.hidden = !channel || !loaded?.loaded || loaded.hasMore;
      if (channel) fill(start, ...startParts(context, (loaded?.messages.length ?? 0) === 0));
    },
    typing(userId) {
      clearTimeout(typists.get(userId));
      typists.set(
        userId,
        window.setTimeout(() => pane.stopTyping(userId), typingMs),
      );
      drawTyping();
    },
    stopTyping(userId) {
      clearTimeout(typists.get(userId));
      if (typists.delete(userId)) drawTyping();
    },
  };
  return pane;
}

function headParts({ context, toggleDrawer, toggleMembers, toggleDeveloper }: MainPaneOptions): (Node | null)[] {
  const channel = context.store.current;
  const thread = channel !== null && isThread(channel);
  const drawer = el(
    'button',
    {
      class: 'icon-button drawer-button',
      attrs: { type: 'button', 'aria-label': 'Channels and servers', 'aria-controls': 'sidebar' },
    },
    icon('menu'),
  );
  drawer.addEventListener('click', toggleDrawer);
  const members = el(
    'button',
    {
      class: 'icon-button',
      testid: 'members-toggle',
      attrs: { type: 'button', 'aria-label': 'Member list', 'aria-controls': 'members' },
    },
    icon('people'),
  );
  members.addEventListener('click', toggleMembers);
  const developer = el(
    'button',
    {
      class: 'icon-button',
      testid: 'developer-toggle',
      attrs: {
        type: 'button',
        'aria-label': 'Developer panel',
        'aria-controls': 'developer',
        'aria-expanded': String(document.querySelector('#developer:not([hidden])') !== null),
      },
    },
    icon('code'),
  );
  developer.addEventListener('click', toggleDeveloper);
  return [
    drawer,
    channel ? icon(channel.guildId === null ? 'at' : thread ? 'thread' : 'hash', 24) : null,
    el('h2', { class: 'head-name' }, channel?.name ?? ''),
    channel?.topic
      ? el('span', { class: 'head-topic', attrs: { title: channel.topic } }, channel.topic)
      : el('span', { class: 'head-topic' }),
    members,
    developer,
  ];
}

/** What stands above the first message of a channel. */
function startParts(context: PageContext, empty: boolean): (Node | null)[] {
  const { store } = context;
  const channel = store.current;
  if (!channel) return [];
  const bot = store.bot?.displayName ?? 'the bot';
  const [symbol, title, text] = startTexts(channel);
  return [
    el('div', { class: 'start-icon' }, icon(symbol, 40)),
    el('h3', {}, title),
    el('p', {}, text),
    empty && channel.canSend && store.commands.length > 0
      ? el('p', { class: 'start-hint' }, 'Type ', el('kbd', {}, '/'), ` to see what ${bot} can do.`)
      : null,
  ];
}

function startTexts(channel: PageChannel): [IconName, string, string] {
  const { name, topic } = channel;
  if (channel.guildId === null) return ['at', name, `This is the beginning of your direct messages with ${name}.`];
  if (isThread(channel)) return ['thread', name, 'This is the start of the thread.'];
  return ['hash', `Welcome to #${name}`, topic || `This is the start of the #${name} channel.`];
}
