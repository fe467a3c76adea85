import { z } from 'zod';

/** Discord's own schemas, as npm `discord-api-spec` has them. */
export type Spec = typeof import('discord-api-spec/zod');

/** The schema of a request's body; `null`: this request has no body. */
type RequestSchema = ((spec: Spec) => z.core.$ZodType) | null;

const commands = (base: string): Record<string, RequestSchema> => ({
  [`POST ${base}`]: (spec) => spec.ApplicationCommandCreateRequestSchema,
  [`PUT ${base}`]: (spec) => z.array(spec.ApplicationCommandUpdateRequestSchema),
  [`PATCH ${base}/:id`]: (spec) => spec.ApplicationCommandPatchRequestPartialSchema,
});

/** Bodies of `/applications`. */
const applications: Record<string, RequestSchema> = {
  'PATCH /applications/@me': (spec) => spec.ApplicationFormPartialSchema,
  ...commands('/applications/:id/commands'),
  ...commands('/applications/:id/guilds/:id/commands'),
  'PUT /applications/:id/guilds/:id/commands/:id/permissions': (spec) =>
    z.object({ permissions: z.array(spec.ApplicationCommandPermissionSchema).nullish() }),
};

/** Bodies of `/channels`: messages, threads, overwrites. */
const channels: Record<string, RequestSchema> = {
  'PATCH /channels/:id': (spec) => z.union([spec.UpdateGuildChannelRequestPartialSchema, spec.UpdateThreadRequestPartialSchema]),
  'POST /channels/:id/messages': (spec) => spec.MessageCreateRequestSchema,
  'POST /channels/:id/messages/bulk-delete': (spec) => z.object({ messages: z.array(spec.SnowflakeTypeSchema) }),
  'PATCH /channels/:id/messages/:id': (spec) => spec.MessageEditRequestPartialSchema,
  'POST /channels/:id/messages/:id/threads': (spec) => spec.CreateTextThreadWithMessageRequestSchema,
  'POST /channels/:id/messages/:id/crosspost': null,
  'PUT /channels/:id/messages/:id/reactions/:id/@me': null,
  'PUT /channels/:id/messages/pins/:id': null,
  'PUT /channels/:id/pins/:id': null,
  'PUT /channels/:id/permissions/:id': (spec) =>
    z.object({
      type: z.nullish(spec.ChannelPermissionOverwritesSchema),
      allow: z.number().nullish(),
      deny: z.number().nullish(),
    }),
  'PUT /channels/:id/thread-members/@me': null,
  'PUT /channels/:id/thread-members/:id': null,
  'POST /channels/:id/threads': (spec) =>
    z.union([spec.CreateForumThreadRequestSchema, spec.CreateTextThreadWithoutMessageRequestSchema]),
  'POST /channels/:id/typing': null,
  'POST /channels/:id/webhooks': () => z.object({ name: z.string(), avatar: z.string().nullish() }),
  'POST /channels/:id/polls/:id/expire': null,
};

/** Bodies of `/guilds`: channels, roles, members. */
const guilds: Record<string, RequestSchema> = {
  'PATCH /guilds/:id': (spec) => spec.GuildPatchRequestPartialSchema,
  'POST /guilds/:id/channels': (spec) => spec.CreateGuildChannelRequestSchema,
  'PATCH /guilds/:id/channels': (spec) =>
    z.array(
      z.object({
        id: z.nullish(spec.SnowflakeTypeSchema),
        position: z.number().int().nullish(),
        parent_id: z.nullish(spec.SnowflakeTypeSchema),
        lock_permissions: z.boolean().nullish(),
      }),
    ),
  'POST /guilds/:id/roles': (spec) => spec.CreateRoleRequestSchema,
  'PATCH /guilds/:id/roles': (spec) => z.array(spec.UpdateRolePositionsRequestSchema),
  'PATCH /guilds/:id/roles/:id': (spec) => spec.UpdateRoleRequestPartialSchema,
  'PUT /guilds/:id/members/:id': (spec) => spec.BotAddGuildMemberRequestSchema,
  'PUT /guilds/:id/members/:id/roles/:id': null,
  'PATCH /guilds/:id/members/@me': () => z.object({ nick: z.string().nullish() }),
  'PATCH /guilds/:id/members/@me/nick': () => z.object({ nick: z.string().nullish() }),
  'PATCH /guilds/:id/members/:id': (spec) =>
    z.object({
      nick: z.string().max(32).nullish(),
      roles: z.array(z.nullable(spec.SnowflakeTypeSchema)).max(1521).nullish(),
      mute: z.boolean().nullish(),
      deaf: z.boolean().nullish(),
      channel_id: z.nullish(spec.SnowflakeTypeSchema),
      communication_disabled_until: z.iso.datetime({ offset: true }).nullish(),
      flags: z.number().nullish(),
    }),
  'PUT /guilds/:id/bans/:id': (spec) => spec.BanUserFromGuildRequestSchema,
  'POST /guilds/:id/bulk-ban': (spec) => spec.BulkBanUsersRequestSchema,
  'POST /guilds/:id/emojis': (spec) =>
    z.object({
      name: z.string().min(2).max(32),
      image: z.string(),
      roles: z.array(z.nullable(spec.SnowflakeTypeSchema)).nullish(),
    }),
  'PATCH /guilds/:id/emojis/:id': (spec) =>
    z.object({ name: z.string().min(2).max(32).optional(), roles: z.array(z.nullable(spec.SnowflakeTypeSchema)).nullish() }),
};

/** Bodies of answers to interactions and of webhooks, which share their paths. */
const webhooks: Record<string, RequestSchema> = {
  'POST /interactions/:id/:id/callback': (spec) =>
    z.discriminatedUnion('type', [
      spec.PongInteractionCallbackRequestSchema,
      spec.CreateMessageInteractionCallbackRequestSchema,
      spec.UpdateMessageInteractionCallbackRequestSchema,
      spec.ApplicationCommandAutocompleteCallbackRequestSchema,
      spec.ModalInteractionCallbackRequestSchema,
      spec.LaunchActivityInteractionCallbackRequestSchema,
    ]),
  'POST /webhooks/:id/:id': (spec) => spec.IncomingWebhookRequestPartialSchema,
  'PATCH /webhooks/:id/:id/messages/:id': (spec) => spec.IncomingWebhookUpdateRequestPartialSchema,
  'PATCH /webhooks/:id': (spec) =>
    z.object({ name: z.string().optional(), avatar: z.string().nullish(), channel_id: z.nullish(spec.SnowflakeTypeSchema) }),
  'PATCH /webhooks/:id/:id': () => z.object({ name: z.string().optional(), avatar: z.string().nullish() }),
};

/** Bodies of `/users`. */
const users: Record<string, RequestSchema> = {
  // The specification requires the name; the documentation (resources/user.mdx) and every client leave it out.
  'PATCH /users/@me': () => z.object({ username: z.string().min(2).max(32).optional(), avatar: z.string().nullish() }),
  'POST /users/@me/channels': (spec) => spec.CreatePrivateChannelRequestSchema,
};

const REQUEST_SCHEMAS: Record<string, RequestSchema> = { ...applications, ...channels, ...guilds, ...webhooks, ...users };

/** A path as the tables name it: `:id` for every parameter. */
const routeNameOf = (path: string): string => path.replaceAll(/:[A-Za-z]+/g, ':id');

/**
 * The schema of a request by method and route (`/channels/:id/messages`, parameters under any name); `null` when the
 * request has no body, `undefined` when the table does not know it. The package has no such table: this one follows the
 * `Paths` of its types, and a test compares the two.
 */
export function requestSchema(method: string, route: string): RequestSchema | undefined {
  return REQUEST_SCHEMAS[`${method} ${routeNameOf(route)}`];
}
