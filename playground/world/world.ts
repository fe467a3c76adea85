import { type APIApplicationCommand, PermissionFlagsBits } from 'discord-api-types/v10';
import { ChannelIndex } from './channel-index.js';
import { channelPermissions, DM_PERMISSIONS, guildPermissions, has, threadPermissions } from './permissions.js';
import type {
  ChannelRecord,
  CommandPermissionsRecord,
  CommandRecord,
  GuildRecord,
  MemberRecord,
  StoredMessage,
  UserRecord,
  WebhookRecord,
} from './types.js';

/** Messages kept in memory per channel; older ones are forgotten as if they had scrolled out of reach. */
const MESSAGES_KEPT_PER_CHANNEL = 20_000;

const DAY_MS = 24 * 3_600_000;
/** Members of a guild beyond which they are found through an index. */
const FEW_MEMBERS = 16;

/** The state of the local Discord. It holds and finds; rules live with those who change it. */
export class World {
  readonly users = new Map<string, UserRecord>();
  readonly guilds = new Map<string, GuildRecord>();
  readonly channels = new ChannelIndex();
  readonly commands = new Map<string, CommandRecord>();
  readonly lastRead = new Map<string, string>();
  readonly webhooks = new Map<string, WebhookRecord>();
  /** By guild and command (`permissionsKey`). */
  readonly commandPermissions = new Map<string, CommandPermissionsRecord>();
  /** What `PATCH /applications/@me` has changed, by Discord's field names. */
  application: Record<string, unknown> = {};
  /** Told of every message that is gone for good, whatever took it away: its files are of no use any more. */
  onGone: (stored: StoredMessage) => void = () => {};
  private readonly messagesByChannel = new Map<string, StoredMessage[]>();
  private readonly messagesById = new Map<string, StoredMessage>();

  private readonly commandCreates = new Map<string | null, number[]>();
  private readonly membersById = new WeakMap<MemberRecord[], Map<string, MemberRecord>>();

  /** `now` gives milliseconds since 1970; time-outs end by it. */
  constructor(
    readonly botId: string,
    private readonly now: () => number = Date.now,
  ) {}

  user(id: string): UserRecord {
    const user = this.users.get(id);
    if (!user) throw new Error(`no user ${id} in this world`);
    return user;
  }

  get bot(): UserRecord {
    return this.user(this.botId);
  }

  isMember(guildId: string, userId: string): boolean {
    return this.member(guildId, userId) !== undefined;
  }

  /** A member of a guild; large guilds have an index that is made anew when their list was changed. */
  member(guildId: string, userId: string): MemberRecord | undefined {
    const members = this.guilds.get(guildId)?.members;
    if (!members) return undefined;
    if (members.length <= FEW_MEMBERS) return members.find((member) => member.userId === userId);
    let byId = this.membersById.get(members);
    if (byId?.size !== members.length) {
      byId = new Map(members.map((member) => [member.userId, member]));
      this.membersById.set(members, byId);
    }
    return byId.get(userId);
  }

  guildsOf(userId: string): GuildRecord[] {
    return [...this.guilds.values()].filter((guild) => this.isMember(guild.id, userId));
  }

  channelsOf(guildId: string): ChannelRecord[] {
    return [...this.channels.inGuild(guildId).values()];
  }

  /** Webhooks of a guild, or of one of its channels, oldest first. */
  webhooksOf(guildId: string, channelId?: string): WebhookRecord[] {
    return [...this.webhooks.values()].filter(
      (one) => one.guildId === guildId && (channelId === undefined || one.channelId === channelId),
    );
  }

  /** What this user may do in this channel, as bits; 0 when the user cannot see it. */
  permissions(channel: ChannelRecord, userId: string): bigint {
    if (channel.guildId === null) return channel.recipientIds?.includes(userId) ? DM_PERMISSIONS : 0n;
    const guild = this.guilds.get(channel.guildId);
    if (!guild) return 0n;
    const member = this.member(guild.id, userId);
    if (!channel.thread) return channelPermissions(guild, channel, member, this.now());
    const parent = this.channels.get(channel.parentId ?? '');
    return parent ? threadPermissions(guild, parent, channel, member, this.now()) : 0n;
  }

  guildPermissions(guildId: string, userId: string): bigint {
    const guild = this.guilds.get(guildId);
    return guild ? guildPermissions(guild, this.member(guildId, userId), this.now()) : 0n;
  }

  canView(channel: ChannelRecord, userId: string): boolean {
    return has(this.permissions(channel, userId), PermissionFlagsBits.ViewChannel);
  }

  /** Sending counts by Send Messages in channels and by Send Messages In Threads in threads; categories have no messages. */
  canSend(channel: ChannelRecord, userId: string): boolean {
    if (channel.type === 4) return false;
    const needed = channel.thread ? PermissionFlagsBits.SendMessagesInThreads : PermissionFlagsBits.SendMessages;
    const locked = channel.thread?.locked ?? false;
    const bits = this.permissions(channel, userId);
    return has(bits, needed | PermissionFlagsBits.ViewChannel) && (!locked || has(bits, PermissionFlagsBits.ManageThreads));
  }

  /** The DM of the bot and this person, when it was opened before. */
  findDm(userId: string): ChannelRecord | undefined {
    return this.channels.dmWith(userId);
  }

  addMessage(stored: StoredMessage): void {
    const { channel_id: channelId, id } = stored.message;
    const list = this.messagesByChannel.get(channelId) ?? [];
    this.messagesByChannel.set(channelId, list);
    list.push(stored);
    this.messagesById.set(id, stored);
    const channel = this.channels.get(channelId);
    if (channel && !stored.ephemeralFor) channel.lastMessageId = id;
    if (list.length > MESSAGES_KEPT_PER_CHANNEL) {
      for (const old of list.splice(0, list.length - MESSAGES_KEPT_PER_CHANNEL)) this.forget(old);
    }
  }

  /** A message by id, ephemeral or not. */
  message(id: string): StoredMessage | undefined {
    return this.messagesById.get(id);
  }

  /** Messages of a channel, oldest first, ephemeral ones included. */
  messagesIn(channelId: string): readonly StoredMessage[] {
    return this.messagesByChannel.get(channelId) ?? [];
  }

  /** Whether this person can see the message now. */
  sees(stored: StoredMessage, userId: string): boolean {
    if (stored.dismissed || (stored.ephemeralFor && stored.ephemeralFor !== userId)) return false;
    const channel = this.channels.get(stored.message.channel_id);
    return channel !== undefined && this.canView(channel, userId);
  }

  /** Messages of a channel that this person can see now (history needs Read Message History), oldest first. */
  messagesFor(channel: ChannelRecord, userId: string): StoredMessage[] {
    const bits = this.permissions(channel, userId);
    if (!has(bits, PermissionFlagsBits.ViewChannel | PermissionFlagsBits.ReadMessageHistory)) return [];
    return this.messagesIn(channel.id).filter(
      (stored) => (!stored.ephemeralFor || stored.ephemeralFor === userId) && !stored.dismissed,
    );
  }

  removeMessage(id: string): StoredMessage | undefined {
    const stored = this.messagesById.get(id);
    if (!stored) return undefined;
    this.forget(stored);
    const list = this.messagesByChannel.get(stored.message.channel_id) ?? [];
    list.splice(list.indexOf(stored), 1);
    return stored;
  }

  private forget(stored: StoredMessage): void {
    this.messagesById.delete(stored.message.id);
    this.onGone(stored);
  }

  /** Takes the channel, its threads and all their messages away; gives every channel that went. */
  removeChannel(id: string): ChannelRecord[] {
    const channel = this.channels.get(id);
    if (!channel) return [];
    const gone = [channel, ...this.channels.under(id).values()];
    for (const hook of this.webhooks.values()) if (hook.channelId === id) this.webhooks.delete(hook.id);
    for (const one of gone) {
      for (const stored of this.messagesIn(one.id)) this.forget(stored);
      this.messagesByChannel.delete(one.id);
      this.channels.delete(one.id);
    }
    return gone;
  }

  /** Counts new commands of a scope; false, and nothing counted, when there would be more than `most` in 24 hours. */
  takeCommandCreates(guildId: string | null, count: number, most: number): boolean {
    const since = this.now() - DAY_MS;
    const recent = (this.commandCreates.get(guildId) ?? []).filter((at) => at > since);
    if (count > 0 && recent.length + count > most) return false;
    this.commandCreates.set(guildId, [...recent, ...Array.from({ length: count }, this.now)]);
    return true;
  }

  /** Commands that exist in a guild (its own and the global ones), or in DMs when `guildId` is null. */
  commandsIn(guildId: string | null): APIApplicationCommand[] {
    if (guildId !== null && !this.isMember(guildId, this.botId)) return [];
    return [...this.commands.values()]
      .filter((record) => record.guildId === null || record.guildId === guildId)
      .map((record) => record.command);
  }
}

/** The key of `World.commandPermissions`. */
export function permissionsKey(guildId: string, commandId: string): string {
  return `${guildId}:${commandId}`;
}
