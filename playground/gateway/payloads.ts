import type { APIChannel, APIGuildMember, APIRole, APIUser, GatewayGuildCreateDispatchData } from 'discord-api-types/v10';
import type { ChannelRecord, GuildRecord, MemberRecord, RoleRecord, UserRecord } from '../world/types.js';
import type { World } from '../world/world.js';

/** A user as every payload shows it. */
export function apiUser(user: UserRecord): APIUser {
  return {
    id: user.id,
    username: user.username,
    discriminator: user.bot ? '0001' : '0',
    global_name: user.bot ? null : user.displayName,
    avatar: null,
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
    nick: null,
    avatar: null,
    banner: null,
    roles: [...member.roles],
    joined_at: member.joinedAt,
    premium_since: null,
    deaf: false,
    mute: false,
    pending: false,
    flags: 0,
    communication_disabled_until: null,
  } as unknown as APIGuildMember;
}

/** A role; a bot's own role is managed and tagged with the bot. */
export function apiRole(role: RoleRecord): APIRole {
  return {
    id: role.id,
    name: role.name,
    color: role.color,
    colors: { primary_color: role.color, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    position: role.position,
    permissions: role.permissions,
    managed: role.botId !== undefined,
    mentionable: false,
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
    member_count: thread?.memberIds.length ?? 0,
    rate_limit_per_user: 0,
    flags: 0,
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
    nsfw: false,
    rate_limit_per_user: 0,
    flags: 0,
    last_message_id: channel.lastMessageId,
    permission_overwrites: channel.overwrites.map((one) => ({ ...one })),
  } as unknown as APIChannel;
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
    emojis: [],
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
  };
}

/**
 * GUILD_CREATE as the bot gets it: channels that exist (Discord sends hidden ones too, without what is inside), active
 * threads that it can see, roles, members. Without the members intent only the bot's own member is sent.
 */
export function guildCreate(world: World, guild: GuildRecord, options: { allMembers: boolean }): GatewayGuildCreateDispatchData {
  const channels = world.channelsOf(guild.id);
  const members = options.allMembers ? guild.members : guild.members.filter((member) => member.userId === world.botId);
  const threads = channels.filter((one) => one.thread && !one.thread.archived && world.canView(one, world.botId));
  return {
    ...apiGuild(guild),
    joined_at: guild.members.find((member) => member.userId === world.botId)?.joinedAt ?? new Date(0).toISOString(),
    large: false,
    unavailable: false,
    member_count: guild.members.length,
    voice_states: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
    channels: channels.filter((one) => !one.thread).map((one) => apiChannel(world, one)),
    threads: threads.map((one) => apiChannel(world, one)),
    members: members.map((member) => apiMember(world, member)),
  } as unknown as GatewayGuildCreateDispatchData;
}
