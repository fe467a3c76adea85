import { describe, expect, it } from 'vitest';
import { DiscordError, type FormErrors } from '../../playground/errors.js';
import { parseCommand } from '../../playground/validation/commands.js';

type Node = FormErrors | { code: string }[] | undefined;

/** Code of the first leaf at a place of the tree; undefined when the command is right. */
function refusalAt(command: object, where: string): string | undefined {
  try {
    parseCommand(command);
    return undefined;
  } catch (error) {
    if (!(error instanceof DiscordError)) throw error;
    const at = where.split('.').reduce<Node>((node, key) => (node as FormErrors | undefined)?.[key] as Node, error.form);
    const leaves = (at as FormErrors | undefined)?._errors as { code: string }[] | undefined;
    return leaves?.[0]?.code ?? `elsewhere: ${JSON.stringify(error.form)}`;
  }
}

const command = (...options: object[]) => ({ name: 'c', description: 'd', options });
const option = (type: number, more = {}) => ({ type, name: 'o', description: 'd', ...more });
const choice = (name: string, value: string | number = name) => ({ name, value });
const INVALID = 'APPLICATION_COMMAND_OPTION_INVALID';

/** What application-commands.mdx says of commands, beyond what Discord's own schemas hold. */
describe('a command is refused for', () => {
  const REFUSED: [says: string, body: object, where: string, code: string][] = [
    ['a least value above the greatest', command(option(4, { min_value: 5, max_value: 4 })), 'options.0.min_value', INVALID],
    [
      'a least length above the greatest (discord-api-docs#5149)',
      command(option(3, { min_length: 3000, max_length: 1 })),
      'options.0.min_length',
      INVALID,
    ],
    ['a length over 6,000', command(option(3, { max_length: 6001 })), 'options.0.max_length', 'NUMBER_TYPE_MAX'],
    ['a value for a string', command(option(3, { min_value: 1 })), 'options.0.min_value', INVALID],
    ['a length for an integer', command(option(4, { max_length: 5 })), 'options.0.max_length', INVALID],
    ['channel types for a user', command(option(6, { channel_types: [0] })), 'options.0.channel_types', INVALID],
    ['choices for a boolean', command(option(5, { choices: [choice('a')] })), 'options.0.choices', INVALID],
    ['autocomplete for a role', command(option(8, { autocomplete: true })), 'options.0.autocomplete', INVALID],
    [
      'autocomplete beside choices',
      command(option(3, { autocomplete: true, choices: [choice('a')] })),
      'options.0.autocomplete',
      INVALID,
    ],
    ['file types for a string', command(option(3, { file_types: ['image'] })), 'options.0.file_types', INVALID],
    [
      'a file type that is no kind and no extension',
      command(option(11, { file_types: ['png'] })),
      'options.0.file_types.0',
      'BASE_TYPE_CHOICES',
    ],
    ['a half as bound of an integer', command(option(4, { min_value: 0.5 })), 'options.0.min_value', INVALID],
    ['a bound beyond 2^53', command(option(10, { max_value: 2 ** 54 })), 'options.0.max_value', INVALID],
    [
      'a choice of half for an integer',
      command(option(4, { choices: [choice('a', 0.5)] })),
      'options.0.choices.0.value',
      'BASE_TYPE_CHOICES',
    ],
    [
      'a number among choices of a string',
      command(option(3, { choices: [choice('a', 1)] })),
      'options.0.choices.0.value',
      'BASE_TYPE_CHOICES',
    ],
    [
      'a choice name twice',
      command(option(3, { choices: [choice('a', 'x'), choice('a', 'y')] })),
      'options.0.choices.1.name',
      'APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_DUPLICATED',
    ],
    [
      'a choice value over 100',
      command(option(3, { choices: [choice('a', 'x'.repeat(101))] })),
      'options.0.choices.0.value',
      'BASE_TYPE_MAX_LENGTH',
    ],
    ['an option name twice', command(option(3), option(4)), 'options.1.name', 'APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED'],
    ['a group in a subcommand', command(option(1, { options: [option(2)] })), 'options.0.options', INVALID],
    ['an option in a group', command(option(2, { options: [option(3)] })), 'options.0.options', INVALID],
    [
      'a localized name in capitals',
      { ...command(), name_localizations: { de: 'Aufgabe' } },
      'name_localizations.de',
      'APPLICATION_COMMAND_INVALID_NAME',
    ],
    [
      'a localized option name with a space',
      command(option(3, { name_localizations: { fr: 'la tâche' } })),
      'options.0.name_localizations.fr',
      'APPLICATION_COMMAND_INVALID_NAME',
    ],
    [
      'a locale that there is not',
      { ...command(), description_localizations: { en: 'd' } },
      'description_localizations.en',
      'BASE_TYPE_CHOICES',
    ],
    [
      'a localized description over 100',
      { ...command(), description_localizations: { de: 'x'.repeat(101) } },
      'description_localizations.de',
      'BASE_TYPE_BAD_LENGTH',
    ],
    [
      'a description of a message command',
      { type: 3, name: 'Do it', description: 'd' },
      'description',
      'APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID',
    ],
    [
      'options of a user command',
      { type: 2, name: 'Do it', options: [option(3)] },
      'options',
      'APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS_INVALID',
    ],
    ['an activity of an application that has none', { type: 4, name: 'launch', description: 'd' }, 'type', 'BASE_TYPE_CHOICES'],
    [
      'a bit set that is none',
      { ...command(), default_member_permissions: 'all' },
      'default_member_permissions',
      'STRING_TYPE_REGEX',
    ],
    ['no contexts at all', { ...command(), contexts: [] }, 'contexts', 'BASE_TYPE_MIN_LENGTH'],
  ];

  it.each(REFUSED)('%s', (_says, body, where, code) => expect(refusalAt(body, where)).toBe(code));

  it.each<[string, object]>([
    [
      'localized names with marks, digits and hyphens',
      { ...command(), name_localizations: { de: 'größe-2', th: 'งาน', ko: '작업' } },
    ],
    ['null for a translation', { ...command(), name_localizations: { de: null } }],
    [
      'a message command with an empty description',
      { type: 3, name: 'Make Task', description: '', name_localizations: { de: 'Aufgabe Machen' } },
    ],
    ['equal bounds', command(option(4, { min_value: 5, max_value: 5 }))],
    ['bounds beside choices (discord-api-docs#3967)', command(option(4, { min_value: 5, choices: [choice('a', 1)] }))],
    ['empty lists where a type has none', command(option(5, { choices: [], channel_types: [] }))],
    ['files of kinds and extensions', command(option(11, { file_types: ['image', '.pdf'] }))],
    ['the same value under two names', command(option(3, { choices: [choice('a', 'x'), choice('b', 'x')] }))],
  ])('but not for %s', (_says, body) => expect(refusalAt(body, '')).toBeUndefined());
});
