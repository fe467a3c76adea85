/** Where a draft's input stands against its agent's schema. */
import type { Agent } from '../../src/agents/contract.js';
import { describeInput, type InputField } from '../../src/agents/describe.js';
import { coerce, type InputProblem, parseInput } from '../../src/agents/input.js';
import { parsePairs } from '../../src/agents/pairs.js';
import { type JsonObject, jsonObjectSchema } from '../../src/tasks/model.js';
import type { TaskDraft } from './draft.js';

/** `wrong` and `missing` name fields in the schema's order; `whole`: the input cannot be mended field by field. */
export type InputState =
  | { kind: 'good'; input: JsonObject }
  | { kind: 'missing'; fields: InputField[] }
  | { kind: 'wrong'; fields: InputField[]; whole: boolean; sentences: string[] };

/** Puts what was typed as the `input` option where it belongs: JSON, pairs, or what cannot be read. */
export function takeInput(text: string | undefined): Pick<TaskDraft, 'input' | 'typed' | 'unreadInput'> {
  if (text === undefined || text.trim() === '') return { input: {}, typed: {} };
  const read = readText(text);
  return read.ok ? { input: read.input, typed: read.typed } : { input: {}, typed: {}, unreadInput: text };
}

type ReadText = { ok: true; input: JsonObject; typed: Record<string, string> } | { ok: false; problem: string };

/** JSON can say what cannot be stored ("\u0000"), also where its text can. */
function readText(text: string): ReadText {
  const parsed = parsePairs(text);
  if (!parsed.ok) return parsed;
  if (parsed.kind === 'pairs') return { ok: true, input: {}, typed: parsed.pairs };
  const checked = jsonObjectSchema.safeParse(parsed.value);
  if (checked.success) return { ok: true, input: parsed.value, typed: {} };
  return { ok: false, problem: `The input ${checked.error.issues[0]?.message ?? 'cannot be stored'}.` };
}

/** Reads the draft's input by the agent's schema. */
export function inputState(agent: Agent, draft: TaskDraft): InputState {
  if (draft.unreadInput !== undefined) {
    const read = readText(draft.unreadInput);
    return { kind: 'wrong', fields: [], whole: true, sentences: [read.ok ? 'It could not be read.' : read.problem] };
  }
  const known = describeInput(agent);
  const typed = readTyped(agent, draft.typed);
  const raw = { ...draft.input, ...typed.values };
  const parsed = parseInput(agent, raw);
  if (typed.problems.length === 0 && parsed.ok) return { kind: 'good', input: raw };
  const unread = new Set(typed.problems.map(({ field }) => field));
  const problems = [...typed.problems, ...(parsed.ok ? [] : parsed.problems.filter(({ field }) => !unread.has(field)))];
  if (problems.length === 0) {
    const missing = parsed.ok ? [] : parsed.missing;
    return { kind: 'missing', fields: known.filter(({ name }) => missing.includes(name)) };
  }
  const names = new Set(problems.map(({ field }) => field.split('.')[0] ?? ''));
  const sentences = problems.map(({ field, problem }) => (field === '' ? problem : `${field} ${problem}`));
  const wrong = known.filter(({ name }) => names.has(name));
  // What is missing is asked for along with what is wrong.
  const missing = parsed.ok ? [] : known.filter(({ name }) => parsed.missing.includes(name) && !names.has(name));
  return { kind: 'wrong', fields: [...wrong, ...missing], whole: wrong.length < names.size, sentences };
}

/** Field by field, so that one that cannot be read does not hide what is wrong with the others. */
function readTyped(agent: Agent, typed: Readonly<Record<string, string>>): { values: JsonObject; problems: InputProblem[] } {
  const values: JsonObject = {};
  const problems: InputProblem[] = [];
  for (const [name, text] of Object.entries(typed)) {
    const read = coerce(agent, { [name]: text });
    if (read.ok) Object.assign(values, read.value);
    else problems.push(...read.problems);
  }
  return { values, problems };
}

/** The input as one text to be mended by hand: JSON, or what was typed if even that could not be read. */
export function inputText(draft: TaskDraft): string {
  if (draft.unreadInput !== undefined) return draft.unreadInput;
  const all = { ...draft.input, ...draft.typed };
  return Object.keys(all).length === 0 ? '' : JSON.stringify(all, null, 2);
}
