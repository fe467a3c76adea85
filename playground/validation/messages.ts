import { MessageFlags } from 'discord-api-types/v10';
import { z } from 'zod';
import { DiscordError } from '../errors.js';
import { type AnyComponent, componentFaults, legacyComponents, v2Components } from './components.js';
import { embed, embedFaults } from './embeds.js';
import { snowflake } from './fields.js';
import { type Fault, formTree, parseForm, refuseFaults } from './form.js';

const allowedMentions = z
  .object({
    parse: z.array(z.enum(['users', 'roles', 'everyone'])).nullish(),
    users: z.array(snowflake).max(100).nullish(),
    roles: z.array(snowflake).max(100).nullish(),
    replied_user: z.boolean().nullish(),
  })
  .superRefine((value, context) => {
    for (const kind of ['users', 'roles'] as const) {
      if (value.parse?.includes(kind) && (value[kind]?.length ?? 0) > 0)
        context.addIssue({
          code: 'custom',
          message: `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
          params: { code: 'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE' },
        });
    }
  });

/** Reference of an attachment: an index of a new file, or the id of one to keep. */
const attachment = z.object({
  id: z.union([z.number().int(), z.string().max(20)]),
  filename: z.string().max(1024).nullish(),
  description: z.string().max(1024).nullish(),
  title: z.string().max(1024).nullish(),
});

const shape = {
  content: z.string().trim().max(2000).nullish(),
  tts: z.boolean().nullish(),
  embeds: z.array(embed).max(10).nullish(),
  allowed_mentions: allowedMentions.nullish(),
  flags: z.number().int().min(0).nullish(),
  attachments: z.array(attachment).max(10).nullish(),
  nonce: z.union([z.string().max(25), z.number().int()]).nullish(),
  enforce_nonce: z.boolean().nullish(),
  message_reference: z
    .object({
      type: z.number().int().nullish(),
      message_id: snowflake,
      channel_id: snowflake.nullish(),
      guild_id: snowflake.nullish(),
      fail_if_not_exists: z.boolean().nullish(),
    })
    .nullish(),
  sticker_ids: z.array(snowflake).max(3).nullish(),
};

const legacyBody = z.object({ ...shape, components: legacyComponents.nullish() });
const v2Body = z.object({ ...shape, components: v2Components.nullish() });

export type MessageBody = z.output<typeof v2Body>;

const isV2 = (flags: unknown) => typeof flags === 'number' && (flags & MessageFlags.IsComponentsV2) !== 0;

function v2Faults(body: MessageBody): Fault[] {
  const used = (['content', 'embeds'] as const).filter((key) => (body[key]?.length ?? 0) > 0);
  return used.map((key) => ({
    path: [key],
    code: 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    message: `The '${key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
  }));
}

/**
 * Checks a message body as Discord does; throws `DiscordError` 50035 with all faults.
 * `v2` says that the message being edited is made of components already (the flag cannot be taken back);
 * `prefix` is `['data']` for interaction callbacks.
 */
export function parseMessageBody(input: unknown, options: { v2?: boolean; prefix?: string[] } = {}): MessageBody {
  const prefix = options.prefix ?? [];
  const v2 = options.v2 || isV2((input as { flags?: unknown } | null | undefined)?.flags);
  const body: MessageBody = parseForm(v2 ? v2Body : legacyBody, input, prefix);
  const faults = [
    ...embedFaults(body.embeds ?? []),
    ...componentFaults((body.components ?? []) as unknown as AnyComponent[]),
    ...(v2 ? v2Faults(body) : []),
  ];
  refuseFaults(faults.map((fault) => ({ ...fault, path: [...prefix, ...fault.path] })));
  return body;
}

/** Refuses a new message that would show nothing (50006). */
export function refuseEmpty(body: MessageBody, fileCount: number): void {
  const something = body.content || body.embeds?.length || body.components?.length || fileCount > 0 || body.sticker_ids?.length;
  if (!something) throw new DiscordError('emptyMessage');
}

/** Refuses flags that a sender may not set; `allowed` is a mask. */
export function refuseFlags(flags: number | null | undefined, allowed: number, path: string[]): void {
  if (((flags ?? 0) & ~allowed) === 0) return;
  throw new DiscordError(
    'invalidForm',
    formTree([{ path, code: 'MESSAGE_FLAGS_INVALID', message: 'These message flags cannot be set here.' }]),
  );
}
