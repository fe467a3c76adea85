import { Locale } from 'discord-api-types/v10';
import { z } from 'zod';
import { REQUIRED } from './form.js';

/** An id in a body; Discord takes numbers too, but a number has lost digits by then. */
export const snowflake = z.custom<string>((value) => typeof value === 'string' && /^\d{1,20}$/.test(value), {
  message: 'Value is not snowflake.',
  params: { code: 'NUMBER_TYPE_COERCE' },
});

/** A text whose surrounding white space does not count, of 1 to `max` characters. */
export const text = (max: number, min = 1) => z.string().trim().min(min).max(max);

/** A text that has to be there; only its greatest length is told. */
export const requiredText = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .refine((value) => value !== '', { message: REQUIRED.message, params: { code: REQUIRED.code } });

/** A bit string such as permissions. */
export const bits = z.custom<string>((value) => typeof value === 'string' && /^\d{1,20}$/.test(value), {
  message: 'Value is not a bit string.',
  params: { code: 'STRING_TYPE_REGEX' },
});

/** Permissions in a body: a bit string, or a number that holds it without loss; given back as a decimal string. */
export const permissionBits = z
  .union([bits, z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)])
  .transform((value) => BigInt(value).toString());

function isUrl(value: string, schemes: string[]): boolean {
  try {
    return schemes.includes(new URL(value).protocol);
  } catch {
    return false; // not a URL at all
  }
}

const urlField = (max: number, schemes: string[]) =>
  z
    .string()
    .max(max)
    .refine((value) => isUrl(value, schemes), {
      message: `Not a well formed URL. Scheme must be one of (${schemes.map((one) => one.slice(0, -1)).join(', ')}).`,
      params: { code: 'URL_TYPE_INVALID_URL' },
    });

/** A link that a person follows. */
export const webUrl = urlField(2048, ['http:', 'https:']);
/** A link of a button: Discord allows its own client's scheme and 512 characters. */
export const buttonUrl = urlField(512, ['http:', 'https:', 'discord:']);
/** A picture: on the web or one of the files of the same message. */
export const mediaUrl = urlField(2048, ['http:', 'https:', 'attachment:']);

/** A picture in a body: a data URI of PNG, JPEG, GIF or WebP (reference, Image Data), 256 KiB at most. */
export const picture = z.custom<string>(
  (value) =>
    typeof value === 'string' &&
    value.length <= 350_000 &&
    /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/.test(value),
  { message: 'Invalid image', params: { code: 'IMAGE_INVALID' } },
);

/** One of the files of the same message. */
export const attachmentUrl = urlField(2048, ['attachment:']);

/** An emoji as bodies name it. */
export const emoji = z.object({
  id: snowflake.nullish(),
  name: z.string().min(1).max(100).nullish(),
  animated: z.boolean().nullish(),
});

const LOCALES: ReadonlySet<string> = new Set(Object.values(Locale));

/**
 * Locale code to text, as in `name_localizations`; only the locales that Discord lists (reference.mdx, locales). Values
 * are held to what the plain field is held to.
 */
export const localizations = (value: z.ZodType<string>) =>
  z
    .record(z.string(), value.nullable())
    .superRefine((entries, context) => {
      for (const locale of Object.keys(entries)) {
        if (LOCALES.has(locale)) continue;
        context.addIssue({
          code: 'custom',
          path: [locale],
          message: `Value must be one of (${[...LOCALES].join(', ')}).`,
          params: { code: 'BASE_TYPE_CHOICES' },
        });
      }
    })
    .nullish();

const FILE_TYPE = /^(audio|image|video|\.[\p{L}\p{N}]+)$/u;

/** Kinds of files that a person may choose: up to 10 of `audio`, `image`, `video` or extensions with their dot. */
export const fileTypes = z
  .array(
    z
      .string()
      .min(1)
      .max(16)
      .refine((type) => FILE_TYPE.test(type), {
        message: 'Value must be one of (audio, image, video) or a file extension with its dot.',
        params: { code: 'BASE_TYPE_CHOICES' },
      }),
  )
  .max(10)
  .nullish();
