/** What zod finds, said so that it follows the name of a field: `delayMs` *must be at least 0*. */
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** zod's own messages start like this; any other is the schema author's and is kept. */
const OWN_MESSAGE = /^(Invalid |Too small|Too big|Unrecognized key)/;

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'yes or no',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'empty',
};

export function describeIssue(issue: Issue): string {
  if (!OWN_MESSAGE.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return describeBound('least', issue.origin, Number(issue.minimum), issue.inclusive);
    case 'too_big':
      return describeBound('most', issue.origin, Number(issue.maximum), issue.inclusive);
    case 'invalid_value':
      return issue.values.length === 1 ? `must be ${String(issue.values[0])}` : `must be one of ${issue.values.join(', ')}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return `is not a valid ${issue.format === 'regex' ? 'value' : issue.format}`;
    case 'invalid_key':
      return 'has a name that is not possible';
    default:
      return 'is not valid';
  }
}

function describeBound(side: 'least' | 'most', origin: string, bound: number, inclusive: boolean | undefined): string {
  const counted = origin === 'string' ? 'character' : ['array', 'set', 'map', 'object', 'record'].includes(origin) ? 'item' : '';
  if (counted === '' && inclusive === false) return `must be ${side === 'least' ? 'more' : 'less'} than ${bound}`;
  if (counted === '') return `must be at ${side} ${bound}`;
  if (bound === 1 && side === 'least') return 'must not be empty';
  return `must have at ${side} ${bound} ${counted}${bound === 1 ? '' : 's'}`;
}
