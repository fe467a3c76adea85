/** `/task`: what is done with tasks, one file per action. */
import type { Part } from '../../src/discord/router/contract.js';
import type { Services } from '../services.js';
import { batchTasks } from './batch.js';
import { cancelTask } from './cancel.js';
import { createTask } from './create.js';
import { listTasks } from './list.js';
import { rateTask } from './rate.js';
import { retryTask } from './retry.js';
import { showTask } from './show.js';
import { startTask } from './start.js';

/** The parts of `/task`, by subcommand; `''` where there are only buttons. */
export function taskParts(services: Services): Part[] {
  return [createTask, listTasks, showTask, cancelTask, retryTask, startTask, batchTasks, rateTask].map((part) => part(services));
}
