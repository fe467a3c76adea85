import type { APIAttachment } from 'discord-api-types/v10';
import type { PlaygroundClock } from '../api.js';

/** A file that a person has chosen but not posted yet is kept this long. */
const KEPT_MS = 60 * 60_000;

/** Files between choosing and posting. */
export interface UploadDesk {
  /** `userId` undefined: whoever sits at the page may use it, as whichever person. */
  put(userId: string | undefined, attachment: APIAttachment): void;
  /** The upload when this person may use it; undefined when there is none with this id. */
  take(userId: string, id: string): APIAttachment | undefined;
}

/** A desk in memory; `forget` is told of files that nobody posted in time. */
export function createUploadDesk(clock: PlaygroundClock, forget: (id: string) => void): UploadDesk {
  const waiting = new Map<string, { userId: string | undefined; attachment: APIAttachment; at: number }>();
  return {
    put(userId, attachment) {
      for (const [id, one] of waiting) {
        if (clock.now() - one.at <= KEPT_MS) continue;
        waiting.delete(id);
        forget(id);
      }
      waiting.set(attachment.id, { userId, attachment, at: clock.now() });
    },
    take(userId, id) {
      const one = waiting.get(id);
      if (!one || (one.userId !== undefined && one.userId !== userId)) return undefined;
      waiting.delete(id);
      return one.attachment;
    },
  };
}
