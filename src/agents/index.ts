/** The agents that come with Guildhall. */
import { createApiCallAgent } from './api-call/index.js';
import { batchAgent } from './batch/index.js';
import type { Agent } from './contract.js';
import { fileProcessingAgent } from './file-processing/index.js';
import type { AllowedHost, ResolveAll } from './net/guard.js';
import { sampleAgent } from './sample/index.js';

export interface BuiltInOptions {
  /** Hosts that the `api-call` agent may reach although they are not public. */
  allowedHosts?: readonly AllowedHost[];
  /** Instead of the system's name resolution, for the `api-call` agent. */
  resolve?: ResolveAll;
}

/** A new list at each call; `createRegistry` takes it together with those of `loadAgents`. */
export function builtInAgents(options: BuiltInOptions = {}): Agent[] {
  return [sampleAgent, fileProcessingAgent, createApiCallAgent(options), batchAgent];
}
