import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import type { WorldEvent } from '../bus.js';
import type { Core } from '../core.js';
import type { GatewayFrame } from '../gateway/frames.js';
import type { Gateway } from '../gateway/server.js';
import type { RestAnswered } from '../ledger.js';
import { createMask } from '../secrets.js';
import { actionOf, outcomeWords } from './actions.js';
import { RECORDING_VERSION, type RecordedLine } from './lines.js';

/** Headers that say something about limits; the others are the same on every answer. */
const ABOUT_LIMITS = /^(?:x-ratelimit-|retry-after)/i;

function restLine({ entry, headers, answer }: RestAnswered): RecordedLine {
  const { at, method, route, path, status, durationMs, code, retryAfterMs, scope, fault, body } = entry;
  const kept = Object.entries(headers).filter(([name]) => ABOUT_LIMITS.test(name));
  return {
    kind: 'rest',
    ...{ at, method, route, path, status, code, retryAfterMs, scope, fault, request: body, answer },
    durationMs: Math.round(durationMs * 1000) / 1000,
    ...(kept.length > 0 && { headers: Object.fromEntries(kept) }),
  };
}

function frameLine(frame: GatewayFrame): RecordedLine {
  if (frame.kind !== 'frame') return frame;
  const { text, ...about } = frame;
  return { ...about, payload: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // what a bot sent that is no JSON is kept as it came
  }
}

/**
 * Writes what happens from now on to `file`, one JSON object a line (`recordedLine`): REST requests with their answers, gateway
 * frames both ways, what people do and how it is answered, faults, moves of the clock. The file is made anew, readable by its
 * owner alone. A file that cannot be written is told to `core.log` and ends the recording. The returned function ends it, too,
 * and resolves when everything is written.
 */
function startRecording(core: Core, gateway: Gateway, file: string): () => Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const stream = createWriteStream(file, { mode: 0o600 });
  const mask = createMask();
  const now = () => core.clock.now();
  const write = (line: RecordedLine) => {
    if (stream.writable) stream.write(`${mask(JSON.stringify(line))}\n`);
  };

  const noteOutcome = (event: WorldEvent, who: string) => {
    const record = event.type === 'interaction' ? core.interactions.byId(event.payload.id) : undefined;
    if (!record) return;
    // The outcome never rejects: it settles at the deadline at the latest.
    void record.outcome.then((outcome) => {
      const latencyMs = Math.round(outcome.latencyMs);
      write({ kind: 'outcome', at: now(), who, interaction: record.id, how: outcomeWords(outcome), latencyMs });
    });
  };
  const onEvent = (event: WorldEvent) => {
    if (event.type === 'bot') write({ kind: 'bot', at: now(), online: event.online });
    const action = actionOf(core, event);
    if (!action) return;
    write({ kind: 'person', at: now(), ...action });
    noteOutcome(event, action.who);
  };

  const { world } = core;
  write({ kind: 'begin', at: now(), version: RECORDING_VERSION, bot: world.bot.displayName, guilds: world.guilds.size });
  const stops = [
    core.ledger.onRequest((answered) => write(restLine(answered))),
    gateway.onFrame((frame) => write(frameLine(frame))),
    core.bus.subscribe(onEvent),
    core.faults.onTell((what) => write({ kind: 'fault', at: now(), what })),
    core.clock.onMove((byMs) => write({ kind: 'clock', at: now(), byMs })),
  ];
  const unsubscribe = () => {
    for (const stop of stops.splice(0)) stop();
  };
  stream.on('error', (error) => {
    unsubscribe();
    core.log(`The recording ${file} could not be written: ${error.message}`);
  });
  const end = async () => {
    unsubscribe();
    if (!stream.writable) return;
    write({ kind: 'end', at: now() });
    stream.end();
    // A failure was told to the log above.
    await finished(stream).catch(() => {});
  };
  let ended: Promise<void> | undefined;
  return () => {
    ended ??= end();
    return ended;
  };
}

/** The recordings of a playground: as many as are asked for, each ended by its own function or with the playground. */
export function createRecordings(core: Core, gateway: Gateway) {
  const running = new Set<() => Promise<void>>();
  return {
    record(file: string): () => Promise<void> {
      const end = startRecording(core, gateway, file);
      running.add(end);
      return () => {
        running.delete(end);
        return end();
      };
    },
    async close(): Promise<void> {
      await Promise.all([...running].map((end) => end()));
    },
  };
}
