/**
 * The pieces that cards, lists and details are made of. Pure functions; times are shown by Discord's own relative stamps, so that a card that
 * only grows older needs no edit.
 */
import {
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIComponentInMessageActionRow,
  type APIEmbed,
  type ButtonStyle,
  ComponentType,
} from 'discord-api-types/v10';
import type { Task, TaskError } from '../../tasks/model.js';
import { customId } from '../custom-id.js';
import { cut, line } from './text.js';

/** A file to be sent with the message: text made here, or a stored file by its id. */
export interface CardFile {
  name: string;
  contentType: string;
  /** Bytes. */
  size: number;
  source: { text: string } | { fileId: string };
}

/** Body of a message, ready for Discord; `files` are the caller's to load and send. */
export interface Rendered {
  embeds: APIEmbed[];
  components: APIActionRowComponent<APIComponentInMessageActionRow>[];
  allowed_mentions: { parse: [] };
  files?: CardFile[];
}

export const NO_PINGS: { parse: [] } = { parse: [] };

/** `<t:…:R>` and its relatives: R "in 2 minutes", F "Monday, 23 November 2026 18:12", t "18:12". */
export function stamp(time: Date, style: 'R' | 'F' | 't' = 'R'): string {
  return `<t:${Math.floor(time.getTime() / 1000)}:${style}>`;
}

/** `▰▰▰▱▱▱▱▱▱▱ 30 %`. @param percent 0–100 */
export function bar(percent: number, cells = 12): string {
  const bounded = Math.max(0, Math.min(100, Math.round(percent)));
  const full = Math.floor((bounded / 100) * cells);
  return `${'▰'.repeat(full)}${'▱'.repeat(cells - full)} **${bounded} %**`;
}

/** `4 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`. @param seconds at least 0 */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return whole === 0 ? 'under 1 s' : `${whole} s`;
  const units: [number, string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const at = units.findIndex(([size]) => whole >= size);
  const [size, name] = units[at] as [number, string];
  const first = `${Math.floor(whole / size)} ${name}`;
  const [smaller, smallerName] = units[at + 1] as [number, string];
  const rest = Math.floor((whole % size) / smaller);
  return rest === 0 ? first : `${first} ${rest} ${smallerName}`;
}

/** `3 tasks`, `1 task`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}

/** Address of a message in Discord. */
export function messageLink(guildId: string | null, channelId: string, messageId: string): string {
  return `https://discord.com/channels/${guildId ?? '@me'}/${channelId}/${messageId}`;
}

/** A person's name as Discord shows it; pings nobody in an embed, and nobody in content either unless allowed there. */
export function person(userId: string): string {
  return `<@${userId}>`;
}

export function button(
  style: ButtonStyle.Primary | ButtonStyle.Secondary | ButtonStyle.Success | ButtonStyle.Danger,
  label: string,
  action: string,
  id: string,
  emoji?: string,
): APIButtonComponentWithCustomId {
  const face = { ...(label === '' ? {} : { label }), ...(emoji === undefined ? {} : { emoji: { name: emoji } }) };
  return { type: ComponentType.Button, style, custom_id: customId(action, id), ...face };
}

/** One row of up to five buttons; no row without any. */
export function row(buttons: APIButtonComponentWithCustomId[]): APIActionRowComponent<APIComponentInMessageActionRow>[] {
  return buttons.length === 0 ? [] : [{ type: ComponentType.ActionRow, components: buttons }];
}

/** The error in one readable line, escaped, at most `max` units. Messages are whole sentences: the reason would only say it twice. */
export function errorLine(error: TaskError, max = 500): string {
  return line(error.message, max, 'No reason was given.');
}

/** "2 of 4" while it matters: null when the task has one attempt only, or none was made yet. */
export function attemptOf(task: Pick<Task, 'status' | 'attempt' | 'failures' | 'maxRetries'>): string | null {
  const most = task.maxRetries + 1;
  if (most === 1 || task.attempt === 0) return null;
  const current = task.status === 'failed' ? task.failures : task.failures + 1;
  return `${Math.max(1, Math.min(current, most))} of ${most}`;
}

/** Seconds that the last run took; null when it has not run or not ended. */
export function runSeconds(task: Pick<Task, 'startedAt' | 'finishedAt'>): number | null {
  if (task.startedAt === null || task.finishedAt === null) return null;
  return Math.max(0, (task.finishedAt.getTime() - task.startedAt.getTime()) / 1000);
}

/** Who did it, after a verb: ` by @somebody`; empty for what Guildhall does by itself. @param actor of an audit event, such as `person:<id>` */
export function actorWords(actor: string): string {
  const user = /^person:(\d{17,20})$/.exec(actor);
  if (user) return ` by ${person(user[1] as string)}`;
  return actor.startsWith('worker:') ? '' : actor === 'keeper' ? '' : ` by ${line(cut(actor, 40), 60)}`;
}
