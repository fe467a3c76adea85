import { type RecordedLine, recordedLine } from './lines.js';

/** Characters of a body that the text shows, unless it shows everything. */
const BODY_SHOWN = 300;

/** Opcodes of the gateway by number (topics/opcodes-and-status-codes). */
const OPCODES: Record<number, string> = {
  1: 'HEARTBEAT',
  2: 'IDENTIFY',
  3: 'PRESENCE_UPDATE',
  4: 'VOICE_STATE_UPDATE',
  6: 'RESUME',
  7: 'RECONNECT',
  8: 'REQUEST_GUILD_MEMBERS',
  9: 'INVALID_SESSION',
  10: 'HELLO',
  11: 'HEARTBEAT_ACK',
};

const pad = (value: number, digits: number) => String(Math.floor(value)).padStart(digits, '0');

/** Minutes, seconds and milliseconds since the beginning; with hours when there are any. */
function elapsed(ms: number): string {
  const hours = ms >= 3_600_000 ? `${pad(ms / 3_600_000, 2)}:` : '';
  return `${hours}${pad((ms / 60_000) % 60, 2)}:${pad((ms / 1000) % 60, 2)}.${pad(ms % 1000, 3)}`;
}

/** A length of time in words: 250 ms, 3 s, 15 min, 1 h. */
function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.round(ms / 100) / 10} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 6_000) / 10} min`;
  return `${Math.round(ms / 360_000) / 10} h`;
}

function bodyLines(label: string, body: unknown, isFull: boolean): string[] {
  if (body === undefined || body === null) return [];
  const text = JSON.stringify(body, null, isFull ? 2 : undefined);
  const shown = isFull || text.length <= BODY_SHOWN ? text : `${text.slice(0, BODY_SHOWN)}… (${text.length} characters)`;
  return `${label} ${shown}`.split('\n').map((line) => `            ${line}`);
}

function restLines(line: RecordedLine & { kind: 'rest' }, isFull: boolean): string[] {
  const { method, path, status, code, retryAfterMs, scope, fault, durationMs } = line;
  const notes = [
    span(durationMs),
    code ? `code ${code}` : '',
    retryAfterMs === undefined ? '' : `wait ${span(retryAfterMs)}${scope ? `, ${scope} limit` : ''}`,
    fault ? `fault: ${fault}` : '',
  ].filter(Boolean);
  const head = `bot   ${method} ${path.replace(/^\/api(?:\/v\d+)?/, '')} → ${status || 'no answer'} (${notes.join('; ')})`;
  const isRefused = status === 0 || status >= 400;
  return [
    head,
    ...bodyLines('asked', line.request, isFull),
    ...(isFull || isRefused ? bodyLines('got', line.answer, isFull) : []),
  ];
}

function frameLines(line: RecordedLine & { kind: 'frame' }, isFull: boolean): string[] {
  const { connection, direction, op, t, s, payload } = line;
  // Heartbeats would drown everything else.
  if (!isFull && (op === 1 || op === 11)) return [];
  const name = t ?? OPCODES[op] ?? (op < 0 ? 'no JSON' : `op ${op}`);
  const arrow = direction === 'in' ? 'bot → gateway' : 'gateway → bot';
  const head = `${arrow} #${connection} ${name}${s === null ? '' : ` (${s})`}`;
  return [
    head,
    ...(isFull || direction === 'in' ? bodyLines('', (payload as { d?: unknown } | null)?.d ?? payload, isFull) : []),
  ];
}

function linesOf(line: RecordedLine, isFull: boolean): string[] {
  switch (line.kind) {
    case 'begin':
      return [`recording of ${line.bot} in ${line.guilds} servers begins, ${new Date(line.at).toISOString()}`];
    case 'rest':
      return restLines(line, isFull);
    case 'open':
      return [`gateway #${line.connection} opened: ${line.url}`];
    case 'frame':
      return frameLines(line, isFull);
    case 'close':
      return [`gateway #${line.connection} closed with ${line.code}`];
    case 'person':
      return [`${line.who} in ${line.where} ${line.what}`];
    case 'outcome':
      return [`${line.who} got ${line.how} (${span(line.latencyMs)})`];
    case 'bot':
      return [`the bot is ${line.online ? 'online' : 'offline'}`];
    case 'fault':
      return [`fault: ${line.what}`];
    case 'clock':
      return [`the clock moves by ${span(line.byMs)}`];
    case 'end':
      return ['recording ends'];
  }
}

function parse(text: string): RecordedLine | undefined {
  try {
    return recordedLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // no JSON is no line of a recording, either
  }
}

/**
 * A recording as text to read, line by line: who did what when, counted from its beginning. Bodies are cut to 300 characters and
 * heartbeats left out, unless `isFull`. A line that is not of a recording is said and left out.
 */
export async function* recordingText(
  lines: AsyncIterable<string> | Iterable<string>,
  { isFull = false }: { isFull?: boolean } = {},
): AsyncGenerator<string> {
  let begin: number | undefined;
  let number = 0;
  for await (const text of lines) {
    number++;
    if (text.trim() === '') continue;
    const line = parse(text);
    if (!line) {
      yield `line ${number} is not of a recording`;
      continue;
    }
    begin ??= line.at;
    const [head, ...more] = linesOf(line, isFull);
    if (head !== undefined) yield `${elapsed(Math.max(0, line.at - begin))}  ${head}`;
    yield* more;
  }
}
