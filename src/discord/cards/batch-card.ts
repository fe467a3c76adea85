/**
 * The card of a batch: one message for up to 100 tasks.
 */
import { type APIButtonComponentWithCustomId, ButtonStyle } from 'discord-api-types/v10';
import type { TaskError } from '../../tasks/model.js';
import type { Batch } from '../../tasks/service.js';
import { isFinal, STATUSES, type Status } from '../../tasks/states.js';
import { STATUS_LOOKS } from './looks.js';
import { bar, button, count, errorLine, NO_PINGS, person, type Rendered, row, stamp } from './parts.js';
import { line, shortId } from './text.js';

export interface BatchCardView {
  batch: Batch;
  requesterId: string;
  createdAt: Date;
  agentName: string;
  /** Failed tasks, oldest first; the first ten are named. */
  failed: readonly { title: string; error: TaskError | null }[];
  /** Leaves out what people or agents wrote. */
  plain?: boolean;
}

const NAMED = 10;

/** Tasks of the batch that have ended. */
export function ended(batch: Batch): number {
  return STATUSES.filter(isFinal).reduce((sum, status) => sum + batch.counts[status], 0);
}

/** The state of the batch as one status: the state of its worst task once all have ended. */
export function batchStatus(batch: Batch): Status {
  if (ended(batch) < batch.total) return batch.counts.in_progress > 0 || ended(batch) > 0 ? 'in_progress' : 'pending';
  if (batch.counts.failed > 0) return 'failed';
  return batch.counts.completed > 0 || batch.counts.cancelled === 0 ? 'completed' : 'cancelled';
}

/** Renders the card of a batch. Within Discord's limits for any batch; nothing in it pings. */
export function renderBatchCard(view: BatchCardView): Rendered {
  const { batch, requesterId, createdAt, agentName, plain } = view;
  const status = batchStatus(batch);
  const look = STATUS_LOOKS[status];
  const title = plain ? `Batch ${shortId(batch.id)}` : batch.title;
  return {
    embeds: [
      {
        title: `${look.emoji} ${line(title, 250)}`,
        description: [
          stateLine(view, status),
          bar((ended(batch) / Math.max(1, batch.total)) * 100),
          countsLine(batch),
          ...failedLines(view),
        ].join('\n'),
        color: look.colour,
        fields: [
          { name: 'Agent', value: plain ? line(batch.agentId, 100) : line(agentName, 200), inline: true },
          { name: 'Tasks', value: String(batch.total), inline: true },
          { name: 'Asked by', value: person(requesterId), inline: true },
        ],
        footer: { text: `Batch ${shortId(batch.id)}` },
        timestamp: createdAt.toISOString(),
      },
    ],
    components: row(batchButtons(batch)),
    allowed_mentions: NO_PINGS,
  };
}

function stateLine({ batch, createdAt }: BatchCardView, status: Status): string {
  if (status === 'pending') return `**Waiting for its turn** · asked for ${stamp(createdAt)}`;
  if (status === 'in_progress') return `**Running** · ${ended(batch)} of ${count(batch.total, 'task')} ended`;
  if (batch.counts.completed === batch.total) return `**All ${count(batch.total, 'task')} done**`;
  return `**Ended** · ${batch.counts.completed} of ${count(batch.total, 'task')} done`;
}

/** `✅ 40 done · ❌ 2 failed · ⏳ 58 waiting`, only what there is. */
export function countsLine(batch: Pick<Batch, 'counts'>): string {
  const order: readonly Status[] = ['completed', 'failed', 'cancelled', 'in_progress', 'pending'];
  return order
    .filter((status) => batch.counts[status] > 0)
    .map((status) => `${STATUS_LOOKS[status].emoji} ${batch.counts[status]} ${STATUS_LOOKS[status].counted}`)
    .join(' · ');
}

function failedLines({ batch, failed, plain }: BatchCardView): string[] {
  if (failed.length === 0 || plain) return [];
  const named = failed.slice(0, NAMED).map((task) => {
    const why = task.error === null ? '' : ` – ${errorLine(task.error, 140)}`;
    return `❌ ${line(task.title, 120)}${why}`;
  });
  const more = Math.max(batch.counts.failed, failed.length) - named.length;
  return ['', ...named, ...(more > 0 ? [`… and ${more} more; Details shows them all.`] : [])];
}

function batchButtons(batch: Batch): APIButtonComponentWithCustomId[] {
  const { failed, cancelled } = batch.counts;
  const open = batch.total - ended(batch);
  return [
    ...(open > 0
      ? [button(ButtonStyle.Danger, open === batch.total ? 'Cancel all' : 'Cancel the rest', 'batch-cancel', batch.id)]
      : []),
    ...(failed + cancelled > 0 && open === 0
      ? [button(ButtonStyle.Primary, failed > 0 ? `Retry failed (${failed})` : 'Retry', 'batch-retry', batch.id)]
      : []),
    button(ButtonStyle.Secondary, 'Details', 'batch-details', batch.id),
  ];
}
