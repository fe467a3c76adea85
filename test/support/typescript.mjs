// For the threads and processes that a test's program starts (src/agents/isolated): they import the sources as they are. Nothing happens in the test itself,
// whose modules vitest loads.
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (!isMainThread || /[\\/]src[\\/]agents[\\/]isolated[\\/]child\.js$/.test(process.argv[1] ?? ''))
  register('./typescript-hooks.mjs', import.meta.url);
