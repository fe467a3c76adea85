/** What Discord's refusals mean for an announcement: the one table of expected error codes. */
import type { Outcome } from '../rest/outcome.js';

/**
 * - `message_gone` the message was deleted: a new card
 * - `not_editable` it is there but can no longer be changed: a new card
 * - `channel_closed` the bot may not write there, or it is gone: a direct message
 * - `person_closed` the person takes no direct messages: undeliverable
 * - `moderated` AutoMod: again without what people and agents wrote
 * - `too_large` files: again without them
 * - `old_edits` the limit of edits of old messages: later
 * - `trouble` Discord's own: later
 * - `token` nothing can be sent any more
 * - `other` the body is not accepted: again in plain, else undeliverable
 */
export type Refusal =
  | 'message_gone'
  | 'not_editable'
  | 'channel_closed'
  | 'person_closed'
  | 'moderated'
  | 'too_large'
  | 'old_edits'
  | 'trouble'
  | 'token'
  | 'other';

const CODES: Readonly<Record<number, Refusal>> = {
  10008: 'message_gone',
  50005: 'not_editable',
  50083: 'not_editable',
  10003: 'channel_closed',
  10004: 'channel_closed',
  50001: 'channel_closed',
  50008: 'channel_closed',
  50013: 'channel_closed',
  160005: 'channel_closed',
  50007: 'person_closed',
  50278: 'person_closed',
  10013: 'person_closed',
  200000: 'moderated',
  200001: 'moderated',
  240000: 'moderated',
  40005: 'too_large',
  30046: 'old_edits',
  40003: 'trouble',
  130000: 'trouble',
};

type Refused = Extract<Outcome<never>, { kind: 'refused' }>;

export function refusalOf({ status, code }: Refused): Refusal {
  if (status === 401) return 'token';
  const known = CODES[code];
  if (known !== undefined) return known;
  if (status === 413) return 'too_large';
  // Without a code of Discord's: a proxy before it.
  return code === 0 && status !== 400 ? 'trouble' : 'other';
}

/** The reason as it is recorded: Discord's words and code. */
export function reasonOf({ status, code, message }: Refused): string {
  return `${message.replace(/\s+/g, ' ').slice(0, 200)} (status ${status}, code ${code})`;
}
