/**
 * Everything about one task, for the one who asks (an ephemeral answer): its card in full, its input, files and history.
 */

import type { APIEmbed, APIEmbedField } from 'discord-api-types/v10';
import { maskSecrets } from '../../agents/net/secrets.js';
import type { AuditEvent, JsonObject, TaskFile } from '../../tasks/model.js';
import type { TaskDetails } from '../../tasks/service.js';
import { attached } from './attached.js';
import { lookOf, PRIORITY_LOOKS } from './looks.js';
import {
  actorWords,
  bar,
  type CardFile,
  count,
  duration,
  errorLine,
  NO_PINGS,
  person,
  type Rendered,
  row,
  stamp,
} from './parts.js';
import { placeLine, statusLine, taskButtons } from './task-card.js';
import { block, line, markdown, visible } from './text.js';

export interface DetailsView {
  details: TaskDetails;
  agentName: string;
  now: Date;
}

/** Units that history may take: the rest of the 6,000 that the first embed leaves. */
const HISTORY_UNITS = 1_800;

/** Units of result text shown; longer ones come as `result.md` too. */
const RESULT_SHOWN = 900;
/** Everybody who asks gets them anew, so less than a card carries. A result alone has at most 200,000 characters. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** Renders all that is known of a task: at most two embeds, 6,000 units together, and ten files; Details itself is not among the buttons. */
export function renderDetails(view: DetailsView): Rendered {
  const { task, history } = view.details;
  const buttons = taskButtons(task).filter((one) => !one.custom_id.includes(':details:'));
  const result = resultText(view.details);
  const long = result.length > RESULT_SHOWN;
  const files = attached({ text: long ? result : null, files: made(view.details), maxBytes: MAX_FILE_BYTES });
  return {
    embeds: [overview(view, files), ...(history.length === 0 ? [] : [historyEmbed(history, lookOf(task).colour)])],
    components: row(buttons),
    allowed_mentions: NO_PINGS,
    ...(files.length === 0 ? {} : { files }),
  };
}

function resultText({ task }: TaskDetails): string {
  return visible(task.result?.text ?? '').trim();
}

/** Files of the run whose result was accepted. */
function made({ files }: TaskDetails): TaskFile[] {
  return files.filter((file) => file.direction === 'out');
}

function overview(view: DetailsView, files: readonly CardFile[]): APIEmbed {
  const { task } = view.details;
  const look = lookOf(task);
  return {
    title: `${look.emoji} ${line(task.title, 250)}`,
    description: overviewLines(view, files).join('\n'),
    color: look.colour,
    fields: overviewFields(view),
    footer: { text: task.id },
  };
}

function overviewLines({ details, now }: DetailsView, files: readonly CardFile[]): string[] {
  const { task, progress, place } = details;
  const lines = [statusLine(task)];
  const waits = placeLine(task, place, now);
  if (waits !== null) lines.push(waits);
  if (task.status === 'in_progress' && progress !== null) {
    lines.push(bar(progress.percent), `**${line(progress.step, 110)}** ${line(progress.description, 320, '')}`.trimEnd());
  }
  if (task.error !== null && task.status !== 'completed') lines.push(`⚠️ ${errorLine(task.error)}`);
  if (task.description !== '') lines.push('', block(task.description, 500, 8));
  const result = resultText(details);
  if (result !== '') lines.push('', '**Result**', markdown(result, RESULT_SHOWN));
  if (result.length > RESULT_SHOWN) lines.push('', '📄 The whole result is in result.md.');
  const left = made(details).length - files.filter((file) => 'fileId' in file.source).length;
  if (left > 0) lines.push('', `${count(left, 'file')} did not fit into this answer.`);
  return lines;
}

function overviewFields({ details, agentName }: DetailsView): APIEmbedField[] {
  const { task, files } = details;
  const priority = PRIORITY_LOOKS[task.priority];
  const short: [string, string | null][] = [
    ['Agent', line(agentName, 120)],
    ['Priority', `${priority.emoji} ${priority.word}`],
    ['Asked by', person(task.requesterId)],
    ['Type', task.type === null ? null : line(task.type, 60)],
    ['Time limit', duration(task.hardTimeoutSeconds)],
    ['Asked for', stamp(task.createdAt, 'F')],
    ['Must start by', task.expiresAt === null || task.status !== 'pending' ? null : stamp(task.expiresAt)],
    ['Rating', task.score === null ? null : task.score >= 0.5 ? '👍' : '👎'],
  ];
  const inline = short.flatMap(([name, value]) => (value === null ? [] : [{ name, value, inline: true }]));
  const input = inputText(maskSecrets(task.input));
  return [
    ...inline,
    ...(input === '' ? [] : [{ name: 'Input', value: input }]),
    ...(files.length === 0 ? [] : [{ name: 'Files', value: filesText(files) }]),
  ];
}

/** `key: value` lines; nested values as JSON. */
function inputText(input: JsonObject): string {
  const lines = Object.entries(input)
    .slice(0, 12)
    .map(([key, value]) => `${line(key, 60)}: ${line(typeof value === 'string' ? value : JSON.stringify(value), 120)}`);
  return clip(lines, 500, 'values');
}

function filesText(files: readonly TaskFile[]): string {
  const lines = files.map((file) => `${file.direction === 'in' ? '📥' : '📤'} ${line(file.name, 80)} (${bytes(file.size)})`);
  return clip(lines, 400, 'files');
}

function bytes(size: number): string {
  if (size < 1024) return `${size} bytes`;
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} KiB` : `${(size / 1024 / 1024).toFixed(1)} MiB`;
}

/** As many whole lines as fit, and how many are left out. */
function clip(lines: readonly string[], max: number, what: string): string {
  const kept: string[] = [];
  let length = 0;
  for (const one of lines) {
    if (length + one.length + 1 > max - 30) break;
    kept.push(one);
    length += one.length + 1;
  }
  const left = lines.length - kept.length;
  return [...kept, ...(left > 0 ? [`… and ${left} more ${what}`] : [])].join('\n');
}

function historyEmbed(history: readonly AuditEvent[], color: number): APIEmbed {
  const kept: string[] = [];
  let length = 0;
  for (const event of [...history].reverse()) {
    const text = historyLine(event);
    if (length + text.length + 1 > HISTORY_UNITS) break;
    kept.unshift(text);
    length += text.length + 1;
  }
  const left = history.length - kept.length;
  return { title: 'History', color, description: [...(left > 0 ? [`… ${left} earlier`] : []), ...kept].join('\n') };
}

/** What happened, for people: the events of states.ts that are named for programs. */
const EVENT_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    claimed: 'started to run',
    ready: 'back in the queue',
    started: 'started',
    returned: 'handed back',
    rescued: 'taken over from a worker that stopped',
    isolated: 'run in a process of its own, after two workers had stopped with it',
    ran_alone: 'run alone, after two workers had stopped with it',
    expired: 'waited too long',
    timed_out: 'ran too long',
  }),
);

function historyLine(event: AuditEvent): string {
  const who = actorWords(event.actor);
  const note = noteOf(event);
  const why = note === null ? '' : `: ${line(note, 120)}`;
  return `${stamp(event.at)} **${line(EVENT_WORDS.get(event.event) ?? event.event.replaceAll('_', ' '), 60)}**${who}${why}`;
}

/**
 * Why it happened, or what was before. The shapes: `{ reason }` of a person's cancel, `{ attempt, error: { reason, message }, seconds }` of a run's end,
 * `{ result, error }` of what a retry did away with. Null when nothing is known.
 */
function noteOf({ event, details }: AuditEvent): string | null {
  const error = details.error;
  const told = error !== null && typeof error === 'object' && !Array.isArray(error) ? error.message : error;
  const note = [details.reason, details.message, told].find((one) => typeof one === 'string' && one.trim() !== '');
  if (typeof note !== 'string') return null;
  return event === 'retried' ? `before that: ${note}` : note;
}
