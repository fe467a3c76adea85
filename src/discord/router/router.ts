/**
 * The way of an interaction: read → claim → who asks → handler → answer. Nothing that arrives can make it throw.
 */
import { InteractionResponseType, Routes } from 'discord-api-types/v10';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Actor } from '../../tasks/actor.js';
import { GuildhallError, NotFoundError } from '../../tasks/errors.js';
import { cut } from '../cards/text.js';
import { type CustomId, parseCustomId } from '../custom-id.js';
import { actorOf, missingToPost, originOf } from './actor.js';
import type { Choice, CommandSet, FirstResponse, Invocation, Outcome, TargetMessage } from './contract.js';
import { say } from './contract.js';
import type { Histogram } from './histogram.js';
import { type CommandCall, type Envelope, type Incoming, readIncoming, unfitField } from './incoming.js';
import type { GuildView } from './permissions.js';
import { DEFER_AFTER_MS, Responder } from './respond.js';
import { expectedDiscordError, type Rest } from './rest.js';

/** Milliseconds after which suggestions are given up: Discord's deadline is 3 s. */
const SUGGEST_WITHIN_MS = 2500;

export interface RouterOptions {
  rest: Rest;
  commands: CommandSet;
  /** The guild as cached by the gateway; undefined when it is not (yet) there. */
  guild: (id: string) => GuildView | undefined;
  /** Whether the bot is a member of the guild, as far as the gateway was told. */
  isMember: (guildId: string) => boolean;
  /** True for the first that asks for this interaction (claims.ts). Never rejects. */
  claim: (interactionId: string) => Promise<boolean>;
  /** Whether the user owns the application or is in its team. */
  isOwner: (userId: string) => boolean;
  /** Milliseconds from receipt to Discord's acceptance of the first response. */
  acknowledged: Histogram;
  log: Logger;
  /** Now, for what is shown and stored. */
  clock: () => Date;
  /** Milliseconds of a monotonic clock. */
  monotonic: () => number;
  /** A short reference for an error that a person may quote. */
  newRef: () => string;
  /** Whether the client is somebody else's: what is not ours is left alone instead of refused. */
  shared: boolean;
}

export interface Router {
  /** Handles a payload of INTERACTION_CREATE to its end; never rejects. */
  handle(payload: unknown): Promise<void>;
  /** Resolves when nothing is being handled. */
  idle(): Promise<void>;
}

/** A handler that was found for an interaction. */
interface Work {
  first: FirstResponse;
  name: string;
  run: (invocation: Invocation) => Promise<Outcome>;
  /** Words for a task or batch that is gone; absent: the error's own. */
  gone?: string;
}

export function createRouter(options: RouterOptions): Router {
  const running = new Set<Promise<void>>();
  return {
    handle(payload) {
      const work = handle(options, payload).catch((error: unknown) => {
        options.log.error({ err: error }, 'an interaction could not be handled');
      });
      running.add(work);
      void work.then(() => running.delete(work));
      return work;
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}

async function handle(options: RouterOptions, payload: unknown): Promise<void> {
  const receivedAt = options.monotonic();
  const incoming = readIncoming(payload);
  if ('problem' in incoming) {
    options.log.warn({ problem: incoming.problem }, 'an interaction could not be read');
    if (incoming.envelope && (!options.shared || isOurs(options, incoming.calls)))
      await answer(options, incoming.envelope, receivedAt, unreadable);
    return;
  }
  if (incoming.call.kind === 'autocomplete') return suggest(options, incoming, incoming.call);
  const work = findWork(options, incoming);
  if (work === null) return;
  if (!(await options.claim(incoming.id))) {
    options.log.debug({ interaction: incoming.id }, 'an interaction was delivered twice');
    return;
  }
  await answer(options, incoming, receivedAt, work, incoming.call.kind !== 'form');
}

const unreadable = refusing('That could not be read. Please use the command again.');
const outdated = refusing('This button is from an older version of Guildhall. Please use `/task list` instead.');
const unknownCommand = refusing('I do not know this command. It may be from another version: please try again in a minute.');

function refusing(sentence: string): Work {
  return { first: 'ephemeral', name: 'refusal', run: async () => say(sentence) };
}

/** Whether a command's name or a custom_id is written like ours, also in another version: the rest belongs to the other program on this client. */
function isOurs({ commands }: RouterOptions, called: string | null): boolean {
  if (called === null) return false;
  return (
    /^t\d+:/.test(called) ||
    commands.slash.some(({ name }) => name === called) ||
    commands.messageMenu.some(({ name }) => name === called)
  );
}

function findWork(options: RouterOptions, { call }: Incoming): Work | null {
  if ('path' in call) {
    if (call.type === 3) return findMessageWork(options, call);
    const command = options.commands.slash.find(({ name }) => name === call.name && call.type === 1);
    if (!command) return options.shared ? null : unknownCommand;
    const name = [call.name, ...call.path].join(' ');
    const found = command.actions.get(call.path.join(' '));
    if (!found) return unknownCommand;
    return { first: found.first, name, run: (invocation) => found.run(call.options, call.resolved, invocation) };
  }
  const id = parseCustomId(call.customId);
  if (options.shared && !isOurs(options, call.customId)) return null;
  return (id && (call.kind === 'form' ? formWork(options, id, call.fields) : pressWork(options, id, call.values))) ?? outdated;
}

const targetSchema = z.object({
  id: z.string().regex(/^\d{15,20}$/),
  content: z.string().catch(''),
  author: z.object({ id: z.string() }),
  attachments: z.unknown(),
});

function findMessageWork(options: RouterOptions, call: CommandCall): Work | null {
  const found = options.commands.messageMenu.find(({ name }) => name === call.name);
  if (!found) return options.shared ? null : unknownCommand;
  const parsed = targetSchema.safeParse(call.resolved.messages?.[call.targetId ?? '']);
  if (!parsed.success) return unreadable;
  const { id, content, author, attachments } = parsed.data;
  const target: TargetMessage = { id, content, authorId: author.id, attachments };
  return { first: found.first, name: found.name, run: (invocation) => found.run(target, invocation) };
}

function pressWork(options: RouterOptions, { action, id, argument }: CustomId, values: readonly string[]): Work | null {
  const found = options.commands.components.get(action);
  if (!found) return null;
  return {
    first: found.first,
    name: `button ${action}`,
    run: (invocation) => found.run({ id, argument, values }, invocation),
    ...(found.on === undefined ? {} : { gone: `This ${found.on} is no longer there: the cleanup has removed it.` }),
  };
}

function formWork(options: RouterOptions, { action, id, argument }: CustomId, fields: ReadonlyMap<string, string>): Work | null {
  const found = options.commands.forms.get(action);
  if (!found) return null;
  const unfit = unfitField(fields);
  if (unfit !== null)
    return refusing('A field contains text that cannot be stored (too long, or with a broken character). Please enter it again.');
  return { first: found.first, name: `form ${action}`, run: (invocation) => found.run({ id, argument, fields }, invocation) };
}

async function answer(options: RouterOptions, envelope: Envelope, receivedAt: number, work: Work, formsAllowed = true) {
  const responder = new Responder({
    rest: options.rest,
    envelope,
    first: work.first,
    formsAllowed,
    acknowledged: () => options.acknowledged.observe(options.monotonic() - receivedAt),
  });
  const elapsed = options.monotonic() - receivedAt;
  const timer = setTimeout(
    () => {
      responder.defer().catch((error: unknown) => undelivered(options, envelope, work, error));
    },
    Math.max(0, DEFER_AFTER_MS - elapsed),
  );
  try {
    const outcome = await work
      .run(invocationOf(options, envelope))
      .catch((error: unknown) => failed(options, envelope, work, error));
    clearTimeout(timer);
    await responder.deliver(outcome);
  } catch (error) {
    if (!undelivered(options, envelope, work, error)) return;
    // Discord refused what we made: that is our mistake, and the person should hear of it.
    await responder
      .deliver(failed(options, envelope, work, error))
      .catch((second: unknown) =>
        options.log.warn({ err: second, interaction: envelope.id }, 'the apology did not arrive either'),
      );
  } finally {
    clearTimeout(timer);
  }
}

function invocationOf(options: RouterOptions, envelope: Envelope): Invocation {
  const now = options.clock();
  return {
    actor: actorIn(options, envelope, now),
    origin: originOf(envelope),
    missingToPost: missingToPost(envelope),
    botIsHere: envelope.guildId === null || options.isMember(envelope.guildId),
    receivedAt: now,
  };
}

function actorIn(options: RouterOptions, envelope: Envelope, now: Date): Actor {
  const guild = envelope.guildId === null ? undefined : options.guild(envelope.guildId);
  return actorOf(envelope, guild, options.isOwner(envelope.userId), now);
}

/** The words for an error: a refusal is told as it is, a defect only by its reference. */
function failed(options: RouterOptions, envelope: Envelope, work: Work, error: unknown): Outcome {
  if (error instanceof NotFoundError && work.gone !== undefined) return say(work.gone);
  if (error instanceof GuildhallError) {
    if (error.code === 'unavailable') options.log.warn({ err: error, command: work.name }, 'a command found no database');
    return say(error.message.slice(0, 2000));
  }
  const ref = options.newRef();
  options.log.error({ err: error, ref, command: work.name, interaction: envelope.id }, 'a command failed');
  return say(`Something went wrong (ref ${ref}). Please try again; if it stays so, give this reference to who runs the bot.`);
}

/** Logs an answer that did not arrive; true when Discord refused it as wrong, so that another one might do. */
function undelivered(options: RouterOptions, envelope: Envelope, work: Work, error: unknown): boolean {
  const expected = expectedDiscordError(error);
  const details = { command: work.name, interaction: envelope.id };
  if (expected !== null) {
    options.log.info({ ...details, reason: expected }, 'an answer did not arrive');
    return false;
  }
  options.log.error({ ...details, err: error }, 'an answer did not arrive');
  return error !== null && typeof error === 'object' && 'status' in error && error.status === 400;
}

async function suggest(options: RouterOptions, incoming: Incoming, call: CommandCall): Promise<void> {
  const command = options.commands.slash.find(({ name }) => name === call.name);
  if (!command && options.shared) return;
  const action = command?.actions.get(call.path.join(' '));
  const focused = call.options.find((option) => option.focused);
  let choices: Choice[] = [];
  if (action && focused) {
    const typed = String(focused.value ?? '').slice(0, 200);
    const work = (async () => action.suggest(focused.name, typed, call.options, invocationOf(options, incoming)))();
    choices = await within(SUGGEST_WITHIN_MS, work).catch((error: unknown) => {
      options.log.warn({ err: error, command: call.name }, 'no suggestions');
      return [];
    });
  }
  try {
    await options.rest.post(Routes.interactionCallback(incoming.id, incoming.token), {
      auth: false,
      body: { type: InteractionResponseType.ApplicationCommandAutocompleteResult, data: { choices: acceptable(choices) } },
    });
  } catch (error) {
    // The person typed on, or another process of the token was quicker: the next keystroke asks again.
    options.log.debug({ err: error }, 'suggestions did not arrive');
  }
}

/** Discord refuses the whole list for one bad choice. */
function acceptable(choices: readonly Choice[]): Choice[] {
  return choices
    .filter(({ name, value }) => name.trim().length > 0 && value.length > 0 && value.length <= 100)
    .slice(0, 25)
    .map(({ name, value }) => ({ name: name.length > 100 ? cut(name, 100) : name, value }));
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
