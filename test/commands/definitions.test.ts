import { describe, expect, it } from 'vitest';
import { createCommands } from '../../commands/index.js';
import type { Services } from '../../commands/services.js';
import { customId } from '../../src/discord/custom-id.js';
import { commandPayloads, normalised } from '../../src/discord/router/registration.js';

// Definitions are constants: nothing of the services is touched until a command is called.
const commands = createCommands({} as Services);
const payloads = commandPayloads(commands);

interface Option {
  name: string;
  description: string;
  type: number;
  required?: boolean;
  autocomplete?: boolean;
  choices?: { name: string; value: string | number }[];
  options?: Option[];
}

function* walk(options: readonly Option[] = [], depth = 0): Generator<[Option, readonly Option[], number]> {
  for (const option of options) {
    yield [option, options, depth];
    yield* walk(option.options, depth + 1);
  }
}

/** Characters that Discord counts for one command: names, descriptions and choice values, nested. */
function size(node: { name?: string; description?: string; options?: Option[]; choices?: Option['choices'] }): number {
  const own = (node.name?.length ?? 0) + (node.description?.length ?? 0);
  const choices = (node.choices ?? []).reduce((sum, { name, value }) => sum + name.length + String(value).length, 0);
  return own + choices + (node.options ?? []).reduce((sum, option) => sum + size(option), 0);
}

describe("Discord's limits of commands", () => {
  it('has the commands of the specification', () => {
    const names = commands.slash.map(({ name, actions }) => [name, [...actions.keys()]]);
    expect(Object.fromEntries(names)).toEqual({
      task: ['create', 'list', 'show', 'cancel', 'retry', 'start', 'batch'],
      agent: ['list', 'show'],
      admin: [
        'cleanup',
        'timeout-stale',
        'stats',
        'health',
        'pause',
        'resume',
        'cleanup-status',
        'failed list',
        'failed requeue',
        'failed purge',
        'limits show',
        'limits set',
      ],
      settings: ['time-zone'],
      help: [''],
    });
    expect(commands.messageMenu.map(({ name }) => name)).toEqual(['Create task']);
  });

  it.each(payloads.map((payload) => [payload.name, payload] as const))('%s fits', (_, payload) => {
    const command = payload as typeof payload & { description?: string; options?: Option[] };
    expect(size(command)).toBeLessThanOrEqual(8000);
    if (command.type === 3) {
      expect(command.description).toBeUndefined();
      return;
    }
    expect(command.name).toMatch(/^[-_a-z0-9]{1,32}$/);
    for (const [option, siblings, depth] of walk(command.options)) {
      expect(option.name).toMatch(/^[-_a-z0-9]{1,32}$/);
      expect(option.description.length).toBeGreaterThanOrEqual(1);
      expect(option.description.length).toBeLessThanOrEqual(100);
      expect(siblings.length).toBeLessThanOrEqual(25);
      expect(siblings.filter(({ name }) => name === option.name)).toHaveLength(1);
      expect(option.choices?.length ?? 0).toBeLessThanOrEqual(25);
      expect(option.choices !== undefined && option.autocomplete === true).toBe(false);
      if (option.type === 2) expect(depth).toBe(0);
    }
    for (const [option] of walk([{ name: 'root', description: '', type: 1, options: command.options ?? [] }])) {
      const required = (option.options ?? []).map((each) => each.required === true);
      expect([...required].sort().reverse()).toEqual(required);
    }
  });

  it('asks for Manage Server for /admin only', () => {
    const needed = payloads.filter((payload) => payload.default_member_permissions != null);
    expect(needed.map(({ name, default_member_permissions }) => [name, default_member_permissions])).toEqual([['admin', '32']]);
  });

  it('has a handler for every button that a card shows', () => {
    for (const name of ['cancel', 'retry', 'details', 'up', 'down', 'start', 'batch-cancel', 'batch-retry', 'batch-details']) {
      expect(commands.components.has(name)).toBe(true);
    }
    for (const name of [...commands.components.keys(), ...commands.forms.keys()]) expect(() => customId(name, '-')).not.toThrow();
  });
});

describe('comparing with what is registered', () => {
  it('ignores what Discord adds and what means the same', () => {
    const [task] = payloads;
    const answered = JSON.parse(JSON.stringify(task));
    Object.assign(answered, {
      id: '1',
      application_id: '2',
      version: '3',
      nsfw: false,
      dm_permission: true,
      name_localizations: null,
    });
    answered.contexts.reverse();
    for (const [option] of walk(answered.options)) option.required ??= false;
    expect(normalised(answered)).toEqual(normalised(task));
  });

  it('sees a changed description', () => {
    const [task] = payloads;
    const changed = JSON.parse(JSON.stringify(task));
    changed.options[0].options[0].description = 'Another';
    expect(normalised(changed)).not.toEqual(normalised(task));
  });
});

it('leaves commands out by name', () => {
  const fewer = createCommands({} as Services, ['help', 'Create task']);
  expect(commandPayloads(fewer).map(({ name }) => name)).toEqual(['task', 'agent', 'admin', 'settings']);
});
