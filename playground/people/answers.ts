import type { APIMessage } from 'discord-api-types/v10';
import type { Answer } from '../api.js';
import type { Core } from '../core.js';
import type { InteractionRecord, Outcome } from '../interactions/registry.js';

/** How long `settled` waits, in real time. */
const SETTLE_MS = 10_000;

/** Waits for the first content of a deferred answer. `isThere` tells whether it has come already. */
function whenSettled(core: Core, messageId: string, isThere: () => boolean): Promise<APIMessage> {
  const current = () => core.world.message(messageId)?.message;
  return new Promise((resolve, reject) => {
    const finish = (run: () => void) => {
      unsubscribe();
      clearTimeout(timer);
      run();
    };
    const check = () => {
      const message = current();
      if (!message) finish(() => reject(new Error('the deferred answer was deleted')));
      else if (isThere()) finish(() => resolve(structuredClone(message)));
    };
    const unsubscribe = core.bus.subscribe((event) => {
      if (event.type === 'message_update' || event.type === 'message_delete') check();
    });
    const timer = setTimeout(() => finish(() => reject(new Error('the deferred answer got no content within 10 s'))), SETTLE_MS);
    check();
  });
}

/** The answer as `Person` gives it, once the interaction has its outcome. */
export async function answerOf(core: Core, record: InteractionRecord): Promise<Answer> {
  const outcome: Outcome = await record.outcome;
  const { kind, latencyMs } = outcome;
  if (kind === 'failed' || kind === 'modal' || kind === 'choices') {
    const nothing = () => Promise.reject(new Error(`an answer of kind ${kind} has no message`));
    return { ...outcome, settled: nothing };
  }
  if (kind === 'message' || kind === 'update') {
    return { kind, latencyMs, message: outcome.message, settled: () => Promise.resolve(structuredClone(outcome.message)) };
  }
  const { messageId } = outcome;
  // A deferred update has its content with the first edit after it; remember one that comes before somebody asks.
  let edited = false;
  const unsubscribe = core.bus.subscribe((event) => {
    if (event.type !== 'message_update' || event.stored.message.id !== messageId) return;
    edited = true;
    unsubscribe();
  });
  const isThere = () => (kind === 'deferred' ? !core.world.message(messageId)?.thinking : edited);
  const answer: Answer = {
    kind,
    latencyMs,
    async settled() {
      answer.message = await whenSettled(core, messageId, isThere);
      return answer.message;
    },
  };
  return answer;
}
