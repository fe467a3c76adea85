import { z } from 'zod';

/** An id in a body; Discord takes numbers too, but a number has lost digits by then. */
export const snowflake = z.custom<string>((value) => typeof value === 'string' && /^\d{1,20}$/.test(value), {
  message: 'Value is not snowflake.',
  params: { code: 'NUMBER_TYPE_COERCE' },
});

/** A text whose surrounding white space does not count, of 1 to `max` characters. */
export const text = (max: number, min = 1) => z.string().trim().min(min).max(max);

/** A bit string such as permissions. */
export const bits = z.custom<string>((value) => typeof value === 'string' && /^\d{1,20}$/.test(value), {
  message: 'Value is not a bit string.',
  params: { code: 'STRING_TYPE_REGEX' },
});

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

/** An emoji as bodies name it. */
export const emoji = z.object({
  id: snowflake.nullish(),
  name: z.string().min(1).max(100).nullish(),
  animated: z.boolean().nullish(),
});

/** Locale code to text, as in `name_localizations`. */
export const localizations = (max: number) => z.record(z.string().max(10), z.string().min(1).max(max).nullable()).nullish();
