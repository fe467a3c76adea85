import type { APIApplicationCommand } from 'discord-api-types/v10';
import { describe, expect, it } from 'vitest';
import {
  commandEntries,
  exactCommand,
  filterCommands,
  type OptionSpec,
  readOption,
  typedOptions,
} from '../../../playground/page/composer/commands.js';

const commands = [
  {
    id: '1',
    type: 1,
    name: 'task',
    description: 'Tasks',
    options: [
      {
        type: 1,
        name: 'create',
        description: 'Gives an agent a task',
        options: [
          { type: 3, name: 'agent', description: 'Who', required: true },
          { type: 3, name: 'title', description: 'Name' },
        ],
      },
      { type: 1, name: 'list', description: 'Shows them' },
      { type: 2, name: 'limit', description: 'Limits', options: [{ type: 1, name: 'set', description: 'Sets one' }] },
    ],
  },
  { id: '2', type: 1, name: 'help', description: 'What this bot can do' },
  { id: '3', type: 3, name: 'Create task', description: '' },
] as unknown as APIApplicationCommand[];

const entries = commandEntries(commands);
const names = (typed: string) => filterCommands(entries, typed).map((entry) => entry.name);
const nothing = { text: '', chosen: null, fileId: null };
const option = (more: Partial<OptionSpec>): OptionSpec => ({
  name: 'x',
  description: '',
  type: 3,
  required: false,
  choices: [],
  autocomplete: false,
  channelTypes: [],
  ...more,
});
const read = (more: Partial<OptionSpec>, text: string, listed: { label: string; value: string | number | boolean }[] = []) =>
  readOption(option(more), { ...nothing, text }, listed);

describe('the list of commands', () => {
  it('has one entry for each subcommand', () => {
    expect(entries.map((entry) => [entry.name, entry.path])).toEqual([
      ['task create', ['create']],
      ['task list', ['list']],
      ['task limit set', ['limit', 'set']],
      ['help', []],
    ]);
  });

  it('is narrowed by what is typed, the best first', () => {
    expect(names('')).toHaveLength(4);
    expect(names('task')).toEqual(['task create', 'task list', 'task limit set']);
    expect(names('ta cr')).toEqual(['task create']);
    expect(names('set')).toEqual(['task limit set']);
    expect(names('bot can')).toEqual(['help']);
    expect(names('nothing like it')).toEqual([]);
  });

  it('knows a command typed in full, with its options', () => {
    const found = exactCommand(entries, '/task create agent: sample title: Say: hi');
    expect(found?.entry.name).toBe('task create');
    expect(found && typedOptions(found.entry, found.rest)).toEqual({ agent: 'sample', title: 'Say: hi' });
    expect(found && typedOptions(found.entry, 'sample')).toEqual({ agent: 'sample' });
    expect(exactCommand(entries, '/task creat ')).toBeNull();
    expect(exactCommand(entries, '/task create')).toBeNull();
  });
});

describe('what an option takes', () => {
  it('is text within its lengths', () => {
    expect(read({}, ' a ')).toEqual({ kind: 'value', value: ' a ' });
    expect(read({}, '   ')).toEqual({ kind: 'empty' });
    expect(read({ minLength: 3 }, 'ab')).toEqual({ kind: 'invalid', reason: 'At least 3 characters, now 2' });
    expect(read({ maxLength: 3 }, 'abcd')).toEqual({ kind: 'invalid', reason: 'At most 3 characters, now 4' });
  });

  it('is a number within its bounds', () => {
    expect(read({ type: 4, minValue: 1, maxValue: 5 }, '3')).toEqual({ kind: 'value', value: 3 });
    expect(read({ type: 4, minValue: 1, maxValue: 5 }, '6')).toEqual({ kind: 'invalid', reason: 'Give a number from 1 to 5' });
    expect(read({ type: 4 }, '3.5')).toEqual({ kind: 'invalid', reason: 'Give a whole number' });
    expect(read({ type: 10 }, '3.5')).toEqual({ kind: 'value', value: 3.5 });
    for (const wrong of ['x', '0x10', '1e999', 'Infinity', '1,5']) expect(read({ type: 10 }, wrong).kind).toBe('invalid');
  });

  it('is an entry of its list, by name or as chosen', () => {
    const listed = [{ label: 'High', value: 'h' }];
    expect(read({ choices: [{ name: 'High', value: 'h' }] }, 'high', listed)).toEqual({ kind: 'value', value: 'h' });
    expect(read({ choices: [{ name: 'High', value: 'h' }] }, 'higher', listed).kind).toBe('invalid');
    expect(
      readOption(option({ autocomplete: true }), { ...nothing, text: 'High', chosen: { label: 'High', value: 'h' } }, []),
    ).toEqual({ kind: 'value', value: 'h' });
    expect(read({ autocomplete: true }, 'free text')).toEqual({ kind: 'value', value: 'free text' });
    expect(read({ type: 6 }, 'nobody', []).kind).toBe('invalid');
  });

  it('is an uploaded file', () => {
    expect(readOption(option({ type: 11 }), { ...nothing, fileId: '9' }, [])).toEqual({ kind: 'value', value: '9' });
    expect(readOption(option({ type: 11 }), nothing, [])).toEqual({ kind: 'empty' });
  });
});
