/**
 * The page of the local Discord: builds its parts and connects them.
 *
 * Hooks for browser tests (`data-testid` unless said otherwise):
 * - `composer` the message box · `send` its button · `commands`, `command-item` the list that `/` opens
 * - `mentions`, `mention-item` the list that `@` and `#` open
 * - `command-form` the command being written · `option-<name>` the input of an option (a button for files)
 *   · `more-options` the "+N optional" button · `optional`, `optional-item` its list
 * - `choices`, `choice` choices and autocomplete of an option, and the open list of a select
 * - `messages` the list · `message` one of it, with `data-message-id` · `embed` an embed
 * - buttons of messages are `<button>`s named by their label, link buttons are `<a>`s; `select-<custom_id>` a select
 * - `modal` a dialog (role dialog, named by its title) whose inputs are labelled
 * - `person-menu` the button that switches person, `person-<username>` an entry of its menu, `menu` any open menu
 * - `developer-toggle` the button that opens the `developer` panel
 * - `channel-<name>` a channel, thread or DM · `members-toggle` · `notices` · `toast` · `live` what screen readers hear
 */
import type { PageEvent } from '../protocol.js';
import { channelLabel } from './channels.js';
import { Composer } from './composer/composer.js';
import type { PageContext } from './context.js';
import { add, el } from './dom.js';
import { Interactions } from './interactions.js';
import { openMenu } from './menu.js';
import { tickRelativeTimes } from './messages/markdown-view.js';
import { authorOf, summary } from './messages/message.js';
import { openModal } from './modal.js';
import { Place } from './place.js';
import { developerSide } from './shell/developer.js';
import { mainPane } from './shell/main-pane.js';
import { notices } from './shell/notices.js';
import { drawMembers, drawPanel } from './shell/people.js';
import { sidebar } from './shell/sidebar.js';
import { connect } from './socket.js';
import { type Change, Store } from './store.js';
import type { TimeContext } from './timestamps.js';

/** Wide enough for the member list to be open from the start. */
const wideWindow = matchMedia('(min-width: 1000px)');
/** Wide enough for the developer panel to stand beside the messages instead of over them. */
const roomForDeveloper = matchMedia('(min-width: 1000px)');

function start(): void {
  const store = new Store();
  const place = new Place();
  const note = notices();
  const formatters: TimeContext['formatters'] = new Map();
  const interactions = new Interactions({
    store,
    send: (request) => socket.send(request),
    openModal: (opened) => openModal(opened, context),
    nowMs: () => Date.now(),
  });
  const context: PageContext = {
    store,
    interactions,
    send: (request) => socket.send(request),
    time: () => ({ nowMs: Date.now(), formatters }),
    goTo,
    openDm,
    openMenu,
    replyTo: (message) => composer.replyTo(message),
    useCommand: (name) => composer.useCommand(name),
    focusComposer: () => composer.focus(),
    toast: note.toast,
    announce: note.announce,
    copy: (text, what) => void copy(text, what),
  };
  const composer = new Composer(context, () => pane.log.toPresent());
  const side = sidebar(context, () => setDrawer(false));
  const panel = el('div', { class: 'panel' });
  const members = el('aside', { class: 'members', attrs: { id: 'members', 'aria-label': 'Members' } });
  const pane = mainPane({
    context,
    composer: composer.node,
    toggleDrawer: () => setDrawer(!app.classList.contains('drawer-open')),
    toggleMembers: () => app.classList.toggle('members-open'),
    toggleDeveloper: () => developer.toggle(),
    onSeen: markSeen,
  });
  const developer = developerSide(context, () => app);
  const shade = el('div', { class: 'shade', on: { click: () => closeSides() } });
  const column = el(
    'div',
    { class: 'side', attrs: { id: 'sidebar' } },
    el('div', { class: 'side-columns' }, side.rail, side.list),
    panel,
  );
  const app = el('div', { class: 'app' }, column, pane.node, members, developer.node, shade);
  app.classList.toggle('members-open', wideWindow.matches);
  // In a narrow window the list lies over the messages, so it does not stay open when the window gets narrow.
  wideWindow.addEventListener('change', () => app.classList.toggle('members-open', wideWindow.matches));
  add(document.body, note.bars, app, note.toasts, note.live);

  const socket = connect({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/page`,
    onEvent: handle,
    onState(state) {
      note.setConnection(state === 'lost');
      if (state === 'lost') interactions.connectionLost();
      if (state !== 'open') return;
      store.forgetLogs();
      socket.send({ type: 'hello', userId: place.userId ?? undefined });
    },
  });
  store.subscribe(changed);
  setInterval(() => tickRelativeTimes(document, context.time()), 1000);
  document.addEventListener('visibilitychange', () => markSeen());
  document.addEventListener('keydown', globalKey);

  function handle(event: PageEvent): void {
    store.apply(event);
    interactions.handle(event);
    if (event.type !== 'error') return;
    note.toast('The local Discord says', event.message);
    composer.refused();
  }

  function changed(change: Change): void {
    switch (change.kind) {
      case 'person':
        place.userId = store.me?.id ?? null;
        interactions.personChanged();
        return;
      case 'world':
        worldChanged();
        return;
      case 'current':
        side.draw();
        drawMembers(members, context);
        pane.show();
        composer.refresh();
        load();
        return;
      case 'channels':
        drawSideSoon();
        return;
      case 'bot':
        drawMembers(members, context);
        composer.refresh();
        return;
      case 'log':
        if (change.channelId === store.currentId) pane.drawStart();
        pane.log.changed(change.channelId);
        return;
      case 'typing':
        if (change.channelId === store.currentId && change.userId !== store.me?.id) pane.typing(change.userId);
        return;
      case 'created':
        created(change);
        return;
    }
  }

  /** Messages may come by the hundred: the unread marks are drawn once for all that came together. */
  let sideTimer = 0;
  function drawSideSoon(): void {
    if (sideTimer !== 0) return;
    sideTimer = window.setTimeout(() => {
      sideTimer = 0;
      side.draw();
    }, 50);
  }

  function worldChanged(): void {
    note.setNotices(store.notices);
    drawPanel(panel, context, (userId) => socket.send({ type: 'hello', userId }));
    if (wantsDm && store.dms[0]) {
      openDm();
      return;
    }
    if (store.current) {
      side.draw();
      drawMembers(members, context);
      pane.drawHead();
      pane.drawStart();
      composer.refresh();
      if (store.currentId && !store.log(store.currentId).loaded) {
        pane.show();
        load();
      }
      return;
    }
    const wanted = place.channelId && store.channels.has(place.channelId) ? place.channelId : firstChannel(store);
    if (wanted) goTo(wanted);
    else side.draw();
  }

  /** The next snapshot is expected to bring the direct messages that were asked for. */
  let wantsDm = false;
  function openDm(): void {
    const [dm] = store.dms;
    wantsDm = dm === undefined;
    if (dm) goTo(dm.id);
    else socket.send({ type: 'open_dm' });
    setDrawer(false);
  }

  function goTo(channelId: string, messageId?: string): void {
    if (!store.channels.has(channelId)) {
      note.toast('Not here', 'You cannot see that channel, or it is gone.');
      return;
    }
    if (channelId !== store.currentId) {
      place.channelId = channelId;
      composer.channelChanged(channelId);
      store.select(channelId);
      if (!messageId) composer.focus();
    }
    if (messageId) pane.log.jumpTo(messageId);
  }

  function load(): void {
    const channelId = store.currentId;
    if (!channelId) return;
    const log = store.log(channelId);
    if (!log.loaded && !log.loading) log.loading = socket.send({ type: 'open', channelId });
    else markSeen();
  }

  let readId: string | null = null;
  function markSeen(): void {
    const channelId = store.currentId;
    // Before the messages are there nothing was seen, and the unread count still has to place the "new" line.
    if (!channelId || document.hidden || !pane.log.atBottom || !store.log(channelId).loaded) return;
    const last = store.log(channelId).messages.at(-1);
    store.markRead(channelId);
    if (!last || last.id === readId || 'local' in last) return;
    readId = last.id;
    socket.send({ type: 'read', channelId, messageId: last.id });
  }

  function created({ channelId, message, mentioned }: Extract<Change, { kind: 'created' }>): void {
    const author = authorOf(message, context);
    const text = summary(message, context);
    if (channelId === store.currentId) {
      pane.stopTyping(message.author.id);
      const own = message.author.id === store.me?.id;
      const unseen = !pane.log.atBottom || document.hidden;
      if (own) {
        store.clearNewLine(channelId);
        pane.log.toPresent();
      } else if (unseen && store.log(channelId).firstNewId === null) store.log(channelId).firstNewId = message.id;
      if (!own) note.announce(`${author.displayName}: ${text}`);
      return;
    }
    const channel = store.channels.get(channelId);
    if (mentioned && channel)
      note.toast(
        `${author.displayName} in ${channel.guildId === null ? 'direct messages' : channelLabel(channel)}`,
        text.slice(0, 140),
        () => goTo(channelId, message.id),
      );
  }

  function setDrawer(open: boolean): void {
    app.classList.toggle('drawer-open', open);
    if (open) side.list.querySelector<HTMLElement>('.current')?.focus();
  }

  function closeSides(): void {
    setDrawer(false);
    app.classList.remove('members-open');
    if (!roomForDeveloper.matches) developer.toggle(false);
  }

  /** Escape closes what lies over the messages; a letter typed nowhere goes to the message box; Alt+arrows change channel. */
  function globalKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || document.querySelector('dialog[open], .menu')) return;
    if (event.key === 'Escape' && app.classList.contains('drawer-open')) {
      closeSides();
      return;
    }
    if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      nextChannel(event.key === 'ArrowDown' ? 1 : -1);
      return;
    }
    const nowhere = document.activeElement === document.body || document.activeElement === null;
    if (nowhere && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) composer.focus();
  }

  function nextChannel(step: number): void {
    const rows = [...side.list.querySelectorAll<HTMLElement>('.channel')];
    const at = rows.findIndex((row) => row.classList.contains('current'));
    rows.at((at + step) % rows.length)?.click();
  }

  async function copy(text: string, what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      note.toast(`${what} copied`, text.slice(0, 100));
    } catch {
      // The browser refused the clipboard; the person can still copy from here.
      note.toast(`Copy this ${what.toLowerCase()}`, text.slice(0, 200));
    }
  }
}

function firstChannel(store: Store): string | null {
  const channels = store.guilds.flatMap((guild) => guild.channels).filter((channel) => channel.type === 0);
  return (channels[0] ?? store.dms[0])?.id ?? null;
}

start();
