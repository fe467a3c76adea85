import type { APIAttachment, APIEmbed, APIMessage } from 'discord-api-types/v10';
import { type AnyComponent, type ComponentPath, numberComponents, walkComponents } from '../validation/components.js';
import { type Embed, shownEmbeds } from '../validation/embeds.js';
import { type Fault, refuseFaults } from '../validation/form.js';

const SCHEME = 'attachment://';
const FILE = 13;

/** The attachment that `attachment://NAME` names; undefined for other URLs and when there is none. */
function namedBy(url: string, attachments: APIAttachment[]): APIAttachment | undefined {
  if (!url.startsWith(SCHEME)) return undefined;
  const name = url.slice(SCHEME.length);
  return attachments.find((one) => one.filename === name);
}

/** The embeds as the message shows them, with the URLs of the files that they name. */
export function embedsOf(embeds: Embed[], attachments: APIAttachment[]): APIEmbed[] {
  return shownEmbeds(embeds).map((one) => {
    const embed: APIEmbed = { type: 'rich' as never, ...one };
    for (const key of ['image', 'thumbnail'] as const) {
      const media = one[key];
      if (media) embed[key] = { url: namedBy(media.url, attachments)?.url ?? media.url };
    }
    return JSON.parse(JSON.stringify(embed)) as APIEmbed;
  });
}

type Media = Record<string, unknown> & { url: string };

/** What a component shows: the field `media`, `file`, or the `media` of each item. */
function mediaOf(one: AnyComponent): { media: Media; path: ComponentPath }[] {
  const items = (one.items ?? []) as { media: Media }[];
  const own = (['media', 'file'] as const).flatMap((key) => (one[key] ? [{ media: one[key] as Media, path: [key] }] : []));
  return [...own, ...items.map(({ media }, index) => ({ media, path: ['items', index, 'media'] }))];
}

/**
 * The components as the message keeps them: numbered, and with what Discord fills in of the files that they name. Refuses
 * (50035) the name of a file that is none of the message's. `prefix` is `['data']` for interaction callbacks.
 */
export function componentsOf(
  components: unknown[],
  attachments: APIAttachment[],
  prefix: (string | number)[] = [],
): APIMessage['components'] {
  const made = JSON.parse(JSON.stringify(components)) as AnyComponent[];
  const faults: Fault[] = [];
  walkComponents(made, (one, path) => {
    for (const { media, path: inside } of mediaOf(one)) {
      if (!media.url.startsWith(SCHEME)) continue;
      const file = namedBy(media.url, attachments);
      if (!file) {
        faults.push({
          path: [...prefix, ...path, ...inside, 'url'],
          code: 'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
          message: `The referenced attachment "${media.url.slice(SCHEME.length)}" was not found`,
        });
        continue;
      }
      const { url, proxy_url, content_type, width, height, id } = file;
      Object.assign(media, { url, proxy_url, content_type, width: width ?? null, height: height ?? null, attachment_id: id });
      if (one.type === FILE) Object.assign(one, { name: file.filename, size: file.size });
    }
  });
  refuseFaults(faults);
  numberComponents(made);
  return made as unknown as APIMessage['components'];
}
