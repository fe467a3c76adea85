/** The message box: plain messages with files and replies, and the way into commands. */
import type { PageMessage } from '../../protocol.js';
import { channelLabel } from '../channels.js';
import type { PageContext } from '../context.js';
import { el, fill, icon } from '../dom.js';
import { type CommandDraft, CommandForm } from './command-form.js';
import { CommandList } from './command-list.js';
import { type CommandEntry, typedOptions } from './commands.js';
import { Mentions } from './mentions.js';
import { ReplyBar } from './reply-bar.js';
import { pickFiles } from './upload.js';
import { mostFiles, takeFiles, UploadTray } from './upload-tray.js';

/** Discord's limit for the text of a message. */
const longestMessage = 2000;
/** A refusal within this time after sending is taken to mean that message. */
const refusalMs = 3000;

export class Composer {
  readonly node: HTMLElement;
  readonly #context: PageContext;
  readonly #onSent: () => void;
  readonly #popupSlot = el('div', { class: 'popup-slot' });
  readonly #hint = el('div', { class: 'option-hint', attrs: { 'aria-live': 'polite' } });
  readonly #reply: ReplyBar;
  readonly #uploads = new UploadTray(() => this.#input.focus());
  readonly #input: HTMLTextAreaElement;
  readonly #attach: HTMLButtonElement;
  readonly #send: HTMLButtonElement;
  readonly #box: HTMLElement;
  readonly #counter = el('span', { class: 'counter', attrs: { 'aria-live': 'polite' } });
  readonly #commands: CommandList;
  readonly #mentions: Mentions;
  #form: CommandForm | null = null;
  #drafts = new Map<string, string>();
  #channelId: string | null = null;
  #lastCommand: CommandDraft | null = null;
  #saying = false;
  #lastSaid: { text: string; atMs: number } | null = null;

  /** `onSent`: a command was sent, its answer will come at the end of the messages. */
  constructor(context: PageContext, onSent: () => void) {
    this.#context = context;
    this.#onSent = onSent;
    this.#reply = new ReplyBar(context, () => this.#input.focus());
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
      this.#reply.node,
      this.#hint,
      el('div', { class: 'composer-frame' }, this.#uploads.node, this.#box),
    );
    this.#commands = new CommandList({
      context,
      parent: this.#popupSlot,
      input: this.#input,
      onChoose: (entry) => this.#enter(entry, {}),
    });
    this.#mentions = new Mentions(context, this.#popupSlot, this.#input, () => this.#typed());
    takeFiles(this.node, (files) => this.#take(files));
    this.#draw();
  }

  #textarea(): HTMLTextAreaElement {
    const attrs = { rows: 1, role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', autocomplete: 'off' };
    const input = el('textarea', { class: 'composer-input', testid: 'composer', attrs });
    input.addEventListener('input', () => this.#typed());
    input.addEventListener('keydown', (event) => this.#key(event));
    input.addEventListener('blur', () => this.#closeLists());
    input.addEventListener('focus', () => this.#suggest());
    return input;
  }

  focus(): void {
    if (this.#form) this.#form.focus();
    else this.#input.focus();
  }

  /** The world changed: commands, the right to send, the channel's name. */
  refresh(): void {
    this.#commands.refresh();
    if (this.#form && !this.#commands.has(this.#form.entry)) this.#leave('');
    this.#draw();
  }

  /** Another channel is shown: each keeps its own unsent text. */
  channelChanged(channelId: string): void {
    if (this.#channelId === channelId) return;
    if (this.#channelId) this.#drafts.set(this.#channelId, this.#form ? '' : this.#input.value);
    this.#channelId = channelId;
    this.#leave(this.#drafts.get(channelId) ?? '', false);
    this.#reply.set(null);
    this.#uploads.clear();
    this.#closeLists();
    this.#draw();
  }

  replyTo(message: PageMessage): void {
    this.#leave(this.#form ? '' : this.#input.value);
    this.#reply.set(message);
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
    const entry = this.#commands.find(name);
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
    const place = channel ? channelLabel(channel) : '';
    this.#input.placeholder = canSend ? `Message ${place}` : 'You cannot send messages in this channel';
    this.#input.setAttribute('aria-label', this.#input.placeholder);
    this.#input.disabled = !canSend;
    this.#attach.disabled = !canSend;
    this.#send.disabled = !canSend;
    this.#input.hidden = this.#form !== null;
    this.#hint.hidden = this.#form === null;
    this.#drawCounter();
    this.#grow();
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
    const found = this.#commands.exact();
    if (found) {
      this.#enter(found.entry, typedOptions(found.entry, found.rest));
      return;
    }
    this.#commands.undismiss();
    this.#drawCounter();
    this.#grow();
    this.#suggest();
  }

  #suggest(): void {
    this.#commands.suggest();
    if (this.#input.value.startsWith('/')) this.#mentions.close();
    else this.#mentions.suggest();
  }

  #closeLists(): void {
    this.#commands.close();
    this.#mentions.close();
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing || this.#commands.handleKey(event) || this.#mentions.handleKey(event)) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void this.#say();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      if (this.#context.editing()) this.#context.edit(null);
      else this.#reply.set(null);
    } else if (event.key === 'ArrowUp' && this.#input.value === '') {
      event.preventDefault();
      this.#takeUpLast();
    }
  }

  /** The command that was sent last, or else the person's newest message of the channel, is there to be changed. */
  #takeUpLast(): void {
    if (this.#lastCommand && this.#commands.has(this.#lastCommand.entry)) {
      this.#enter(this.#lastCommand.entry, {}, this.#lastCommand);
      return;
    }
    const { store } = this.#context;
    const own = store
      .log(this.#channelId ?? '')
      .messages.findLast((one) => one.author.id === store.me?.id && one.type in { 0: 0, 19: 0 });
    if (own) this.#context.edit(own);
  }

  #enter(entry: CommandEntry, texts: Record<string, string>, draft?: CommandDraft): void {
    this.#closeLists();
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
        this.#commands.undismiss();
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
    const typed = this.#input.value.trim();
    const content = this.#mentions.encode(typed);
    const channelId = this.#channelId;
    if (!channelId || content.length > longestMessage) return;
    // A second Enter while files are on their way must not send the message twice.
    if (this.#saying) return;
    this.#saying = true;
    const attachments = await this.#uploads.ids();
    this.#saying = false;
    if (!attachments || this.#channelId !== channelId) return;
    if (content === '' && attachments.length === 0) return;
    const sent = this.#context.send({
      type: 'say',
      channelId,
      content,
      attachments: attachments.length > 0 ? attachments : undefined,
      replyTo: this.#reply.message?.id,
    });
    if (!sent) return;
    this.#lastCommand = null;
    this.#lastSaid = { text: typed, atMs: performance.now() };
    this.#input.value = '';
    this.#uploads.clear();
    this.#reply.set(null);
    this.#closeLists();
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
      if (file && !this.#form.takeFile(file)) this.#context.toast('No place for it', 'This command takes no file.');
      return;
    }
    if (!this.#uploads.add(files)) this.#context.toast('Too many', `A message holds at most ${mostFiles} files.`);
    this.#input.focus();
  }
}
