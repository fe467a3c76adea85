/**
 * The edit lane of a channel: brings one card after the other up to date. Final states go first, then other changes of state, then the board, then
 * progress, then places in the queue; what is sent is read at the moment in which it may be sent, so that the newest state wins.
 */
import { recordMessageGone, recordShown, recordUndeliverable } from '../../store/announcements/cards.js';
import { type DueEdit, dueEdits, type Running, runningCards, stalePlaces } from '../../store/announcements/due.js';
import type { Outcome } from '../rest/outcome.js';
import { closeBoard, considerBoard, editBoard } from './board.js';
import { type CardBody, cardRequest, readCard, type Variant } from './bodies.js';
import { type Channel, guarded, persist } from './channel.js';
import type { Desk } from './desk.js';
import { idOfTime, progressEveryMs, timeOfId } from './options.js';
import { reasonOf, refusalOf } from './refusals.js';

/** Enough to find one that is not resting; more would only be read again. */
const LOOK_AHEAD = 30;
/** With fewer final cards waiting than this, the board gets its turn now and then. */
const FEW = 30;
/** How often it is looked whether a card with an old message is due. */
const OLD_LOOK_MS = 1_000;

/** Does the most important edit that is due and may be sent now. @returns milliseconds until it makes sense to look again; 0: at once. */
export async function editStep(desk: Desk, channel: Channel): Promise<number> {
  const path = editPath(channel.id);
  const wait = desk.rest.delayMs('PATCH', path) - desk.pacing.prepareMs;
  if (wait > 0) return wait;
  const fresh = (await due(desk, channel, false)).filter((card) => !channel.isResting(card.cardId));
  const old = await dueOld(desk, channel);
  if (old?.final) return editCard(desk, channel, old, { old: true });
  const finals = fresh.filter((card) => card.final);
  if (finals.length > 0) {
    if (finals.length < FEW && (await starvingBoard(desk, channel))) return 0;
    return editCard(desk, channel, finals[0] as DueEdit, {});
  }
  const changed = fresh.find((card) => card.kind === 'task');
  if (changed !== undefined) return editCard(desk, channel, changed, {});
  if (old !== null) return editCard(desk, channel, old, { old: true });
  const [batch, batchWait] = paced(desk, fresh);
  if (batch !== null) return editCard(desk, channel, batch, { patient: true });
  return Math.min(batchWait, await quietStep(desk, channel));
}

/** Any message of the channel: edits share a bucket by channel. */
function editPath(channelId: string, messageId = '100000000000000000'): `/${string}` {
  return `/channels/${channelId}/messages/${messageId}`;
}

function due(desk: Desk, channel: Channel, old: boolean): Promise<DueEdit[]> {
  const limit = old ? 5 : LOOK_AHEAD;
  return dueEdits(desk.sql, channel.id, idOfTime(desk.clock.wall() - desk.pacing.oldMs), old, limit);
}

async function dueOld(desk: Desk, channel: Channel): Promise<DueEdit | null> {
  const now = desk.clock.now();
  if (now < channel.oldEditAt) return null;
  const card = (await due(desk, channel, true)).find((one) => !channel.isResting(one.cardId)) ?? null;
  if (card === null) channel.oldEditAt = now + OLD_LOOK_MS;
  return card;
}

/** Gives the board its turn when it has waited for long. @returns whether it was edited. */
async function starvingBoard(desk: Desk, channel: Channel): Promise<boolean> {
  const { board } = channel;
  if (board.messageId === null || desk.clock.now() - board.editedAt < desk.pacing.boardStarvesMs) return false;
  const running = await runningCards(desk.sql, channel.id);
  const starves = considerBoard(desk, channel, running).act === 'edit';
  board.editedAt = desk.clock.now();
  if (starves) await editBoard(desk, channel, running);
  return starves;
}

function everyMs(desk: Desk, messageId: string): number {
  return progressEveryMs(desk.pacing, desk.clock.wall() - timeOfId(messageId));
}

/** The one whose turn has been longest, and otherwise how long until the first turn comes. */
function paced<Card extends { messageId: string | null; shownMs: number | null }>(
  desk: Desk,
  cards: readonly Card[],
): [Card | null, number] {
  let first: Card | null = null;
  let overdue = 0;
  let wait = Number.POSITIVE_INFINITY;
  for (const card of cards) {
    if (card.messageId === null) continue;
    const left = everyMs(desk, card.messageId) - (card.shownMs ?? Number.POSITIVE_INFINITY);
    if (left > 0) wait = Math.min(wait, left);
    else if (first === null || -left > overdue) [first, overdue] = [card, -left];
  }
  return [first, wait];
}

/** Board, progress and places: what may wait. The last request of a bucket is left for ends. */
async function quietStep(desk: Desk, channel: Channel): Promise<number> {
  const wait = desk.rest.delayMs('PATCH', editPath(channel.id), 1);
  if (wait > 0) return wait;
  const running = await runningCards(desk.sql, channel.id);
  if (running.running > 0) channel.touch();
  const board = considerBoard(desk, channel, running);
  if (board.act === 'edit') return editBoard(desk, channel, running);
  if (board.act === 'close') return closeBoard(desk, channel);
  const next = await progressStep(desk, channel, running);
  if (next === 0) return 0;
  return Math.min(next, board.waitMs, await placeStep(desk, channel));
}

async function progressStep(desk: Desk, channel: Channel, { cards, running }: Running): Promise<number> {
  if (running > desk.pacing.boardAbove) return Number.POSITIVE_INFINITY;
  const behind = cards.filter((card) => card.behind && !channel.isResting(card.cardId));
  const [card, wait] = paced(desk, behind);
  if (card === null || card.messageId === null) return wait;
  const old = desk.clock.wall() - timeOfId(card.messageId) > desk.pacing.oldMs;
  if (old && desk.clock.now() < channel.oldEditAt) return channel.oldEditAt - desk.clock.now();
  await editCard(desk, channel, { ...card, messageId: card.messageId }, { old, patient: true });
  return 0;
}

async function placeStep(desk: Desk, channel: Channel): Promise<number> {
  const wait = channel.placeAt - desk.clock.now();
  if (wait > 0) return wait;
  const stale = await stalePlaces(desk.sql, channel.id, desk.pacing.placeStaleMs, 3);
  channel.placeAt = desk.clock.now() + desk.pacing.placeEveryMs;
  const fresh = stale.find(
    (card) => !channel.isResting(card.cardId) && desk.clock.wall() - timeOfId(card.messageId) < desk.pacing.oldMs,
  );
  if (fresh === undefined) return desk.pacing.placeEveryMs;
  return editCard(desk, channel, fresh, { patient: true });
}

type Failed = Exclude<Outcome<never>, { kind: 'ok' }>;
type Target = Pick<DueEdit, 'cardId' | 'kind' | 'messageId' | 'atChannelId'>;

/** Sends the newest state of a card to its message, if Discord does not show it already. */
function editCard(desk: Desk, channel: Channel, target: Target, how: { old?: boolean; patient?: boolean }): Promise<number> {
  return guarded(desk, channel, target.cardId, async () => {
    if (how.old) channel.oldEditAt = desk.clock.now() + desk.pacing.oldEditEveryMs;
    if (channel.unseen && target.atChannelId === channel.id) return moveCard(desk, channel, target);
    for (;;) {
      const variant = channel.variantOf(target.cardId);
      const sent = await sendEdit(desk, channel, target, variant, how.patient ?? false);
      if (sent.kind === 'done') return 0;
      const weaker = weaken(variant, sent.failed, sent.body);
      if (weaker === null) return editFailed(desk, channel, target, sent.body, sent.failed, how.old ?? false);
      channel.rememberVariant(target.cardId, weaker);
    }
  });
}

/** The message is lost: the post lane makes a new one, there or elsewhere. */
async function moveCard(desk: Desk, channel: Channel, { cardId, messageId, atChannelId }: Target): Promise<number> {
  await recordMessageGone(desk.sql, cardId, messageId, atChannelId === channel.id ? null : atChannelId);
  channel.posts.wake();
  return 0;
}

type Sent = { kind: 'done' } | { kind: 'failed'; failed: Failed; body: CardBody };

async function sendEdit(desk: Desk, channel: Channel, target: Target, variant: Variant, patient: boolean): Promise<Sent> {
  const readAt = desk.clock.now();
  let body = await currentBody(desk, channel, target, variant);
  if (body === null) return { kind: 'done' };
  const permit = await desk.rest.permit('PATCH', editPath(target.atChannelId, target.messageId), channel.signal, patient);
  if (permit === null) return { kind: 'done' };
  let sending = false;
  try {
    if (desk.clock.now() - readAt > desk.pacing.staleMs) body = await currentBody(desk, channel, target, variant);
    if (body === null) return { kind: 'done' };
    const request = await cardRequest(desk, body, { create: false });
    sending = true;
    const outcome = await permit.send<unknown>(request);
    if (outcome.kind !== 'ok') return { kind: 'failed', failed: outcome, body };
  } finally {
    if (!sending) permit.release();
  }
  channel.fine();
  const sent = body;
  await persist(desk, channel, () => confirm(desk, channel, target, sent));
  return { kind: 'done' };
}

/** What the card is to show now; null when its message shows that already, or is no longer its message. */
async function currentBody(desk: Desk, channel: Channel, target: Target, variant: Variant): Promise<CardBody | null> {
  const body = await readCard(desk, target.cardId, target.kind, variant);
  if (body === null) await recordUndeliverable(desk.sql, target.cardId, 'It was removed.');
  if (body === null || body.card.messageId !== target.messageId || channel.gone) return null;
  if (body.hash !== body.card.shownHash) return body;
  await confirm(desk, channel, target, body);
  return null;
}

async function confirm(desk: Desk, channel: Channel, { cardId, messageId }: Target, body: CardBody): Promise<void> {
  const { card, hash, progressAt, files } = body;
  const shown = { cardId, messageId, revision: card.revision, progressAt, hash, files };
  if ((await recordShown(desk.sql, shown, channel.fence)) === 'overtaken') channel.lose();
}

/** What to try with less in it, or null when that cannot help. */
export function weaken(variant: Variant, failed: Failed, body: CardBody): Variant | null {
  if (failed.kind !== 'refused') return null;
  const refusal = refusalOf(failed);
  const hasFiles = (body.rendered.files?.length ?? 0) > 0;
  if (hasFiles && (refusal === 'too_large' || refusal === 'other' || failed.code === 50013)) return { ...variant, files: false };
  if (!variant.plain && (refusal === 'moderated' || refusal === 'other')) return { plain: true, files: false };
  return null;
}

async function editFailed(
  desk: Desk,
  channel: Channel,
  target: Target,
  body: CardBody,
  failed: Failed,
  old: boolean,
): Promise<number> {
  if (failed.kind === 'rate_limited' && old) return pauseOldEdits(desk, channel, failed.retryAfterMs);
  if (failed.kind !== 'refused') {
    const waitMs = channel.trouble('edit', failed);
    // After the wait another card goes first: the trouble may be with this one alone.
    channel.rest(target.cardId, waitMs + 50);
    return waitMs;
  }
  const redirected = target.atChannelId !== channel.id;
  switch (refusalOf(failed)) {
    case 'message_gone':
    case 'not_editable':
    case 'person_closed':
      return moveCard(desk, channel, target);
    case 'channel_closed':
      if (!redirected && failed.code !== 50013) channel.close(failed);
      return moveCard(desk, channel, target);
    case 'old_edits':
      return pauseOldEdits(desk, channel, 0);
    case 'trouble':
    case 'token':
      return channel.trouble('edit', failed);
    case 'moderated':
    case 'too_large':
    case 'other':
      desk.log.error({ cardId: target.cardId, reason: reasonOf(failed), revision: body.card.revision }, 'a card cannot be shown');
      await recordUndeliverable(desk.sql, target.cardId, reasonOf(failed));
      return 0;
  }
}

function pauseOldEdits(desk: Desk, channel: Channel, retryAfterMs: number): number {
  channel.oldEditAt = desk.clock.now() + Math.max(desk.pacing.oldPauseMs, retryAfterMs);
  desk.log.info({ channelId: channel.id }, 'Discord limits edits of old messages here; they wait');
  return 0;
}
