/**
 * The page of the local Discord: builds its parts and connects them.
 *
 * Hooks for browser tests (`data-testid` unless said otherwise):
 * - `composer` the message box · `send` its button · `commands`, `command-item` the list that `/` opens
 * - `mentions`, `mention-item` the list that `@` and `#` open
 * - `command-form` the command being written · `option-<name>` the input of an option (a button for files)
 *   · `more-options` the "+N optional" button · `optional`, `optional-item` its list
 * - `choices`, `choice` choices and autocomplete of an option, and the open list of a select
 * - `messages` the list · `message` one of it, with `data-message-id` · `embed` an embed · `reactions` · `edit-input`
 * - buttons of messages are `<button>`s named by their label, link buttons are `<a>`s; `select-<custom_id>` a select
 * - `modal` a dialog (role dialog, named by its title) whose inputs are labelled · `ask` a question of the page itself
 * - `person-menu` the button that switches person, `person-<username>` an entry of its menu, `menu` any open menu
 * - `float` a small panel at a button: `emoji-picker`, `pins` with `pin`, `threads`
 * - `developer-toggle` the button that opens the `developer` panel
 * - `channel-<name>` a channel, thread or DM · `members-toggle` · `notices` · `toast` · `live` what screen readers hear
 */
import type { PageEvent, PageMessage } from '../protocol.js';
import { Composer } from './composer/composer.js';
import type { PageContext } from './context.js';
import { add } from './dom.js';
import { Interactions } from './interactions.js';
import { openMenu } from './menu.js';
import { tickTimes } from './messages/markdown-view.js';
import { openModal } from './modal.js';
import { Place } from './place.js';
import { Reading } from './reading.js';
import { askForThread, askToDelete } from './shell/dialogs.js';
import { frame } from './shell/frame.js';
import { globalKeys } from './shell/keys.js';
import { notices } from './shell/notices.js';
import { drawMembers, drawPanel } from './shell/people.js';
import { connect } from './socket.js';
import { type Change, Store } from './store.js';
import type { TimeContext } from './timestamps.js';

/** Relative times tick each second; "Today" and "Yesterday" are looked at this often. */
const daysTickSeconds = 30;

function start(): void {
  const store = new Store();
  const place = new Place();
  const note = notices();
  const formatters: TimeContext['formatters'] = new Map();
  const interactions = new Interactions({
    store,
    send: (request) => socket.send(request),
    openModal: (opened) => openModal(opened, context),
    nowMs: () => store.nowMs(),
  });
  let editedId: string | null = null;
  const context: PageContext = {
    store,
    interactions,
    send: (request) => socket.send(request),
    time: () => ({ nowMs: store.nowMs(), formatters }),
    goTo,
    openDm,
    openMenu,
    replyTo: (message) => composer.replyTo(message),
    editing: () => editedId,
    edit,
    askToDelete: (message) => askToDelete(message, context),
    askForThread: (message) => askForThread(message, context),
    useCommand: (name) => composer.useCommand(name),
    focusComposer: () => composer.focus(),
    toast: note.toast,
    announce: note.announce,
    copy: (text, what) => void copy(text, what),
  };
  const reading = new Reading(context, () => pane);
  const composer = new Composer(context, () => pane.log.toPresent());
  const page = frame({ context, composer: composer.node, onSeen: () => reading.markSeen() });
  const { pane, side, panel, members } = page;
  add(document.body, note.bars, page.node, note.toasts, note.live);

  const socket = connect({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/page`,
    onEvent: handle,
    onState(state) {
      note.setConnection(state === 'lost');
      if (state === 'lost') interactions.connectionLost();
      if (state !== 'open') return;
      store.forgetLogs();
      socket.send({ type: 'hello', userId: place.userId ?? undefined });
      if (store.currentId) socket.send({ type: 'look', channelId: store.currentId });
    },
  });
  store.subscribe(changed);
  let seconds = 0;
  setInterval(() => {
    seconds += 1;
    tickTimes(document, context.time(), seconds % daysTickSeconds === 0);
  }, 1000);
  document.addEventListener('visibilitychange', () => reading.markSeen());
  globalKeys({ closeSides: page.closeSides, nextChannel: side.step, focusComposer: () => composer.focus() });

  function handle(event: PageEvent): void {
    store.apply(event);
    interactions.handle(event);
    if (event.type === 'pins') pane.pins.show(event.channelId, event.messages);
    else if (event.type === 'thread_started') goTo(event.channelId);
    else if (event.type === 'error') {
      note.toast('The local Discord says', event.message);
      composer.refused();
    }
  }

  function changed(change: Change): void {
    switch (change.kind) {
      case 'person':
        place.userId = store.me?.id ?? null;
        editedId = null;
        interactions.personChanged();
        return;
      case 'world':
        worldChanged();
        return;
      case 'current':
        showCurrent();
        return;
      case 'channels':
        drawSideSoon();
        if (change.channelId === store.currentId) drawCurrent();
        return;
      case 'people':
      case 'bot':
        drawMembers(members, context);
        drawPanel(panel, context, (userId) => socket.send({ type: 'hello', userId }));
        composer.refresh();
        return;
      case 'commands':
        composer.refresh();
        pane.drawStart();
        return;
      case 'clock':
        tickTimes(document, context.time(), true);
        return;
      case 'log':
        if (change.channelId === store.currentId) pane.drawStart();
        pane.log.changed(change.channelId);
        return;
      case 'typing':
        if (change.channelId === store.currentId && change.userId !== store.me?.id) pane.typing(change.userId);
        return;
      case 'created':
        reading.created(change);
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
      reading.drawTitle();
    }, 50);
  }

  function showCurrent(): void {
    side.draw();
    drawMembers(members, context);
    pane.show();
    composer.refresh();
    if (store.currentId) socket.send({ type: 'look', channelId: store.currentId });
    load();
    reading.drawTitle();
  }

  /** The channel that is shown has another name, topic or other rights. */
  function drawCurrent(): void {
    pane.drawHead();
    pane.drawStart();
    composer.refresh();
  }

  function worldChanged(): void {
    note.setNotices(store.notices);
    drawPanel(panel, context, (userId) => socket.send({ type: 'hello', userId }));
    if (wantsDm && store.dms[0]) {
      openDm();
      return;
    }
    if (!store.current) {
      leaveGone();
      return;
    }
    side.draw();
    reading.drawTitle();
    drawMembers(members, context);
    drawCurrent();
    if (store.currentId && !store.log(store.currentId).loaded) {
      pane.show();
      load();
    }
  }

  /** The channel that was shown is not there any more, or nothing was shown yet. */
  function leaveGone(): void {
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
    page.setDrawer(false);
  }

  function goTo(channelId: string, messageId?: string): void {
    if (!store.channels.has(channelId)) {
      note.toast('Not here', 'You cannot see that channel, or it is gone.');
      return;
    }
    if (channelId !== store.currentId) {
      place.channelId = channelId;
      editedId = null;
      composer.channelChanged(channelId);
      store.select(channelId);
      if (!messageId) composer.focus();
    }
    if (messageId) pane.log.jumpTo(messageId);
  }

  function edit(message: PageMessage | null): void {
    const before = editedId;
    editedId = message?.id ?? null;
    const channelId = store.currentId ?? '';
    for (const id of [before, editedId]) if (id) store.touch(channelId, id);
  }

  function load(): void {
    const channelId = store.currentId;
    if (!channelId) return;
    const log = store.log(channelId);
    if (!log.loaded && !log.loading) log.loading = socket.send({ type: 'open', channelId });
    else reading.markSeen();
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
