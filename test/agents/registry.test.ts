import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Agent, defineAgent } from '../../src/agents/contract.js';
import { builtInAgents } from '../../src/agents/index.js';
import { createRegistry } from '../../src/agents/registry.js';

function agent(id: string, rest: Partial<Agent> = {}): Agent {
  return defineAgent({
    id,
    name: id,
    description: 'For a test.',
    inputSchema: z.object({}),
    run: async () => ({ text: '' }),
    ...rest,
  });
}
const queues = (registry: ReturnType<typeof createRegistry>) =>
  registry.served().map(({ queueId, agent: { id }, concurrency }) => `${queueId}→${id}:${concurrency ?? '-'}`);

describe('createRegistry', () => {
  it('takes the built-in agents', () => {
    const registry = createRegistry(builtInAgents(), { defaultAgent: 'sample' });
    expect(registry.all().map(({ id }) => id)).toEqual(['sample', 'file-processing', 'api-call', 'batch']);
    expect(registry.get('batch')?.name).toBe('Batch');
    expect(registry.get('nobody')).toBeUndefined();
    expect(registry.runner('default')?.id).toBe('sample');
    expect(queues(registry)).toContain('default→sample:-');
  });

  it('prefers an agent that is called default', () => {
    const registry = createRegistry([agent('default'), agent('other')], { defaultAgent: 'other' });
    expect(registry.runner('default')?.id).toBe('default');
    expect(queues(registry)).toEqual(['default→default:-', 'other→other:-']);
  });

  it('runs what the settings name', () => {
    const agents = [agent('a', { concurrency: 3 }), agent('b')];
    expect(queues(createRegistry(agents, { run: 'none' }))).toEqual([]);
    expect(queues(createRegistry(agents, {}))).toEqual(['a→a:3', 'b→b:-']);
    expect(queues(createRegistry(agents, { run: [{ id: 'b', concurrency: 7 }], defaultAgent: 'a' }))).toEqual(['b→b:7']);
    expect(queues(createRegistry(agents, { run: [{ id: 'default', concurrency: 2 }], defaultAgent: 'a' }))).toEqual([
      'default→a:2',
    ]);
    const both = createRegistry(agents, { run: [{ id: 'a', concurrency: 5 }], defaultAgent: 'a' });
    expect(queues(both)).toEqual(['a→a:5', 'default→a:5']);
    expect(both.runner('b')?.id).toBe('b');
  });

  it.each([
    ['an unknown default', [agent('a')], { defaultAgent: 'x' }, 'The default agent "x" does not exist. There are: a.'],
    ['an unknown agent to run', [agent('a')], { run: [{ id: 'x' }] }, 'AGENTS names "x", which does not exist. There are: a.'],
    ['a doubled agent to run', [agent('a')], { run: [{ id: 'a' }, { id: 'a' }] }, 'AGENTS names "a" twice.'],
    ['two of one id', [agent('a'), agent('a')], {}, 'Two agents have the id "a". Ids must be unique.'],
    ['a bad id', [agent('A b')], {}, 'agent 1 of 1: field "id" of agent "A b": is not an agent id'],
    ['a long name', [agent('a', { name: 'x'.repeat(81) })], {}, 'field "name" of agent "a": must have at most 80 characters'],
    ['an empty description', [agent('a', { description: ' ' })], {}, 'field "description" of agent "a": must not be empty'],
    ['no run', [agent('a', { run: 1 as never })], {}, 'field "run" of agent "a": must be a function'],
    [
      'no schema',
      [agent('a', { inputSchema: {} as never })],
      {},
      'field "inputSchema" of agent "a": must be a zod 4 object schema',
    ],
    ['a soft limit above the hard one', [agent('a', { softTimeoutSeconds: 9, hardTimeoutSeconds: 8 })], {}, 'softTimeoutSeconds'],
    ['null', [null as never], {}, 'agent 1 of 1: an agent must be an object, not null.'],
  ])('refuses %s and says what is wrong', (_, agents, options, message) => {
    expect(() => createRegistry(agents, options)).toThrow(message);
  });
});
