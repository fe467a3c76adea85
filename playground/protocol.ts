/**
 * What the page and the playground say to each other over the page's WebSocket (`/page`).
 *
 * The page plays the part of Discord's client: it shows what the chosen person may see and sends what that person does.
 * Shapes of messages, embeds, components, commands and channels are Discord's own (discord-api-types, API version 10).
 */
import type {
  APIApplicationCommand,
  APIApplicationCommandOptionChoice,
  APIMessage,
  APIModalInteractionResponseCallbackData,
} from 'discord-api-types/v10';

/** A person (or the bot) as the page lists it. */
export interface PageUser {
  id: string;
  username: string;
  displayName: string;
  bot: boolean;
  /** One short line about what this person may do, shown in the menu that switches person. */
  role: string;
  /** A data URI; no request leaves the machine. */
  avatar: string;
}

/** A channel that the chosen person can see. `type` is Discord's channel type. */
export interface PageChannel {
  id: string;
  guildId: string | null;
  parentId: string | null;
  type: number;
  name: string;
  topic: string;
  canSend: boolean;
  unread: number;
  mentions: number;
  archived?: boolean;
}

/** A guild that the chosen person is a member of. */
export interface PageGuild {
  id: string;
  name: string;
  roles: { id: string; name: string; color: number }[];
  memberIds: string[];
  channels: PageChannel[];
}

/** A message as the chosen person sees it. Ephemeral ones are present only for their user. */
export interface PageMessage extends APIMessage {
  /** A deferred answer that has no content yet ("thinking…"). */
  thinking?: boolean;
  /** The command line that made it, for the header "Mia used /task create". */
  commandLine?: { userId: string; name: string };
}

/** One option given to a command: `value` of an attachment option is the id that `POST /page/upload` answered. */
export interface GivenOption {
  name: string;
  /** Discord's application command option type. */
  type: number;
  value: string | number | boolean;
  focused?: boolean;
}

export type PageRequest =
  | { type: 'hello'; userId?: string }
  | { type: 'open'; channelId: string; before?: string }
  | { type: 'open_dm' }
  | { type: 'read'; channelId: string; messageId: string }
  | { type: 'say'; channelId: string; content: string; attachments?: string[]; replyTo?: string }
  | {
      type: 'command';
      requestId: string;
      channelId: string;
      commandId: string;
      /** Subcommand group and subcommand names, outermost first; empty for a plain command. */
      path: string[];
      options: GivenOption[];
      /** The message or user that a context-menu command acts on. */
      targetId?: string;
    }
  | { type: 'autocomplete'; requestId: string; channelId: string; commandId: string; path: string[]; options: GivenOption[] }
  | { type: 'component'; requestId: string; channelId: string; messageId: string; customId: string; values?: string[] }
  | {
      type: 'modal';
      requestId: string;
      /** The `modalId` of the `modal` event. */
      modalId: string;
      /** custom_id of each input → what was entered (lists for selects and uploads). */
      fields: Record<string, string | string[] | boolean>;
    }
  | { type: 'dismiss'; channelId: string; messageId: string };

export type PageEvent =
  | {
      type: 'snapshot';
      me: PageUser;
      users: PageUser[];
      guilds: PageGuild[];
      dms: PageChannel[];
      botId: string | null;
      botOnline: boolean;
      commands: APIApplicationCommand[];
      /** A line that the program under test asked the page to show (for example "Redis: none, database-only"). */
      notices: string[];
    }
  | { type: 'messages'; channelId: string; messages: PageMessage[]; hasMore: boolean; before?: string }
  | { type: 'message_create' | 'message_update'; channelId: string; message: PageMessage; mentioned: boolean }
  | { type: 'message_delete'; channelId: string; messageId: string }
  | { type: 'bot'; online: boolean }
  | { type: 'typing'; channelId: string; userId: string }
  /** Answers to `command`, `component` and `modal`: `ok` once acknowledged, `failed` after 3 s without an answer. */
  | { type: 'interaction'; requestId: string; state: 'ok' | 'failed' | 'refused'; reason?: string }
  | { type: 'modal'; requestId: string; modalId: string; modal: APIModalInteractionResponseCallbackData }
  | { type: 'choices'; requestId: string; choices: APIApplicationCommandOptionChoice[] | null }
  | { type: 'error'; message: string };
