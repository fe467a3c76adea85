import type { z } from 'zod';

type Schema = z.core.$ZodType;

/** What this code reads of zod's definitions; which fields there are depends on the kind of schema. */
interface Definition {
  innerType?: Schema;
  in?: Schema;
  getter?: () => Schema;
  shape?: Record<string, Schema>;
  element?: Schema;
  valueType?: Schema;
  options?: readonly Schema[];
  checks?: readonly { _zod: { def: { check: string; minimum?: number; maximum?: number } } }[];
}

const definitionOf = (schema: Schema) => schema._zod.def as unknown as Definition;

/** The schema inside optional, nullable, lazy, default and transformed ones. */
function bare(schema: Schema): Schema {
  const { innerType, in: input, getter } = definitionOf(schema);
  const inner = innerType ?? input ?? getter?.();
  return inner ? bare(inner) : schema;
}

/** The members of a union that the value's `type` does not rule out; a schema that is no union stands for itself. */
function members(schema: Schema, value: unknown): Schema[] {
  const here = bare(schema);
  const { options } = definitionOf(here);
  if (!options) return [here];
  const type = (value as { type?: unknown } | null | undefined)?.type;
  return options
    .flatMap((option) => members(option, value))
    .filter((option) => {
      const literal = definitionOf(option).shape?.type;
      const values = literal && bare(literal)._zod.values;
      return values === undefined || values.has(type as string | number);
    });
}

/** The schemas that can stand at this place of `input`. */
function schemasAt(schema: Schema, path: readonly PropertyKey[], input: unknown): Schema[] {
  const here = members(schema, input);
  const [key, ...rest] = path;
  if (key === undefined) return here;
  const value = (input as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return here.flatMap((one) => {
    const { shape, element, valueType } = definitionOf(one);
    const next = shape?.[String(key)] ?? (typeof key === 'number' ? element : valueType);
    return next ? schemasAt(next, rest, value) : [];
  });
}

/** The least and the greatest length that the schema of `path` allows, where it says so. */
export function lengthsAt(schema: Schema, path: readonly PropertyKey[], input: unknown): { least?: number; most?: number } {
  const checks = schemasAt(schema, path, input).flatMap((one) => definitionOf(one).checks ?? []);
  const definitions = checks.map((check) => check._zod.def);
  return {
    least: definitions.find(({ check }) => check === 'min_length')?.minimum,
    most: definitions.find(({ check }) => check === 'max_length')?.maximum,
  };
}
