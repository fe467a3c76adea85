/**
 * The contract between the router and the commands: what a handler gets, and what it may answer. Handlers know nothing of callbacks,
 * deadlines and tokens; the router (respond.ts) turns an outcome into the right requests for the state the interaction is in.
 */
import type {
  APIActionRowComponent,
  APIComponentInMessageActionRow,
  APIEmbed,
  APIModalInteractionResponseCallbackData,
} from 'discord-api-types/v10';
import type { Actor } from '../../tasks/actor.js';
import type { Origin } from '../../tasks/model.js';
import { type ActionDefinition, type GivenOption, type OptionValues, type Resolved, readOptions } from './options.js';

/** A message in Discord's own form; mentions are always off. */
export interface MessageBody {
  content?: string;
  embeds?: APIEmbed[];
  components?: APIActionRowComponent<APIComponentInMessageActionRow>[];
  files?: { name: string; data: Uint8Array; contentType?: string }[];
}

/** Who asks, where and when. */
export interface Invocation {
  actor: Actor;
  /** For what is created by this interaction. */
  origin: Origin;
  /** Permissions the bot lacks to keep a card in this channel, by name. */
  missingToPost: readonly string[];
  /** False when the bot is no member of the guild: only its commands were installed there. */
  botIsHere: boolean;
  receivedAt: Date;
}

/** What to answer. */
export type Outcome =
  /** An ephemeral message. */
  | { kind: 'message'; body: MessageBody }
  /** Replaces the ephemeral message whose button was pressed; an ephemeral message where there is none. */
  | { kind: 'update'; body: MessageBody }
  /** Opens a form; `otherwise` is shown (ephemeral) where Discord allows none: after a deferral or in answer to a form. */
  | { kind: 'form'; form: APIModalInteractionResponseCallbackData; otherwise: MessageBody }
  /**
   * The public card of what was just created. If the interaction came from an ephemeral message, `note` replaces that, so that its buttons are
   * gone; `whisper` follows as an ephemeral message. `posted` is called with the id of the message, which is removed again when it is `surplus`
   * (the announcer was quicker); `notPosted` when there is no message.
   */
  | {
      kind: 'card';
      body: MessageBody;
      note: string;
      whisper?: string | undefined;
      posted: (messageId: string) => Promise<'kept' | 'surplus'>;
      notPosted: () => Promise<void>;
    };

export interface Choice {
  name: string;
  value: string;
}

/** How the answer is begun when the work takes long: `public` only for what ends in a card. */
export type FirstResponse = 'ephemeral' | 'public' | 'update';

/** A subcommand (or a command without any), ready to be called. */
export interface Action {
  readonly definition: ActionDefinition;
  readonly first: FirstResponse;
  run(given: readonly GivenOption[], resolved: Resolved, invocation: Invocation): Promise<Outcome>;
  /** Suggestions for the option that is being typed. */
  suggest(option: string, typed: string, given: readonly GivenOption[], invocation: Invocation): Promise<Choice[]>;
}

type Suggest = (typed: string, others: Readonly<Record<string, unknown>>, invocation: Invocation) => Promise<Choice[]>;

/** Ties a definition to its handler, whose option types follow from it. */
export function action<const D extends ActionDefinition>(
  definition: D,
  handler: {
    first?: FirstResponse;
    run: (options: OptionValues<D>, invocation: Invocation) => Promise<Outcome>;
    suggest?: { [name in keyof OptionValues<D>]?: Suggest };
  },
): Action {
  return {
    definition,
    first: handler.first ?? 'ephemeral',
    run: async (given, resolved, invocation) => handler.run(readOptions(definition, given, resolved), invocation),
    async suggest(option, typed, given, invocation) {
      const table: Readonly<Record<string, Suggest | undefined>> = handler.suggest ?? {};
      const others = Object.fromEntries(given.filter(({ name }) => name !== option).map(({ name, value }) => [name, value]));
      return (await (Object.hasOwn(table, option) ? table[option]?.(typed, others, invocation) : undefined)) ?? [];
    },
  };
}

/** What a button, select or form names: see custom-id.ts. */
export interface Press {
  id: string;
  argument: string | null;
  /** Chosen values of a select, else empty. */
  values: readonly string[];
}
export interface Submission {
  id: string;
  argument: string | null;
  /** By the field's custom_id; checked for length and storable characters. */
  fields: ReadonlyMap<string, string>;
}

/** A button or select, by the action of its custom_id. */
export interface Component {
  readonly first: FirstResponse;
  /** What it belongs to, for the words when that is gone. */
  readonly on?: 'task' | 'batch';
  run(press: Press, invocation: Invocation): Promise<Outcome>;
}
/** A form, by the action of its custom_id. */
export interface Form {
  readonly first: FirstResponse;
  run(submission: Submission, invocation: Invocation): Promise<Outcome>;
}

/** The target of a message menu command, checked. */
export interface TargetMessage {
  id: string;
  content: string;
  authorId: string;
  attachments: unknown;
}
export interface MessageAction {
  readonly name: string;
  readonly first: FirstResponse;
  run(target: TargetMessage, invocation: Invocation): Promise<Outcome>;
}

/** What one file under `commands/` brings: an action, and the buttons and forms that go with it. */
export interface Part {
  action?: Action;
  components?: Readonly<Record<string, Component>>;
  forms?: Readonly<Record<string, Form>>;
}

/** A slash command as registered: bare, or of subcommands and groups. */
export interface SlashCommand {
  readonly name: string;
  readonly description: string;
  /** Bit string, e.g. Manage Server; absent: everybody. Only Discord's default: the code checks again. */
  readonly defaultMemberPermissions?: string;
  /** Also in direct messages with the bot. */
  readonly directMessages: boolean;
  /** `''` for a bare command, else the path below the name: `create`, `failed list`. */
  readonly actions: ReadonlyMap<string, Action>;
  /** Descriptions of the groups. */
  readonly groups?: Readonly<Record<string, string>>;
}

export interface CommandSet {
  readonly slash: readonly SlashCommand[];
  readonly messageMenu: readonly MessageAction[];
  readonly components: ReadonlyMap<string, Component>;
  readonly forms: ReadonlyMap<string, Form>;
}

/** An ephemeral sentence. */
export function say(content: string, more: Omit<MessageBody, 'content'> = {}): Outcome {
  return { kind: 'message', body: { content, ...more } };
}
