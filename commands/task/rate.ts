/** 👍 and 👎 on a completed task: kept as its quality score. */
import type { Component, Part } from '../../src/discord/router/contract.js';
import { say } from '../../src/discord/router/contract.js';
import type { Services } from '../services.js';
import { taskId, titled } from '../words.js';

export function rateTask(services: Services): Part {
  const verdict = (score: number, sign: string): Component => ({
    first: 'ephemeral',
    on: 'task',
    async run({ id }, { actor }) {
      const task = await services.tasks.rate(taskId(id), score, actor);
      return say(`${sign} Noted for ${titled(task)}. Thank you!`);
    },
  });
  return { components: { up: verdict(1, '👍'), down: verdict(0, '👎') } };
}
