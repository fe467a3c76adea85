/** Who wrote a message, and a message in one line. */
import type { PageMessage, PageUser } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { el } from '../dom.js';
import { parseMarkdown, plainText } from '../markdown.js';
import { readableColor } from './colors.js';

const blankAvatar =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 40'%3E%3Crect width='40' height='40' fill='%234e5058'/%3E%3C/svg%3E";

/** The author as the page knows it, or as much as the message says (webhooks have names of their own). */
export function authorOf(message: PageMessage, context: PageContext): PageUser {
  const { author } = message;
  return (
    context.store.users.get(author.id) ?? {
      id: author.id,
      username: author.username,
      displayName: author.global_name ?? author.username,
      bot: author.bot ?? message.webhook_id !== undefined,
      role: '',
      avatar: blankAvatar,
    }
  );
}

/** The name of an author in the colour of the highest coloured role. */
export function authorName(user: PageUser, context: PageContext): HTMLElement {
  const node = el('span', { class: 'author' }, user.displayName);
  const color = context.store.guildOf(context.store.current)?.nameColors[user.id];
  if (color) node.style.color = readableColor(color);
  return node;
}

/** A message in one line without marks; embeds and files are named when there is no text. */
export function summary(message: PageMessage, context: PageContext): string {
  const { store } = context;
  const roles = store.guilds.flatMap((guild) => guild.roles);
  const text = plainText(parseMarkdown(message.content), (kind, id) => {
    if (kind === 'user') return store.users.get(id)?.displayName ?? null;
    if (kind === 'channel') return store.channels.get(id)?.name ?? null;
    return roles.find((role) => role.id === id)?.name ?? null;
  });
  const [embedded] = message.embeds ?? [];
  const short = text.replace(/https?:\/\/(?:\w+\.)?discord\.com\/channels\/\S+/g, '(link to a message)');
  return short || embedded?.title || embedded?.description || (message.thinking ? 'is thinking' : otherContent(message));
}

function otherContent(message: PageMessage): string {
  const [file] = message.attachments ?? [];
  if (file) return `sent ${file.filename}`;
  return (message.components?.length ?? 0) > 0 ? 'sent a message with components' : 'sent a message';
}
