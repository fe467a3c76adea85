/**
 * "Your task is done": the new messages that mention the requesters, because an edit notifies nobody.
 * A few ends share a message (up to ten embeds), many become a digest. Nobody is ever left out: what did not fit is not among `told` and goes
 * into the next message.
 */
import type { APIEmbed } from 'discord-api-types/v10';
import type { TaskError } from '../../tasks/model.js';
import type { Status } from '../../tasks/states.js';
import { STATUS_LOOKS } from './looks.js';
import { actorWords, count, duration, errorLine, person } from './parts.js';
import { line, markdown, shortId, visible } from './text.js';

/** One end to be told. */
export interface CompletionView {
  /** Task or batch id. */
  id: string;
  kind: 'task' | 'batch';
  status: Extract<Status, 'completed' | 'failed' | 'cancelled'>;
  requesterId: string;
  title: string;
  endedAt: Date;
  /** Address of the card; null when it has none. */
  link: string | null;
  /** Seconds of the last run. */
  seconds: number | null;
  error: TaskError | null;
  /** Of a cancelled task: who ended it (the actor of the audit event) and the reason given. Null: not known. */
  cancelled: { by: string; reason: string | null } | null;
  result: string | null;
  /** Of a batch: its counts in words. */
  counts: string | null;
}

/** What to leave out or to add, by where the message goes. */
export interface Telling {
  /** Without anything that people or agents wrote. */
  plain?: boolean;
  /** Set in a direct message that stands in for this channel. */
  insteadOf?: string | null;
}

export interface Told<View> {
  body: { content: string; embeds: APIEmbed[]; allowed_mentions: { parse: []; users: string[] } };
  /** The views that this message tells; the others want another message. */
  told: View[];
}

const MAX_EMBEDS = 10;
/** Discord's 6,000 less some room. */
const MAX_UNITS = 5_900;
const MAX_CONTENT = 1_900;
/** Discord takes at most 100 users in allowed_mentions. */
const MAX_USERS = 80;

const VERBS = { completed: 'is done', failed: 'has failed', cancelled: 'was cancelled' } as const;

/** Renders one message for the first of these ends: as many as fit into ten embeds and 6,000 units. */
export function renderCompletions<View extends CompletionView>(views: readonly View[], telling: Telling = {}): Told<View> {
  const alone = views.length === 1;
  const told: View[] = [];
  const embeds: APIEmbed[] = [];
  let units = 0;
  for (const view of views.slice(0, MAX_EMBEDS)) {
    const embed = completionEmbed(view, alone ? 900 : 320, telling);
    const more = embedUnits(embed);
    if (told.length > 0 && units + more > MAX_UNITS) break;
    embeds.push(embed);
    told.push(view);
    units += more;
  }
  const users = [...new Set(told.map((view) => view.requesterId))];
  return { body: { content: greeting(told, users, telling), embeds, allowed_mentions: { parse: [], users } }, told };
}

/** Units that count towards Discord's 6,000. */
export function embedUnits(embed: APIEmbed): number {
  const fields = (embed.fields ?? []).reduce((sum, field) => sum + field.name.length + field.value.length, 0);
  return (
    (embed.title?.length ?? 0) +
    (embed.description?.length ?? 0) +
    (embed.footer?.text.length ?? 0) +
    (embed.author?.name.length ?? 0) +
    fields
  );
}

function greeting(told: readonly CompletionView[], users: readonly string[], { insteadOf }: Telling): string {
  const first = told[0] as CompletionView;
  const names = users.map(person).join(' ');
  const what = first.kind === 'batch' ? 'your batch has ended' : `your task ${VERBS[first.status]}`;
  const words = told.length === 1 ? `${names} ${what}.` : `${names} ${count(told.length, 'task')} ended.`;
  return insteadOf ? `${words}\nI cannot write in <#${insteadOf}>, so you hear it here.` : words;
}

function completionEmbed(view: CompletionView, room: number, { plain }: Telling): APIEmbed {
  const look = STATUS_LOOKS[view.status];
  const noun = view.kind === 'batch' ? 'Batch' : 'Task';
  const title = plain ? `${noun} ${shortId(view.id)}` : line(view.title, 240);
  const description = plain ? '' : completionText(view, room);
  return {
    title: `${look.emoji} ${title}`,
    ...(view.link === null ? {} : { url: view.link }),
    ...(description === '' ? {} : { description }),
    color: look.colour,
    footer: { text: `${noun} ${shortId(view.id)}` },
    timestamp: view.endedAt.toISOString(),
  };
}

function completionText(view: CompletionView, room: number): string {
  const took = view.seconds === null ? '' : `Took ${duration(view.seconds)}.`;
  if (view.kind === 'batch') return view.counts ?? '';
  if (view.status === 'failed') return view.error === null ? 'No reason was given.' : errorLine(view.error, Math.min(room, 500));
  const text = visible(view.result ?? '').trim();
  if (view.status === 'cancelled') return cancelledText(view.cancelled, Math.min(room, 500));
  if (text === '') return took;
  const more = text.length > room - 4 && view.link !== null ? '\nThe rest is on its card.' : '';
  return `${markdown(text, room)}${more}${took === '' ? '' : `\n-# ${took}`}`;
}

/** "Cancelled by @mod: not needed any more" – so that nobody wonders who stopped their task. */
function cancelledText(cancelled: CompletionView['cancelled'], room: number): string {
  if (cancelled === null) return '';
  const reason = cancelled.reason === null || cancelled.reason.trim() === '' ? '' : `: ${line(cancelled.reason, room)}`;
  return `Cancelled${actorWords(cancelled.by)}${reason}`;
}

/** Renders one digest: counts and links by requester, for as many requesters as fit into one message. All ends of a requester go together. */
export function renderDigest<View extends CompletionView>(views: readonly View[], telling: Telling = {}): Told<View> {
  const byRequester = new Map<string, View[]>();
  for (const view of views) byRequester.set(view.requesterId, [...(byRequester.get(view.requesterId) ?? []), view]);
  const lines: string[] = [];
  const told: View[] = [];
  const users: string[] = [];
  let units = 0;
  for (const [requesterId, own] of byRequester) {
    const text = digestLine(requesterId, own);
    const contentUnits = [...users, requesterId].reduce((sum, id) => sum + id.length + 4, 0);
    if (users.length >= MAX_USERS || units + text.length + 1 > 4_000 || contentUnits > MAX_CONTENT - 200) break;
    lines.push(text);
    users.push(requesterId);
    told.push(...own);
    units += text.length + 1;
  }
  return { body: digestBody(lines, users, told, telling), told };
}

function digestBody(
  lines: string[],
  users: string[],
  told: readonly CompletionView[],
  { insteadOf }: Telling,
): Told<never>['body'] {
  const words = `${users.map(person).join(' ')} ${count(told.length, 'task')} ended.`;
  const last = told.reduce((latest, view) => Math.max(latest, view.endedAt.getTime()), 0);
  const failed = told.some((view) => view.status === 'failed');
  return {
    content: insteadOf ? `${words}\nI cannot write in <#${insteadOf}>, so you hear it here.` : words,
    embeds: [
      {
        title: 'What has ended',
        description: lines.join('\n'),
        color: STATUS_LOOKS[failed ? 'failed' : 'completed'].colour,
        footer: { text: `${count(told.length, 'task')}, from ${shortId((told[0] as CompletionView).id)}` },
        timestamp: new Date(last).toISOString(),
      },
    ],
    allowed_mentions: { parse: [], users },
  };
}

/** `@user: ✅ 12 done · ❌ 1 failed – card, card`: failures are linked first, because somebody must look at them. */
function digestLine(requesterId: string, views: readonly CompletionView[]): string {
  const order = ['failed', 'completed', 'cancelled'] as const;
  const counts = order
    .map((status) => ({ look: STATUS_LOOKS[status], number: views.filter((view) => view.status === status).length }))
    .filter(({ number }) => number > 0)
    .map(({ look, number }) => `${look.emoji} ${number} ${look.counted}`);
  const links = [...views]
    .sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
    .flatMap((view) =>
      view.link === null ? [] : [`[${STATUS_LOOKS[view.status].word.toLowerCase()} ${shortId(view.id)}](${view.link})`],
    );
  const shown = links.slice(0, 3);
  const more = shown.length > 0 && links.length > shown.length ? ' …' : '';
  return `${person(requesterId)}: ${counts.join(' · ')}${shown.length === 0 ? '' : ` – ${shown.join(', ')}${more}`}`;
}
