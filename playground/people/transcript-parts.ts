import type { APIEmbed } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import type { AnyComponent } from '../validation/components.js';
import type { ChannelRecord } from '../world/types.js';
import { shownName } from './scrub.js';

export const indent = (text: string, by: string) => text.split('\n').map((line) => `${by}${line}`);

/** A picture or file by its name: posted ones have addresses that differ between runs. */
function mediaName(url: string | undefined): string {
  if (!url) return '';
  if (url.startsWith('attachment://')) return url.slice('attachment://'.length);
  return /\/cdn\/attachments\/\d+\/\d+\/([^/?#]+)/.exec(url)?.[1] ?? url;
}

const words = (...parts: unknown[]) => parts.filter(Boolean).join(' ');

/** An embed as it is seen: from author to footer, its link behind the title. */
export function embedLines(embed: APIEmbed): string[] {
  const title = embed.title && embed.url ? `${embed.title} (${embed.url})` : embed.title;
  const heading = [embed.author?.name, title].filter(Boolean).join(' — ');
  const footer = [embed.footer?.text, embed.timestamp].filter(Boolean).join(' • ');
  return [
    ...(heading ? [heading] : []),
    ...(embed.description ? [embed.description] : []),
    ...(embed.fields ?? []).map((field) => `${field.name}: ${field.value}`),
    ...(embed.thumbnail ? [`(thumbnail ${mediaName(embed.thumbnail.url)})`] : []),
    ...(embed.image ? [`(image ${mediaName(embed.image.url)})`] : []),
    ...(footer ? [footer] : []),
  ].flatMap((text) => indent(text, '  ┃ '));
}

interface Option {
  label: string;
  default?: boolean | null;
}

function chosenNames(core: Core, channel: ChannelRecord, component: AnyComponent): string[] {
  const chosen = (component.default_values as { id: string; type: string }[] | null | undefined) ?? [];
  return chosen.map(({ id, type }) => {
    if (type === 'channel') return `#${core.world.channels.get(id)?.name ?? 'unknown'}`;
    const role = core.world.guilds.get(channel.guildId ?? '')?.roles.find((one) => one.id === id);
    return `@${type === 'role' ? (role?.name ?? 'unknown') : (shownName(core, channel, id) ?? 'unknown')}`;
  });
}

/** A button or a select on one line; what is chosen from the start is marked. */
function controlText(core: Core, channel: ChannelRecord, one: AnyComponent): string {
  const off = one.disabled ? ' (disabled)' : '';
  if (one.type === 2) {
    const label = words((one.emoji as { name?: string } | null | undefined)?.name, one.label);
    return `[${label}]${one.url ? `(${one.url})` : ''}${off}`;
  }
  const title = String(one.placeholder ?? 'select');
  const options = ((one.options as Option[] | undefined) ?? []).map((option) => `${option.label}${option.default ? ' ✓' : ''}`);
  const chosen = chosenNames(core, channel, one).map((name) => `${name} ✓`);
  const inside = [...options, ...chosen].join(' | ');
  return `{${title}${inside ? `: ${inside}` : ''}}${off}`;
}

interface Media {
  media?: { url?: string };
  description?: string | null;
  spoiler?: boolean | null;
}

const mediaText = ({ media, description, spoiler }: Media) =>
  words(mediaName(media?.url), description && JSON.stringify(description), spoiler && 'spoiler');

/** A component and what is in it, top to bottom. */
export function componentLines(core: Core, channel: ChannelRecord, one: AnyComponent): string[] {
  const inner = () => (one.components ?? []).flatMap((each) => componentLines(core, channel, each));
  switch (one.type) {
    case 1:
      return [inner().join(' ')];
    case 9:
      return [...inner(), ...(one.accessory ? componentLines(core, channel, one.accessory) : [])];
    case 10:
      return String(one.content).split('\n');
    case 11:
      return [`(thumbnail ${mediaText(one as Media)})`];
    case 12:
      return [`(gallery: ${((one.items as Media[] | undefined) ?? []).map(mediaText).join(', ')})`];
    case 13:
      return [`(file ${words(mediaName((one.file as { url?: string } | undefined)?.url), one.spoiler && 'spoiler')})`];
    case 14:
      return [one.divider === false ? '' : '───'];
    case 17:
      return [...(one.spoiler ? ['(spoiler)'] : []), ...inner()].map((line) => `▏ ${line}`.trimEnd());
    default:
      return [controlText(core, channel, one)];
  }
}
