/**
 * The real program between a local Discord in the test's process and the run's stores: what a person does in Discord, what Postgres says afterwards, and
 * programs that can be killed. Each stage has a Discord, a schema and a key prefix of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type APIMessage, MessageFlags } from 'discord-api-types/v10';
import postgres from 'postgres';
import type { TestContext } from 'vitest';
import type { Answer, Person, Playground, PlaygroundOptions } from '../../playground/api.js';
import { createPlayground } from '../../playground/index.js';
import { expectConforming } from '../support/conformance.js';
import { type Program, startProgram } from '../support/program.js';
import { testStores } from '../support/stores.js';
import { until } from '../support/until.js';

/** Seconds: the shortest lease there is. */
export const LEASE_SECONDS = 5;

/** One row of `tasks`, as far as the tests look at it. */
export interface StoredTask {
  id: string;
  title: string;
  status: string;
  attempt: number;
  failures: number;
  recoveries: number;
  worker_id: string | null;
}

export interface Stage {
  playground: Playground;
  member: Person;
  sql: postgres.Sql;
  /** An empty directory, the programs' working directory. */
  directory: string;
  stores: ReturnType<typeof testStores>;
  /** Starts a program, with these settings beside or instead of the usual ones; an empty text takes a setting away. */
  start(settings?: Record<string, string>): Program;
  /** `/task create` with the sample agent by the member in #tasks; gives the answer, which must be a card. */
  create(title: string, input: string): Promise<Answer>;
  /** A command of the member in #tasks whose answer only the member sees: what it says in the end, and after how many ms. */
  ask(line: string, options?: Record<string, string>): Promise<{ answer: Answer; text: string; afterMs: number }>;
  tasks(): Promise<StoredTask[]>;
  /** Waits until as many tasks as that are stored and all satisfy the test. */
  allTasks(count: number, test: (task: StoredTask) => boolean, limitMs?: number): Promise<StoredTask[]>;
  /** Waits until Discord shows the final state of all cards and everybody has been told. */
  allSaid(limitMs?: number): Promise<void>;
  /** Messages of #tasks that show a card with this title. */
  cards(title: string): APIMessage[];
  /** How often Discord told (and notified) the member that a task with this title has ended. */
  told(title: string): number;
}

/** Opens a stage that closes when the test is over; a test that fails shows what its programs said. */
export async function openStage(context: TestContext, options: PlaygroundOptions = {}): Promise<Stage> {
  const stores = testStores();
  const directory = await mkdtemp(join(tmpdir(), 'guildhall-process-'));
  const limits = { identifyIntervalMs: 0, messagesPerWindow: 50, editsPerWindow: 50, ...options.limits };
  const playground = createPlayground({ page: false, ...options, limits });
  await playground.listen();
  const sql = postgres(stores.databaseUrl, { max: 2, connection: { search_path: stores.schema }, onnotice: () => undefined });
  const programs: Program[] = [];
  context.onTestFailed(() => {
    for (const program of programs) console.error(`--- program ${program.pid} ---\n${program.output().slice(-6000)}`);
  });
  context.onTestFinished(async () => {
    await Promise.all(programs.map((program) => program.end()));
    await playground.close();
    await sql.end({ timeout: 1 });
    await stores.dispose();
    await rm(directory, { recursive: true, force: true });
    expectConforming(playground);
  });
  const usual = {
    DISCORD_TOKEN: 'x',
    DISCORD_API_URL: playground.apiUrl(),
    DATABASE_URL: stores.databaseUrl,
    DATABASE_SCHEMA: stores.schema,
    REDIS_URL: stores.redisUrl,
    REDIS_PREFIX: stores.prefix,
    HTTP_PORT: '0',
    LEASE_SECONDS: String(LEASE_SECONDS),
    LOG_LEVEL: 'debug',
  };
  return {
    playground,
    sql,
    directory,
    stores,
    start(settings = {}) {
      const program = startProgram(directory, { ...usual, ...settings });
      programs.push(program);
      return program;
    },
    ...onStage(playground, sql),
  };
}

function onStage(playground: Playground, sql: postgres.Sql) {
  const member = playground.as('member');
  const tasks = () =>
    sql<StoredTask[]>`select id, title, status, attempt, failures, recoveries, worker_id from tasks order by created_at, id`;
  return {
    member,
    tasks,
    async create(title: string, input: string) {
      const answer = await member.command('tasks', 'task create', { agent: 'sample', title, input });
      const message = answer.kind === 'deferred' ? await answer.settled() : answer.message;
      if (!message?.embeds[0]?.title?.includes(title)) throw new Error(`no card but: ${JSON.stringify(message ?? answer)}`);
      return answer;
    },
    async ask(line: string, options: Record<string, string> = {}) {
      const whispers = () => member.messages('tasks').filter(({ flags }) => ((flags ?? 0) & MessageFlags.Ephemeral) !== 0);
      const before = whispers().length;
      const startedAt = performance.now();
      const answer = await member.command('tasks', line, options);
      // A public "thinking" is taken away before a refusal follows.
      const follows = () => until('what follows', () => whispers()[before]);
      const message = answer.message ?? (await answer.settled().catch(follows));
      return { answer, text: textOf(message), afterMs: performance.now() - startedAt };
    },
    async allTasks(count: number, test: (task: StoredTask) => boolean, limitMs = 30_000) {
      let last: StoredTask[] = [];
      const look = async () => {
        last = await tasks();
        return last.length === count && last.every(test) && last;
      };
      return until('the tasks', look, limitMs).catch((error: Error) => {
        throw new Error(`${error.message}; last: ${JSON.stringify(last)}`);
      });
    },
    async allSaid(limitMs = 30_000) {
      const due = () => sql`
        select id::text, 'card' as what from cards where revision > shown_revision or not final
        union all select card_id::text, 'completion' from completions where told_how is null`;
      let left: unknown[] = [];
      const look = async () => {
        left = await due();
        return left.length === 0;
      };
      await until('all is said', look, limitMs).catch((error: Error) => {
        throw new Error(`${error.message}; left: ${JSON.stringify(left)}`);
      });
    },
    cards: (title: string) =>
      playground.messages('tasks').filter((message) => isCard(message) && titleOf(message).endsWith(title)),
    told: (title: string) =>
      playground
        .messages('tasks')
        .filter((message) => !isCard(message) && playground.notified(message.id).includes(member.id))
        .flatMap(({ embeds }) => embeds)
        .filter((embed) => embed.title?.endsWith(` ${title}`)).length,
  };
}

function titleOf(message: APIMessage): string {
  return message.embeds[0]?.title ?? '';
}

/** A card has buttons; the message that tells of an end has none. */
function isCard(message: APIMessage): boolean {
  return (message.components ?? []).length > 0;
}

/** What the person reads in an answer, embeds included, once it is there. */
export async function words(answer: Answer): Promise<string> {
  return textOf(answer.message ?? (await answer.settled()));
}

function textOf(message: APIMessage): string {
  return [message.content, ...message.embeds.flatMap(({ title, description }) => [title, description])].join('\n');
}
