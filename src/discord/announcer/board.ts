/** The board of a busy channel: made when many tasks run, edited now and then, deleted when it is quiet again. */
import type { Running } from '../../store/announcements/due.js';
import { beginBoard, recordBoard } from '../../store/announcements/leases.js';
import { BOARD_FOOTER, renderBoard } from '../cards/board.js';
import { messageLink, type Rendered } from '../cards/parts.js';
import type { Outcome } from '../rest/outcome.js';
import { type Channel, persist } from './channel.js';
import { type Desk, nonceOf } from './desk.js';
import { refusalOf } from './refusals.js';

/** Decides what the board needs; `waitMs` is when to look again. */
export function considerBoard(
  desk: Desk,
  { board, closed, posts, pendingBoard }: Channel,
  running: Running,
): { act: 'edit' | 'close' | 'none'; waitMs: number } {
  const now = desk.clock.now();
  const { boardAbove, boardEveryMs, boardCloseMs } = desk.pacing;
  if (running.running > boardAbove) {
    board.calmSince = null;
    if (board.messageId === null) {
      if (closed === null && !board.wanted) {
        board.wanted = true;
        posts.wake();
      }
      return { act: 'none', waitMs: boardEveryMs };
    }
    const wait = board.editedAt + boardEveryMs - now;
    return wait > 0 ? { act: 'none', waitMs: wait } : { act: 'edit', waitMs: 0 };
  }
  // One whose creation has no known outcome must be found before it can go.
  board.wanted = pendingBoard !== null;
  if (board.messageId === null) return { act: 'none', waitMs: Number.POSITIVE_INFINITY };
  board.calmSince ??= now;
  const wait = board.calmSince + boardCloseMs - now;
  return wait > 0 ? { act: 'none', waitMs: wait } : { act: 'close', waitMs: 0 };
}

function render({ board }: Channel, running: Running): Rendered {
  const entries = running.cards.map((card) => ({
    title: card.title,
    requesterId: card.requesterId,
    percent: card.percent,
    step: card.step,
    link: card.messageId === null ? null : messageLink(card.guildId, card.atChannelId, card.messageId),
  }));
  return renderBoard({ entries, running: running.running, waiting: running.waiting, plain: board.plain });
}

export async function editBoard(desk: Desk, channel: Channel, running: Running): Promise<number> {
  const { board } = channel;
  const body = render(channel, running);
  const hash = JSON.stringify(body);
  board.editedAt = desk.clock.now();
  if (hash === board.hash || board.messageId === null) return 0;
  const outcome = await desk.rest.request(
    'PATCH',
    `/channels/${channel.id}/messages/${board.messageId}`,
    { body },
    channel.signal,
  );
  board.editedAt = desk.clock.now();
  if (outcome.kind === 'ok') {
    board.hash = hash;
    channel.fine();
    return 0;
  }
  return boardFailed(desk, channel, outcome);
}

async function boardFailed(desk: Desk, channel: Channel, failed: Exclude<Outcome<never>, { kind: 'ok' }>): Promise<number> {
  const { board } = channel;
  if (failed.kind !== 'refused') return channel.trouble('board', failed);
  const refusal = refusalOf(failed);
  if (refusal === 'trouble' || refusal === 'token') return channel.trouble('board', failed);
  if (refusal === 'moderated' && !board.plain) {
    board.plain = true;
    return 0;
  }
  if (refusal !== 'message_gone') channel.close(failed);
  board.messageId = null;
  board.wanted = false;
  channel.pendingBoard = null;
  await recordBoard(desk.sql, channel.id, null);
  return 0;
}

export async function closeBoard(desk: Desk, channel: Channel): Promise<number> {
  const { board } = channel;
  const outcome = await desk.rest.request('DELETE', `/channels/${channel.id}/messages/${board.messageId}`, {}, channel.signal);
  const stays = outcome.kind === 'refused' && ['trouble', 'token'].includes(refusalOf(outcome));
  if (outcome.kind !== 'ok' && (outcome.kind !== 'refused' || stays)) return channel.trouble('board', outcome);
  board.messageId = null;
  board.hash = null;
  board.calmSince = null;
  await persist(desk, channel, () => recordBoard(desk.sql, channel.id, null));
  return 0;
}

/** Posts the board that is wanted. Silent: it is no news to anybody. */
export async function postBoard(desk: Desk, channel: Channel, running: Running): Promise<number> {
  const { fence } = channel;
  const now = desk.clock.now();
  if (channel.pendingBoard !== null && now - channel.pendingBoard.sentAt > desk.pacing.nonceMs) return findBoard(desk, channel);
  const pending = channel.pendingBoard ?? { nonce: nonceOf('b', channel.id, fence.fence, now), sentAt: now };
  if (!(await beginBoard(desk.sql, channel.id, fence.holder, fence.fence, pending.nonce))) {
    channel.lose();
    return 0;
  }
  channel.pendingBoard = pending;
  const rendered = render(channel, running);
  const body = { ...rendered, nonce: pending.nonce, enforce_nonce: true, flags: SILENT };
  const outcome = await desk.rest.request<{ id: string }>('POST', `/channels/${channel.id}/messages`, { body }, channel.signal);
  if (outcome.kind !== 'ok') return boardFailed(desk, channel, outcome);
  channel.fine();
  await keepBoard(desk, channel, outcome.body.id, JSON.stringify(rendered));
  return 0;
}

/** SUPPRESS_NOTIFICATIONS */
const SILENT = 1 << 12;

async function findBoard(desk: Desk, channel: Channel): Promise<number> {
  const pending = channel.pendingBoard;
  if (pending === null) return 0;
  const seconds = (desk.clock.now() - pending.sentAt) / 1000;
  const isBoard = (message: { nonce?: string | number; embeds: { footer?: { text: string } }[] }) =>
    message.nonce === pending.nonce || message.embeds[0]?.footer?.text === BOARD_FOOTER;
  const found = await desk.findOwn(channel.id, seconds, isBoard, channel.signal);
  if (found.kind !== 'ok') return boardFailed(desk, channel, found);
  await keepBoard(desk, channel, found.body, null);
  return 0;
}

async function keepBoard(desk: Desk, channel: Channel, messageId: string | null, hash: string | null): Promise<void> {
  const { board } = channel;
  channel.pendingBoard = null;
  board.messageId = messageId;
  board.hash = hash;
  board.wanted = false;
  board.editedAt = hash === null ? 0 : desk.clock.now();
  channel.edits.wake();
  await persist(desk, channel, () => recordBoard(desk.sql, channel.id, messageId));
}
