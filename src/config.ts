/** Settings: environment → validated object. The table of all settings is in config/table.ts. */
import { isIP } from 'node:net';
import type { DatabaseTls, RedisAddress } from './config/addresses.js';
import { type SettingProblem, SettingsError, showValue } from './config/errors.js';
import { type LOG_LEVELS, SETTING_ROWS, type SettingName, type SettingValues } from './config/table.js';
import type { AgentShare, AllowedHost } from './config/values.js';

export type { DatabaseTls, RedisAddress } from './config/addresses.js';
export { loadEnvFile } from './config/env-file.js';
export { SettingsError } from './config/errors.js';
export type { AgentShare, AllowedHost } from './config/values.js';

/** The settings of one process. Durations carry their unit in the name. */
export interface Settings {
  discord: {
    /** undefined: start the playground. */
    token: string | undefined;
    /** Without a slash at its end. */
    apiUrl: string;
    /** undefined: commands are global. */
    guildId: string | undefined;
    ownerIds: string[];
  };
  stores: {
    /** undefined: start an embedded Postgres. */
    databaseUrl: string | undefined;
    /** For the `ssl` option of postgres.js; undefined: leave it to the address. */
    databaseTls: DatabaseTls;
    databaseSchema: string;
    databaseWaitSeconds: number;
    redis: RedisAddress;
    redisPrefix: string;
    redisAllowEviction: boolean;
    /** Directory of the embedded services' data, as given: relative to the working directory. */
    home: string;
  };
  http: {
    host: string;
    port: number;
    /** Whether the port was given: then a taken port ends the start, otherwise the next free one is used. */
    portNamed: boolean;
  };
  agents: {
    /** Agents that this process runs; an empty list: no worker. */
    run: 'all' | AgentShare[];
    defaultAgent: string;
    modules: string[];
    apiCallAllowedHosts: AllowedHost[];
    /** Tasks at once per agent, where `run` says nothing else. */
    concurrency: number;
    /** Megabytes of JavaScript heap of one run in a thread of its own. */
    memoryMb: number;
  };
  tasks: {
    /** Pending tasks per agent and guild; 0: no limit. */
    maxQueueSize: number;
    channelLimit: number;
    defaultTtlSeconds: number;
    maxRetryCount: number;
    baseRetryDelaySeconds: number;
    maxRetryDelaySeconds: number;
    softTimeoutSeconds: number;
    hardTimeoutSeconds: number;
    retentionDays: number;
    /** Kept per channel; 0: no limit. */
    maxCompletedTasks: number;
    /** Kept per channel; 0: no limit. */
    maxFailedTasks: number;
    cleanupIntervalMs: number;
  };
  engine: {
    leaseSeconds: number;
    shutdownGraceSeconds: number;
  };
  logLevel: (typeof LOG_LEVELS)[number];
}

/**
 * Reads the settings from environment variables; a variable that is empty or blank counts as not set. Throws `SettingsError`
 * naming every setting that cannot be used, with its bounds and what it was, tokens and passwords masked.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const problems: SettingProblem[] = [];
  const values = readValues(env, problems);
  if (problems.length === 0) problems.push(...crossChecks(values as SettingValues));
  if (problems.length > 0) throw new SettingsError(problems);
  return grouped(values as SettingValues, isSet(env, 'HTTP_PORT'));
}

function isSet(env: NodeJS.ProcessEnv, name: SettingName): boolean {
  return (env[name] ?? '').trim() !== '';
}

function readValues(env: NodeJS.ProcessEnv, problems: SettingProblem[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(SETTING_ROWS)) {
    const given = isSet(env, name as SettingName) ? (env[name] as string).trim() : row.default;
    if (given === undefined) continue;
    const result = row.schema.safeParse(given);
    if (result.success) {
      values[name] = result.data;
      continue;
    }
    const issue = result.error.issues.find((each) => each.code === 'custom' && each.params?.say === true);
    const why = issue === undefined ? '' : ` (${issue.message})`;
    problems.push({ name, message: `${name} must be ${row.bounds}; it was ${showValue(given, row.secrecy)}${why}` });
  }
  return values;
}

function crossChecks(values: SettingValues): SettingProblem[] {
  const problems: SettingProblem[] = [];
  const atMost = (low: SettingName, high: SettingName, holds: boolean, words: string) => {
    if (!holds)
      problems.push({ name: low, message: `${low} must be ${words} ${high}; they were ${values[low]} and ${values[high]}` });
  };
  const { TASK_SOFT_TIMEOUT: soft, TASK_HARD_TIMEOUT: hard } = values;
  const { TASK_BASE_RETRY_DELAY: base, TASK_MAX_RETRY_DELAY: max } = values;
  atMost('TASK_SOFT_TIMEOUT', 'TASK_HARD_TIMEOUT', soft < hard, 'less than');
  atMost('TASK_BASE_RETRY_DELAY', 'TASK_MAX_RETRY_DELAY', base <= max, 'at most');
  const host = values.HTTP_HOST;
  if (host.includes(':') && isIP(host) !== 6) {
    problems.push({
      name: 'HTTP_HOST',
      message: `HTTP_HOST must be ${SETTING_ROWS.HTTP_HOST.bounds}, without a port; it was ${showValue(host, 'plain')}`,
    });
  }
  return problems;
}

function grouped(values: SettingValues, portNamed: boolean): Settings {
  return {
    discord: {
      token: values.DISCORD_TOKEN,
      apiUrl: values.DISCORD_API_URL,
      guildId: values.DISCORD_GUILD_ID,
      ownerIds: values.OWNER_IDS ?? [],
    },
    stores: {
      databaseUrl: values.DATABASE_URL?.url,
      databaseTls: values.DATABASE_URL?.tls,
      databaseSchema: values.DATABASE_SCHEMA,
      databaseWaitSeconds: values.DATABASE_WAIT_SECONDS,
      redis: values.REDIS_URL ?? { kind: 'embedded' },
      redisPrefix: values.REDIS_PREFIX,
      redisAllowEviction: values.REDIS_ALLOW_EVICTION,
      home: values.GUILDHALL_HOME,
    },
    http: { host: values.HTTP_HOST, port: values.HTTP_PORT, portNamed },
    agents: {
      run: values.AGENTS,
      defaultAgent: values.DEFAULT_AGENT,
      modules: values.AGENT_MODULES ?? [],
      apiCallAllowedHosts: values.API_CALL_ALLOWED_HOSTS ?? [],
      concurrency: values.WORKER_CONCURRENCY,
      memoryMb: values.AGENT_MEMORY_MB,
    },
    tasks: taskSettings(values),
    engine: { leaseSeconds: values.LEASE_SECONDS, shutdownGraceSeconds: values.SHUTDOWN_GRACE_SECONDS },
    logLevel: values.LOG_LEVEL,
  };
}

function taskSettings(values: SettingValues): Settings['tasks'] {
  return {
    maxQueueSize: values.TASK_MAX_QUEUE_SIZE,
    channelLimit: values.TASK_CHANNEL_LIMIT,
    defaultTtlSeconds: values.TASK_DEFAULT_TTL,
    maxRetryCount: values.TASK_MAX_RETRY_COUNT,
    baseRetryDelaySeconds: values.TASK_BASE_RETRY_DELAY,
    maxRetryDelaySeconds: values.TASK_MAX_RETRY_DELAY,
    softTimeoutSeconds: values.TASK_SOFT_TIMEOUT,
    hardTimeoutSeconds: values.TASK_HARD_TIMEOUT,
    retentionDays: values.TASK_RETENTION_DAYS,
    maxCompletedTasks: values.MAX_COMPLETED_TASKS,
    maxFailedTasks: values.MAX_FAILED_TASKS,
    cleanupIntervalMs: values.TASK_CLEANUP_INTERVAL,
  };
}
