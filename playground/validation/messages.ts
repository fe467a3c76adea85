import { MessageFlags } from 'discord-api-types/v10';
import { z } from 'zod';
import { DiscordError } from '../errors.js';
import { componentFaults } from './component-rules.js';
import { type AnyComponent, legacyComponents, v2Components } from './components.js';
import { embed, embedFaults } from './embeds.js';
import { snowflake } from './fields.js';
import { type Fault, formTree, parseForm, REQUIRED, refuseFaults } from './form.js';

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

const pollAnswer = z.object({
  text: z.string().min(1).max(55),
  emoji: z.object({ id: snowflake.nullish(), name: z.string().max(32).nullish() }).nullish(),
});

/** A poll (resources/poll.mdx, create request): 1 to 10 answers, open for 24 hours where nothing is said. */
const poll = z.object({
  question: z.object({ text: z.string().min(1).max(300) }),
  answers: z
    .array(z.object({ poll_media: pollAnswer }))
    .min(1)
    .max(10),
  duration: z.number().int().min(1).max(768).nullish(),
  allow_multiselect: z.boolean().nullish(),
  layout_type: z.literal(1).nullish(),
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
      type: z.union([z.literal(0), z.literal(1)]).nullish(),
      message_id: snowflake,
      channel_id: snowflake.nullish(),
      guild_id: snowflake.nullish(),
      fail_if_not_exists: z.boolean().nullish(),
    })
    .nullish(),
  sticker_ids: z.array(snowflake).max(3).nullish(),
  poll: poll.nullish(),
};

const legacyBody = z.object({ ...shape, components: legacyComponents.nullish() });
const v2Body = z.object({ ...shape, components: v2Components.nullish() });

export type MessageBody = z.output<typeof v2Body>;

/** Whether these flags say that a message is made of components. */
export const isV2 = (flags: unknown): boolean => typeof flags === 'number' && (flags & MessageFlags.IsComponentsV2) !== 0;

/** Fields that a message made of components cannot have (components/reference.mdx). */
const LEGACY_FIELDS = ['content', 'embeds', 'sticker_ids', 'poll'] as const;

/** A fault for each of these fields of a message that is made of components. */
export function legacyFaults(keys: string[]): Fault[] {
  return keys.map((key) => ({
    path: [key],
    code: 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    message: `The '${key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
  }));
}

function v2Faults(body: MessageBody): Fault[] {
  const isUsed = (value: unknown) => (Array.isArray(value) || typeof value === 'string' ? value.length > 0 : Boolean(value));
  return legacyFaults(LEGACY_FIELDS.filter((key) => isUsed(body[key])));
}

/**
 * Checks a message body as Discord does; throws `DiscordError` 50035 with all faults, or 50081 for a sticker: there are
 * none here. `v2` says that the message being edited is made of components already (the flag cannot be taken back);
 * `prefix` is `['data']` for interaction callbacks; answers to interactions have no stickers and reply to nothing: there
 * these fields are unknown, so ignored (receiving-and-responding.mdx, messages).
 */
export function parseMessageBody(
  input: unknown,
  options: { v2?: boolean; prefix?: string[]; isAnswer?: boolean } = {},
): MessageBody {
  const prefix = options.prefix ?? [];
  const v2 = options.v2 || isV2((input as { flags?: unknown } | null | undefined)?.flags);
  const parsed: MessageBody = parseForm(v2 ? v2Body : legacyBody, input, prefix);
  const body = options.isAnswer ? { ...parsed, sticker_ids: undefined, message_reference: undefined } : parsed;
  const faults = [
    ...embedFaults(body.embeds ?? []),
    ...componentFaults((body.components ?? []) as unknown as AnyComponent[]),
    ...(v2 ? v2Faults(body) : []),
    // A reply may leave the channel out, a forward may not (resources/message.mdx, message reference).
    ...(isForward(body) && !body.message_reference?.channel_id
      ? [{ path: ['message_reference', 'channel_id'], ...REQUIRED }]
      : []),
  ];
  refuseFaults(faults.map((fault) => ({ ...fault, path: [...prefix, ...fault.path] })));
  if (body.sticker_ids?.length) throw new DiscordError('invalidSticker');
  return body;
}

const isForward = (body: MessageBody) => body.message_reference?.type === 1;

/** Refuses a new message that would show nothing (50006); files of one made of components show through them only. */
export function refuseEmpty(body: MessageBody, fileCount: number): void {
  const files = isV2(body.flags) ? 0 : fileCount;
  const something = body.content || body.embeds?.length || body.components?.length || files > 0 || body.poll || isForward(body);
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
