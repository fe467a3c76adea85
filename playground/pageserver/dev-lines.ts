/** How REST calls and gateway frames look in the developer panel: one line each, and the bodies with their secrets masked. */
import type { LedgerEntry, RestAnswered } from '../api.js';
import type { GatewayFrame } from '../gateway/frames.js';
import { maskSecrets } from '../secrets.js';
import type { FrameLine, RestLine } from './dev-protocol.js';

/** One part of what is shown of a line that is looked at. */
export interface Part {
  title: string;
  text: string;
}

/** A body is shown up to this many characters: a guild of thousands is not for reading. */
const LONGEST_TEXT = 60_000;

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
  31: 'REQUEST_SOUNDBOARD_SOUNDS',
};

/** JSON with line breaks; anything else as it is. Cut when very long. */
export function pretty(value: unknown): string {
  const text = typeof value === 'string' ? indented(value) : (JSON.stringify(value, null, 2) ?? '');
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}\n… ${text.length - LONGEST_TEXT} characters more`;
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // no JSON: shown as it came
  }
}

export function restLine(n: number, entry: LedgerEntry): RestLine {
  const { at, method, route, status, durationMs } = entry;
  return {
    n,
    at,
    method,
    route,
    path: maskSecrets(entry.path.replace(/^\/api(?:\/v\d+)?/, '')),
    status,
    ms: Math.round(durationMs * 10) / 10,
    ...(entry.code !== undefined && { code: entry.code }),
    ...(entry.retryAfterMs !== undefined && { waitMs: entry.retryAfterMs }),
    ...(entry.scope !== undefined && { scope: entry.scope }),
    ...(entry.fault !== undefined && { fault: entry.fault }),
    ...(entry.violations !== undefined && { violations: entry.violations.length }),
  };
}

export function restParts({ entry, headers, answer }: RestAnswered): Part[] {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const parts: (Part | false)[] = [
    { title: 'Path', text: `${entry.method} ${entry.path}` },
    entry.body !== undefined && { title: 'Request body', text: pretty(entry.body) },
    entry.violations !== undefined && { title: "Against Discord's schemas", text: entry.violations.join('\n') },
    entry.fault !== undefined && { title: 'Fault', text: entry.fault },
    lines.length > 0 && { title: 'Answer headers', text: lines.join('\n') },
    answer !== undefined && { title: 'Answer body', text: pretty(answer) },
  ];
  return parts.filter((part) => part !== false);
}

export function frameLine(n: number, frame: GatewayFrame): FrameLine {
  const { at, connection, kind } = frame;
  if (kind === 'open') return { n, at, connection, direction: 'open', name: `connected ${frame.url}`, size: 0 };
  if (kind === 'close') return { n, at, connection, direction: 'close', name: `closed with ${frame.code}`, size: 0 };
  const { direction, op, t, s, text } = frame;
  return { n, at, connection, direction, name: t ?? OPCODES[op] ?? `op ${op}`, op, s, size: text.length };
}
