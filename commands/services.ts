/** What the commands stand on. Built in src/guildhall.ts and handed in; nothing here is global. */
import type { Logger } from 'pino';
import type { Registry } from '../src/agents/registry.js';
import type { StatsChartData } from '../src/discord/charts/stats-chart.js';
import type { CopiedFile } from '../src/discord/router/attachments.js';
import type { AttachmentRef } from '../src/discord/router/options.js';
import type { Sql } from '../src/store/database.js';
import type { AdminService, TaskService } from '../src/tasks/service.js';

export interface Services {
  tasks: TaskService;
  admin: AdminService;
  agents: Registry;
  /** For drafts and settings only (src/store/interactions). */
  sql: Sql;
  /** Copies a file that came with an interaction (src/discord/router/attachments.ts). */
  readAttachment: (ref: AttachmentRef) => Promise<CopiedFile>;
  /** Makes the message the card, unless the announcer has posted one already (src/store/announcements). */
  recordPosted: (card: { cardId: string; messageId: string; revision: number }) => Promise<'recorded' | 'already' | 'missing'>;
  /** Gives the card back to the announcer: the answer did not arrive. */
  releaseReservation: (cardId: string) => Promise<void>;
  /** Statistics as a PNG (src/discord/charts). */
  drawStats: (data: StatsChartData) => Promise<Uint8Array>;
  /** Now, to show; what is due is decided by the database's clock. */
  clock: () => Date;
  /** Time-ordered ids (UUIDv7), for drafts. */
  newId: () => string;
  log: Logger;
}
