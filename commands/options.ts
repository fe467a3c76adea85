/** Options that several commands share. */
import { PRIORITY_LOOKS, STATUS_LOOKS } from '../src/discord/cards/looks.js';

export const PRIORITY_CHOICES = [
  { name: PRIORITY_LOOKS.low.word, value: 'low' },
  { name: PRIORITY_LOOKS.medium.word, value: 'medium' },
  { name: PRIORITY_LOOKS.high.word, value: 'high' },
  { name: PRIORITY_LOOKS.critical.word, value: 'critical' },
] as const;

export const STATUS_CHOICES = [
  { name: STATUS_LOOKS.pending.word, value: 'pending' },
  { name: STATUS_LOOKS.in_progress.word, value: 'in_progress' },
  { name: STATUS_LOOKS.completed.word, value: 'completed' },
  { name: STATUS_LOOKS.failed.word, value: 'failed' },
  { name: STATUS_LOOKS.cancelled.word, value: 'cancelled' },
] as const;

/** The statuses that a cleanup removes. */
export const ENDED_CHOICES = [STATUS_CHOICES[2], STATUS_CHOICES[3], STATUS_CHOICES[4]] as const;

/** Types of channels in which tasks live: text, voice, announcements, threads, stages. */
export const TASK_CHANNELS = [0, 2, 5, 10, 11, 12, 13] as const;
