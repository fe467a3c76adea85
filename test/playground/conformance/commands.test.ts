/** Commands of an application: the routes, what a body may hold, and the limits. */
import { describe, expect } from 'vitest';
import { each, expectForm, ground, type Row, x } from './ground.js';

const here = ground();

const DOC = 'application-commands.mdx';
const FACTS = 'facts 1.4';

const command = (fields: object = {}) => ({ name: 'test', description: 'D', ...fields });
const option = (fields: object = {}) => ({ type: 3, name: 'one', description: 'D', ...fields });
const having = (...options: object[]) => command({ options });
const choices = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `${n}`, value: `${n}` }));
const many = (count: number, fields: object = {}) =>
  Array.from({ length: count }, (_, n) => option({ name: `o${n}`, ...fields }));

const REFUSED: Row<[body: object, at: string, leaf?: string]>[] = [
  [DOC, 'no name', command({ name: undefined }), 'name', 'BASE_TYPE_REQUIRED'],
  [DOC, 'a name over 32', command({ name: x(33) }), 'name'],
  [DOC, 'an empty name', command({ name: '' }), 'name'],
  [DOC, 'capitals in a name', command({ name: 'Test' }), 'name', 'APPLICATION_COMMAND_INVALID_NAME'],
  [DOC, 'a space in a name', command({ name: 'a b' }), 'name', 'APPLICATION_COMMAND_INVALID_NAME'],
  [DOC, 'a sign that is no letter in a name', command({ name: 'te$t' }), 'name', 'APPLICATION_COMMAND_INVALID_NAME'],
  [DOC, 'a capital outside ASCII in a name', command({ name: 'Ärger' }), 'name', 'APPLICATION_COMMAND_INVALID_NAME'],
  [DOC, 'no description', command({ description: undefined }), 'description', 'BASE_TYPE_REQUIRED'],
  [DOC, 'an empty description', command({ description: '' }), 'description'],
  [DOC, 'a description over 100', command({ description: x(101) }), 'description'],
  [DOC, 'a type that there is not', command({ type: 9 }), 'type'],
  [DOC, 'a USER command with a description', { type: 2, name: 'Look', description: 'D' }, 'description'],
  [DOC, 'a MESSAGE command with options', { type: 3, name: 'Look', options: [option()] }, 'options'],
  [DOC, 'a USER command without a name', { type: 2 }, 'name', 'BASE_TYPE_REQUIRED'],
  [FACTS, 'more than 25 options', having(...many(26)), 'options', 'BASE_TYPE_MAX_LENGTH'],
  [DOC, 'two options of one name', having(option(), option()), 'options.1'],
  [
    DOC,
    'a required option after an optional one',
    having(option(), option({ name: 'two', required: true })),
    'options.1',
    'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
  ],
  [
    DOC,
    'a required option after an optional one in a subcommand',
    having({ type: 1, name: 'sub', description: 'D', options: [option(), option({ name: 'two', required: true })] }),
    'options.0.options.1',
    'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
  ],
  [DOC, 'an option of a type that there is not', having(option({ type: 12 })), 'options.0.type'],
  [DOC, 'an option without a name', having(option({ name: undefined })), 'options.0.name', 'BASE_TYPE_REQUIRED'],
  [DOC, 'capitals in an option name', having(option({ name: 'One' })), 'options.0.name', 'APPLICATION_COMMAND_INVALID_NAME'],
  [DOC, 'an option name over 32', having(option({ name: x(33) })), 'options.0.name'],
  [
    DOC,
    'an option without a description',
    having(option({ description: undefined })),
    'options.0.description',
    'BASE_TYPE_REQUIRED',
  ],
  [DOC, 'an option description over 100', having(option({ description: x(101) })), 'options.0.description'],
  [FACTS, 'more than 25 choices', having(option({ choices: choices(26) })), 'options.0.choices', 'BASE_TYPE_MAX_LENGTH'],
  [FACTS, 'a choice name over 100', having(option({ choices: [{ name: x(101), value: 'v' }] })), 'options.0.choices.0.name'],
  [
    DOC,
    'a choice without a name',
    having(option({ choices: [{ value: 'v' }] })),
    'options.0.choices.0.name',
    'BASE_TYPE_REQUIRED',
  ],
  [FACTS, 'a choice value over 100', having(option({ choices: [{ name: 'n', value: x(101) }] })), 'options.0.choices.0.value'],
  [
    DOC,
    'a text as choice of an integer option',
    having(option({ type: 4, choices: [{ name: 'n', value: 'v' }] })),
    'options.0.choices.0.value',
  ],
  [
    DOC,
    'a fraction as choice of an integer option',
    having(option({ type: 4, choices: [{ name: 'n', value: 1.5 }] })),
    'options.0.choices.0.value',
  ],
  [
    DOC,
    'a number as choice of a string option',
    having(option({ choices: [{ name: 'n', value: 1 }] })),
    'options.0.choices.0.value',
  ],
  [
    DOC,
    'two choices of one name',
    having(
      option({
        choices: [
          { name: 'n', value: 'a' },
          { name: 'n', value: 'b' },
        ],
      }),
    ),
    'options.0.choices.1',
  ],
  [DOC, 'choices of a boolean option', having(option({ type: 5, choices: choices(1) })), 'options.0.choices'],
  [DOC, 'autocomplete of a user option', having(option({ type: 6, autocomplete: true })), 'options.0.autocomplete'],
  [DOC, 'choices together with autocomplete', having(option({ autocomplete: true, choices: choices(1) })), 'options.0'],
  [DOC, 'min_length over 6,000', having(option({ min_length: 6001 })), 'options.0.min_length'],
  [DOC, 'max_length of 0', having(option({ max_length: 0 })), 'options.0.max_length'],
  [DOC, 'min_length above max_length', having(option({ min_length: 5, max_length: 4 })), 'options.0'],
  [DOC, 'min_value above max_value', having(option({ type: 4, min_value: 5, max_value: 4 })), 'options.0'],
  [DOC, 'min_value of a string option', having(option({ min_value: 1 })), 'options.0'],
  [DOC, 'min_length of an integer option', having(option({ type: 4, min_length: 1 })), 'options.0'],
  [DOC, 'channel_types of a string option', having(option({ channel_types: [0] })), 'options.0'],
  [DOC, 'a channel type that there is not', having(option({ type: 7, channel_types: [99] })), 'options.0.channel_types.0'],
  [DOC, 'a subcommand beside a plain option', having({ type: 1, name: 'sub', description: 'D' }, option()), 'options.1'],
  [
    DOC,
    'a group within a group',
    having({ type: 2, name: 'g', description: 'D', options: [{ type: 2, name: 'h', description: 'D', options: [] }] }),
    'options.0',
  ],
  [DOC, 'a plain option in a group', having({ type: 2, name: 'g', description: 'D', options: [option()] }), 'options.0'],
  [
    DOC,
    'a subcommand in a subcommand',
    having({ type: 1, name: 's', description: 'D', options: [{ type: 1, name: 't', description: 'D' }] }),
    'options.0',
  ],
  [DOC, 'options of a plain option', having(option({ options: [option()] })), 'options.0'],
  [
    FACTS,
    'more than 8,000 characters in all',
    having(...many(25, { choices: Array.from({ length: 25 }, (_, n) => ({ name: `${x(10)}${n}`, value: `${n}` })) })),
    '',
    'APPLICATION_COMMAND_TOO_LARGE',
  ],
  [
    FACTS,
    'more than 8,000 with the longest translation',
    having(
      ...many(25, {
        choices: Array.from({ length: 6 }, (_, n) => ({ name: `${n}`, name_localizations: { de: x(60) }, value: `${n}` })),
      }),
    ),
    '',
    'APPLICATION_COMMAND_TOO_LARGE',
  ],
  [DOC, 'a locale that Discord does not have', command({ name_localizations: { xx: 'x' } }), 'name_localizations'],
  [
    DOC,
    'a translated name with capitals',
    command({ name_localizations: { de: 'Groß' } }),
    'name_localizations.de',
    'APPLICATION_COMMAND_INVALID_NAME',
  ],
  [
    DOC,
    'a translated description over 100',
    command({ description_localizations: { de: x(101) } }),
    'description_localizations.de',
  ],
  [
    DOC,
    'default_member_permissions that are no number',
    command({ default_member_permissions: 'admin' }),
    'default_member_permissions',
  ],
  [DOC, 'a context that there is not', command({ contexts: [3] }), 'contexts.0'],
  [DOC, 'an integration type that there is not', command({ integration_types: [2] }), 'integration_types.0'],
];

const TAKEN: Row<[body: object]>[] = [
  [DOC, 'a name of 32 with letters of other scripts', command({ name: 'größe_日本-ไทย-हिन्दी' })],
  [DOC, 'an apostrophe in a name', command({ name: "l'aide" })],
  [DOC, 'capitals and spaces in the name of a MESSAGE command', { type: 3, name: 'Create Task' }],
  [DOC, 'a USER command with an empty description', { type: 2, name: 'Look', description: '' }],
  [FACTS, '25 options of 25 choices', having(...many(25, { choices: choices(25) }))],
  [
    DOC,
    'subcommands and groups',
    having(
      { type: 1, name: 's', description: 'D', options: [option()] },
      { type: 2, name: 'g', description: 'D', options: [{ type: 1, name: 't', description: 'D' }] },
    ),
  ],
  [DOC, 'options of every type', having(...[3, 4, 5, 6, 7, 8, 9, 10, 11].map((type) => option({ type, name: `o${type}` })))],
  [DOC, 'bounds of numbers', having(option({ type: 10, min_value: -1.5, max_value: 1.5 }))],
  [
    DOC,
    'translations',
    command({ name_localizations: { de: 'prüfung', 'en-GB': 'test' }, description_localizations: { de: 'D' } }),
  ],
  [DOC, 'default_member_permissions of "0"', command({ default_member_permissions: '0' })],
  [DOC, 'no options but null', command({ options: null })],
];

const GLOBAL = '/applications/{app}/commands';
const OWN = '/applications/{app}/guilds/{guild}/commands';

describe('POST of a global command is refused with 50035 for', () => {
  each(REFUSED, async (body, at, leaf) => expectForm(await here().bot('POST', GLOBAL, body), at, leaf));
});

describe('PUT of the commands of a guild is refused with 50035 for', () => {
  each(REFUSED, async (body, at, leaf) =>
    expectForm(await here().bot('PUT', OWN, [command({ name: 'fine' }), body]), at === '' ? '1' : `1.${at}`, leaf),
  );
});

describe('POST of a guild command takes', () => {
  each(TAKEN, async (body) => {
    const reply = await here().bot('POST', OWN, body);
    expect([200, 201], JSON.stringify(reply.body)).toContain(reply.status);
    await here().bot('DELETE', `${OWN}/${reply.body.id}`);
  });
});

describe('the commands of a scope', () => {
  const routes: Row<[base: string]>[] = [
    [DOC, 'are made, read, changed, replaced and removed globally', GLOBAL],
    [DOC, 'are made, read, changed, replaced and removed in a guild', OWN],
  ];
  each(routes, async (base) => {
    const { bot } = here();
    await bot('PUT', base, []);
    const made = await bot('POST', base, command());
    expect(made).toMatchObject({
      status: 201,
      body: { name: 'test', type: 1, version: expect.any(String), application_id: here().ids.app },
    });
    // A second create of the name is an update, with 200 and the same id.
    expect(await bot('POST', base, command({ description: 'E' }))).toMatchObject({
      status: 200,
      body: { id: made.body.id, description: 'E' },
    });
    expect((await bot('GET', base)).body).toHaveLength(1);
    const one = `${base}/${made.body.id}`;
    expect((await bot('GET', one)).body.description).toBe('E');
    const changed = await bot('PATCH', one, { description: 'F' });
    expect(changed.body).toMatchObject({ id: made.body.id, name: 'test', description: 'F' });
    expect(changed.body.version).not.toBe(made.body.version);
    expectForm(await bot('PATCH', one, { name: 'NO' }), 'name', 'APPLICATION_COMMAND_INVALID_NAME');
    const replaced = await bot('PUT', base, [command(), { type: 3, name: 'test' }]);
    expect(replaced.body.map((each: { id: string }) => each.id)).toContain(made.body.id);
    expect((await bot('DELETE', one)).status).toBe(204);
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect(await bot(method, one, method === 'PATCH' ? {} : undefined)).toMatchObject({ status: 404, body: { code: 10063 } });
  });

  each(
    [
      [DOC, 'of another application are unknown (10002)', 'GET', '/applications/{none}/commands', undefined, 404, 10002],
      [
        DOC,
        'of a guild without the bot are out of reach (50001)',
        'POST',
        '/applications/{app}/guilds/{outside}/commands',
        command(),
        403,
        50001,
      ],
      [DOC, 'are a list in a PUT', 'PUT', GLOBAL, command(), 400, 50035],
    ] as Row<[method: string, path: string, body: unknown, status: number, code: number]>[],
    async (method, path, body, status, code) =>
      expect(await here().bot(method, path, body)).toMatchObject({ status, body: { code } }),
  );

  each([[DOC, 'have names of their own by type']] as Row<[]>[], async () => {
    expectForm(await here().bot('PUT', GLOBAL, [command(), command()]), '1.name', 'APPLICATION_COMMANDS_DUPLICATE_NAME');
  });

  each(
    [
      [FACTS, 'are at most 100 of CHAT_INPUT', 1, 100],
      [FACTS, 'are at most 15 of USER', 2, 15],
      [FACTS, 'are at most 15 of MESSAGE', 3, 15],
    ] as Row<[type: number, most: number]>[],
    async (type, most) => {
      const body = (n: number) => (type === 1 ? command({ name: `c${n}` }) : { type, name: `c${n}` });
      const full = Array.from({ length: most }, (_, n) => body(n));
      expect((await here().bot('PUT', GLOBAL, full)).status).toBe(200);
      expect(await here().bot('POST', GLOBAL, body(most))).toMatchObject({ status: 400, body: { code: 30032 } });
      expect((await here().bot('PUT', GLOBAL, [...full, body(most)])).status).toBe(400);
      // One that is there already is no new one.
      expect((await here().bot('POST', GLOBAL, body(0))).status).toBe(200);
      await here().bot('PUT', GLOBAL, []);
    },
  );

  each([[FACTS, 'are created at most so often a day (30034), updates not counted']] as Row<[]>[], async () => {
    const { playground, bot } = here();
    await bot('PUT', OWN, [command()]);
    // The count of the day holds what the cases before have made.
    await playground.clock.advance(24 * 3_600_000);
    playground.limits.dailyCommandCreates = 2;
    expect((await bot('POST', OWN, command({ name: 'a' }))).status).toBe(201);
    expect((await bot('PUT', OWN, [command(), command({ name: 'a' }), command({ name: 'b' })])).status).toBe(200);
    expect(await bot('POST', OWN, command({ name: 'c' }))).toMatchObject({ status: 400, body: { code: 30034 } });
    expect((await bot('POST', OWN, command({ name: 'a', description: 'E' }))).status).toBe(200);
    await playground.clock.advance(24 * 3_600_000);
    expect((await bot('POST', OWN, command({ name: 'c' }))).status).toBe(201);
    playground.limits.dailyCommandCreates = 1e6;
  });
});
