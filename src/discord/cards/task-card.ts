/**
 * The card: the one message that shows a task. A pure function from what is known of the task to the body of a Discord message.
 */
import { type APIButtonComponentWithCustomId, type APIEmbedField, ButtonStyle } from 'discord-api-types/v10';
import type { Progress, Task, TaskFile } from '../../tasks/model.js';
import type { QueuePlace } from '../../tasks/service.js';
import { CANCELLABLE_STATUSES, isFinal, RETRYABLE_STATUSES } from '../../tasks/states.js';
import { attached } from './attached.js';
import { lookOf, PRIORITY_LOOKS, WAITING_LOOKS } from './looks.js';
import {
  attemptOf,
  bar,
  button,
  type CardFile,
  duration,
  errorLine,
  NO_PINGS,
  person,
  type Rendered,
  row,
  runSeconds,
  stamp,
} from './parts.js';
import { block, line, markdown, shortId, visible } from './text.js';

/** All that a card needs to know. */
export interface TaskCardView {
  task: Task;
  progress: Progress | null;
  /** Its place while it waits for its turn; null otherwise, or when it is not known. */
  place: QueuePlace | null;
  /** Name of the agent for people. */
  agentName: string;
  /** Files of the task; those of the last run are attached once it has ended. */
  files: readonly TaskFile[];
  /** The database's time, for the estimate of the start. */
  now: Date;
  /** Leaves out everything that people or agents wrote: for channels whose AutoMod refused the full card. */
  plain?: boolean;
}

/** Units of result text shown on the card; longer ones come as `result.md` too. */
export const RESULT_SHOWN = 1_500;
/** Discord takes 25 MiB a request; some room is left for the body. */
const MAX_FILE_BYTES = 24 * 1024 * 1024;

/** Renders the card of one task. Within Discord's limits for any task; nothing in it pings. */
export function renderTaskCard(view: TaskCardView): Rendered {
  const { task } = view;
  const look = lookOf(task);
  const title = view.plain ? `Task ${shortId(task.id)}` : task.title;
  const files = attachments(view);
  return {
    embeds: [
      {
        title: `${look.emoji} ${line(title, 250)}`,
        description: description(view, files).join('\n'),
        color: look.colour,
        fields: fields(view),
        footer: { text: `Task ${shortId(task.id)}` },
        timestamp: task.createdAt.toISOString(),
      },
    ],
    components: row(taskButtons(task)),
    allowed_mentions: NO_PINGS,
    ...(files.length === 0 ? {} : { files }),
  };
}

/** The buttons that fit the task's state, in their order. */
export function taskButtons(task: Pick<Task, 'id' | 'status' | 'waitingFor' | 'score'>): APIButtonComponentWithCustomId[] {
  const buttons: APIButtonComponentWithCustomId[] = [];
  if (task.waitingFor === 'hold') buttons.push(button(ButtonStyle.Success, 'Start', 'start', task.id));
  if (CANCELLABLE_STATUSES.includes(task.status)) buttons.push(button(ButtonStyle.Danger, 'Cancel', 'cancel', task.id));
  if (RETRYABLE_STATUSES.includes(task.status)) buttons.push(button(ButtonStyle.Primary, 'Retry', 'retry', task.id));
  buttons.push(button(ButtonStyle.Secondary, 'Details', 'details', task.id));
  if (task.status === 'completed') {
    const good = task.score !== null && task.score >= 0.5;
    const bad = task.score !== null && task.score < 0.5;
    buttons.push(button(good ? ButtonStyle.Success : ButtonStyle.Secondary, '', 'up', task.id, '👍'));
    buttons.push(button(bad ? ButtonStyle.Danger : ButtonStyle.Secondary, '', 'down', task.id, '👎'));
  }
  return buttons;
}

/** "**Running** · started 2 minutes ago · attempt 2 of 4": the state in words. */
export function statusLine(task: Task): string {
  const attempt = attemptOf(task);
  // Done at the first attempt is what everybody expects.
  const tells = attempt !== null && (task.status !== 'completed' || task.failures > 0);
  return [stateWords(task), ...(tells ? [`attempt ${attempt}`] : [])].join(' · ');
}

function stateWords(task: Task): string {
  if (task.waitingFor !== null) {
    const look = WAITING_LOOKS[task.waitingFor];
    return look.timed ? `**${look.word}** ${stamp(task.readyAt)}` : `**${look.word}**`;
  }
  const word = `**${lookOf(task).word}**`;
  if (task.status === 'in_progress') return `${word} · started ${stamp(task.startedAt ?? task.updatedAt)}`;
  if (task.finishedAt === null) return `${word} · asked for ${stamp(task.createdAt)}`;
  const seconds = runSeconds(task);
  const took = seconds === null || task.status === 'cancelled' ? '' : ` · took ${duration(seconds)}`;
  return `${word} ${stamp(task.finishedAt)}${took}`;
}

/** Where the task stands in the queue, or what keeps it from starting. Null when it does not wait for its turn. */
export function placeLine(task: Task, place: QueuePlace | null, now: Date): string | null {
  if (task.status !== 'pending' || task.waitingFor !== null || place === null) return null;
  if (place.blockedBy !== null) return `⏸️ ${line(place.blockedBy, 300)}`;
  const where =
    place.position >= 1_000
      ? 'more than 1,000 before it'
      : place.position <= 1
        ? 'next in line'
        : `number ${place.position} in line`;
  if (place.etaSeconds === null) return capital(where);
  if (place.etaSeconds < 5) return `${capital(where)} · starts any moment`;
  // Rounded up, so that a small change of the estimate does not cost an edit.
  const stepSeconds = place.etaSeconds < 120 ? 10 : 60;
  const at = Math.ceil((now.getTime() / 1000 + place.etaSeconds) / stepSeconds) * stepSeconds;
  return `${capital(where)} · should start ${stamp(new Date(at * 1000))}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function progressLines({ task, progress, plain }: TaskCardView): string[] {
  if (task.status !== 'in_progress') return [];
  if (progress === null) return [bar(0)];
  const step = plain || progress.step.trim() === '' ? '' : `**${line(progress.step, 110)}**`;
  const words = plain || progress.description.trim() === '' ? '' : line(progress.description, 320);
  const below = [step, words].filter((part) => part !== '').join(' · ');
  return [bar(progress.percent), ...(below === '' ? [] : [below])];
}

function description(view: TaskCardView, files: readonly CardFile[]): string[] {
  const { task, place, now, plain } = view;
  const lines = [statusLine(task)];
  const waits = placeLine(task, place, now);
  if (waits !== null) lines.push(waits);
  lines.push(...progressLines(view));
  const error = task.status === 'failed' || task.waitingFor === 'retry' ? task.error : null;
  if (error !== null) lines.push(plain ? 'The reason is in Details.' : `⚠️ ${errorLine(error)}`);
  if (plain) return task.status === 'completed' ? [...lines, 'The result is in Details.'] : lines;
  if (task.status === 'completed') return [...lines, ...resultLines(view, files)];
  if (task.description !== '') lines.push('', block(task.description, 600, 8));
  return lines;
}

function resultLines({ task, files }: TaskCardView, attached: readonly CardFile[]): string[] {
  const lines = [''];
  const text = visible(task.result?.text ?? '').trim();
  if (text === '') lines.push('It ended without a written result.');
  else lines.push(markdown(text, RESULT_SHOWN));
  if (text.length > RESULT_SHOWN) lines.push('', '📄 The whole result is in result.md.');
  const made = outputs(task, files).length;
  const shown = attached.filter((file) => 'fileId' in file.source).length;
  if (made > shown) lines.push('', `${made - shown} more of its ${made} files did not fit here; Details names them all.`);
  return lines;
}

function outputs(task: Task, files: readonly TaskFile[]): TaskFile[] {
  return files.filter((file) => file.direction === 'out' && file.attempt === task.attempt);
}

/** What is attached to the card of an ended task: a long result as a file, then what the run made, while it fits. */
function attachments({ task, files, plain }: TaskCardView): CardFile[] {
  if (!isFinal(task.status) || plain) return [];
  const text = visible(task.result?.text ?? '').trim();
  const long = task.status === 'completed' && text.length > RESULT_SHOWN;
  return attached({ text: long ? text : null, files: outputs(task, files), maxBytes: MAX_FILE_BYTES });
}

function fields({ task, agentName, plain }: TaskCardView): APIEmbedField[] {
  const priority = PRIORITY_LOOKS[task.priority];
  return [
    { name: 'Agent', value: plain ? line(task.agentId, 100) : line(agentName, 200), inline: true },
    { name: 'Priority', value: `${priority.emoji} ${priority.word}`, inline: true },
    { name: 'Asked by', value: person(task.requesterId), inline: true },
  ];
}
