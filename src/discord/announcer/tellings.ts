/**
 * Telling the requesters: one new message for each end, or for many that fall together. What was sent without a known outcome goes first, with the
 * same nonce; then the oldest.
 */
import type { APIMessage } from 'discord-api-types/v10';
import {
  beginTelling,
  type CompletionKey,
  type DueCompletion,
  dueCompletions,
  endTelling,
  recordTold,
} from '../../store/announcements/completions.js';
import { fullCounts } from '../../store/announcements/views.js';
import { countsLine } from '../cards/batch-card.js';
import { type CompletionView, renderCompletions, renderDigest, type Telling, type Told } from '../cards/completions.js';
import { messageLink } from '../cards/parts.js';
import type { Outcome } from '../rest/outcome.js';
import { type Channel, persist } from './channel.js';
import { type Desk, markOf, nonceOf } from './desk.js';
import { reasonOf, refusalOf } from './refusals.js';

/** All that may be due at once in a channel with the largest limit. */
const READ = 1_000;

interface View extends CompletionView, CompletionKey {}

/** Where a message goes. */
interface Target {
  where: 'c' | 'd';
  channelId: string;
  telling: Telling;
}

/** Tells the next ends of the channel. @returns milliseconds to wait, or `nothing` when nobody waits to hear. */
export async function tellStep(desk: Desk, channel: Channel): Promise<number | 'nothing'> {
  const few = await dueCompletions(desk.sql, channel.id, desk.pacing.digestAbove + 1);
  const rows = few.length > desk.pacing.digestAbove ? await dueCompletions(desk.sql, channel.id, READ, false) : few;
  const first = rows[0];
  if (first === undefined) return 'nothing';
  const removed = rows.filter((row) => row.title === null);
  if (removed.length > 0) {
    await recordTold(desk.sql, removed, 'undeliverable: it was removed', null);
    return 0;
  }
  if (first.nonce !== null) {
    const group = rows.filter((row) => row.nonce === first.nonce);
    return repeat(desk, channel, group, first.nonce);
  }
  const fresh = rows.filter((row) => row.nonce === null);
  return channel.closed === null ? tellChannel(desk, channel, fresh) : tellPerson(desk, channel, fresh, channel.closed);
}

function viewOf(row: DueCompletion): View {
  const counts = fullCounts(row.counts);
  const ran = row.startedAt !== null && row.finishedAt !== null;
  return {
    cardId: row.cardId,
    ending: row.ending,
    id: row.taskId ?? row.cardId,
    kind: row.taskId === null ? 'batch' : 'task',
    // A batch has the look of its worst task, as its card has.
    status: row.taskId === null && counts.failed > 0 ? 'failed' : row.status,
    requesterId: row.requesterId,
    title: row.title ?? '',
    endedAt: row.createdAt,
    link:
      row.messageId === null
        ? null
        : messageLink(row.atChannelId === null ? row.guildId : null, row.atChannelId ?? row.channelId, row.messageId),
    seconds: ran ? ((row.finishedAt as Date).getTime() - (row.startedAt as Date).getTime()) / 1000 : null,
    error: row.error,
    cancelled: row.cancelledBy === null ? null : { by: row.cancelledBy, reason: row.cancelReason },
    result: row.result,
    counts: row.taskId === null ? countsLine({ counts }) : null,
  };
}

/** One message for the first of these: few as embeds, many as a digest. */
function compose(desk: Desk, views: readonly View[], telling: Telling): Told<View> {
  return views.length > desk.pacing.digestAbove ? renderDigest(views, telling) : renderCompletions(views, telling);
}

/** One message for exactly these. */
function composeAll(desk: Desk, views: readonly View[], telling: Telling): Told<View> {
  const message = compose(desk, views, telling);
  return message.told.length === views.length ? message : renderDigest(views, telling);
}

async function tellChannel(desk: Desk, channel: Channel, rows: readonly DueCompletion[]): Promise<number> {
  const target: Target = { where: 'c', channelId: channel.id, telling: {} };
  return tellNew(desk, channel, compose(desk, rows.map(viewOf), {}).told, target);
}

/** The channel is closed: the first requester hears everything in a direct message. */
async function tellPerson(desk: Desk, channel: Channel, rows: readonly DueCompletion[], reason: string): Promise<number> {
  const requesterId = (rows[0] as DueCompletion).requesterId;
  const own = rows.filter((row) => row.requesterId === requesterId);
  const target = (rows[0] as DueCompletion).guildId === null ? null : await directTarget(desk, channel, requesterId);
  if (target === null) return untellable(desk, channel, own, reason);
  if (target.kind !== 'ok') {
    const passes = target.kind !== 'refused' || ['trouble', 'token'].includes(refusalOf(target));
    if (passes) return channel.trouble('direct message', target);
    return untellable(desk, channel, own, `${reason}; direct message: ${reasonOf(target)}`);
  }
  return tellNew(desk, channel, compose(desk, own.map(viewOf), target.body.telling).told, target.body);
}

async function directTarget(desk: Desk, channel: Channel, requesterId: string): Promise<Outcome<Target>> {
  const direct = await desk.directChannel(requesterId, channel.signal);
  if (direct.kind !== 'ok') return direct;
  return { kind: 'ok', body: { where: 'd', channelId: direct.body, telling: { insteadOf: channel.id } } };
}

async function untellable(desk: Desk, channel: Channel, keys: readonly CompletionKey[], reason: string): Promise<number> {
  desk.log.warn({ channelId: channel.id, ends: keys.length, reason }, 'ends cannot be told');
  await recordTold(desk.sql, keys, `undeliverable: ${reason}`, null);
  return 0;
}

/** Waits for room, notes what is sent, and sends it. */
async function tellNew(desk: Desk, channel: Channel, views: readonly View[], target: Target): Promise<number> {
  const first = views[0];
  if (first === undefined) return 0;
  const nonce = nonceOf(target.where, ...views.flatMap((view) => [view.cardId, view.ending]), desk.clock.wall());
  const begun = await beginTelling(desk.sql, views, nonce, channel.fence);
  if (begun.length === 0) return 50;
  const kept = new Set(begun.map((key) => `${key.cardId}:${key.ending}`));
  const still = views.filter((view) => kept.has(`${view.cardId}:${view.ending}`));
  return send(desk, channel, still, nonce, target);
}

/** Sent before, with no known outcome: with the same nonce while Discord remembers it; after that the channel is read first. */
async function repeat(desk: Desk, channel: Channel, rows: readonly DueCompletion[], nonce: string): Promise<number> {
  const first = rows[0] as DueCompletion;
  const views = rows.map(viewOf);
  const direct = nonce.startsWith('d') ? await directTarget(desk, channel, first.requesterId) : null;
  if (direct !== null && direct.kind !== 'ok') return failed(desk, channel, views, direct, 'd');
  const target: Target = direct?.body ?? { where: 'c', channelId: channel.id, telling: {} };
  const seconds = first.sentSeconds ?? 0;
  if (seconds * 1000 <= desk.pacing.nonceMs) return send(desk, channel, views, nonce, target);
  const mark = markOf(composeAll(desk, views, target.telling).body.embeds);
  const isOurs = (message: APIMessage) => message.nonce === nonce || markOf(message.embeds) === mark;
  const found = await desk.findOwn(target.channelId, seconds, isOurs, channel.signal);
  if (found.kind !== 'ok') return failed(desk, channel, views, found, target.where);
  if (found.body === null) await endTelling(desk.sql, views);
  else await told(desk, channel, views, target, found.body);
  return 0;
}

async function told(desk: Desk, channel: Channel, views: readonly View[], target: Target, messageId: string): Promise<void> {
  const how = target.where === 'c' ? 'channel' : 'direct_message';
  await persist(desk, channel, () => recordTold(desk.sql, views, how, messageId));
}

async function send(desk: Desk, channel: Channel, views: readonly View[], nonce: string, target: Target): Promise<number> {
  let telling = target.telling;
  for (;;) {
    const permit = await desk.rest.permit('POST', `/channels/${target.channelId}/messages`, channel.signal);
    if (permit === null) return 0;
    if (channel.gone) {
      permit.release();
      return 0;
    }
    const { body } = composeAll(desk, views, telling);
    const outcome = await permit.send<APIMessage>({ body: { ...body, nonce, enforce_nonce: true } });
    if (outcome.kind === 'ok') {
      channel.fine();
      await told(desk, channel, views, target, outcome.body.id);
      return 0;
    }
    const plainer = outcome.kind === 'refused' && !telling.plain && ['moderated', 'other'].includes(refusalOf(outcome));
    if (!plainer) return failed(desk, channel, views, outcome, target.where);
    telling = { ...telling, plain: true };
  }
}

async function failed(
  desk: Desk,
  channel: Channel,
  views: readonly View[],
  outcome: Exclude<Outcome<never>, { kind: 'ok' }>,
  where: Target['where'],
): Promise<number> {
  // Only an unknown outcome keeps its nonce; otherwise there is no such message, and more may be told with the next one.
  if (outcome.kind === 'unknown') return channel.trouble('completion', outcome);
  if (outcome.kind !== 'refused') {
    await endTelling(desk.sql, views);
    return channel.trouble('completion', outcome);
  }
  const refusal = refusalOf(outcome);
  if (refusal === 'trouble' || refusal === 'token') {
    await endTelling(desk.sql, views);
    return channel.trouble('completion', outcome);
  }
  if (where === 'c' && refusal === 'channel_closed') {
    channel.close(outcome);
    await endTelling(desk.sql, views);
    return 0;
  }
  return untellable(desk, channel, views, reasonOf(outcome));
}
