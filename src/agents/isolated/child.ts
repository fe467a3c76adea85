/**
 * The process of a run that is alone: passes on what its one thread and the engine say to each other. Arguments: the module, and megabytes of heap.
 *
 * The agent is in a thread, so that this main thread stays awake: it ends the process when the engine is gone, also when the agent loops for ever.
 */
import { writeFileSync } from 'node:fs';
import { ThreadLine } from './line.js';
import type { RunMessage, ToThread } from './messages.js';

process.on('disconnect', () => process.exit(0));
// A signal to the process group (Ctrl-C) is for the engine, which hands the task back and then ends this process.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
try {
  // Where memory runs short, Linux is to end this process and not the one with everybody's tasks.
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Not Linux: nothing to set.
}

const [module = '', memoryMb = ''] = process.argv.slice(2);
const line = new ThreadLine(module, Number(memoryMb));
const tell = (message: unknown) => void process.send?.(message);
process.once('message', (run) => {
  const say = line.open(run as RunMessage, { message: tell, ended: tell });
  process.on('message', (message) => say(message as ToThread));
});
