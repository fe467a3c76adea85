/** Where a run takes place: in this thread, in a thread of its own, or in a process of its own. The engine only knows this interface. */
import type { JsonObject } from '../tasks/model.js';
import type { Agent, AgentResult, RunContext, RunningTask } from './contract.js';

/** How one run is to be done. */
export interface Manner {
  /** The input as stored: what the agent's schema makes of it (`task.input`) may be something that no other thread can be given. */
  stored: JsonObject;
  /** Aborted when nobody waits for the run any more: whatever of it still runs is ended by force, where that can be done. */
  over: AbortSignal;
  /** In a process of its own: its task has been aboard of two processes that died. */
  alone: boolean;
}

export interface AgentRunner {
  /**
   * Runs the agent; rejects with what it threw, with RunLostError when its thread ended under it, or with CrashedAloneError.
   * `context.signal` asks it to wind up; `manner.over` ends it.
   */
  execute(agent: Agent, task: RunningTask<Record<string, unknown>>, context: RunContext, manner: Manner): Promise<AgentResult>;
  /** Whether a run of the agent can be in a process of its own. */
  isolates(agent: Agent): boolean;
  /** Ends all runs and everything that waits for the next one. */
  close(): Promise<void>;
}

/** The thread of a run has ended before the run: out of memory, `process.exit`, or an error that nobody caught. One run's failure. */
export class RunLostError extends Error {
  override readonly name = 'RunLostError';
}

/** A run alone in a process of its own has brought that process down. */
export class CrashedAloneError extends Error {
  override readonly name = 'CrashedAloneError';
}

/** Runs agents where the engine is: nothing can be ended by force, and a loop without a pause holds up everything. */
export const inThisThread: AgentRunner = {
  execute: (agent, task, context) => agent.run(task, context),
  isolates: () => false,
  close: async () => undefined,
};
