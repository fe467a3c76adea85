import { z } from 'zod';
import { mediaUrl, requiredText, webUrl } from './fields.js';
import { type Fault, REQUIRED } from './form.js';

/** All texts of all embeds of a message together. */
const MAX_TOTAL = 6000;

/** Optional text: absent, null or only white space all mean "not there". */
const optionalText = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .nullish()
    .transform((value) => value || undefined);

const media = z.object({ url: mediaUrl.nullish().or(z.literal('')) });
const dropNull = <T>(value: T | null | undefined): T | undefined => value ?? undefined;

/** An embed as bots send it. Fields that only Discord sets (type, video, provider) are left out, as Discord does. */
export const embed = z.object({
  title: optionalText(256),
  description: optionalText(4096),
  url: webUrl.or(z.literal('')).nullish().transform(dropNull),
  color: z.number().int().min(0).max(0xffffff).nullish().transform(dropNull),
  timestamp: z
    .string()
    .refine((value) => !Number.isNaN(Date.parse(value)), {
      message: 'Could not parse value. Should be ISO8601.',
      params: { code: 'DATE_TIME_TYPE_PARSE' },
    })
    .nullish()
    .transform((value) => (value ? new Date(value).toISOString().replace('Z', '+00:00') : undefined)),
  fields: z
    .array(
      z.object({
        name: requiredText(256),
        value: requiredText(1024),
        inline: z
          .boolean()
          .nullish()
          .transform((one) => one ?? false),
      }),
    )
    .max(25)
    .nullish()
    .transform(dropNull),
  footer: z
    .object({ text: requiredText(2048), icon_url: mediaUrl.nullish().transform(dropNull) })
    .nullish()
    .transform(dropNull),
  author: z
    .object({
      name: requiredText(256),
      url: webUrl.nullish().transform(dropNull),
      icon_url: mediaUrl.nullish().transform(dropNull),
    })
    .nullish()
    .transform(dropNull),
  image: media.nullish().transform((value) => (value?.url ? { url: value.url } : undefined)),
  thumbnail: media.nullish().transform((value) => (value?.url ? { url: value.url } : undefined)),
});

export type Embed = z.output<typeof embed>;

/** Characters of an embed that count for the limit of 6,000. */
export function embedLength(one: Embed): number {
  const fields = (one.fields ?? []).reduce((sum, field) => sum + field.name.length + field.value.length, 0);
  return (
    (one.title?.length ?? 0) +
    (one.description?.length ?? 0) +
    (one.footer?.text.length ?? 0) +
    (one.author?.name.length ?? 0) +
    fields
  );
}

/** What no single field shows: empty embeds and the total size. */
export function embedFaults(embeds: Embed[]): Fault[] {
  const faults: Fault[] = [];
  embeds.forEach((one, index) => {
    const shown = one.title ?? one.description ?? one.fields?.[0] ?? one.footer ?? one.author ?? one.image ?? one.thumbnail;
    if (!shown) faults.push({ path: ['embeds', index, 'description'], ...REQUIRED });
  });
  if (embeds.reduce((sum, one) => sum + embedLength(one), 0) > MAX_TOTAL) {
    faults.push({
      path: ['embeds'],
      code: 'MAX_EMBED_SIZE_EXCEEDED',
      message: `Embed size exceeds maximum size of ${MAX_TOTAL}`,
    });
  }
  return faults;
}

/** The embeds that are shown: of several with the same URL only the first (resources/message.mdx, embed limits). */
export function shownEmbeds(embeds: Embed[]): Embed[] {
  return embeds.filter((one, index) => !one.url || embeds.findIndex((other) => other.url === one.url) === index);
}
