/** From a card's id to the body that shows its newest state. */
import { createHash } from 'node:crypto';
import { batchCardData, type CardState, fileBytes, taskCardData } from '../../store/announcements/views.js';
import { renderBatchCard } from '../cards/batch-card.js';
import type { CardFile, Rendered } from '../cards/parts.js';
import { renderTaskCard } from '../cards/task-card.js';
import type { RestRequest } from '../rest/rest.js';
import type { Desk } from './desk.js';

/** How much of a card is sent: less when Discord refused more. */
export interface Variant {
  plain: boolean;
  files: boolean;
}

export const FULL: Variant = { plain: false, files: true };

export interface CardBody {
  card: CardState;
  rendered: Rendered;
  hash: string;
  progressAt: Date | null;
  /** Run whose files belong to this state; null when there are none. */
  files: number | null;
}

/** Reads and renders the card as it stands now; null when its task or batch no longer exists. */
export async function readCard(desk: Desk, cardId: string, kind: 'task' | 'batch', variant: Variant): Promise<CardBody | null> {
  return kind === 'task' ? readTaskCard(desk, cardId, variant) : readBatchCard(desk, cardId, variant);
}

async function readTaskCard(desk: Desk, cardId: string, variant: Variant): Promise<CardBody | null> {
  const data = await taskCardData(desk.sql, cardId);
  if (data === null) return null;
  const { card, task, progress, files, now } = data;
  const waitsForTurn = task.status === 'pending' && task.waitingFor === null;
  const place = waitsForTurn ? ((await desk.place([task.id])).get(task.id) ?? null) : null;
  const rendered = placed(
    card,
    renderTaskCard({
      task,
      progress,
      place,
      agentName: desk.agentName(task.agentId),
      files,
      now,
      plain: variant.plain,
    }),
  );
  if (!variant.files) delete rendered.files;
  const shownFiles = (rendered.files?.length ?? 0) > 0 ? task.attempt : null;
  return { card, rendered, hash: hashOf(rendered), progressAt: progress?.updatedAt ?? null, files: shownFiles };
}

async function readBatchCard(desk: Desk, cardId: string, variant: Variant): Promise<CardBody | null> {
  const data = await batchCardData(desk.sql, cardId);
  if (data === null) return null;
  const { card, batch, createdAt, failed } = data;
  const agentName = desk.agentName(batch.agentId);
  const rendered = placed(
    card,
    renderBatchCard({ batch, requesterId: card.requesterId, createdAt, agentName, failed, plain: variant.plain }),
  );
  return { card, rendered, hash: hashOf(rendered), progressAt: null, files: null };
}

/**
 * The card as it fits the place where it is shown. Who presses a button in a direct message has no guild there, so a guild's task would be "not found":
 * a card that had to move has none.
 */
function placed({ channelId, atChannelId }: CardState, rendered: Rendered): Rendered {
  return channelId === atChannelId ? rendered : { ...rendered, components: [] };
}

function hashOf(rendered: Rendered): string {
  return createHash('sha256').update(JSON.stringify(rendered)).digest('base64url');
}

/**
 * The request that shows the card. Files go along only when the message does not have them yet: an edit that does not name attachments
 * keeps those that are there, one that names none removes them.
 */
export async function cardRequest(desk: Desk, body: CardBody, options: { create: boolean }): Promise<RestRequest> {
  const { files: wanted, ...message } = body.rendered;
  const present = options.create ? null : body.card.shownFiles;
  if (wanted === undefined || wanted.length === 0) return { body: present === null ? message : { ...message, attachments: [] } };
  if (present !== null && present === body.files) return { body: message };
  const files = await load(desk, wanted);
  const attachments = files.map((file, index) => ({ id: index, filename: file.name }));
  return { body: { ...message, attachments }, files };
}

async function load(desk: Desk, wanted: readonly CardFile[]): Promise<NonNullable<RestRequest['files']>> {
  const ids = wanted.flatMap((file) => ('fileId' in file.source ? [file.source.fileId] : []));
  const stored = ids.length === 0 ? new Map<string, Buffer>() : await fileBytes(desk.sql, ids);
  return wanted.flatMap(({ name, contentType, source }) => {
    const data = 'text' in source ? source.text : stored.get(source.fileId);
    return data === undefined ? [] : [{ name, contentType, data }];
  });
}
