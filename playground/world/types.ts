import type { APIApplicationCommand, APIApplicationCommandPermission, APIMessage } from 'discord-api-types/v10';
import type { ReactionEmoji } from '../bus.js';

/** A picture of a user or webhook: Discord's hash of it, and the picture itself as a data URI. */
export interface PictureRecord {
  hash: string;
  dataUri: string;
}

/** A person or the bot. */
export interface UserRecord {
  id: string;
  username: string;
  displayName: string;
  bot: boolean;
  /** One line about what this person may do, for the page. */
  role: string;
  /** Colour of the avatar, `#rrggbb`. */
  color: string;
  locale: string;
  /** Absent: the letter on the colour. */
  picture?: PictureRecord;
}

/** A role; `permissions` is a decimal bit string. */
export interface RoleRecord {
  id: string;
  name: string;
  color: number;
  permissions: string;
  position: number;
  /** The bot that owns a managed role. */
  botId?: string;
  /** Shown apart in the member list. */
  hoist?: boolean;
  /** Anybody may mention it. */
  mentionable?: boolean;
}

export interface MemberRecord {
  userId: string;
  roles: string[];
  joinedAt: string;
  /** The name in this guild, when it is another than the user's. */
  nick?: string;
  /** ISO time until which the member may only read. */
  timeoutUntil?: string;
}

export interface BanRecord {
  userId: string;
  reason: string | null;
}

/** A custom emoji of a guild. */
export interface EmojiRecord {
  id: string;
  name: string;
  animated: boolean;
  /** Who made it. */
  userId: string;
}

export interface GuildRecord {
  id: string;
  name: string;
  ownerId: string;
  locale: string;
  roles: RoleRecord[];
  /** Appended to or replaced as a whole, never changed in place otherwise: `World.member` looks members up by it. */
  members: MemberRecord[];
  bans?: BanRecord[];
  emojis?: EmojiRecord[];
  /** What `PATCH /guilds/:id` has changed besides name and locale, by Discord's field names. */
  settings?: Record<string, string | number | boolean | null>;
}

/** Permission overwrite of a role (type 0) or a member (type 1). Decimal bit strings. */
export interface OverwriteRecord {
  id: string;
  type: 0 | 1;
  allow: string;
  deny: string;
}

export interface ThreadState {
  ownerId: string;
  archived: boolean;
  locked: boolean;
  invitable: boolean;
  autoArchiveMinutes: number;
  archiveTimestamp: string;
  createTimestamp: string;
  memberIds: string[];
  /** ISO time at which a member joined, where it is not the thread's beginning. */
  joinedAt?: Record<string, string>;
  messageCount: number;
}

/** Any channel: guild text (0), DM (1), voice (2), category (4), announcement (5), threads (10 of news, 11 public, 12 private). */
export interface ChannelRecord {
  id: string;
  type: number;
  guildId: string | null;
  parentId: string | null;
  name: string;
  topic: string;
  position: number;
  overwrites: OverwriteRecord[];
  lastMessageId: string | null;
  /** Seconds that a person waits between two messages (`rate_limit_per_user`). */
  slowmodeSeconds?: number;
  nsfw?: boolean;
  /** What new threads take when their maker says nothing. */
  defaultArchiveMinutes?: number;
  defaultThreadSlowmodeSeconds?: number;
  /** ISO time of the newest pin that is left. */
  lastPinAt?: string;
  /** The two people of a DM. */
  recipientIds?: string[];
  thread?: ThreadState;
}

/** Who reacted with an emoji, in the order in which they did. */
export interface ReactionRecord {
  emoji: ReactionEmoji;
  userIds: string[];
}

/** A message with what only the server knows about it. */
export interface StoredMessage {
  message: APIMessage;
  /** The only person who sees it; it is not part of the channel for anybody else. */
  ephemeralFor?: string;
  /** A deferred answer without content yet. */
  thinking?: boolean;
  commandLine?: { userId: string; name: string };
  /** Whom it notified when it was posted. */
  notified: string[];
  /** Ephemeral messages that their user closed are gone for that user only. */
  dismissed?: boolean;
  /** `message.reactions` is made from these. */
  reactions?: ReactionRecord[];
  /** ISO time at which it was pinned. */
  pinnedAt?: string;
}

/** A registered command; `guildId` null for a global one. */
export interface CommandRecord {
  guildId: string | null;
  command: APIApplicationCommand;
}

/** An incoming webhook; its token is the right to post. */
export interface WebhookRecord {
  id: string;
  guildId: string;
  channelId: string;
  name: string;
  token: string;
  /** Who made it. */
  userId: string;
  picture?: PictureRecord;
}

/** Who may use a command in a guild, as its administrators set it. */
export interface CommandPermissionsRecord {
  guildId: string;
  /** The command's id, or the application's for all its commands. */
  commandId: string;
  permissions: APIApplicationCommandPermission[];
}
