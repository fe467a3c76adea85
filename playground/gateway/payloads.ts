import type {
  APIChannel,
  APIEmoji,
  APIGuildMember,
  APIRole,
  APIThreadMember,
  APIUser,
  GatewayGuildCreateDispatchData,
} from 'discord-api-types/v10';
import type { ChannelRecord, EmojiRecord, GuildRecord, MemberRecord, RoleRecord, UserRecord } from '../world/types.js';
import type { World } from '../world/world.js';

/** A user as every payload shows it. */
export function apiUser(user: UserRecord): APIUser {
  return {
    id: user.id,
    username: user.username,
    discriminator: user.bot ? '0001' : '0',
    global_name: user.bot ? null : user.displayName,
    avatar: user.picture?.hash ?? null,
    bot: user.bot,
    public_flags: 0,
    flags: 0,
    banner: null,
    accent_color: null,
    avatar_decoration_data: null,
    collectibles: null,
    primary_guild: null,
  } as unknown as APIUser;
}

/** A guild member with its user. */
export function apiMember(world: World, member: MemberRecord): APIGuildMember {
  return {
    user: apiUser(world.user(member.userId)),
    nick: member.nick ?? null,
    avatar: null,
    banner: null,
    roles: [...member.roles],
    joined_at: member.joinedAt,
    premium_since: null,
    deaf: false,
    mute: false,
    pending: false,
    flags: 0,
    communication_disabled_until: member.timeoutUntil ?? null,
  } as unknown as APIGuildMember;
}

/** A role; a bot's own role is managed and tagged with the bot. */
export function apiRole(role: RoleRecord): APIRole {
  return {
    id: role.id,
    name: role.name,
    color: role.color,
    colors: { primary_color: role.color, secondary_color: null, tertiary_color: null },
    hoist: role.hoist ?? false,
    icon: null,
    unicode_emoji: null,
    position: role.position,
    permissions: role.permissions,
    managed: role.botId !== undefined,
    mentionable: role.mentionable ?? false,
    flags: 0,
    ...(role.botId && { tags: { bot_id: role.botId } }),
  } as unknown as APIRole;
}

function apiThread(channel: ChannelRecord): APIChannel {
  const { thread } = channel;
  return {
    id: channel.id,
    type: channel.type,
    guild_id: channel.guildId,
    parent_id: channel.parentId,
    name: channel.name,
    owner_id: thread?.ownerId,
    last_message_id: channel.lastMessageId,
    message_count: thread?.messageCount ?? 0,
    total_message_sent: thread?.messageCount ?? 0,
    // Approximate, and 50 at most.
    member_count: Math.min(thread?.memberIds.length ?? 0, 50),
    rate_limit_per_user: channel.slowmodeSeconds ?? 0,
    flags: 0,
    ...(channel.lastPinAt && { last_pin_timestamp: channel.lastPinAt }),
    thread_metadata: {
      archived: thread?.archived ?? false,
      locked: thread?.locked ?? false,
      auto_archive_duration: thread?.autoArchiveMinutes ?? 1440,
      archive_timestamp: thread?.archiveTimestamp ?? null,
      create_timestamp: thread?.createTimestamp ?? null,
      ...(channel.type === 12 && { invitable: thread?.invitable ?? true }),
    },
  } as unknown as APIChannel;
}

/** A channel of any type as REST and gateway show it to the bot. */
export function apiChannel(world: World, channel: ChannelRecord): APIChannel {
  if (channel.thread) return apiThread(channel);
  if (channel.guildId === null) {
    const others = (channel.recipientIds ?? []).filter((id) => id !== world.botId);
    return {
      id: channel.id,
      type: 1,
      last_message_id: channel.lastMessageId,
      flags: 0,
      ...(channel.lastPinAt && { last_pin_timestamp: channel.lastPinAt }),
      recipients: others.map((id) => apiUser(world.user(id))),
    } as unknown as APIChannel;
  }
  return {
    id: channel.id,
    type: channel.type,
    guild_id: channel.guildId,
    name: channel.name,
    topic: channel.topic || null,
    position: channel.position,
    parent_id: channel.parentId,
    nsfw: channel.nsfw ?? false,
    rate_limit_per_user: channel.slowmodeSeconds ?? 0,
    ...(channel.defaultArchiveMinutes !== undefined && { default_auto_archive_duration: channel.defaultArchiveMinutes }),
    ...(channel.defaultThreadSlowmodeSeconds !== undefined && {
      default_thread_rate_limit_per_user: channel.defaultThreadSlowmodeSeconds,
    }),
    ...(channel.lastPinAt && { last_pin_timestamp: channel.lastPinAt }),
    flags: 0,
    last_message_id: channel.lastMessageId,
    permission_overwrites: channel.overwrites.map((one) => ({ ...one })),
  } as unknown as APIChannel;
}

/** A custom emoji; the bot may use all of them. */
export function apiEmoji(emoji: EmojiRecord): APIEmoji {
  const { id, name, animated } = emoji;
  return { id, name, animated, roles: [], require_colons: true, managed: false, available: true };
}

/** Membership of a thread, as `GET /channels/:id/thread-members` and the events of threads show it. */
export function apiThreadMember(thread: ChannelRecord, userId: string): APIThreadMember {
  const join = thread.thread?.joinedAt?.[userId] ?? thread.thread?.createTimestamp ?? new Date(0).toISOString();
  return { id: thread.id, user_id: userId, join_timestamp: join, flags: 0 } as unknown as APIThreadMember;
}

/** The guild itself, as `GET /guilds/:id` shows it. */
export function apiGuild(guild: GuildRecord) {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    splash: null,
    discovery_splash: null,
    banner: null,
    description: null,
    owner_id: guild.ownerId,
    region: 'local',
    afk_channel_id: null,
    afk_timeout: 300,
    verification_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    roles: guild.roles.map(apiRole),
    emojis: (guild.emojis ?? []).map(apiEmoji),
    stickers: [],
    features: [],
    mfa_level: 0,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: 0,
    rules_channel_id: null,
    public_updates_channel_id: null,
    safety_alerts_channel_id: null,
    vanity_url_code: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    preferred_locale: guild.locale,
    nsfw_level: 0,
    premium_progress_bar_enabled: false,
    nsfw: false,
    home_header: null,
    widget_enabled: false,
    widget_channel_id: null,
    max_members: 500_000,
    max_presences: null,
    max_video_channel_users: 25,
    max_stage_video_channel_users: 50,
    incidents_data: null,
    ...guild.settings,
  };
}

/**
 * Without the presences intent a bot is told of itself only; with it of all members of a guild with up to `largeThreshold` of
 * them, and of those with a role or a nickname in a larger one (gateway-events.mdx, Request Guild Members).
 */
function greetedMembers(world: World, guild: GuildRecord, options: { allMembers: boolean; largeThreshold: number }) {
  const own = world.member(guild.id, world.botId);
  if (!options.allMembers) return own ? [own] : [];
  if (guild.members.length <= options.largeThreshold) return guild.members;
  return guild.members.filter((member) => member === own || member.roles.length > 0 || member.nick !== undefined);
}

/**
 * GUILD_CREATE as the bot gets it: channels that exist (Discord sends hidden ones too, without what is inside), active
 * threads that it can see, roles, members.
 */
export function guildCreate(
  world: World,
  guild: GuildRecord,
  options: { allMembers: boolean; largeThreshold: number },
): GatewayGuildCreateDispatchData {
  const channels: APIChannel[] = [];
  const threads: APIChannel[] = [];
  for (const one of world.channelsOf(guild.id)) {
    if (!one.thread) channels.push(apiChannel(world, one));
    else if (!one.thread.archived && world.canView(one, world.botId)) threads.push(threadFor(world, one));
  }
  return {
    ...apiGuild(guild),
    joined_at: world.member(guild.id, world.botId)?.joinedAt ?? new Date(0).toISOString(),
    large: guild.members.length > options.largeThreshold,
    unavailable: false,
    member_count: guild.members.length,
    voice_states: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
    channels,
    threads,
    members: greetedMembers(world, guild, options).map((member) => apiMember(world, member)),
  } as unknown as GatewayGuildCreateDispatchData;
}

/** A thread as the bot gets it, with its own membership when it is a member. */
export function threadFor(world: World, thread: ChannelRecord): APIChannel {
  const isMember = thread.thread?.memberIds.includes(world.botId) ?? false;
  return { ...apiThread(thread), ...(isMember && { member: apiThreadMember(thread, world.botId) }) } as APIChannel;
}
