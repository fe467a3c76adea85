/** What a message says: text, embeds, files, components, reactions, its thread, and what only its reader is told. */
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { dots, el, icon } from '../dom.js';
import { isLocalNote } from '../interactions.js';
import { formatTimestamp } from '../timestamps.js';
import { attachments } from './attachments.js';
import { authorOf } from './authors.js';
import { components } from './components.js';
import { editForm } from './edit-form.js';
import { embed } from './embed.js';
import { markdown } from './markdown-view.js';
import type { Part } from './parts.js';
import { reactions } from './reactions.js';
import { isSystem } from './system.js';
import { threadBox, threadKey } from './thread-box.js';

export const ephemeralFlag = 64;
const suppressEmbedsFlag = 4;
/** A message of Components V2 shows its files only where a component names them. */
const componentsFlag = 32_768;

/** The parts of a message below its header. */
export function bodyParts(message: PageMessage, context: PageContext): Part[] {
  if (isSystem(message)) return [thread(message, context), reacted(message, context)];
  if (message.thinking) return [thinking(message, context), foot(message, context)];
  const embeds = shownEmbeds(message);
  const files = looseFiles(message, embeds);
  // Whose answer is waited for is part of how the components look.
  const waiting = JSON.stringify([message.components, context.interactions.waitingFor(message.id)]);
  return [
    { name: 'error', key: localError(message) ?? '', draw: () => errorLine(message) },
    content(message, context),
    ...embeds.map((one, at) => ({
      name: `embed${at}`,
      key: JSON.stringify([one, files.length]),
      draw: () => embed(one, message, context),
    })),
    { name: 'files', key: JSON.stringify(files.map(({ id, description }) => [id, description])), draw: () => attachments(files) },
    { name: 'components', key: waiting, draw: () => components(message, context) },
    {
      name: 'edited',
      key: String(message.content === '' && message.edited_timestamp),
      draw: () => (message.content === '' ? edited(message, context) : null),
    },
    reacted(message, context),
    thread(message, context),
    foot(message, context),
  ];
}

function thinking(message: PageMessage, context: PageContext): Part {
  const bot = authorOf(message, context).displayName;
  const draw = (): HTMLElement => el('div', { class: 'thinking', attrs: { role: 'status' } }, dots(), `${bot} is thinking…`);
  return { name: 'thinking', key: bot, draw };
}

function localError(message: PageMessage): string | null {
  return isLocalNote(message) ? message.local.error : null;
}

function errorLine(message: PageMessage): HTMLElement | null {
  const failed = localError(message);
  return failed ? el('div', { class: 'local-error', attrs: { role: 'alert' } }, icon('warning', 18), failed) : null;
}

function content(message: PageMessage, context: PageContext): Part {
  if (context.editing() === message.id) return { name: 'content', key: 'editing', draw: () => editForm(message, context) };
  const key = JSON.stringify([message.content, message.edited_timestamp]);
  const draw = (): HTMLElement | null =>
    message.content ? el('div', { class: 'content' }, markdown(message.content, context), edited(message, context)) : null;
  return { name: 'content', key, draw };
}

/** All embeds, unless the message asks for none (SUPPRESS_EMBEDS). */
function shownEmbeds(message: PageMessage): PageMessage['embeds'] {
  return ((message.flags ?? 0) & suppressEmbedsFlag) !== 0 ? [] : (message.embeds ?? []);
}

/** Files that neither an embed nor a component of the message shows. */
function looseFiles(message: PageMessage, embeds: PageMessage['embeds']): PageMessage['attachments'] {
  if (((message.flags ?? 0) & componentsFlag) !== 0) return [];
  const shown = new Set<string | undefined>();
  for (const one of embeds) {
    for (const url of [one.image?.url, one.thumbnail?.url, one.author?.icon_url, one.footer?.icon_url]) shown.add(url);
  }
  return (message.attachments ?? []).filter((file) => !shown.has(file.url) && !shown.has(`attachment://${file.filename}`));
}

function edited(message: PageMessage, context: PageContext): HTMLElement | null {
  if (!message.edited_timestamp) return null;
  const title = formatTimestamp(Date.parse(message.edited_timestamp) / 1000, 'F', context.time());
  return el('span', { class: 'edited', attrs: { title } }, ' (edited)');
}

function reacted(message: PageMessage, context: PageContext): Part {
  return { name: 'reactions', key: JSON.stringify(message.reactions ?? []), draw: () => reactions(message, context) };
}

function thread(message: PageMessage, context: PageContext): Part {
  return { name: 'thread', key: threadKey(message, context), draw: () => threadBox(message, context) };
}

function foot(message: PageMessage, context: PageContext): Part {
  const failure = context.interactions.failure(message.id);
  const ephemeral = ((message.flags ?? 0) & ephemeralFlag) !== 0;
  return { name: 'foot', key: `${ephemeral} ${failure}`, draw: () => footLines(message, failure, ephemeral, context) };
}

function footLines(message: PageMessage, failure: string | null, ephemeral: boolean, context: PageContext): HTMLElement | null {
  const failed = failure
    ? el('div', { class: 'interaction-failed', attrs: { role: 'alert' } }, icon('warning', 16), failure)
    : null;
  if (!ephemeral) return failed;
  const dismiss = el('button', { class: 'link', attrs: { type: 'button' } }, 'Dismiss message');
  dismiss.addEventListener('click', () => dismissMessage(message, context));
  return el('div', {}, failed, el('div', { class: 'only-you' }, icon('eye', 16), 'Only you can see this • ', dismiss));
}

/** Takes an ephemeral message or a local note away. */
export function dismissMessage(message: PageMessage, context: PageContext): void {
  if (!isLocalNote(message)) context.send({ type: 'dismiss', channelId: message.channel_id, messageId: message.id });
  context.store.remove(message.channel_id, message.id);
  context.focusComposer();
}
