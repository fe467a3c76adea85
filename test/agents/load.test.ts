import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAgents } from '../../src/agents/load.js';
import { createRegistry } from '../../src/agents/registry.js';
import { startAgent } from '../support/run-agent.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
let directory: string;
const modules: Record<string, string> = {
  'nothing.mjs': 'export const agent = 1;',
  'empty.mjs': 'export default [];',
  'throws.mjs': 'throw new Error("no key is set");',
  'syntax.mjs': 'export default {{',
  'half.mjs': 'export default { id: "half", name: "Half" };',
  'second.mjs': 'export default [{ id: "half" }, 7];',
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'guildhall-agents-'));
  for (const [name, source] of Object.entries(modules)) await writeFile(join(directory, name), source);
});
afterAll(() => rm(directory, { recursive: true }));

describe('loadAgents', () => {
  it('loads the example by its path, and it runs', async () => {
    const [dice] = [...(await loadAgents(['./examples/agent-dice.ts'], root)).keys()];
    const registry = createRegistry(dice ? [dice] : []);
    expect(registry.get('dice')).toBe(dice);
    const { text, data } = await startAgent(registry.get('dice') ?? expect.unreachable(), { input: { dice: 3, sides: 4 } })
      .result;
    const { rolls } = data as { rolls: number[] };
    expect(rolls).toHaveLength(3);
    expect(rolls.every((roll) => roll >= 1 && roll <= 4)).toBe(true);
    expect(text).toBe(`🎲 ${rolls.join(' + ')} = **${rolls.reduce((sum, roll) => sum + roll)}**`);
  });

  it('loads nothing when nothing is named', async () => {
    expect(await loadAgents([], root)).toEqual(new Map());
  });

  it.each([
    ['./missing.mjs', 'AGENT_MODULES: ./missing.mjs was not found'],
    ['no-such-package-of-agents', 'AGENT_MODULES: no-such-package-of-agents was not found'],
    ['nothing.mjs', 'AGENT_MODULES: nothing.mjs has no default export'],
    ['empty.mjs', 'AGENT_MODULES: empty.mjs exports an empty array'],
    ['throws.mjs', 'AGENT_MODULES: throws.mjs could not be loaded: Error: no key is set'],
    ['syntax.mjs', 'AGENT_MODULES: syntax.mjs could not be loaded'],
    ['half.mjs', 'AGENT_MODULES: half.mjs: field "description" of agent "half"'],
    ['second.mjs', 'AGENT_MODULES: second.mjs (agent 1): field "name" of agent "half"'],
  ])('names the module and the problem: %s', async (name, message) => {
    await expect(loadAgents([name], directory)).rejects.toThrow(message);
  });

  it('finds packages from the given directory', async () => {
    // zod is a package without a default export of an agent: found, and then refused for what it is.
    await expect(loadAgents(['zod'], root)).rejects.toThrow(/AGENT_MODULES: zod: .*field "id"/);
  });

  it('is explained with the very example', async () => {
    const example = await readFile(join(root, 'examples/agent-dice.ts'), 'utf8');
    const page = await readFile(join(root, 'docs/writing-agents.md'), 'utf8');
    expect(page).toContain(`\`\`\`ts\n${example}\`\`\``);
  });
});
