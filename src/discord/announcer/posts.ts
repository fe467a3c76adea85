/**
 * The post lane of a channel: new messages, one after the other. Ends that somebody waits to hear of take turns with cards that have no message yet
 * (no interaction was answered with them, or theirs was deleted); a board comes last.
 */
import type { APIMessage } from 'discord-api-types/v10';
import { beginPost, endPost, recordMessageGone, recordPosted, recordUndeliverable } from '../../store/announcements/cards.js';
import { type DuePost, duePosts, runningCards } from '../../store/announcements/due.js';
import type { Outcome } from '../rest/outcome.js';
import { postBoard } from './board.js';
import { type CardBody, cardRequest, FULL, readCard, type Variant } from './bodies.js';
import { type Channel, guarded, persist } from './channel.js';
import { type Desk, markOf, nonceOf } from './desk.js';
import { weaken } from './edits.js';
import { reasonOf, refusalOf } from './refusals.js';
import { tellStep } from './tellings.js';

/** Posts the most important message that is due. @returns milliseconds until it makes sense to look again; 0: at once. */
export async function postStep(desk: Desk, channel: Channel): Promise<number> {
  const wait = channel.closed === null ? desk.rest.delayMs('POST', `/channels/${channel.id}/messages`) : 0;
  if (wait > 0) return wait;
  const [card] = (await duePosts(desk.sql, channel.id, 10)).filter((one) => !channel.isResting(one.cardId));
  if (card !== undefined && channel.cardsTurn) {
    channel.cardsTurn = false;
    return guarded(desk, channel, card.cardId, () => postCard(desk, channel, card));
  }
  const told = await tellStep(desk, channel);
  if (told !== 'nothing') {
    channel.cardsTurn = true;
    return told;
  }
  if (card !== undefined) return guarded(desk, channel, card.cardId, () => postCard(desk, channel, card));
  if (!channel.board.wanted || channel.closed !== null) return Number.POSITIVE_INFINITY;
  const running = await runningCards(desk.sql, channel.id);
  if (running.running > desk.pacing.boardAbove || channel.pendingBoard !== null) return postBoard(desk, channel, running);
  channel.board.wanted = false;
  return Number.POSITIVE_INFINITY;
}

type Failed = Exclude<Outcome<never>, { kind: 'ok' }>;

async function postCard(desk: Desk, channel: Channel, due: DuePost): Promise<number> {
  if (channel.closed !== null && !due.redirected) return redirect(desk, channel, due, channel.closed);
  const begun = await beginPost(desk.sql, due.cardId, channel.fence);
  if (begun === null) return checkFence(channel, due);
  const nonce = nonceOf('c', 'card', due.cardId, begun.attempt);
  // What answers an interaction has no nonce: whether that became the card is seen in the channel only.
  if (begun.expectedSeconds !== null) return findCard(desk, channel, due, nonce, begun.expectedSeconds);
  if (begun.sentSeconds * 1000 > desk.pacing.nonceMs) return findCard(desk, channel, due, nonce, begun.sentSeconds);
  for (;;) {
    const variant = channel.variantOf(due.cardId);
    const sent = await sendCard(desk, channel, due, { variant, nonce, again: begun.sentSeconds > 0 });
    if (sent.kind === 'done') return 0;
    const weaker = weaken(variant, sent.failed, sent.body);
    if (weaker === null) return postFailed(desk, channel, due, sent.failed);
    channel.rememberVariant(due.cardId, weaker);
  }
}

/** A card that could not be begun has got a message, is removed, or its channel is another's now: it is left alone for a moment. */
function checkFence(channel: Channel, due: DuePost): number {
  channel.rest(due.cardId, 1_000);
  return 0;
}

type Sent = { kind: 'done' } | { kind: 'failed'; failed: Failed; body: CardBody };

async function sendCard(
  desk: Desk,
  channel: Channel,
  due: DuePost,
  { variant, nonce, again }: { variant: Variant; nonce: string; again: boolean },
): Promise<Sent> {
  const permit = await desk.rest.permit('POST', `/channels/${due.atChannelId}/messages`, channel.signal);
  if (permit === null) return { kind: 'done' };
  let sending = false;
  try {
    const body = await readCard(desk, due.cardId, due.kind, variant);
    if (body === null) await recordUndeliverable(desk.sql, due.cardId, 'It was removed.');
    if (body === null || body.card.messageId !== null || channel.gone) return { kind: 'done' };
    const request = await cardRequest(desk, body, { create: true });
    sending = true;
    const outcome = await permit.send<APIMessage>({
      ...request,
      body: { ...(request.body as object), nonce, enforce_nonce: true },
    });
    if (outcome.kind !== 'ok') return { kind: 'failed', failed: outcome, body };
    channel.fine();
    await keepCard(desk, channel, due, outcome.body.id, again ? null : body);
    return { kind: 'done' };
  } finally {
    if (!sending) permit.release();
  }
}

/** Records the card's message. Without `body` it is not known which state the message shows: it is edited once more. */
async function keepCard(desk: Desk, channel: Channel, due: DuePost, messageId: string, body: CardBody | null): Promise<void> {
  const posted = {
    cardId: due.cardId,
    messageId,
    revision: body?.card.revision ?? 0,
    atChannelId: due.redirected ? due.atChannelId : null,
    progressAt: body?.progressAt ?? null,
    hash: body?.hash ?? null,
    files: body?.files ?? null,
  };
  const recorded = await persist(desk, channel, () => recordPosted(desk.sql, posted));
  channel.edits.wake();
  if (recorded === 'recorded') return;
  // The answer to the interaction became the card meanwhile, or the task was removed: this message is one too many.
  const gone = await desk.rest.request('DELETE', `/channels/${due.atChannelId}/messages/${messageId}`, {}, channel.signal);
  desk.log.info({ cardId: due.cardId, recorded, deleted: gone.kind }, 'a card was posted twice; the second was taken back');
}

async function findCard(desk: Desk, channel: Channel, due: DuePost, nonce: string, seconds: number): Promise<number> {
  const body = await readCard(desk, due.cardId, due.kind, FULL);
  if (body === null) {
    await recordUndeliverable(desk.sql, due.cardId, 'It was removed.');
    return 0;
  }
  const mark = markOf(body.rendered.embeds);
  const isCard = (message: APIMessage) => message.nonce === nonce || markOf(message.embeds) === mark;
  const found = await desk.findOwn(due.atChannelId, seconds, isCard, channel.signal);
  if (found.kind !== 'ok') return postFailed(desk, channel, due, found);
  if (found.body === null) await endPost(desk.sql, due.cardId, true);
  else await keepCard(desk, channel, due, found.body, null);
  return 0;
}

async function postFailed(desk: Desk, channel: Channel, due: DuePost, failed: Failed): Promise<number> {
  if (failed.kind !== 'refused') {
    if (failed.kind !== 'unknown') await endPost(desk.sql, due.cardId, false);
    return channel.trouble('card', failed);
  }
  switch (refusalOf(failed)) {
    case 'channel_closed':
    case 'person_closed': {
      const reason = due.redirected ? reasonOf(failed) : channel.close(failed);
      await endPost(desk.sql, due.cardId, true);
      return redirect(desk, channel, due, reason);
    }
    case 'trouble':
    case 'token':
      await endPost(desk.sql, due.cardId, false);
      return channel.trouble('card', failed);
    default:
      await undeliverable(desk, due, reasonOf(failed));
      return 0;
  }
}

async function undeliverable(desk: Desk, { cardId }: DuePost, reason: string): Promise<void> {
  desk.log.warn({ cardId, reason }, 'a card cannot be delivered');
  await recordUndeliverable(desk.sql, cardId, reason);
}

/** The channel is closed: the card goes to a direct message, unless it is ended (its end is told there anyway) or comes from one. */
async function redirect(desk: Desk, channel: Channel, due: DuePost, reason: string): Promise<number> {
  const body = due.redirected ? null : await readCard(desk, due.cardId, due.kind, FULL);
  if (body === null || body.card.final || body.card.guildId === null) {
    await undeliverable(desk, due, reason);
    return 0;
  }
  const direct = await desk.directChannel(body.card.requesterId, channel.signal);
  if (direct.kind === 'ok') {
    await recordMessageGone(desk.sql, due.cardId, null, direct.body);
    return 0;
  }
  const passes = direct.kind !== 'refused' || ['trouble', 'token'].includes(refusalOf(direct));
  if (passes) return channel.trouble('direct message', direct);
  await undeliverable(desk, due, `${reason}; direct message: ${reasonOf(direct)}`);
  return 0;
}
