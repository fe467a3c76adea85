/**
 * The `custom_id` of buttons, selects and forms: stateless, versioned, validated. Whoever forges one gains nothing: permissions are checked again
 * at each click. Form: `t1:<action>:<id>[:<argument>]`, at most 100 characters; `<id>` is a task, batch or draft id, or `-`.
 */
const VERSION = 't1';
const PATTERN = /^t1:([a-z][a-z0-9-]{0,30}):([0-9a-f-]{1,36})(?::([A-Za-z0-9_.,~=-]{1,50}))?$/;

export interface CustomId {
  action: string;
  id: string;
  argument: string | null;
}

/** Builds a custom_id. Throws RangeError when a part does not fit the form: that is a defect of the caller. */
export function customId(action: string, id: string, argument?: string): string {
  const built = [VERSION, action, id, ...(argument === undefined ? [] : [argument])].join(':');
  if (!PATTERN.test(built)) throw new RangeError(`not a custom_id: ${built}`);
  return built;
}

/** Parses what came from Discord; null for anything of another form, version or author. */
export function parseCustomId(text: string): CustomId | null {
  const match = PATTERN.exec(text);
  return match === null ? null : { action: match[1] as string, id: match[2] as string, argument: match[3] ?? null };
}
