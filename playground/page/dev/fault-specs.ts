/** Every fault of the local Discord as a form. */
import type { DevState, FaultRequest } from '../../pageserver/dev-protocol.js';

/** `[value, what is shown]`. */
export type Choice = [value: string, label: string];

export interface FieldSpec {
  name: string;
  label: string;
  kind: 'text' | 'number' | 'select';
  value?: string;
  placeholder?: string;
  min?: number;
  max?: number;
  required?: boolean;
  /** Choices of a select; drawn anew whenever the state changes. */
  choices?: (state: DevState) => Choice[];
}

export interface FormSpec {
  title: string;
  button: string;
  fields: FieldSpec[];
  danger?: boolean;
  /** Null: nothing can be asked for with these values. */
  request(values: Record<string, string>): FaultRequest | null;
}

type Of<K extends FaultRequest['kind']> = Extract<FaultRequest, { kind: K }>;
type RestHow = NonNullable<Of<'failRest'>['how']>;

const seconds = (text = ''): number => Math.round(Number(text) * 1000);
const list = (choices: Choice[]) => () => choices;

const channels = ({ guilds }: DevState): Choice[] =>
  guilds.flatMap((guild) => guild.channels.map((channel): Choice => [channel.id, `#${channel.name} (${guild.name})`]));
const guilds = (state: DevState): Choice[] => state.guilds.map(({ id, name }) => [id, name]);
const people = (state: DevState): Choice[] => state.people.map(({ id, name }) => [id, name]);
const permissions = (state: DevState): Choice[] =>
  state.permissions.map((name) => [name, name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')]);
const limits = (state: DevState): Choice[] =>
  Object.entries(state.limits).map(([name, value]) => [name, `${name} (now ${value})`]);
const interactions = (state: DevState): Choice[] => state.interactions.map(({ id, label }) => [id, `${label} · ${id.slice(-6)}`]);

const times: FieldSpec = { name: 'times', label: 'How many', kind: 'number', value: '1', min: 1, max: 10_000 };
const late = (label: string, value: string): FieldSpec => ({ name: 'late', label, kind: 'number', value, min: 0, max: 86_400 });
const route: FieldSpec = { name: 'route', label: 'Route begins with', kind: 'text', placeholder: 'every route' };
const method: FieldSpec = {
  name: 'method',
  label: 'Method',
  kind: 'select',
  choices: list([['', 'any'], ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((name): Choice => [name, name])]),
};
const permission: FieldSpec = {
  name: 'permission',
  label: 'Permission',
  kind: 'select',
  value: 'SendMessages',
  choices: permissions,
};
const channel: FieldSpec = { name: 'channel', label: 'Channel', kind: 'select', choices: channels };

const closeCodes: Choice[] = [
  ['4000', '4000 unknown error: the bot resumes'],
  ['4004', '4004 authentication failed: it ends'],
  ['4007', '4007 invalid sequence: a new session'],
  ['4008', '4008 rate limited: it resumes'],
  ['4009', '4009 session timed out: a new session'],
  ['4014', '4014 disallowed intents: it ends'],
  ['1001', '1001 going away'],
];

/** What the select `how` stands for: a status, or what happens to the connection. */
const hows: Choice[] = [
  ['500', 'answer 500'],
  ['502', 'answer 502'],
  ['503', 'answer 503'],
  ['hang', 'never answer (timeout)'],
  ['cut', 'cut the connection'],
  ['truncate', 'cut in mid-answer'],
  ['stall', 'stall in mid-answer'],
  ['delay', 'only be late'],
];

const gateway: FormSpec[] = [
  {
    title: 'Drop the socket',
    button: 'Drop',
    fields: [{ name: 'code', label: 'Close code', kind: 'select', choices: list(closeCodes) }],
    request: ({ code }) => ({ kind: 'drop', code: Number(code) }),
  },
  { title: 'Kill the socket without a close', button: 'Kill', fields: [], request: () => ({ kind: 'drop', code: 0 }) },
  { title: 'Hang: the socket stays open and falls silent', button: 'Hang', fields: [], request: () => ({ kind: 'hang' }) },
  { title: 'Ask the bot to reconnect (op 7)', button: 'Ask', fields: [], request: () => ({ kind: 'reconnect' }) },
  { title: 'Acknowledge no heartbeats until cleared', button: 'Set', fields: [], request: () => ({ kind: 'withholdAcks' }) },
  { title: 'Ask for a heartbeat (op 1)', button: 'Ask', fields: [], request: () => ({ kind: 'askForHeartbeat' }) },
  {
    title: 'End the sessions (op 9)',
    button: 'End',
    fields: [
      {
        name: 'resumable',
        label: 'The bot may',
        kind: 'select',
        choices: list([
          ['', 'identify anew'],
          ['yes', 'resume'],
        ]),
      },
    ],
    request: ({ resumable }) => ({ kind: 'invalidate', resumable: resumable === 'yes' }),
  },
  {
    title: 'Refuse new connections until cleared',
    button: 'Refuse',
    fields: [],
    request: () => ({ kind: 'refuseGateway', refuse: true }),
  },
  {
    title: 'Reset the token: sessions end with 4004',
    button: 'Reset',
    danger: true,
    fields: [],
    request: () => ({ kind: 'resetToken' }),
  },
  {
    title: 'Events come late',
    button: 'Set',
    fields: [late('Seconds', '2')],
    request: (values) => ({ kind: 'delayGateway', delayMs: seconds(values.late) }),
  },
];

const rest: FormSpec[] = [
  {
    title: 'The next requests fail',
    button: 'Set',
    fields: [
      { name: 'how', label: 'They will', kind: 'select', choices: list(hows) },
      {
        name: 'when',
        label: 'When',
        kind: 'select',
        choices: list([
          ['before', 'before the effect'],
          ['after', 'after the effect'],
        ]),
      },
      times,
      late('Late by seconds', '0'),
      method,
      route,
    ],
    request({ how = '', when, times: count, late: delay, method: verb, route: path }) {
      const status = Number(how);
      return {
        kind: 'failRest',
        times: Number(count),
        ...(verb && { method: verb as NonNullable<Of<'failRest'>['method']> }),
        ...(path && { route: path }),
        ...(status > 0 ? { status } : how !== 'delay' && { how: how as RestHow }),
        ...(how !== 'delay' && { when: when === 'after' ? 'after' : 'before' }),
        ...(Number(delay) > 0 && { delayMs: seconds(delay) }),
      };
    },
  },
];

const limit: FormSpec[] = [
  {
    title: 'Set a limit',
    button: 'Set',
    fields: [
      { name: 'name', label: 'Limit', kind: 'select', value: 'messagesPerWindow', choices: limits },
      { name: 'value', label: 'Value', kind: 'number', value: '1', min: 0 },
    ],
    request: ({ name = '', value }) => ({ kind: 'setLimit', name, value: Number(value) }),
  },
  {
    title: 'Tighten a route',
    button: 'Set',
    fields: [
      { ...route, placeholder: '/channels/:id/messages', value: '/channels/:id/messages', required: true },
      method,
      { name: 'limit', label: 'Requests', kind: 'number', value: '1', min: 0, max: 10_000 },
      late('Per seconds', '10'),
      {
        name: 'scope',
        label: 'Scope',
        kind: 'select',
        choices: list([
          ['user', 'user'],
          ['shared', 'shared'],
        ]),
      },
    ],
    request: ({ route: path = '', method: verb, limit: most, late: window, scope }) => ({
      kind: 'limitRoute',
      route: path,
      ...(verb && { method: verb as NonNullable<Of<'limitRoute'>['method']> }),
      limit: Number(most),
      windowMs: seconds(window),
      scope: scope === 'shared' ? 'shared' : 'user',
    }),
  },
  {
    title: 'Block the address (too many invalid requests)',
    button: 'Block',
    fields: [late('Seconds', '60')],
    request: (values) => ({ kind: 'block', forMs: seconds(values.late) }),
  },
];

const interaction: FormSpec[] = [
  {
    title: 'Deliver an interaction again',
    button: 'Deliver',
    fields: [{ name: 'id', label: 'Interaction', kind: 'select', choices: interactions }, late('After seconds', '0')],
    request: ({ id, late: delay }) => (id ? { kind: 'redeliver', interactionId: id, delayMs: seconds(delay) } : null),
  },
  {
    title: 'The next interactions come late',
    button: 'Set',
    fields: [times, late('Seconds', '4')],
    request: ({ times: count, late: delay }) => ({ kind: 'lateInteractions', times: Number(count), delayMs: seconds(delay) }),
  },
];

const world: FormSpec[] = [
  {
    title: 'Take a permission of the bot in a channel',
    button: 'Take',
    fields: [channel, permission],
    request: ({ channel: id, permission: name = '' }) => (id ? { kind: 'denyInChannel', channelId: id, permission: name } : null),
  },
  {
    title: 'Take a permission of the bot in a server',
    button: 'Take',
    fields: [{ name: 'guild', label: 'Server', kind: 'select', choices: guilds }, permission],
    request: ({ guild, permission: name = '' }) => (guild ? { kind: 'denyInGuild', guildId: guild, permission: name } : null),
  },
  {
    title: 'Block messages with a text (AutoMod)',
    button: 'Set',
    fields: [{ name: 'text', label: 'Text (empty: off)', kind: 'text' }],
    request: ({ text = '' }) => ({ kind: 'autoMod', text }),
  },
  {
    title: 'Close direct messages',
    button: 'Close',
    fields: [{ name: 'user', label: 'Person', kind: 'select', choices: people }],
    request: ({ user }) => (user ? { kind: 'closeDms', userId: user } : null),
  },
  {
    title: 'Delete a message',
    button: 'Delete',
    danger: true,
    fields: [
      channel,
      { name: 'message', label: 'Message id', kind: 'text', required: true, placeholder: 'from its menu: Copy ID' },
    ],
    request: ({ channel: id, message = '' }) => (id ? { kind: 'deleteMessage', channelId: id, messageId: message.trim() } : null),
  },
  {
    title: 'Delete a channel',
    button: 'Delete',
    danger: true,
    fields: [channel],
    request: ({ channel: id }) => (id ? { kind: 'deleteChannel', channelId: id } : null),
  },
  {
    title: 'Remove the bot from a server',
    button: 'Remove',
    danger: true,
    fields: [{ name: 'guild', label: 'Server', kind: 'select', choices: guilds }],
    request: ({ guild }) => (guild ? { kind: 'removeBot', guildId: guild } : null),
  },
];

/** The forms in the groups in which the panel shows them. */
export const faultGroups: [title: string, forms: FormSpec[]][] = [
  ['Gateway', gateway],
  ['REST', rest],
  ['Limits', limit],
  ['Interactions', interaction],
  ['Channels, messages, permissions', world],
];
