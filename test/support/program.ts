/** The real program as a process of its own: `dist/src/main.js` under Node.js, with the settings of the test and nothing else of our environment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

/** The build that is tested; TEST_PROGRAM names another one. `npm test` builds before it tests. */
const MAIN = process.env.TEST_PROGRAM ?? fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

/** What the local Discord says of a route that it does not have, and how a body that Discord refuses shows in a log. */
const NONCONFORMING = /playground: no route answers|DiscordAPIError\[50035\]|"code":50035\b/;

/** Seconds to ready are promised below 5 on an idle machine; tests share two cores with each other. */
const READY_MS = 45_000;

/** One line of the program's log. */
export interface LogLine {
  level: number;
  msg: string;
  [detail: string]: unknown;
}

/** The line `ready`. */
export interface Ready extends LogLine {
  url: string;
  postgres: string;
  redis: string;
  discord: string;
}

/** How a process ended. */
export interface End {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Program {
  readonly pid: number;
  /** Lines of the log so far. */
  readonly log: readonly LogLine[];
  /** Everything it wrote, standard error included. */
  output(): string;
  /** Resolves with the line `ready`; rejects with its output when it ends before that. */
  ready(): Promise<Ready>;
  /** Resolves with the first line whose message fits. */
  said(message: RegExp, limitMs?: number): Promise<LogLine>;
  /** With `group`, to it and all of its process group, as a terminal does at Ctrl-C. */
  kill(signal: NodeJS.Signals, to?: 'process' | 'group'): void;
  /** Resolves when it has ended; rejects with its output when it has not within the limit. */
  ended(limitMs?: number): Promise<End>;
  /** Ends it at once, unless it has ended; rejects when it asked Discord for what there is not, or with what it refuses. */
  end(): Promise<void>;
}

/** Starts it in `directory`, where no `.env` lies. */
export function startProgram(directory: string, settings: Record<string, string>): Program {
  const child = spawn(process.execPath, [MAIN], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    // The leader of a process group, as what a shell starts.
    detached: true,
  });
  const log: LogLine[] = [];
  const lines: string[] = [];
  hear(child, lines, log);
  let end: End | undefined;
  child.once('close', (code, signal) => {
    end = { code, signal };
  });
  const output = () => lines.join('\n');
  const seen = <T>(what: string, look: () => T | undefined, limitMs: number): Promise<T> =>
    until(what, () => look() ?? (end === undefined ? undefined : Promise.reject(new Error(`it ended first`))), limitMs).catch(
      (error: Error) => Promise.reject(new Error(`${error.message}\n${JSON.stringify(end)}\n${output()}`)),
    ) as Promise<T>;
  const ended = async (limitMs = 45_000) => {
    await until('the end of the program', () => end !== undefined, limitMs).catch((error: Error) => {
      throw new Error(`${error.message}\n${output()}`);
    });
    return end as End;
  };
  const pid = child.pid ?? 0;
  return {
    pid,
    log,
    output,
    ready: () => seen('ready', () => log.find(({ msg }) => msg === 'ready') as Ready | undefined, READY_MS),
    said: (message, limitMs = 45_000) => seen(String(message), () => log.find(({ msg }) => message.test(msg)), limitMs),
    kill: (signal, to = 'process') => void process.kill(to === 'group' ? -pid : pid, signal),
    ended,
    async end() {
      if (end === undefined) {
        child.kill('SIGKILL');
        await ended();
      }
      const wrong = lines.filter((line) => NONCONFORMING.test(line));
      if (wrong.length > 0) throw new Error(`Discord would not take this:\n${wrong.join('\n')}`);
    },
  };
}

function hear(child: ChildProcess, lines: string[], log: LogLine[]): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (line.startsWith('{')) log.push(JSON.parse(line) as LogLine);
    });
  }
}
