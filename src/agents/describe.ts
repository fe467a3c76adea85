/** An agent's input as a flat list of fields: what modals ask for, what help shows, what typed text is read by. */
import { z } from 'zod';
import type { JsonValue } from '../tasks/model.js';
import type { Agent } from './contract.js';

/** `object`: anything that is written as JSON. */
export type FieldKind = 'string' | 'integer' | 'number' | 'boolean' | 'choice' | 'list' | 'object';

/** One field of an agent's input. Absent bounds: none. */
export interface InputField {
  name: string;
  /** For people: the schema's `title`, else made from the name (`delayMs` → `Delay ms`). At most 45 characters, as a modal's label. */
  label: string;
  kind: FieldKind;
  required: boolean;
  /** From `.describe()`; may be empty. */
  description: string;
  /** Smallest and largest number, or fewest and most items of a list. */
  min?: number;
  max?: number;
  /** Of a string, in characters. */
  minLength?: number;
  maxLength?: number;
  /** What may be chosen; also what a list's items may be. */
  choices?: (string | number)[];
  /** What a list holds. */
  items?: FieldKind;
  default?: JsonValue;
}

/** The part of JSON Schema that is read here. */
interface Shape {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: JsonValue[];
  const?: JsonValue;
  default?: JsonValue;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: Shape;
  anyOf?: Shape[];
  oneOf?: Shape[];
  allOf?: Shape[];
  properties?: Record<string, Shape>;
  required?: string[];
  $defs?: Record<string, Shape>;
}

const LABEL_LENGTH = 45;

/** The fields in the order in which the schema names them. */
export function describeInput(agent: Pick<Agent, 'inputSchema'>): InputField[] {
  const schema = z.toJSONSchema(agent.inputSchema, { io: 'input', unrepresentable: 'any' }) as Shape;
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).map(([name, shape]) =>
    describeField(name, shape, required.has(name), schema.$defs ?? {}),
  );
}

function describeField(name: string, given: Shape, required: boolean, definitions: Record<string, Shape>): InputField {
  const shape = simplify(given, definitions);
  const kind = kindOf(shape);
  const field: InputField = {
    name,
    label: (given.title ?? shape.title ?? humanise(name)).slice(0, LABEL_LENGTH),
    kind,
    required,
    description: given.description ?? shape.description ?? '',
    ...boundsOf(shape, kind),
  };
  const choices = choicesOf(shape) ?? (kind === 'list' && shape.items ? choicesOf(shape.items) : undefined);
  if (choices) field.choices = choices;
  if (kind === 'list') field.items = shape.items ? kindOf(simplify(shape.items, definitions)) : 'string';
  const fallback = given.default ?? shape.default;
  if (fallback !== undefined) field.default = fallback;
  return field;
}

/** Follows one reference and takes `null` out of what may be given: leaving a field empty says the same. */
function simplify(given: Shape, definitions: Record<string, Shape>): Shape {
  const target = given.$ref === undefined ? undefined : definitions[given.$ref.replace('#/$defs/', '')];
  const shape = target ? { ...target, ...given } : given;
  const options = (shape.anyOf ?? shape.oneOf)?.filter((option) => option.type !== 'null');
  if (options?.length === 1 && options[0]) return { ...options[0], ...shape, anyOf: undefined, oneOf: undefined };
  if (Array.isArray(shape.type)) {
    const types = shape.type.filter((type) => type !== 'null');
    if (types.length === 1) return { ...shape, type: types[0] };
  }
  return shape;
}

function kindOf(shape: Shape): FieldKind {
  if (choicesOf(shape)) return 'choice';
  switch (shape.type) {
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return shape.type;
    case 'array':
      return 'list';
    case 'object':
      return 'object';
  }
  const options = shape.anyOf ?? shape.oneOf ?? [];
  // A union that takes text is asked for as text, and the agent reads it; any other is asked for as JSON.
  // A definition of its own is a recursive one, such as z.json(): only JSON can say everything that it takes.
  if (options.length > 0) return shape.$ref === undefined && options.some(({ type }) => type === 'string') ? 'string' : 'object';
  if (Array.isArray(shape.type)) return shape.type.includes('string') ? 'string' : 'object';
  return shape.allOf ? 'object' : 'string';
}

function choicesOf(shape: Shape): (string | number)[] | undefined {
  const values = shape.enum ?? (shape.const === undefined ? undefined : [shape.const]);
  const choices = values?.filter((value) => typeof value === 'string' || typeof value === 'number');
  return choices && choices.length > 0 ? choices : undefined;
}

function boundsOf(shape: Shape, kind: FieldKind): Partial<InputField> {
  const bounds: Partial<InputField> = {};
  const set = (key: 'min' | 'max' | 'minLength' | 'maxLength', value: number | undefined) => {
    // zod states the bounds of a safe integer; nobody needs to be told.
    if (value !== undefined && Math.abs(value) !== Number.MAX_SAFE_INTEGER) bounds[key] = value;
  };
  if (kind === 'integer' || kind === 'number') {
    const step = kind === 'integer' ? 1 : 0;
    set('min', shape.minimum ?? (shape.exclusiveMinimum === undefined ? undefined : shape.exclusiveMinimum + step));
    set('max', shape.maximum ?? (shape.exclusiveMaximum === undefined ? undefined : shape.exclusiveMaximum - step));
  } else if (kind === 'list') {
    set('min', shape.minItems);
    set('max', shape.maxItems);
  } else if (kind === 'string') {
    set('minLength', shape.minLength);
    set('maxLength', shape.maxLength);
  }
  return bounds;
}

/** `delayMs` → `Delay ms`, `fail_at` → `Fail at`. */
function humanise(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase()
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
