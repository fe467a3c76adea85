/**
 * What a person has asked for so far. It is kept in Postgres while a form or a confirmation is open, since Discord's forms carry nothing
 * but a short id; files are kept as Discord's links, which live longer than a draft.
 */
import { z } from 'zod';
import { available } from '../../src/store/database.js';
import { readDraft, saveDraft, takeDraft } from '../../src/store/interactions/drafts.js';
import { InvalidError } from '../../src/tasks/errors.js';
import { type JsonObject, PRIORITIES } from '../../src/tasks/model.js';
import type { Services } from '../services.js';

const fileSchema = z.object({ url: z.string(), filename: z.string(), size: z.number(), contentType: z.string() });

const taskDraftSchema = z.object({
  kind: z.literal('task'),
  agentId: z.string(),
  title: z.string(),
  description: z.string().optional(),
  type: z.string().optional(),
  priority: z.enum(PRIORITIES).optional(),
  hold: z.boolean().optional(),
  maxRetries: z.number().optional(),
  timeoutSeconds: z.number().optional(),
  /** ISO time. */
  startAt: z.string().optional(),
  /** So long after now by this machine's clock, whatever that says: "in 10 minutes". */
  relative: z.boolean().optional(),
  /** The person has seen and confirmed the time. */
  timeConfirmed: z.boolean().default(false),
  /** The `input` option where it cannot be read at all. */
  unreadInput: z.string().optional(),
  /** Values given as JSON. */
  input: z.record(z.string(), z.unknown()).transform((value) => value as JsonObject),
  /** Values typed as text, by field; they win over `input`. */
  typed: z.record(z.string(), z.string()),
  files: z.array(fileSchema).max(10),
  metadata: z.record(z.string(), z.string()).default({}),
});
export type TaskDraft = z.output<typeof taskDraftSchema>;

const GONE =
  'What you had entered is no longer kept (that is so after an hour, or once the task has been created). Please use the command again.';

/** The person's draft. Throws InvalidError when it is gone. */
export async function loadDraft(services: Services, id: string, userId: string): Promise<TaskDraft> {
  return checked(isDraftId(id) ? await available(() => readDraft(services.sql, id, userId)) : undefined);
}

/** The same, and removes it: of two clicks only one gets it. */
export async function takeOutDraft(services: Services, id: string, userId: string): Promise<TaskDraft> {
  return checked(isDraftId(id) ? await available(() => takeDraft(services.sql, id, userId)) : undefined);
}

export async function keepDraft(services: Services, id: string, userId: string, draft: TaskDraft): Promise<void> {
  await available(() => saveDraft(services.sql, id, userId, draft));
}

/** Forged ids reach this place too. */
function isDraftId(id: string): boolean {
  return z.uuid().safeParse(id).success;
}

function checked(stored: unknown): TaskDraft {
  const parsed = taskDraftSchema.safeParse(stored);
  if (!parsed.success) throw new InvalidError(GONE);
  return parsed.data;
}
