import { readFile } from 'node:fs/promises';
import * as spec from 'discord-api-spec/zod';
import { beforeAll, describe, expect, it } from 'vitest';
import { routeNameOf } from '../../playground/rest/pipeline.js';
import { ROUTES } from '../../playground/rest/server.js';
import { type Fault, formTree } from '../../playground/validation/form.js';
import { faultLine, schemaViolations } from '../../playground/validation/spec.js';
import { requestSchema } from '../../playground/validation/spec-routes.js';

/** `METHOD /path/:id` to the type of the request's body, read from the `Paths` of the package's types. */
async function specifiedBodies(): Promise<Map<string, string>> {
  const file = new URL('../../node_modules/discord-api-spec/build/discord-api-spec.ts', import.meta.url);
  const text = await readFile(file, 'utf8');
  const paths = text.slice(text.indexOf('export interface Paths {'), text.indexOf('// Paths list'));
  const bodies = new Map<string, string>();
  for (const [, path = '', methods = ''] of paths.matchAll(/^ {2}"([^"]+)": \{\n([\s\S]*?)^ {2}\};/gm)) {
    for (const [, method = '', body = ''] of methods.matchAll(
      /^ {4}(\w+): \{[\s\S]*?^ {6}requestBody\??:([\s\S]*?);\n {6}responses/gm,
    )) {
      const name = path.replaceAll(/\{[^}]+\}/g, ':id').replace('@original', ':id');
      bodies.set(`${method.toUpperCase()} ${name}`, body.replaceAll(/\s+/g, ' ').trim());
    }
  }
  return bodies;
}

/** Where the table follows the documentation instead: a bot may leave its name alone (resources/user.mdx). */
const DEVIATIONS = new Set(['PATCH /users/@me']);

describe('the table of schemas', () => {
  let specified: Map<string, string>;
  beforeAll(async () => {
    specified = await specifiedBodies();
  });
  const withBody = ROUTES.filter(({ method }) => method !== 'GET' && method !== 'DELETE').map(
    ({ method, path }) => [method, routeNameOf(path).replace('@original', ':id')] as const,
  );

  it('reads the types of the package', () => {
    expect(specified.size).toBeGreaterThan(150);
    expect(specified.get('POST /channels/:id/messages')).toBe('MessageCreateRequest');
    expect(specified.get('PUT /channels/:id/thread-members/:id')).toBe('undefined');
  });

  it.each(withBody)('knows %s %s as the specification does', (method, route) => {
    const schemaOf = requestSchema(method, route);
    const type = specified.get(`${method} ${route}`);
    expect(schemaOf, 'the table must have this route').toBeDefined();
    if (type === 'undefined' || !schemaOf) return expect(schemaOf).toBeNull();
    // A plain name stands for that schema; unions, lists and nameless objects are put together in the table.
    const named = type && /^\w+$/.test(type) ? (spec as Record<string, unknown>)[`${type}Schema`] : undefined;
    if (named && !DEVIATIONS.has(`${method} ${route}`)) expect(schemaOf(spec) === named, `${type}Schema`).toBe(true);
    return expect(schemaOf(spec)).toBeDefined();
  });
});

const MESSAGE = '/channels/:channelId/messages';
const CALLBACK = '/interactions/:interactionId/:token/callback';

describe('schemaViolations', () => {
  const at = (faults: Fault[]) => faults.map(({ path, code }) => `${path.join('.')} ${code}`);

  it('gives the places and codes of a 50035', async () => {
    const body = {
      content: 5,
      embeds: [{ title: 'x'.repeat(257), color: -1, timestamp: 'soon', url: 'nonsense' }],
      components: [{ type: 1, components: [{ type: 2, style: 9, custom_id: '' }] }, { type: 99 }],
      nonce: 'x'.repeat(26),
    };
    const faults = await schemaViolations('POST', MESSAGE, body);
    expect(at(faults).sort()).toEqual([
      'components.0.components.0.custom_id BASE_TYPE_REQUIRED',
      'components.0.components.0.style BASE_TYPE_CHOICES',
      'components.1.type UNION_TYPE_CHOICES',
      'content STRING_TYPE_CONVERT',
      'embeds.0.color NUMBER_TYPE_MIN',
      'embeds.0.timestamp DATE_TIME_TYPE_PARSE',
      'embeds.0.title BASE_TYPE_MAX_LENGTH',
      'embeds.0.url URL_TYPE_INVALID_URL',
      'nonce BASE_TYPE_MAX_LENGTH',
    ]);
    expect(formTree(faults)).toMatchObject({ embeds: { 0: { title: { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH' }] } } } });
    expect(faultLine(faults.find(({ path }) => path[0] === 'content') as Fault)).toBe(
      'content: Could not interpret value as string. [STRING_TYPE_CONVERT]',
    );
  });

  it('judges a callback by its type', async () => {
    const long = 'x'.repeat(2001);
    // Of a union the branch for an object counts, not the one that says it is none.
    const choices = Array.from({ length: 26 }, (_one, n) => ({ name: `a${n}`, value: 'b' }));
    expect(at(await schemaViolations('POST', CALLBACK, { type: 8, data: { choices } }))).toEqual([
      'data.choices BASE_TYPE_MAX_LENGTH',
    ]);
    expect(at(await schemaViolations('POST', CALLBACK, { type: 4, data: { content: long } }))).toEqual([
      'data.content BASE_TYPE_MAX_LENGTH',
    ]);
    expect(
      at(await schemaViolations('POST', CALLBACK, { type: 9, data: { custom_id: 'm', title: '', components: [] } })),
    ).toEqual(['data.title BASE_TYPE_REQUIRED', 'data.components BASE_TYPE_BAD_LENGTH']);
    expect(at(await schemaViolations('POST', CALLBACK, { type: 3 }))).toEqual(['type UNION_TYPE_CHOICES']);
    expect(at(await schemaViolations('POST', CALLBACK, {}))).toEqual(['type BASE_TYPE_REQUIRED']);
    expect(await schemaViolations('POST', CALLBACK, { type: 6 })).toEqual([]);
  });

  it.each<[string, string, string, unknown]>([
    [
      'ids as numbers (reference.mdx, snowflakes)',
      'POST',
      MESSAGE,
      { attachments: [{ id: 0 }], message_reference: { message_id: 1 } },
    ],
    [
      'bit sets as strings (topics/permissions.mdx)',
      'PUT',
      '/channels/:id/permissions/:id',
      { type: 1, allow: '1024', deny: '0' },
    ],
    [
      'bit sets of commands',
      'POST',
      '/applications/:id/commands',
      { name: 'a', description: 'b', default_member_permissions: '32' },
    ],
    ['times with an offset (reference.mdx, ISO8601)', 'POST', MESSAGE, { embeds: [{ timestamp: '2026-01-01T00:00:00+02:00' }] }],
    [
      'null for a translation',
      'POST',
      '/applications/:id/commands',
      { name: 'a', description: 'b', name_localizations: { de: null } },
    ],
    [
      'white space around texts of embeds (resources/message.mdx)',
      'POST',
      MESSAGE,
      { embeds: [{ title: ` ${'x'.repeat(256)} ` }] },
    ],
    ['unknown fields (discord/discord-api-docs#1361)', 'POST', MESSAGE, { content: 'x', cat: 'meow' }],
    ['no body', 'POST', '/channels/:id/typing', undefined],
  ])('has nothing against %s', async (_says, method, route, body) => {
    expect(await schemaViolations(method, route, body)).toEqual([]);
  });
});
