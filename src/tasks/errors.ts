/**
 * The errors that a caller of the task service can meet. Each message is a sentence for a person: what happened and what to do.
 * Anything else that is thrown is a defect and is shown only as "something went wrong".
 */
export type ErrorCode = 'not_found' | 'invalid' | 'forbidden' | 'conflict' | 'queue_full' | 'unavailable';

/** Base of all refusals. `code` is stable; `message` may be shown to a person as it is. */
export class GuildhallError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** There is no such task (or agent, or file), or the caller may not know of it. */
export class NotFoundError extends GuildhallError {
  constructor(message: string) {
    super('not_found', message);
  }
}

/** What was given breaks a rule. `fields` names each bad field, outermost first (`input.url`). */
export class InvalidError extends GuildhallError {
  readonly fields: readonly { field: string; problem: string }[];
  constructor(message: string, fields: readonly { field: string; problem: string }[] = []) {
    super('invalid', message);
    this.fields = fields;
  }
}

/** The caller may see it but not do this. */
export class ForbiddenError extends GuildhallError {
  constructor(message: string) {
    super('forbidden', message);
  }
}

/** The task is in a state in which this cannot be done. */
export class ConflictError extends GuildhallError {
  constructor(message: string) {
    super('conflict', message);
  }
}

/** A limit of the agent's queue or of the channel is reached; nothing was created. */
export class QueueFullError extends GuildhallError {
  constructor(message: string) {
    super('queue_full', message);
  }
}

/** A store cannot be reached now; nothing was changed as far as is known. */
export class UnavailableError extends GuildhallError {
  constructor(
    message = 'The database cannot be reached right now. Nothing was changed; please try again in a minute.',
    cause?: unknown,
  ) {
    super('unavailable', message, { cause });
  }
}
