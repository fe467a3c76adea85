import { z } from 'zod';
import { permissionsKey, type World } from './world.js';

/** Newest messages of a channel that are saved. */
const MESSAGES_SAVED_PER_CHANNEL = 1_000;

const id = z.string().regex(/^\d{17,19}$/);
const nullableId = id.nullable();
const permission = z.string().regex(/^\d+$/);

const picture = z.object({ hash: z.string(), dataUri: z.string() });
const user = z.object({
  id,
  username: z.string(),
  displayName: z.string(),
  bot: z.boolean(),
  role: z.string(),
  color: z.string().regex(/^#[0-9a-f]{6}$/),
  locale: z.string(),
  picture: picture.optional(),
});
const role = z.object({
  id,
  name: z.string(),
  color: z.number(),
  permissions: permission,
  position: z.number(),
  botId: id.optional(),
  hoist: z.boolean().optional(),
  mentionable: z.boolean().optional(),
});
const member = z.object({
  userId: id,
  roles: z.array(id),
  joinedAt: z.string(),
  nick: z.string().optional(),
  timeoutUntil: z.string().optional(),
});
const guild = z.object({
  id,
  name: z.string(),
  ownerId: id,
  locale: z.string(),
  roles: z.array(role),
  members: z.array(member),
  bans: z.array(z.object({ userId: id, reason: z.string().nullable() })).optional(),
  emojis: z.array(z.object({ id, name: z.string(), animated: z.boolean(), userId: id })).optional(),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
});
const thread = z.object({
  ownerId: id,
  archived: z.boolean(),
  locked: z.boolean(),
  invitable: z.boolean(),
  autoArchiveMinutes: z.number(),
  archiveTimestamp: z.string(),
  createTimestamp: z.string(),
  memberIds: z.array(id),
  joinedAt: z.record(id, z.string()).optional(),
  messageCount: z.number(),
});
const channel = z.object({
  id,
  type: z.number(),
  guildId: nullableId,
  parentId: nullableId,
  name: z.string(),
  topic: z.string(),
  position: z.number(),
  overwrites: z.array(z.object({ id, type: z.union([z.literal(0), z.literal(1)]), allow: permission, deny: permission })),
  lastMessageId: nullableId,
  slowmodeSeconds: z.number().optional(),
  nsfw: z.boolean().optional(),
  defaultArchiveMinutes: z.number().optional(),
  defaultThreadSlowmodeSeconds: z.number().optional(),
  lastPinAt: z.string().optional(),
  recipientIds: z.array(id).optional(),
  thread: thread.optional(),
});
const author = z.looseObject({ id, username: z.string() });
const message = z.looseObject({
  id,
  channel_id: id,
  content: z.string(),
  timestamp: z.string(),
  author,
  attachments: z.array(z.looseObject({ id, filename: z.string(), content_type: z.string().optional() })),
  embeds: z.array(z.looseObject({})),
  mentions: z.array(author),
});
const stored = z.object({
  message,
  thinking: z.boolean().optional(),
  commandLine: z.object({ userId: id, name: z.string() }).optional(),
  notified: z.array(id),
  reactions: z
    .array(
      z.object({
        emoji: z.object({ id: nullableId, name: z.string().nullable(), animated: z.boolean().optional() }),
        userIds: z.array(id),
      }),
    )
    .optional(),
  pinnedAt: z.string().optional(),
});
const webhook = z.object({
  id,
  guildId: id,
  channelId: id,
  name: z.string(),
  token: z.string(),
  userId: id,
  picture: picture.optional(),
});
const commandPermissions = z.object({
  guildId: id,
  commandId: id,
  permissions: z.array(z.object({ id, type: z.number(), permission: z.boolean() })),
});
const command = z.object({
  guildId: nullableId,
  command: z.looseObject({ id, type: z.number(), name: z.string(), description: z.string() }),
});

/**
 * A saved world. Messages are checked as far as the playground itself reads them; what files of older versions do not have
 * is optional or has a default.
 */
export const savedWorld = z.object({
  version: z.literal(1),
  /** Where the playground was reachable: the links of files begin with it. */
  baseUrl: z.string(),
  users: z.array(user),
  guilds: z.array(guild),
  channels: z.array(channel),
  messages: z.array(stored),
  commands: z.array(command),
  lastRead: z.array(z.tuple([z.string(), id])),
  webhooks: z.array(webhook).default([]),
  commandPermissions: z.array(commandPermissions).default([]),
  application: z.record(z.string(), z.unknown()).default({}),
});

/** The world as plain data; ephemeral messages belong to one session of a person's client and are left out. */
export function saveWorld(world: World, baseUrl: string): unknown {
  return {
    version: 1,
    baseUrl,
    users: [...world.users.values()],
    guilds: [...world.guilds.values()],
    channels: [...world.channels.values()],
    messages: [...world.channels.keys()].flatMap((channelId) =>
      world
        .messagesIn(channelId)
        .filter((one) => !one.ephemeralFor)
        .slice(-MESSAGES_SAVED_PER_CHANNEL),
    ),
    commands: [...world.commands.values()],
    lastRead: [...world.lastRead],
    webhooks: [...world.webhooks.values()],
    commandPermissions: [...world.commandPermissions.values()],
    application: world.application,
  };
}

/** Replaces everything in `world` by what was saved. */
export function loadWorld(world: World, saved: z.output<typeof savedWorld>): void {
  world.users.clear();
  world.guilds.clear();
  world.channels.clear();
  for (const one of saved.users) world.users.set(one.id, one);
  for (const one of saved.guilds) world.guilds.set(one.id, one);
  for (const one of saved.channels) world.channels.set(one.id, one);
  for (const one of saved.messages) world.addMessage(one as unknown as Parameters<World['addMessage']>[0]);
  for (const one of saved.commands) {
    world.commands.set(one.command.id, one as unknown as Parameters<World['commands']['set']>[1]);
  }
  for (const [key, value] of saved.lastRead) world.lastRead.set(key, value);
  for (const one of saved.webhooks) world.webhooks.set(one.id, one);
  for (const one of saved.commandPermissions) world.commandPermissions.set(permissionsKey(one.guildId, one.commandId), one);
  world.application = saved.application;
}

/** Files are linked by the address of the playground; after a start at another port the links must follow. */
export function rebaseLinks(world: World, from: string, to: string): void {
  if (from === to) return;
  for (const channelId of world.channels.keys()) {
    for (const { message: one } of world.messagesIn(channelId)) {
      const json = JSON.stringify(one);
      if (json.includes(`${from}/cdn/`)) Object.assign(one, JSON.parse(json.replaceAll(`${from}/cdn/`, `${to}/cdn/`)));
    }
  }
}
