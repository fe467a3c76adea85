/** The smallest useful agent: rolls dice. Run it with `AGENT_MODULES=dist/examples/agent-dice.js npm start`. */
import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { defineAgent } from '../src/agents/contract.js';

export default defineAgent({
  id: 'dice',
  name: 'Dice',
  description: 'Rolls dice and adds them up.',
  inputSchema: z.object({ dice: z.int().min(1).max(20).default(2), sides: z.int().min(2).max(100).default(6) }),
  async run({ input }) {
    const rolls = Array.from({ length: input.dice }, () => randomInt(1, input.sides + 1));
    return { text: `🎲 ${rolls.join(' + ')} = **${rolls.reduce((sum, roll) => sum + roll)}**`, data: { rolls } };
  },
});
