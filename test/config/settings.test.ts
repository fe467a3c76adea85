import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SETTING_ROWS } from '../../src/config/table.js';
import { readSettings, SettingsError } from '../../src/config.js';

/** The problems that these variables give; fails when they give none. */
function problemsOf(env: Record<string, string>): Map<string, string> {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return new Map(error.problems.map(({ name, message }) => [name, message]));
    throw error;
  }
  throw new Error('no problem was found');
}

describe('settings', () => {
  it('need none: these are the defaults', () => {
    expect(readSettings({})).toEqual({
      discord: { token: undefined, apiUrl: 'https://discord.com/api', guildId: undefined, ownerIds: [] },
      stores: {
        databaseUrl: undefined,
        databaseTls: undefined,
        databaseSchema: 'guildhall',
        databaseWaitSeconds: 60,
        redis: { kind: 'embedded' },
        redisPrefix: 'gh',
        redisAllowEviction: false,
        home: '.guildhall',
      },
      http: { host: '127.0.0.1', port: 3000, portNamed: false },
      agents: { run: 'all', defaultAgent: 'sample', modules: [], apiCallAllowedHosts: [], concurrency: 10, memoryMb: 512 },
      tasks: {
        maxQueueSize: 1000,
        channelLimit: 100,
        defaultTtlSeconds: 3600,
        maxRetryCount: 3,
        baseRetryDelaySeconds: 2,
        maxRetryDelaySeconds: 30,
        softTimeoutSeconds: 1500,
        hardTimeoutSeconds: 1800,
        retentionDays: 7,
        maxCompletedTasks: 1000,
        maxFailedTasks: 200,
        cleanupIntervalMs: 300_000,
      },
      engine: { leaseSeconds: 15, shutdownGraceSeconds: 20 },
      logLevel: 'info',
    });
  });

  it('count as not set when empty or blank', () => {
    const blank = Object.fromEntries(Object.keys(SETTING_ROWS).map((name) => [name, ' ']));
    expect(readSettings(blank)).toEqual(readSettings({}));
  });

  it('tell a named port from the default', () => {
    expect(readSettings({ HTTP_PORT: '3000' }).http.portNamed).toBe(true);
    expect(readSettings({ HTTP_PORT: '0' }).http).toMatchObject({ port: 0, portNamed: true });
  });

  // Name, smallest, largest, another that is fine.
  it.each([
    ['TASK_MAX_QUEUE_SIZE', 100, 10_000, 0],
    ['TASK_CHANNEL_LIMIT', 10, 1000, 11],
    ['TASK_DEFAULT_TTL', 300, 86_400, 301],
    ['TASK_MAX_RETRY_COUNT', 0, 10, 1],
    ['TASK_RETENTION_DAYS', 1, 3650, 2],
    ['MAX_COMPLETED_TASKS', 1, 1_000_000, 0],
    ['MAX_FAILED_TASKS', 1, 1_000_000, 0],
    ['TASK_CLEANUP_INTERVAL', 1000, 86_400_000, 1001],
    ['TASK_MAX_RETRY_DELAY', 2, 3600, 3],
    ['LEASE_SECONDS', 5, 300, 6],
    ['SHUTDOWN_GRACE_SECONDS', 0, 600, 1],
    ['DATABASE_WAIT_SECONDS', 1, 3600, 2],
    ['WORKER_CONCURRENCY', 1, 1000, 2],
    ['HTTP_PORT', 0, 65_535, 1],
  ])('%s is from %i to %i', (name, min, max, fine) => {
    for (const value of [min, max, fine]) expect(() => readSettings({ [name]: String(value) })).not.toThrow();
    for (const value of [String(max + 1), '-1', '1.5', '1e3', 'many', '0x10']) {
      expect(problemsOf({ [name]: value }).get(name)).toMatch(
        new RegExp(`^${name} must be .*; it was "${value.replace('.', '\\.')}"$`),
      );
    }
  });

  it('name every bad one with its bounds and what it was', () => {
    const problems = problemsOf({ LOG_LEVEL: 'loud', TASK_CHANNEL_LIMIT: '5', AGENTS: 'a,a' });
    expect([...problems.keys()].sort()).toEqual(['AGENTS', 'LOG_LEVEL', 'TASK_CHANNEL_LIMIT']);
    expect(problems.get('TASK_CHANNEL_LIMIT')).toBe(
      'TASK_CHANNEL_LIMIT must be a whole number of tasks from 10 to 1000; it was "5"',
    );
  });

  it('cut a long value and escape control characters in messages', () => {
    const message = problemsOf({ LOG_LEVEL: `\u001b[31m\n${'x'.repeat(5_000)}` }).get('LOG_LEVEL') ?? '';
    expect(message.length).toBeLessThan(300);
    expect(message).not.toContain('\u001b');
    expect(message).not.toContain('\n');
  });

  it('check pairs: soft before hard timeout, first delay within the longest', () => {
    expect(problemsOf({ TASK_SOFT_TIMEOUT: '1800' }).get('TASK_SOFT_TIMEOUT')).toBe(
      'TASK_SOFT_TIMEOUT must be less than TASK_HARD_TIMEOUT; they were 1800 and 1800',
    );
    expect(problemsOf({ TASK_BASE_RETRY_DELAY: '31' }).get('TASK_BASE_RETRY_DELAY')).toContain('they were 31 and 30');
    expect(() => readSettings({ TASK_BASE_RETRY_DELAY: '30' })).not.toThrow();
  });

  it('read lists of agents', () => {
    const run = (AGENTS: string) => readSettings({ AGENTS }).agents.run;
    expect(run('all')).toBe('all');
    expect(run('none')).toEqual([]);
    expect(run('sample, api-call:3,')).toEqual([
      { id: 'sample', concurrency: undefined },
      { id: 'api-call', concurrency: 3 },
    ]);
    for (const bad of ['sample:0', 'sample:1001', 'sample:x', 'sample:1:2', 'Sample', 'a b', ',', 'sample,sample:2']) {
      expect(problemsOf({ AGENTS: bad }).has('AGENTS')).toBe(true);
    }
  });

  it('read ids, hosts, modules and flags', () => {
    const settings = readSettings({
      OWNER_IDS: '123456789012345678, 12345678901234567',
      API_CALL_ALLOWED_HOSTS: 'Intranet.example:8080,10.0.0.7,[fd00::1]:443',
      AGENT_MODULES: './my-agent.js, @me/agents',
      REDIS_ALLOW_EVICTION: 'Yes',
    });
    expect(settings.discord.ownerIds).toEqual(['123456789012345678', '12345678901234567']);
    expect(settings.agents.apiCallAllowedHosts).toEqual([
      { host: 'intranet.example', port: 8080 },
      { host: '10.0.0.7', port: undefined },
      { host: 'fd00::1', port: 443 },
    ]);
    expect(settings.agents.modules).toEqual(['./my-agent.js', '@me/agents']);
    expect(settings.stores.redisAllowEviction).toBe(true);
    const bad = {
      OWNER_IDS: 'me',
      DISCORD_GUILD_ID: '12',
      API_CALL_ALLOWED_HOSTS: 'http://x/',
      REDIS_ALLOW_EVICTION: 'maybe',
      HTTP_HOST: '127.0.0.1:3000',
      DATABASE_SCHEMA: 'Robert; drop',
      REDIS_PREFIX: 'a b',
    };
    for (const [name, value] of Object.entries(bad)) expect(problemsOf({ [name]: value }).has(name)).toBe(true);
  });
});

describe('addresses', () => {
  const redis = (REDIS_URL: string) => readSettings({ REDIS_URL }).stores.redis;

  it('of Redis come in four shapes and off', () => {
    expect(redis('off')).toEqual({ kind: 'off' });
    expect(redis('redis://cache:6379/2')).toEqual({ kind: 'single', url: 'redis://cache:6379/2' });
    expect(redis('rediss://user:pass@cache')).toEqual({ kind: 'single', url: 'rediss://user:pass@cache' });
    expect(redis('redis+sentinel://u:p%40ss@a:1,[::1]/main')).toEqual({
      kind: 'sentinel',
      sentinels: [
        { host: 'a', port: 1 },
        { host: '::1', port: 26_379 },
      ],
      master: 'main',
      database: 0,
      username: 'u',
      password: 'p@ss',
      tls: false,
    });
    expect(redis('redis+sentinel://a/main/3')).toMatchObject({ database: 3, username: undefined, password: undefined });
    expect(redis('rediss+cluster://:secret@a:7000,b:7001')).toEqual({
      kind: 'cluster',
      nodes: [
        { host: 'a', port: 7000 },
        { host: 'b', port: 7001 },
      ],
      username: undefined,
      password: 'secret',
      tls: true,
    });
  });

  it.each([
    'http://cache',
    'redis://',
    'redis://cache:99999',
    'redis://cache/x',
    'redis+sentinel://a:1,b:2',
    'redis+cluster://a:1/0',
    'redis+cluster://a:1,,b:2',
    'redis+cluster://u:%zz@a:1',
    'localhost:6379',
  ])('of Redis cannot be %s', (value) => {
    expect(problemsOf({ REDIS_URL: value }).has('REDIS_URL')).toBe(true);
  });

  const database = (DATABASE_URL: string) => readSettings({ DATABASE_URL }).stores;

  it('of Postgres say whether and how TLS is used', async () => {
    expect(database('postgres://u:p@db:5432/app')).toMatchObject({
      databaseUrl: 'postgres://u:p@db:5432/app',
      databaseTls: undefined,
    });
    expect(database('postgresql://db/app?sslmode=disable').databaseTls).toBe(false);
    expect(database('postgres://db/app?sslmode=prefer').databaseTls).toBe('prefer');
    expect(database('postgres://db/app?sslmode=require').databaseTls).toBe('require');
    expect(database('postgres://db/app?sslmode=verify-full').databaseTls).toEqual({ rejectUnauthorized: true });
    expect(database('postgres://db/app?sslmode=verify-ca').databaseTls).toMatchObject({
      rejectUnauthorized: true,
      checkServerIdentity: expect.any(Function),
    });
    const folder = await mkdtemp(join(tmpdir(), 'guildhall-config-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'root.crt');
    await writeFile(file, 'certificate');
    const withRoot = database(`postgres://db/app?sslmode=verify-full&sslrootcert=${file}`);
    expect(withRoot.databaseTls).toEqual({ ca: 'certificate', rejectUnauthorized: true });
    expect(withRoot.databaseUrl).toBe('postgres://db/app?sslmode=verify-full');
  });

  it.each([
    ['mysql://db/app', 'it is not an address'],
    ['postgres:///app', 'it names no host'],
    ['postgres://db/app?sslmode=maybe', 'sslmode must be one of disable'],
    ['postgres://db/app?sslrootcert=/nowhere/root.crt', 'cannot be read (ENOENT)'],
    ['postgres://u:p#x@db/app', 'must be percent-encoded'],
    ['postgres://u:100%@db/app', 'must be percent-encoded'],
  ])('of Postgres cannot be %s', (value, why) => {
    expect(problemsOf({ DATABASE_URL: value }).get('DATABASE_URL')).toContain(why);
  });

  it("of Discord's API are https, or http on this machine", () => {
    const base = (DISCORD_API_URL: string) => readSettings({ DISCORD_API_URL }).discord.apiUrl;
    expect(base('https://discord.example/api/')).toBe('https://discord.example/api');
    expect(base('http://127.0.0.1:4000/api')).toBe('http://127.0.0.1:4000/api');
    expect(base('http://[::1]:4000')).toBe('http://[::1]:4000');
    for (const bad of [
      'http://discord.example',
      'http://127.0.0.1.example',
      'https://u@discord.example',
      'https://d.example?x=1',
      'ftp://d',
      'x',
    ]) {
      expect(problemsOf({ DISCORD_API_URL: bad }).has('DISCORD_API_URL')).toBe(true);
    }
  });
});

describe('secrets', () => {
  it.each([
    ['DISCORD_TOKEN', 'Bot hunter2.token'],
    ['DATABASE_URL', 'postgres://user:hunter2@db/app?sslmode=maybe'],
    ['DATABASE_URL', 'postgres://user:hunter2#@db/app'],
    ['DATABASE_URL', 'mysql://user:hunter2@db/app?password=hunter2'],
    ['DATABASE_URL', 'hunter2'],
    ['DATABASE_URL', 'postgres://user:hunter2%@db'],
    ['REDIS_URL', 'redis://:hunter2@cache:99999'],
    ['REDIS_URL', 'redis+sentinel://:hunter2@a:1,b:2'],
    ['REDIS_URL', 'redis://:x@hunter2@cache/x'],
    ['DISCORD_API_URL', 'https://user:hunter2@discord.example'],
  ])('of %s are not in its message: %s', (name, value) => {
    const message = problemsOf({ [name]: value }).get(name) ?? '';
    expect(message).toMatch(new RegExp(`^${name} must be .*; it was `));
    expect(message).not.toContain('hunter2');
  });
});
