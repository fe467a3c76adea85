/** The message box: plain messages with files and replies, and the way into commands. */
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { dots, el, fill, icon } from '../dom.js';
import { fileSize } from '../messages/links.js';
import { authorOf } from '../messages/message.js';
import { Popup } from '../popup.js';
import { type CommandDraft, CommandForm } from './command-form.js';
import { type CommandEntry, commandEntries, exactCommand, filterCommands, typedOptions } from './commands.js';
import { pickFiles, type Upload, upload } from './upload.js';

/** Discord's limit for the text of a message. */
const longestMessage = 2000;
const mostFiles = 10;
/** A refusal within this time after sending is taken to mean that message. */
const refusalMs = 3000;

export class Composer {
  readonly node: HTMLElement;
  readonly #context: PageContext;
  readonly #onSent: () => void;
  readonly #popupSlot = el('div', { class: 'popup-slot' });
  readonly #hint = el('div', { class: 'option-hint', attrs: { 'aria-live': 'polite' } });
  readonly #replyBar = el('div', { class: 'reply-bar' });
  readonly #tray = el('ul', { class: 'upload-tray', attrs: { 'aria-label': 'Files to send' } });
  readonly #input: HTMLTextAreaElement;
  readonly #attach: HTMLButtonElement;
  readonly #send: HTMLButtonElement;
  readonly #box: HTMLElement;
  readonly #counter = el('span', { class: 'counter', attrs: { 'aria-live': 'polite' } });
  readonly #commands: Popup<CommandEntry>;
  #entries: CommandEntry[] = [];
  #form: CommandForm | null = null;
  #uploads: Upload[] = [];
  #reply: PageMessage | null = null;
  #drafts = new Map<string, string>();
  #channelId: string | null = null;
  #lastCommand: CommandDraft | null = null;
  #lastSaid: { text: string; atMs: number } | null = null;
  /** Escape closed the list for the text as it is now. */
  #dismissedFor: string | null = null;

  /** `onSent`: a command was sent, its answer will come at the end of the messages. */
  constructor(context: PageContext, onSent: () => void) {
    this.#context = context;
    this.#onSent = onSent;
    this.#input = this.#textarea();
    this.#attach = el(
      'button',
      { class: 'icon-button', attrs: { type: 'button', 'aria-label': 'Attach files' }, on: { click: () => this.#pick() } },
      icon('plus'),
    );
    this.#send = el(
      'button',
      {
        class: 'icon-button send',
        testid: 'send',
        attrs: { type: 'button', 'aria-label': 'Send' },
        on: { click: () => this.#submit() },
      },
      icon('send'),
    );
    this.#box = el('div', { class: 'composer-box' }, this.#attach, this.#input, this.#counter, this.#send);
    this.node = el(
      'div',
      { class: 'composer' },
      this.#popupSlot,
      this.#replyBar,
      this.#hint,
      el('div', { class: 'composer-frame' }, this.#tray, this.#box),
    );
    this.#commands = new Popup<CommandEntry>({
      parent: this.#popupSlot,
      input: this.#input,
      id: 'command-list',
      testid: 'commands',
      itemTestid: 'command-item',
      label: 'Commands',
      onChoose: (entry) => this.#enter(entry, {}),
    });
    this.#dropZone();
    this.#draw();
  }

  #textarea(): HTMLTextAreaElement {
    const attrs = { rows: 1, role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', autocomplete: 'off' };
    const input = el('textarea', { class: 'composer-input', testid: 'composer', attrs });
    input.addEventListener('input', () => this.#typed());
    input.addEventListener('keydown', (event) => this.#key(event));
    input.addEventListener('blur', () => this.#commands.close());
    input.addEventListener('focus', () => this.#suggest());
    return input;
  }

  focus(): void {
    if (this.#form) this.#form.focus();
    else this.#input.focus();
  }

  get isWriting(): boolean {
    return this.node.contains(document.activeElement);
  }

  /** The world changed: commands, the right to send, the channel's name. */
  refresh(): void {
    this.#entries = commandEntries(this.#context.store.commands);
    const stillThere =
      this.#form &&
      this.#entries.some((entry) => entry.commandId === this.#form?.entry.commandId && entry.name === this.#form.entry.name);
    if (this.#form && !stillThere) this.#leave('');
    this.#draw();
    if (this.#commands.isOpen) this.#suggest();
  }

  /** Another channel is shown: each keeps its own unsent text. */
  channelChanged(channelId: string): void {
    if (this.#channelId === channelId) return;
    if (this.#channelId) this.#drafts.set(this.#channelId, this.#form ? '' : this.#input.value);
    this.#channelId = channelId;
    this.#leave(this.#drafts.get(channelId) ?? '', false);
    this.#reply = null;
    this.#uploads = [];
    this.#commands.close();
    this.#draw();
  }

  replyTo(message: PageMessage): void {
    this.#leave(this.#form ? '' : this.#input.value);
    this.#reply = message;
    this.#draw();
    this.#input.focus();
  }

  /** The playground did not take the message that was just sent: the text comes back, unless something else was begun. */
  refused(): void {
    if (!this.#lastSaid || this.#form || this.#input.value !== '' || performance.now() - this.#lastSaid.atMs > refusalMs) return;
    this.#input.value = this.#lastSaid.text;
    this.#lastSaid = null;
    this.#draw();
  }

  /** Starts the command of this name; without one, types the name so that the list shows what is near. */
  useCommand(name: string): void {
    const entry = this.#entries.find((one) => one.name === name);
    if (entry) {
      this.#enter(entry, {});
      return;
    }
    this.#leave(`/${name}`);
    this.#suggest();
  }

  #draw(): void {
    const { store } = this.#context;
    const channel = store.current;
    const canSend = channel?.canSend ?? false;
    const place = channel ? (channel.guildId === null ? `@${channel.name}` : `#${channel.name}`) : '';
    this.#input.placeholder = canSend ? `Message ${place}` : 'You cannot send messages in this channel';
    this.#input.setAttribute('aria-label', this.#input.placeholder);
    this.#input.disabled = !canSend;
    this.#attach.disabled = !canSend;
    this.#send.disabled = !canSend;
    this.#input.hidden = this.#form !== null;
    this.#hint.hidden = this.#form === null;
    this.#drawReply();
    this.#drawTray();
    this.#drawCounter();
    this.#grow();
  }

  #drawReply(): void {
    this.#replyBar.hidden = this.#reply === null;
    if (!this.#reply) {
      fill(this.#replyBar);
      return;
    }
    const cancel = el(
      'button',
      { class: 'icon-button', attrs: { type: 'button', 'aria-label': 'Cancel the reply' } },
      icon('close', 16),
    );
    cancel.addEventListener('click', () => {
      this.#reply = null;
      this.#draw();
      this.#input.focus();
    });
    fill(this.#replyBar, el('span', {}, 'Replying to ', el('b', {}, authorOf(this.#reply, this.#context).displayName)), cancel);
  }

  #drawTray(): void {
    this.#tray.hidden = this.#uploads.length === 0;
    fill(this.#tray, ...this.#uploads.map((one) => this.#uploadCard(one)));
  }

  #uploadCard(one: Upload): HTMLElement {
    const remove = el(
      'button',
      { class: 'icon-button', attrs: { type: 'button', 'aria-label': `Remove ${one.file.name}` } },
      icon('close', 16),
    );
    remove.addEventListener('click', () => {
      this.#uploads = this.#uploads.filter((other) => other !== one);
      this.#draw();
      this.#input.focus();
    });
    const state =
      one.state === 'sending'
        ? dots()
        : one.state === 'failed'
          ? el('span', { class: 'hint-error' }, one.reason ?? 'Failed')
          : null;
    return el(
      'li',
      { class: 'upload-card' },
      icon('file', 18),
      el('span', { class: 'upload-name' }, one.file.name),
      el('small', {}, fileSize(one.file.size)),
      state,
      remove,
    );
  }

  #drawCounter(): void {
    const left = longestMessage - this.#input.value.length;
    const show = this.#form === null && left < 200;
    fill(this.#counter, show ? String(left) : '');
    this.#counter.classList.toggle('over', left < 0);
  }

  /** The box grows with its text up to half of the window. */
  #grow(): void {
    this.#input.style.height = 'auto';
    this.#input.style.height = `${Math.min(this.#input.scrollHeight, innerHeight / 2)}px`;
  }

  #typed(): void {
    const found = this.#input.value.startsWith('/') && exactCommand(this.#entries, this.#input.value);
    if (found) {
      this.#enter(found.entry, typedOptions(found.entry, found.rest));
      return;
    }
    this.#dismissedFor = null;
    this.#drawCounter();
    this.#grow();
    this.#suggest();
  }

  /** Opens or narrows the list of commands while the text is a slash and words. */
  #suggest(): void {
    const text = this.#input.value;
    if (!text.startsWith('/') || text.includes('\n') || text === this.#dismissedFor || this.#input.disabled) {
      this.#commands.close();
      return;
    }
    const fitting = filterCommands(this.#entries, text.slice(1));
    const bot = this.#context.store.bot?.displayName ?? 'The bot';
    if (this.#entries.length === 0) {
      this.#commands.show([], {
        note: `${bot} has no commands here${this.#context.store.botOnline ? '' : ': it is not connected'}`,
      });
      return;
    }
    const rows = fitting.map((entry) => ({
      value: entry,
      label: `/${entry.name}`,
      detail: entry.description,
      side: optionsInShort(entry),
    }));
    const note = rows.length === 0 ? 'No command fits. Enter sends this as a message.' : undefined;
    this.#commands.show(rows, { header: rows.length > 0 ? bot : undefined, note });
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing || this.#commands.handleMove(event)) return;
    const active = this.#commands.isOpen ? this.#commands.active : null;
    if (active && ((event.key === 'Enter' && !event.shiftKey) || (event.key === 'Tab' && !event.shiftKey))) {
      event.preventDefault();
      this.#enter(active, {});
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void this.#say();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      this.#escape();
    } else if (event.key === 'ArrowUp' && this.#input.value === '' && this.#lastCommand) {
      event.preventDefault();
      this.#enter(this.#lastCommand.entry, {}, this.#lastCommand);
    }
  }

  #escape(): void {
    if (this.#commands.isOpen) {
      this.#dismissedFor = this.#input.value;
      this.#commands.close();
    } else if (this.#reply) {
      this.#reply = null;
      this.#draw();
    }
  }

  #enter(entry: CommandEntry, texts: Record<string, string>, draft?: CommandDraft): void {
    this.#commands.close();
    this.#form?.node.remove();
    this.#input.value = '';
    this.#form = new CommandForm({
      entry,
      texts,
      context: this.#context,
      popupSlot: this.#popupSlot,
      hint: this.#hint,
      onSent: (sent) => {
        this.#lastCommand = sent;
        this.#leave('');
        this.#onSent();
      },
      onLeave: (text) => {
        this.#leave(text);
        this.#dismissedFor = null;
        this.#suggest();
      },
    });
    this.#box.insertBefore(this.#form.node, this.#input);
    if (draft) this.#form.restore(draft);
    this.#draw();
    this.#form.focus();
  }

  /** Back to plain text. */
  #leave(text: string, focus = true): void {
    const had = this.#form;
    this.#form = null;
    this.#input.value = text;
    fill(this.#popupSlot);
    had?.node.remove();
    this.#draw();
    if (had && focus) this.#input.focus();
  }

  #submit(): void {
    if (this.#form) void this.#form.send();
    else void this.#say();
  }

  async #say(): Promise<void> {
    const content = this.#input.value.trim();
    const channelId = this.#channelId;
    if (!channelId || content.length > longestMessage) return;
    await Promise.all(this.#uploads.map((one) => one.done));
    if (this.#uploads.some((one) => one.state === 'failed') || this.#channelId !== channelId) return;
    const attachments = this.#uploads.flatMap((one) => (one.id ? [one.id] : []));
    if (content === '' && attachments.length === 0) return;
    const sent = this.#context.send({
      type: 'say',
      channelId,
      content,
      attachments: attachments.length > 0 ? attachments : undefined,
      replyTo: this.#reply?.id,
    });
    if (!sent) return;
    this.#lastSaid = { text: content, atMs: performance.now() };
    this.#input.value = '';
    this.#uploads = [];
    this.#reply = null;
    this.#commands.close();
    this.#draw();
  }

  #pick(): void {
    if (this.#form) pickFiles(false, (files) => this.#take(files));
    else pickFiles(true, (files) => this.#take(files));
  }

  #take(files: File[]): void {
    if (files.length === 0 || this.#input.disabled) return;
    if (this.#form) {
      const [file] = files;
      if (file && !this.#form.takeFile(file)) this.#context.announce('This command takes no file');
      return;
    }
    const room = mostFiles - this.#uploads.length;
    for (const file of files.slice(0, room)) this.#uploads.push(upload(file, () => this.#draw()));
    if (files.length > room) this.#context.announce(`A message holds at most ${mostFiles} files`);
    this.#draw();
    this.#input.focus();
  }

  #dropZone(): void {
    this.node.addEventListener('paste', (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      this.#take(files);
    });
    document.addEventListener('dragover', (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      this.node.classList.add('dropping');
    });
    document.addEventListener('dragleave', (event) => {
      if (event.relatedTarget === null) this.node.classList.remove('dropping');
    });
    document.addEventListener('drop', (event) => {
      this.node.classList.remove('dropping');
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      // A modal has its own inputs; what is dropped beside it is not for the message box.
      if (!document.querySelector('dialog[open]')) this.#take(files);
    });
  }
}

/** "agent title +7": what the command asks for. */
function optionsInShort(entry: CommandEntry): string {
  const required = entry.options.filter((option) => option.required).map((option) => option.name);
  const more = entry.options.length - required.length;
  return [...required, more > 0 ? `+${more}` : ''].filter(Boolean).join(' ');
}
