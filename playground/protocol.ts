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
  APIReaction,
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
  /** Its place among the channels of its guild. */
  position: number;
  canSend: boolean;
  /** What else this person may do here. */
  may: PageRights;
  unread: number;
  mentions: number;
  archived?: boolean;
  locked?: boolean;
  /** Messages of a thread, the one that it began with left out. */
  messageCount?: number;
}

/** What a person may do in a channel besides reading and sending. */
export interface PageRights {
  attach: boolean;
  react: boolean;
  pin: boolean;
  manageMessages: boolean;
  startThread: boolean;
  manageThreads: boolean;
}

/** A guild that the chosen person is a member of. */
export interface PageGuild {
  id: string;
  name: string;
  roles: { id: string; name: string; color: number }[];
  memberIds: string[];
  /** The highest coloured role of each member who has one, as `0xrrggbb`: the colour of the name. */
  nameColors: Record<string, number>;
  channels: PageChannel[];
}

/** A reaction as the chosen person sees it: `me` is that person. */
export interface PageReaction extends APIReaction {
  /** Who reacted, the first few. */
  userIds: string[];
}

/** A message as the chosen person sees it. Ephemeral ones are present only for their user. */
export interface PageMessage extends APIMessage {
  /** A deferred answer that has no content yet ("thinking…"). */
  thinking?: boolean;
  /** The command line that made it, for the header "Mia used /task create". */
  commandLine?: { userId: string; name: string };
  reactions?: PageReaction[];
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
  /** The person looks at this channel: asks for the commands that are offered there, now and whenever they change. */
  | { type: 'look'; channelId: string }
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
  | { type: 'dismiss'; channelId: string; messageId: string }
  | { type: 'edit'; channelId: string; messageId: string; content: string }
  | { type: 'delete'; channelId: string; messageId: string }
  /** `emoji`: the character, or `name:id` of a custom one. */
  | { type: 'react'; channelId: string; messageId: string; emoji: string; on: boolean }
  | { type: 'pin'; channelId: string; messageId: string; on: boolean }
  | { type: 'pins'; channelId: string }
  /** Opens a thread, from a message or without one; a `channel` event with the new thread follows. */
  | { type: 'start_thread'; requestId: string; channelId: string; name: string; messageId?: string }
  | { type: 'archive'; channelId: string; on: boolean };

export type PageEvent =
  | {
      type: 'snapshot';
      me: PageUser;
      users: PageUser[];
      guilds: PageGuild[];
      dms: PageChannel[];
      botId: string | null;
      botOnline: boolean;
      /** Commands that are offered in at least one place; `commands` events tell what is offered where the person looks. */
      commands: APIApplicationCommand[];
      /** Milliseconds since 1970 by the playground's clock, which tests and the developer panel move. */
      nowMs: number;
      /** A line that the program under test asked the page to show (for example "Redis: none, database-only"). */
      notices: string[];
    }
  | { type: 'messages'; channelId: string; messages: PageMessage[]; hasMore: boolean; before?: string }
  | { type: 'message_create' | 'message_update'; channelId: string; message: PageMessage; mentioned: boolean }
  | { type: 'message_delete'; channelId: string; messageId: string }
  | { type: 'bot'; online: boolean }
  /** The playground's clock was moved. */
  | { type: 'clock'; nowMs: number }
  /** A channel or thread is new or changed. */
  | { type: 'channel'; channel: PageChannel }
  | { type: 'channel_gone'; channelId: string }
  /** A guild's own data, members or roles changed; its channels stay as they are. `users`: those the page may not know yet. */
  | { type: 'guild'; guild: Omit<PageGuild, 'channels'>; users: PageUser[] }
  /** What is offered in the channel that the person looks at. */
  | { type: 'commands'; channelId: string; commands: APIApplicationCommand[] }
  | { type: 'pins'; channelId: string; messages: PageMessage[] }
  | { type: 'thread_started'; requestId: string; channelId: string }
  | { type: 'typing'; channelId: string; userId: string }
  /** Answers to `command`, `component` and `modal`: `ok` once acknowledged, `failed` after 3 s without an answer. */
  | { type: 'interaction'; requestId: string; state: 'ok' | 'failed' | 'refused'; reason?: string }
  | { type: 'modal'; requestId: string; modalId: string; modal: APIModalInteractionResponseCallbackData }
  | { type: 'choices'; requestId: string; choices: APIApplicationCommandOptionChoice[] | null }
  | { type: 'error'; message: string };
