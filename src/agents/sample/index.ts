/** An agent whose work is to wait, so that progress, cancelling and retries can be seen and tried out. */
import { z } from 'zod';
import { defineAgent } from '../contract.js';

const inputSchema = z
  .object({
    delayMs: z
      .int()
      .min(0)
      .max(3_600_000)
      .default(5000)
      .meta({ title: 'Time in milliseconds', description: 'How long the whole task takes.' }),
    steps: z.int().min(1).max(100).default(5).describe('Into how many steps the time is divided.'),
    failAt: z.int().min(1).max(100).optional().meta({ title: 'Fail at step', description: 'The step at which a run fails.' }),
    failTimes: z
      .int()
      .min(1)
      .max(11)
      .optional()
      .describe('How many runs fail at that step before one passes; 1 when failAt is given.'),
  })
  .refine(({ failAt, steps }) => failAt === undefined || failAt <= steps, {
    path: ['failAt'],
    message: 'must not be larger than steps',
  })
  .refine(({ failAt, failTimes }) => failTimes === undefined || failAt !== undefined, {
    path: ['failTimes'],
    message: 'needs failAt as well',
  });

export const sampleAgent = defineAgent({
  id: 'sample',
  name: 'Sample',
  description: 'Waits for a given time in steps and can fail on purpose, to see progress, cancelling and retries.',
  inputSchema,
  files: 'none',
  async run({ input, failures, attempt }, context) {
    const { delayMs, steps, failAt, failTimes = 1 } = input;
    for (let step = 1; step <= steps; step += 1) {
      context.progress(((step - 1) / steps) * 100, `Step ${step} of ${steps}`, `Waiting ${Math.round(delayMs / steps)} ms`);
      await context.wait(delayMs / steps);
      if (step === failAt && failures < failTimes) {
        context.log('failing on purpose', { step, failures });
        throw new Error(`Failed on purpose at step ${step} of ${steps} (failure ${failures + 1} of ${failTimes}).`);
      }
    }
    context.progress(100, 'Done');
    const counted = steps === 1 ? '1 step' : `${steps} steps`;
    return { text: `Waited ${delayMs / 1000} s in ${counted}, on attempt ${attempt}.`, data: { delayMs, steps, attempt } };
  },
});
