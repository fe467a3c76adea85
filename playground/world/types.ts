import type { APIApplicationCommand, APIMessage } from 'discord-api-types/v10';

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
}

export interface MemberRecord {
  userId: string;
  roles: string[];
  joinedAt: string;
}

export interface GuildRecord {
  id: string;
  name: string;
  ownerId: string;
  locale: string;
  roles: RoleRecord[];
  members: MemberRecord[];
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
  messageCount: number;
}

/** Any channel: guild text (0), DM (1), public thread (11), private thread (12). */
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
  /** The two people of a DM. */
  recipientIds?: string[];
  thread?: ThreadState;
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
}

/** A registered command; `guildId` null for a global one. */
export interface CommandRecord {
  guildId: string | null;
  command: APIApplicationCommand;
}
