import { once } from 'node:events';
import { z } from 'zod';
import { createPlayground } from './index.js';

const settings = z
  .object({
    HOST: z.enum(['127.0.0.1', 'localhost', '::1']).default('127.0.0.1'),
    PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
    STATE_FILE: z.string().min(1).optional(),
    BOT_NAME: z.string().trim().min(2).max(32).optional(),
  })
  .safeParse(process.env);

/** Runs the local Discord alone, for any bot: `PORT`, `HOST`, `STATE_FILE` and `BOT_NAME` from the environment, any bot token. */
async function main(): Promise<number> {
  if (!settings.success) {
    process.stderr.write(`${z.prettifyError(settings.error)}\n`);
    return 2;
  }
  const { HOST: host, PORT: port, STATE_FILE: stateFile, BOT_NAME: bot } = settings.data;
  const playground = createPlayground({ ...(stateFile && { stateFile }), ...(bot && { names: { bot } }) });
  try {
    const { url, apiUrl } = await playground.listen({ host, port });
    process.stdout.write(
      `The local Discord: ${url}\nFor discord.js: new Client({ rest: { api: '${apiUrl}' } }), with any token\n`,
    );
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await playground.close();
  }
}

process.exitCode = await main();
