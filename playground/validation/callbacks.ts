import { z } from 'zod';
import { localizations } from './fields.js';
import { parseForm } from './form.js';

const envelope = z.object({
  type: z.union([1, 4, 5, 6, 7, 8, 9, 12].map((one) => z.literal(one))),
  data: z.unknown().optional(),
});

/** Type and data of an interaction callback; the data is checked by type afterwards. */
export function parseCallback(input: unknown): { type: number; data: unknown } {
  const parsed = parseForm(envelope, input);
  return { type: parsed.type, data: parsed.data };
}

const autocomplete = z.object({
  choices: z
    .array(
      z.object({
        name: z.string().min(1).max(100),
        name_localizations: localizations(z.string().min(1).max(100)),
        value: z.union([z.string().min(1).max(100), z.number()]),
      }),
    )
    .max(25),
});

/** The choices of an autocomplete callback; throws `DiscordError` 50035. */
export function parseChoices(data: unknown): z.output<typeof autocomplete>['choices'] {
  return parseForm(autocomplete, data, ['data']).choices;
}

const deferred = z.object({ flags: z.number().int().min(0).nullish() });

/** The data of a deferring callback: only flags. */
export function parseDeferred(data: unknown): { flags: number } {
  return { flags: parseForm(deferred, data ?? {}, ['data']).flags ?? 0 };
}
