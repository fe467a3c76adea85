import type { APIEmbed } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { type AnyComponent, walkComponents } from '../validation/components.js';
import type { StoredMessage } from '../world/types.js';
import { findChannel, findPerson } from './lookup.js';

/** Replaces what differs between runs: ids get numbers in the order they appear, times lose their value. */
function createScrubber(core: Core): (text: string) => string {
  const numbers = new Map<string, string>();
  const numbered = (kind: string, value: string) => {
    const known = numbers.get(value);
    if (known) return known;
    const count = [...numbers.values()].filter((one) => one.startsWith(`<${kind} `)).length;
    const fresh = `<${kind} ${count + 1}>`;
    numbers.set(value, fresh);
    return fresh;
  };
  return (text) =>
    text
      .replaceAll(/<@!?(\d{17,19})>/g, (_all, id: string) => `@${core.world.users.get(id)?.displayName ?? 'unknown'}`)
      .replaceAll(/<#(\d{17,19})>/g, (_all, id: string) => `#${core.world.channels.get(id)?.name ?? 'unknown'}`)
      .replaceAll(/<t:-?\d+(?::([a-zA-Z]))?>/g, (_all, style: string | undefined) => `<time${style ? `:${style}` : ''}>`)
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, (uuid) =>
        numbered('uuid', uuid.toLowerCase()),
      )
      .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, '<time>')
      .replaceAll(/\b\d{17,19}\b/g, (id) => numbered('id', id));
}

const indent = (text: string, by: string) => text.split('\n').map((line) => `${by}${line}`);

function embedLines(embed: APIEmbed): string[] {
  const lines = [`  ┃ ${[embed.author?.name, embed.title].filter(Boolean).join(' — ')}`.trimEnd()];
  if (embed.description) lines.push(...indent(embed.description, '  ┃ '));
  for (const field of embed.fields ?? []) lines.push(...indent(`${field.name}: ${field.value}`, '  ┃ '));
  if (embed.image) lines.push('  ┃ (image)');
  if (embed.footer) lines.push(...indent(embed.footer.text, '  ┃ '));
  return lines.filter((line) => line.trim() !== '┃');
}

function componentLines(stored: StoredMessage): string[] {
  const lines: string[] = [];
  const rows = (stored.message.components ?? []) as unknown as AnyComponent[];
  for (const top of rows) {
    const parts: string[] = [];
    walkComponents([top], (one) => {
      const off = one.disabled ? ' (disabled)' : '';
      const emoji = (one.emoji as { name?: string } | null | undefined)?.name;
      if (one.type === 2) parts.push(`[${[emoji, one.label].filter(Boolean).join(' ')}]${off}`);
      else if (one.type === 10) parts.push(String(one.content));
      else if (one.type === 3) {
        const options = (one.options as { label: string }[]).map((option) => option.label).join(' | ');
        parts.push(`{${one.placeholder ?? 'select'}: ${options}}${off}`);
      } else if (one.type >= 5 && one.type <= 8) parts.push(`{${one.placeholder ?? 'select'}}${off}`);
    });
    if (parts.length > 0) lines.push(...indent(parts.join(' '), '  '));
  }
  return lines;
}

function messageLines(core: Core, stored: StoredMessage): string[] {
  const { message, commandLine } = stored;
  const author = core.world.users.get(message.author.id)?.displayName ?? message.author.username;
  const notes = [
    stored.ephemeralFor ? 'only visible to you' : '',
    message.edited_timestamp ? 'edited' : '',
    stored.notified.length > 0
      ? `notifies ${stored.notified.map((id) => core.world.users.get(id)?.displayName ?? id).join(', ')}`
      : '',
  ].filter(Boolean);
  const lines: string[] = [];
  if (commandLine) lines.push(`${core.world.user(commandLine.userId).displayName} used ${commandLine.name}`);
  lines.push(`${author}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}:`);
  if (stored.thinking) lines.push('  is thinking…');
  if (message.content) lines.push(...indent(message.content, '  '));
  for (const embed of message.embeds) lines.push(...embedLines(embed));
  for (const file of message.attachments) lines.push(`  (file ${file.filename}, ${file.content_type})`);
  return [...lines, ...componentLines(stored)];
}

/** A channel as text: what a person sees (or everybody, without a person), oldest message first. */
export function transcriptOf(core: Core, channelName: string, who?: string): string {
  const userId = who === undefined ? undefined : findPerson(core, who).id;
  const channel = findChannel(core, channelName, userId);
  const messages =
    userId === undefined
      ? core.world.messagesIn(channel.id).filter((stored) => !stored.ephemeralFor)
      : core.world.messagesFor(channel, userId);
  const scrub = createScrubber(core);
  return messages
    .flatMap((stored) => messageLines(core, stored))
    .map(scrub)
    .join('\n');
}
