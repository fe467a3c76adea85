/** Discord's limits of a message, as a check that names what breaks them. */
import type { APIEmbed } from 'discord-api-types/v10';

interface Body {
  content?: string;
  embeds: APIEmbed[];
  components?: unknown[];
}

interface Button {
  custom_id: string;
  label?: string;
}

const LONE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Everything in the body that Discord would refuse; empty for a good one. */
export function violations(body: Body): string[] {
  const bad: string[] = [];
  const text = (what: string, value: string | undefined, max: number) => {
    if (value === undefined) return;
    if (value.length > max) bad.push(`${what} has ${value.length} of ${max}`);
    if (value.trim() === '') bad.push(`${what} is empty`);
    if (LONE.test(value)) bad.push(`${what} has half a surrogate pair`);
  };
  if (body.content !== undefined) text('content', body.content, 2000);
  if (body.embeds.length > 10) bad.push(`${body.embeds.length} embeds`);
  let sum = 0;
  for (const embed of body.embeds) {
    text('title', embed.title, 256);
    text('description', embed.description, 4096);
    text('footer', embed.footer?.text, 2048);
    if ((embed.fields?.length ?? 0) > 25) bad.push(`${embed.fields?.length} fields`);
    for (const field of embed.fields ?? []) {
      text('field name', field.name, 256);
      text('field value', field.value, 1024);
      sum += field.name.length + field.value.length;
    }
    sum += (embed.title?.length ?? 0) + (embed.description?.length ?? 0) + (embed.footer?.text.length ?? 0);
  }
  if (sum > 6000) bad.push(`${sum} units in all`);
  const rows = (body.components ?? []) as { components: Button[] }[];
  if (rows.length > 5) bad.push(`${rows.length} rows`);
  const ids = rows.flatMap((row) => row.components.map((button) => button.custom_id));
  if (new Set(ids).size !== ids.length) bad.push('a custom_id twice');
  for (const row of rows) {
    if (row.components.length < 1 || row.components.length > 5) bad.push(`${row.components.length} buttons in a row`);
    for (const button of row.components) {
      text('custom_id', button.custom_id, 100);
      text('label', button.label, 80);
    }
  }
  return bad;
}
