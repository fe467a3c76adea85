/** Every setting: its name, default, bounds and meaning. Settings, messages, .env.example and the README come from here. */
import { z } from 'zod';
import { databaseAddress, discordApiUrl, redisAddress } from './addresses.js';
import type { Secrecy } from './errors.js';
import { agentId, agentShares, allowedHost, commaSeparated, flag, snowflake, wholeNumber } from './values.js';

/** One row of the table of settings. */
interface SettingRow<T, D extends string | undefined> {
  /** The default as text, parsed like a given value; undefined: nothing is set and `meaning` says what happens then. */
  default: D;
  /** Ends the sentence "NAME must be …". */
  bounds: string;
  meaning: string;
  /** How much of a bad value may be shown. */
  secrecy: Secrecy;
  schema: z.ZodType<T, string>;
}

function row<T, D extends string | undefined>(
  schema: z.ZodType<T, string>,
  text: { default: D; bounds: string; meaning: string; secrecy?: Secrecy },
): SettingRow<T, D> {
  return { secrecy: 'plain', ...text, schema };
}

function number(min: number, max: number, unit: string, text: { default: string; meaning: string }) {
  return row(wholeNumber(min, max), { bounds: `a whole number of ${unit} from ${min} to ${max}`, ...text });
}

function numberOrNone(min: number, max: number, unit: string, text: { default: string; meaning: string }) {
  const bounds = `a whole number of ${unit} from ${min} to ${max}, or 0 for none`;
  return row(wholeNumber(min, max, { orZero: true }), { bounds, ...text });
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const discord = {
  DISCORD_TOKEN: row(z.string().regex(/^[A-Za-z0-9._-]{1,200}$/), {
    default: undefined,
    bounds: "a bot token: letters, digits, dots, dashes and underscores, without 'Bot ' before it",
    meaning: 'Token of the bot. Without it the local Discord (playground) is started instead.',
    secrecy: 'token',
  }),
  DISCORD_API_URL: row(discordApiUrl, {
    default: 'https://discord.com/api',
    bounds: 'an https address, or an http address of this machine (localhost, 127.0.0.1, [::1]), without user and query',
    meaning: "Base of Discord's REST API.",
    secrecy: 'address',
  }),
  DISCORD_GUILD_ID: row(snowflake, {
    default: undefined,
    bounds: 'the id of a guild: 17 to 20 digits',
    meaning: 'Register the commands in this guild only. Without it they are global.',
  }),
  OWNER_IDS: row(commaSeparated(snowflake, 50), {
    default: undefined,
    bounds: 'at most 50 user ids (17 to 20 digits each), comma separated',
    meaning: "Users that count as the application's owners, besides those that Discord names.",
  }),
};

const stores = {
  DATABASE_URL: row(databaseAddress, {
    default: undefined,
    bounds: 'a postgres:// or postgresql:// address; sslmode, sslrootcert, sslcert and sslkey are understood',
    meaning: 'Postgres 14 or newer. Without it an embedded Postgres is started.',
    secrecy: 'address',
  }),
  DATABASE_SCHEMA: row(z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/), {
    default: 'guildhall',
    bounds: 'at most 63 lower-case letters, digits and underscores, not a digit first',
    meaning: "Schema that holds Guildhall's tables.",
  }),
  DATABASE_WAIT_SECONDS: number(1, 3600, 'seconds', {
    default: '60',
    meaning: 'How long the start waits for a Postgres that does not answer.',
  }),
  REDIS_URL: row(redisAddress, {
    default: undefined,
    bounds:
      'off, or an address: redis://, rediss://, redis+sentinel://host:port,host:port/master or redis+cluster://host:port,host:port ' +
      '(rediss+… with TLS)',
    meaning: 'Redis 7 or newer. Without it an embedded Redis is started; off: database-only mode.',
    secrecy: 'address',
  }),
  REDIS_PREFIX: row(z.string().regex(/^[a-z0-9:_-]{1,32}$/), {
    default: 'gh',
    bounds: 'at most 100 lower-case letters, digits, colons, dashes and underscores',
    meaning: 'First part of every Redis key.',
  }),
  REDIS_ALLOW_EVICTION: row(flag, {
    default: 'false',
    bounds: 'true or false',
    meaning: 'Accept a Redis whose maxmemory-policy may evict keys.',
  }),
  GUILDHALL_HOME: row(
    z
      .string()
      .min(1)
      .max(500)
      .refine((path) => !path.includes('\0')),
    {
      default: '.guildhall',
      bounds: 'the path of a directory, at most 500 characters',
      meaning: 'Data of the embedded services.',
    },
  ),
};

const http = {
  HTTP_HOST: row(z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/), {
    default: '127.0.0.1',
    bounds: 'a host name or address of this machine',
    meaning: 'Where health, the playground page and later the API listen.',
  }),
  HTTP_PORT: row(wholeNumber(0, 65_535), {
    default: '3000',
    bounds: 'a whole number from 0 to 65535',
    meaning:
      'Port of the same. When it is not set and 3000 is taken: the next free one; set and taken: the start ends; 0 picks one.',
  }),
};

const agents = {
  AGENTS: row(agentShares, {
    default: 'all',
    bounds: 'all, none, or comma separated agents, each as id or id:concurrency (1 to 1000), none of them twice',
    meaning: 'Agents that this process runs; none: no worker.',
  }),
  DEFAULT_AGENT: row(agentId, {
    default: 'sample',
    bounds: "an agent's id: at most 100 lower-case letters, digits, dashes and underscores",
    meaning: 'Agent that also serves the default queue.',
  }),
  AGENT_MODULES: row(commaSeparated(z.string().min(1).max(500), 50), {
    default: undefined,
    bounds: 'at most 50 module paths or package names, comma separated',
    meaning: 'Modules with agents of your own.',
  }),
  AGENT_MEMORY_MB: number(32, 65_536, 'megabytes', {
    default: '512',
    meaning: 'Memory (JavaScript heap) of one run of an agent in a thread of its own; a run that needs more fails.',
  }),
  API_CALL_ALLOWED_HOSTS: row(commaSeparated(allowedHost, 100), {
    default: undefined,
    bounds: 'at most 100 hosts, comma separated, each as host or host:port',
    meaning: 'Hosts that the api-call agent may reach although their addresses are private.',
  }),
  WORKER_CONCURRENCY: number(1, 1000, 'tasks', { default: '10', meaning: 'Tasks at once per agent in this process.' }),
};

const tasks = {
  TASK_MAX_QUEUE_SIZE: numberOrNone(100, 10_000, 'tasks', { default: '1000', meaning: 'Pending tasks per agent and guild.' }),
  TASK_CHANNEL_LIMIT: number(10, 1000, 'tasks', { default: '100', meaning: 'Unfinished tasks per channel.' }),
  TASK_DEFAULT_TTL: number(300, 86_400, 'seconds', { default: '3600', meaning: 'A task has to be started within this time.' }),
  TASK_MAX_RETRY_COUNT: number(0, 10, 'retries', { default: '3', meaning: 'Retries of a failed task.' }),
  TASK_BASE_RETRY_DELAY: number(1, 60, 'seconds', { default: '2', meaning: 'Wait before the first retry; it grows from there.' }),
  TASK_MAX_RETRY_DELAY: number(1, 3600, 'seconds', { default: '30', meaning: 'Longest wait before a retry.' }),
  TASK_SOFT_TIMEOUT: number(1, 86_399, 'seconds', {
    default: '1500',
    meaning: 'Running time after which an agent is asked to stop. Less than TASK_HARD_TIMEOUT.',
  }),
  TASK_HARD_TIMEOUT: number(2, 86_400, 'seconds', { default: '1800', meaning: 'Running time after which a task is ended.' }),
  TASK_RETENTION_DAYS: number(1, 3650, 'days', { default: '7', meaning: 'Ended tasks are kept this long.' }),
  MAX_COMPLETED_TASKS: numberOrNone(1, 1_000_000, 'tasks', {
    default: '1000',
    meaning: 'Completed tasks kept per channel; 0: no limit.',
  }),
  MAX_FAILED_TASKS: numberOrNone(1, 1_000_000, 'tasks', {
    default: '200',
    meaning: 'Failed tasks kept per channel; 0: no limit.',
  }),
  TASK_CLEANUP_INTERVAL: number(1000, 86_400_000, 'milliseconds', { default: '300000', meaning: 'Time between two cleanups.' }),
};

const engine = {
  LEASE_SECONDS: number(5, 300, 'seconds', {
    default: '15',
    meaning: 'A worker that is not heard of for this long loses its tasks to the others.',
  }),
  SHUTDOWN_GRACE_SECONDS: number(0, 600, 'seconds', {
    default: '20',
    meaning: 'How long a stop waits for running tasks before it hands them back.',
  }),
  LOG_LEVEL: row(z.enum(LOG_LEVELS), { default: 'info', bounds: `one of ${LOG_LEVELS.join(', ')}`, meaning: 'What is logged.' }),
};

/** The rows by group, in the order of .env.example and the README. */
export const SETTING_GROUPS = {
  Discord: discord,
  Stores: stores,
  HTTP: http,
  Agents: agents,
  Tasks: tasks,
  Engine: engine,
} as const;

/** The rows by name. */
export const SETTING_ROWS = { ...discord, ...stores, ...http, ...agents, ...tasks, ...engine } as const;

export type SettingName = keyof typeof SETTING_ROWS;

/** The value of each setting: undefined is possible where there is no default. */
export type SettingValues = {
  [N in SettingName]: (typeof SETTING_ROWS)[N] extends { default: string; schema: z.ZodType<infer T, string> }
    ? T
    : (typeof SETTING_ROWS)[N] extends { schema: z.ZodType<infer T, string> }
      ? T | undefined
      : never;
};

/** The text of .env.example: every setting with its meaning, bounds and default, commented out. */
export function renderEnvExample(): string {
  const lines = ['# Every setting of Guildhall. All are optional: uncomment and change what you need, in a file named .env.'];
  for (const [group, rows] of Object.entries(SETTING_GROUPS)) {
    lines.push('', `## ${group}`);
    for (const [name, { meaning, bounds, default: value }] of Object.entries(rows)) {
      lines.push('', `# ${meaning}`, `# Must be ${bounds}.`, `#${name}=${value ?? ''}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** The table of settings for the README, in Markdown. */
export function renderMarkdownTable(): string {
  const lines = ['| name | default | meaning | must be |', '| --- | --- | --- | --- |'];
  for (const [name, { meaning, bounds, default: value }] of Object.entries(SETTING_ROWS)) {
    const cells = [`\`${name}\``, value === undefined ? '' : `\`${value}\``, meaning, bounds];
    lines.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}
