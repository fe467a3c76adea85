/**
 * The program: reads the settings, starts what they do not name (stores, the local Discord), and runs Guildhall until it is told to stop.
 *
 * Exit codes: 0 after a graceful stop, 1 for anything fatal, 2 for settings that cannot be used.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Playground } from '../playground/api.js';
import { AgentDefinitionError } from './agents/validate.js';
import { createHttpServer, listen, PortTakenError } from './api/server.js';
import { loadEnvFile, readSettings, type Settings, SettingsError } from './config.js';
import { GatewayError } from './discord/gateway/errors.js';
import { HomeInUseError } from './embedded/home.js';
import { createGuildhall, type Guildhall } from './guildhall.js';
import { createLogger } from './log.js';
import { openStores, type Stores } from './stores.js';
import { GuildhallError } from './tasks/errors.js';

/** Any token will do on the local Discord. */
const PLAYGROUND_TOKEN = 'playground';

interface Running {
  stores: Stores;
  app: FastifyInstance;
  hall: Guildhall;
  playground: Playground | null;
}

async function main(): Promise<void> {
  loadEnvFile(process.env);
  const settings = readSettings(process.env);
  const log = await createLog(settings.logLevel);
  // Agents run in this process: a promise of theirs that nobody awaited must not end the others' work.
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected and nobody handled it'));
  // Signals are heard from the first moment, so that a start that hangs can be ended too.
  const stopped = stopSignal();
  // While everything is being closed, a connection that is cut may say so where nobody listens any more: what runs is to be handed back all the same. Before that, such
  // an error ends the process, and its tasks count a death of their worker.
  stopped.signal.addEventListener('abort', () => {
    process.on('uncaughtException', (error) => log.warn({ err: error }, 'an error that nobody handled, while stopping'));
  });
  let running: Running | undefined;
  const onFatal = (error: Error) => {
    log.fatal(error.message);
    stopped.now(1);
  };
  const starting = start(settings, log, onFatal, stopped);
  const first = await Promise.race([starting.then((built) => ({ built })), stopped.promise.then((code) => ({ code }))]);
  if ('built' in first) running = first.built;
  const code = 'code' in first ? first.code : await stopped.promise;
  log.info('stopping');
  running ??= await starting.catch(() => undefined);
  if (running) await stop(running);
  log.info('stopped');
  process.exitCode = code;
  // Whatever still holds the process open (a run that ignores its signal) has been handed back.
  setTimeout(() => process.exit(code), 100).unref();
}

/** JSON lines; readable ones for a person at a terminal, where the printer is installed. */
async function createLog(level: Settings['logLevel']): Promise<Logger> {
  if (!process.stdout.isTTY) return createLogger(level);
  const pretty = await import('pino-pretty').then(
    ({ default: printer }) => printer({ ignore: 'pid,hostname', translateTime: 'HH:MM:ss' }),
    () => undefined,
  );
  return createLogger(level, pretty);
}

/** Milliseconds within which a second signal is the first one again, forwarded by npm. */
const SAME_SIGNAL_MS = 500;
/** Milliseconds that everything may take after a second signal. */
const HURRIED_MS = 2000;

/**
 * Resolves with the exit code, and aborts its signal, at the first SIGINT or SIGTERM. A second one aborts `again`: what runs is handed back at once, and the process
 * ends after 2 s whatever is not done then.
 */
function stopSignal(): { promise: Promise<number>; signal: AbortSignal; again: AbortSignal; now(code: number): void } {
  const controller = new AbortController();
  const again = new AbortController();
  let now: (code: number) => void = () => undefined;
  const promise = new Promise<number>((resolve) => {
    now = (code) => {
      resolve(code);
      controller.abort();
    };
  });
  let firstAt: number | undefined;
  const heard = () => {
    firstAt ??= performance.now();
    now(0);
    if (again.signal.aborted || performance.now() - firstAt < SAME_SIGNAL_MS) return;
    again.abort();
    setTimeout(() => process.exit(1), HURRIED_MS).unref();
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return { promise, signal: controller.signal, again: again.signal, now };
}

/** Starts everything. When the signal is aborted meanwhile, what was started is closed again and it rejects. */
async function start(
  settings: Settings,
  log: Logger,
  onFatal: (error: Error) => void,
  { signal, again }: Pick<ReturnType<typeof stopSignal>, 'signal' | 'again'>,
): Promise<Running> {
  const stores = await openStores(settings.stores, log);
  let hall: Guildhall | undefined;
  let playground: Playground | null = null;
  const app = createHttpServer({ health: async () => hall?.health() ?? [], log });
  try {
    playground = settings.discord.token === undefined ? await openPlayground(settings, stores, log) : null;
    await playground?.attach(app);
    const port = await listen(app, settings.http);
    const url = `http://${settings.http.host.includes(':') ? `[${settings.http.host}]` : settings.http.host}:${port}`;
    const discord = playground ? { ...settings.discord, apiUrl: playground.apiUrl() } : settings.discord;
    hall = createGuildhall({
      token: settings.discord.token ?? PLAYGROUND_TOKEN,
      settings: { ...settings, discord },
      stores,
      log,
      onFatal,
    });
    // A start that waits (for Postgres, for Discord) ends then. What `stop` rejects with, the stop of everything rejects with too.
    signal.addEventListener('abort', () => hall?.stop().catch(() => undefined));
    again.addEventListener('abort', () => hall?.stop(0).catch(() => undefined));
    signal.throwIfAborted();
    await hall.start();
    signal.throwIfAborted();
    await stores.announce(url);
    log.info(
      {
        url,
        postgres: stores.postgres,
        redis: stores.redis === null ? 'none: database-only mode' : stores.redisKind,
        ...(stores.redisAbsence === null ? {} : { why: stores.redisAbsence }),
        discord: playground ? 'playground' : 'real',
      },
      'ready',
    );
    if (playground && process.stdout.isTTY) process.stdout.write(`\n  Guildhall is ready. Open ${url} and type /task create\n\n`);
    return { stores, app, hall, playground };
  } catch (error) {
    await hall?.stop(0);
    await playground?.close();
    await app.close();
    await stores.close();
    throw error;
  }
}

/** The local Discord. Its page is built from source; a program installed for production has none. */
async function openPlayground(settings: Settings, stores: Stores, log: Logger): Promise<Playground> {
  const { createPlayground } = await import('../playground/index.js').catch((error: unknown) => {
    throw new Error(
      `DISCORD_TOKEN is not set, and the local Discord is not installed here (${(error as Error).message}). Set DISCORD_TOKEN, or install with npm ci.`,
    );
  });
  const stateFile = path.join(path.resolve(settings.stores.home), 'playground.json');
  return createPlayground({
    names: { bot: 'Guildhall', guild: 'Guildhall' },
    ...(existsSync(path.dirname(stateFile)) ? { stateFile } : {}),
    notices: () => (stores.redisAbsence === null ? [] : [`Database-only mode, without Redis: ${stores.redisAbsence}`]),
    log: (line: string) => log.warn(line),
  });
}

async function stop({ stores, app, hall, playground }: Running): Promise<void> {
  await hall.stop();
  await playground?.close();
  await app.close();
  await stores.close();
}

/** Errors whose message says all that a person needs; of anything else the stack is of use. */
const EXPECTED = [SettingsError, HomeInUseError, PortTakenError, GatewayError, GuildhallError, AgentDefinitionError];

main().catch((error: unknown) => {
  const text = !(error instanceof Error)
    ? String(error)
    : EXPECTED.some((kind) => error instanceof kind)
      ? error.message
      : error.stack;
  process.stderr.write(`${text}\n`);
  process.exit(error instanceof SettingsError || error instanceof PortTakenError ? 2 : 1);
});
