/** The list of commands that opens when the text in the message box begins with a slash. */
import type { PageContext } from '../context.js';
import { Popup } from '../popup.js';
import { type CommandEntry, commandEntries, exactCommand, filterCommands } from './commands.js';

interface CommandListOptions {
  context: PageContext;
  parent: HTMLElement;
  input: HTMLTextAreaElement;
  onChoose(entry: CommandEntry): void;
}

export class CommandList {
  readonly #context: PageContext;
  readonly #input: HTMLTextAreaElement;
  readonly #popup: Popup<CommandEntry>;
  readonly #onChoose: (entry: CommandEntry) => void;
  #entries: CommandEntry[] = [];
  /** Escape closed the list for the text as it is now. */
  #dismissedFor: string | null = null;

  constructor({ context, parent, input, onChoose }: CommandListOptions) {
    this.#context = context;
    this.#input = input;
    this.#onChoose = onChoose;
    this.#popup = new Popup<CommandEntry>({
      parent,
      input,
      id: 'command-list',
      testid: 'commands',
      itemTestid: 'command-item',
      label: 'Commands',
      onChoose,
    });
  }

  /** The application's commands may have changed. */
  refresh(): void {
    this.#entries = commandEntries(this.#context.store.commands);
    if (this.#popup.isOpen) this.suggest();
  }

  find(name: string): CommandEntry | undefined {
    return this.#entries.find((entry) => entry.name === name);
  }

  /** Whether this very command is still offered. */
  has(wanted: CommandEntry): boolean {
    return this.#entries.some((entry) => entry.commandId === wanted.commandId && entry.name === wanted.name);
  }

  /** The command that the text names in full, with what follows it. */
  exact(): ReturnType<typeof exactCommand> {
    return this.#input.value.startsWith('/') ? exactCommand(this.#entries, this.#input.value) : null;
  }

  /** Escape's choice to see no list is forgotten. */
  undismiss(): void {
    this.#dismissedFor = null;
  }

  /** Opens or narrows the list while the text is a slash and words, else closes it. */
  suggest(): void {
    const text = this.#input.value;
    if (!text.startsWith('/') || text.includes('\n') || text === this.#dismissedFor || this.#input.disabled) {
      this.close();
      return;
    }
    const { store } = this.#context;
    const bot = store.bot?.displayName ?? 'The bot';
    if (this.#entries.length === 0) {
      this.#popup.show([], { note: `${bot} has no commands here${store.botOnline ? '' : ': it is not connected'}` });
      return;
    }
    const rows = filterCommands(this.#entries, text.slice(1)).map((entry) => ({
      value: entry,
      label: `/${entry.name}`,
      detail: entry.description,
      side: optionsInShort(entry),
    }));
    const note = rows.length === 0 ? 'No command fits. Enter sends this as a message.' : undefined;
    this.#popup.show(rows, { header: rows.length > 0 ? bot : undefined, note });
  }

  close(): void {
    this.#popup.close();
  }

  /** True when the key was meant for the list. */
  handleKey(event: KeyboardEvent): boolean {
    if (this.#popup.handleMove(event)) return true;
    if (!this.#popup.isOpen) return false;
    const { active } = this.#popup;
    if (active && (event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) this.#onChoose(active);
    else if (event.key === 'Escape') {
      this.#dismissedFor = this.#input.value;
      this.close();
    } else return false;
    event.preventDefault();
    return true;
  }
}

/** "agent title +7": what the command asks for. */
function optionsInShort(entry: CommandEntry): string {
  const required = entry.options.filter((option) => option.required).map((option) => option.name);
  const more = entry.options.length - required.length;
  return [...required, more > 0 ? `+${more}` : ''].filter(Boolean).join(' ');
}
