/**
 * The program of the scaled flood: Guildhall with every pace of the announcer divided by BENCH_SCALE, as the local Discord's windows are. All else is what the
 * environment says.
 */
import { pino } from 'pino';
import { readSettings } from '../src/config.js';
import { DEFAULT_PACING, type Pacing } from '../src/discord/announcer/options.js';
import { createGuildhall } from '../src/guildhall.js';

/** Not waits for a rate limit, or counts. */
const KEPT = {
  prepareMs: 0,
  staleMs: 0,
  boardAbove: 0,
  digestAbove: 0,
  pollMs: 0,
  leaseMs: 0,
  renewMs: 0,
  stopMs: 0,
  nonceMs: 0,
};

function scaled(scale: number): Partial<Pacing> {
  const { progress, retryMs, ...rest } = DEFAULT_PACING;
  const times = Object.entries(rest).filter(([name]) => !(name in KEPT));
  return {
    ...Object.fromEntries(times.map(([name, ms]) => [name, ms / scale])),
    progress: progress.map(({ untilMs, everyMs }) => ({ untilMs: untilMs / scale, everyMs: everyMs / scale })),
    retryMs: { first: retryMs.first / scale, most: retryMs.most / scale },
  };
}

const settings = readSettings(process.env);
const log = pino({ level: settings.logLevel });
const guildhall = createGuildhall({
  token: settings.discord.token ?? '',
  settings,
  log,
  pacing: scaled(Number(process.env.BENCH_SCALE)),
  onFatal: (error) => log.fatal(error.message),
});
process.once('SIGTERM', () => void guildhall.stop(0).then(() => process.exit(0)));
await guildhall.start();
log.info('ready');
