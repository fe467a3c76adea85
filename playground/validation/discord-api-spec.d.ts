/** The package names a JavaScript file as its types; this is what the playground and its tests use of it. */
declare module 'discord-api-spec/zod' {
  import type { core } from 'zod';

  interface Schema extends core.$ZodType {
    safeParse(value: unknown): { success: boolean; error?: { issues: core.$ZodIssue[] } };
  }
  /** Told apart by its `type`. */
  interface CallbackSchema extends core.$ZodTypeDiscriminable<'type'> {}
  export const ApplicationCommandAutocompleteCallbackRequestSchema: CallbackSchema;
  export const ApplicationCommandCreateRequestSchema: Schema;
  export const ApplicationCommandPatchRequestPartialSchema: Schema;
  export const ApplicationCommandPermissionSchema: Schema;
  export const ApplicationCommandResponseSchema: Schema;
  export const ApplicationCommandUpdateRequestSchema: Schema;
  export const ApplicationFormPartialSchema: Schema;
  export const BanUserFromGuildRequestSchema: Schema;
  export const BotAddGuildMemberRequestSchema: Schema;
  export const BulkBanUsersRequestSchema: Schema;
  export const ChannelPermissionOverwritesSchema: Schema;
  export const CreateForumThreadRequestSchema: Schema;
  export const CreateGuildChannelRequestSchema: Schema;
  export const CreateMessageInteractionCallbackRequestSchema: CallbackSchema;
  export const CreatePrivateChannelRequestSchema: Schema;
  export const CreateRoleRequestSchema: Schema;
  export const CreateTextThreadWithMessageRequestSchema: Schema;
  export const CreateTextThreadWithoutMessageRequestSchema: Schema;
  export const CreatedThreadResponseSchema: Schema;
  export const GatewayBotResponseSchema: Schema;
  export const GuildChannelResponseSchema: Schema;
  export const GuildMemberResponseSchema: Schema;
  export const GuildPatchRequestPartialSchema: Schema;
  export const GuildRoleResponseSchema: Schema;
  export const GuildWithCountsResponseSchema: Schema;
  export const IncomingWebhookRequestPartialSchema: Schema;
  export const IncomingWebhookUpdateRequestPartialSchema: Schema;
  export const InteractionCallbackResponseSchema: Schema;
  export const LaunchActivityInteractionCallbackRequestSchema: CallbackSchema;
  export const MessageCreateRequestSchema: Schema;
  export const MessageEditRequestPartialSchema: Schema;
  export const MessageResponseSchema: Schema;
  export const ModalInteractionCallbackRequestDataSchema: Schema;
  export const ModalInteractionCallbackRequestSchema: CallbackSchema;
  export const PongInteractionCallbackRequestSchema: CallbackSchema;
  export const PrivateApplicationResponseSchema: Schema;
  export const PrivateChannelResponseSchema: Schema;
  export const SnowflakeTypeSchema: Schema;
  export const ThreadMemberResponseSchema: Schema;
  export const ThreadsResponseSchema: Schema;
  export const UpdateGuildChannelRequestPartialSchema: Schema;
  export const UpdateMessageInteractionCallbackRequestSchema: CallbackSchema;
  export const UpdateRolePositionsRequestSchema: Schema;
  export const UpdateRoleRequestPartialSchema: Schema;
  export const UpdateThreadRequestPartialSchema: Schema;
  export const UserPIIResponseSchema: Schema;
  export const UserResponseSchema: Schema;
}
