import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createPlayground } from './index.js';
import { recordingText } from './recording/text.js';

const settings = z.object({
  HOST: z.enum(['127.0.0.1', 'localhost', '::1']).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  STATE_FILE: z.string().min(1).optional(),
  BOT_NAME: z.string().trim().min(2).max(32).optional(),
});

const USAGE = `npm run playground -- [--record FILE | --read FILE [--full]]

  --record FILE  runs the local Discord and writes all that happens to FILE (tokens masked)
  --read FILE    prints such a file as text
  --full         with whole bodies, events and heartbeats
`;

/** npm runs scripts in the folder of the project; a file is meant from where the person stands. */
const fileOf = (name: string) => resolve(process.env.INIT_CWD ?? process.cwd(), name);

/** Prints a recording as text. */
async function read(file: string, isFull: boolean): Promise<number> {
  const stream = createReadStream(file, 'utf8');
  await once(stream, 'open');
  for await (const line of recordingText(createInterface({ input: stream }), { isFull })) {
    // Stops when nobody reads on (`| head`).
    if (!process.stdout.writable) break;
    process.stdout.write(`${line}\n`);
  }
  return 0;
}

/** Runs the local Discord alone, for any bot: `PORT`, `HOST`, `STATE_FILE` and `BOT_NAME` from the environment, any bot token. */
async function run(environment: z.output<typeof settings>, recording: string | undefined): Promise<number> {
  const { HOST: host, PORT: port, STATE_FILE: stateFile, BOT_NAME: bot } = environment;
  const playground = createPlayground({ ...(stateFile && { stateFile }), ...(bot && { names: { bot } }) });
  try {
    const { url, apiUrl } = await playground.listen({ host, port });
    if (recording !== undefined) playground.record(recording);
    process.stdout.write(
      `The local Discord: ${url}\nFor discord.js: new Client({ rest: { api: '${apiUrl}' } }), with any token\n`,
    );
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    return 0;
  } finally {
    await playground.close();
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      record: { type: 'string' },
      read: { type: 'string' },
      full: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    // The name of the program, when it was started by scripts/start.mjs.
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (values.read !== undefined) return read(fileOf(values.read), values.full);
  const environment = settings.safeParse(process.env);
  if (!environment.success) {
    process.stderr.write(`${z.prettifyError(environment.error)}\n`);
    return 2;
  }
  return run(environment.data, values.record === undefined ? undefined : fileOf(values.record));
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
