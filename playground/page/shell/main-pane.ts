/** The middle of the page: the channel's head, its messages, who is typing, and the message box. */
import type { PageChannel } from '../../protocol.js';
import { isThread } from '../channels.js';
import type { PageContext } from '../context.js';
import { dots, el, fill, type IconName, icon } from '../dom.js';
import { LogView } from '../messages/log-view.js';
import { type Pins, pins } from './pins.js';
import { openThreads } from './threads.js';

export interface MainPane {
  node: HTMLElement;
  log: LogView;
  /** Shows the current channel from its end. */
  show(): void;
  drawHead(): void;
  drawStart(): void;
  typing(userId: string): void;
  stopTyping(userId: string): void;
  /** The button that leads to the newest message, with how many are new. */
  drawPresent(): void;
  pins: Pins;
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
  const present = el('button', { class: 'to-present', attrs: { type: 'button' } }, 'Jump to present');
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
      else drawPresent();
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
  const pinned = pins(context);
  const drawHead = (): void => fill(head, ...headParts(options, pinned));
  const drawPresent = (): void => {
    const unread = store.current?.unread ?? 0;
    const news = unread === 1 ? '1 new message' : `${unread} new messages`;
    fill(present, unread > 0 ? `${news} • Jump to present` : 'Jump to present', icon('down', 16));
  };
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
    drawPresent,
    pins: pinned,
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

interface HeadButton {
  name: IconName;
  label: string;
  testid?: string;
  controls?: string;
  open?: boolean;
  press(button: HTMLElement): void;
}

function headButton({ name, label, testid, controls, open, press }: HeadButton): HTMLElement {
  const style = controls === 'sidebar' ? 'icon-button drawer-button' : 'icon-button';
  const expanded = controls ? String(open ?? document.getElementById(controls)?.hidden === false) : null;
  const attrs = { type: 'button', 'aria-label': label, title: label, 'aria-controls': controls, 'aria-expanded': expanded };
  const button = el('button', { class: style, testid, attrs }, icon(name));
  button.addEventListener('click', () => press(button));
  return button;
}

function headParts(options: MainPaneOptions, pinned: Pins): (Node | null)[] {
  const { context, toggleDrawer, toggleMembers, toggleDeveloper } = options;
  const channel = context.store.current;
  const thread = channel !== null && isThread(channel);
  const app = document.querySelector('.app');
  const open = (side: string): boolean => app?.classList.contains(`${side}-open`) ?? false;
  const drawer: HeadButton = {
    name: 'menu',
    label: 'Channels and servers',
    controls: 'sidebar',
    open: open('drawer'),
    press: toggleDrawer,
  };
  const threads: HeadButton = {
    name: 'thread',
    label: 'Threads',
    testid: 'threads-toggle',
    press: (button) => openThreads(button, context),
  };
  return [
    headButton(drawer),
    channel ? icon(channel.guildId === null ? 'at' : thread ? 'thread' : 'hash', 24) : null,
    el('h2', { class: 'head-name' }, channel?.name ?? ''),
    el('span', { class: 'head-topic', attrs: { title: channel?.topic || null } }, channel?.topic || null),
    thread ? archiveButton(channel, context) : null,
    channel?.guildId ? headButton(threads) : null,
    headButton({ name: 'pin', label: 'Pinned messages', testid: 'pins-toggle', press: (button) => pinned.open(button) }),
    headButton({
      name: 'people',
      label: 'Member list',
      testid: 'members-toggle',
      controls: 'members',
      open: open('members'),
      press: toggleMembers,
    }),
    headButton({
      name: 'code',
      label: 'Developer panel',
      testid: 'developer-toggle',
      controls: 'developer',
      press: toggleDeveloper,
    }),
  ];
}

/** Puts the thread that is shown into the archive, or takes it out. */
function archiveButton(thread: PageChannel, context: PageContext): HTMLElement | null {
  if (!thread.may.manageThreads) return null;
  const on = !thread.archived;
  const press = (): void => void context.send({ type: 'archive', channelId: thread.id, on });
  return headButton({ name: 'archive', label: on ? 'Archive thread' : 'Unarchive thread', testid: 'archive-toggle', press });
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
