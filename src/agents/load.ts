/** Loads the agents of the modules that the setting `AGENT_MODULES` names. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Agent } from './contract.js';
import { AgentDefinitionError, validateAgent } from './validate.js';

/**
 * The agents of all modules, in order, and where a thread can import each from. A module is a path relative to `directory`, or the name of a package that
 * can be found from there; its default export is an agent or an array of agents.
 *
 * It is imported here as well, for what the agents say about themselves (a schema is an object that no other thread can hand over); they run elsewhere
 * (isolated/pool.ts).
 * @throws AgentDefinitionError that names the module and what is wrong with it.
 */
export async function loadAgents(modules: readonly string[], directory: string): Promise<Map<Agent, string>> {
  const agents = new Map<Agent, string>();
  for (const name of modules) {
    const location = locate(name, directory);
    if (location === undefined)
      throw new AgentDefinitionError(
        `AGENT_MODULES: ${name} was not found: neither a file under ${directory} nor a package installed there.`,
      );
    for (const agent of await loadModule(name, location)) agents.set(agent, importable(location));
  }
  return agents;
}

/** A package found by its plain name is looked up from here, so its address is made sure of here too. */
function importable(location: string): string {
  return location.startsWith('file:') ? location : import.meta.resolve(location);
}

async function loadModule(name: string, location: string): Promise<Agent[]> {
  const loaded = await importModule(name, location);
  const exported = (loaded as { default?: unknown }).default;
  if (exported === undefined)
    throw new AgentDefinitionError(
      `AGENT_MODULES: ${name} has no default export; it must export an agent or an array of agents.`,
    );
  const candidates: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  if (candidates.length === 0) throw new AgentDefinitionError(`AGENT_MODULES: ${name} exports an empty array instead of agents.`);
  return candidates.map((candidate, index) =>
    validateAgent(candidate, `AGENT_MODULES: ${name}${candidates.length > 1 ? ` (agent ${index + 1})` : ''}`),
  );
}

async function importModule(name: string, location: string): Promise<unknown> {
  try {
    return await import(/* @vite-ignore */ location);
  } catch (error) {
    throw new AgentDefinitionError(`AGENT_MODULES: ${name} could not be loaded: ${explain(error)}`, { cause: error });
  }
}

/** Where to import it from; undefined: there is no such file or package. */
function locate(name: string, directory: string): string | undefined {
  if (name.startsWith('file:')) return name;
  const path = resolve(directory, name);
  if (existsSync(path)) return pathToFileURL(path).href;
  if (isAbsolute(name) || name.startsWith('.')) return undefined;
  try {
    return pathToFileURL(createRequire(join(directory, 'package.json')).resolve(name)).href;
  } catch (error) {
    // A package for `import` alone has no entry for `require`: its plain name is then looked up from here.
    return (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED' ? name : undefined;
  }
}

function explain(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return 'this Node cannot read it. Compile TypeScript first and name the JavaScript file.';
  if (code === 'ERR_UNSUPPORTED_DIR_IMPORT') return 'it is a directory; name the file in it.';
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
