import type { APIInteraction } from 'discord-api-types/v10';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FieldValue } from '../../playground/api.js';
import { type Stage, setStage } from './support.js';

const option = (value: string, more = {}) => ({ label: value, value, ...more });
const options = (...values: string[]) => values.map((value) => option(value));
const label = (component: object, name = 'L') => ({ type: 18, label: name, component });
const modal = (...components: object[]) => ({ type: 9, data: { custom_id: 'm', title: 'T', components } });

/** Modals of every kind (components/reference.mdx): what is refused, and how what a person enters arrives. */
describe('modals', () => {
  let stage: Stage;
  let received: APIInteraction[];
  beforeEach(async () => {
    stage = await setStage();
    received = [];
    stage.client.ws.on('INTERACTION_CREATE' as never, (data: APIInteraction) => received.push(data));
  });
  afterEach(() => stage.close());

  const mia = () => stage.playground.as('member');
  const next = async () => {
    const count = received.length;
    return async () => {
      await expect.poll(() => received.length, { interval: 5, timeout: 15_000 }).toBe(count + 1);
      return received[count] as APIInteraction;
    };
  };
  const respond = (one: APIInteraction, body: unknown) =>
    stage.fetch('POST', `/interactions/${one.id}/${one.token}/callback`, body);

  /** Opens this modal and gives how to submit it. */
  async function open(body: object) {
    const arrived = await next();
    const answer = mia().command('tasks', 'echo', { text: 'x' });
    const reply = await respond(await arrived(), body);
    expect(reply.status, JSON.stringify(reply.body)).toBe(204);
    const opened = await answer;
    return {
      opened,
      /** Submits it and gives the components and the resolved data that the bot gets. */
      async submit(fields: Record<string, FieldValue>) {
        const submitted = await next();
        const settled = mia().submit(opened, fields);
        const one = await submitted();
        await respond(one, { type: 4, data: { content: 'thanks', flags: 64 } });
        await settled;
        // biome-ignore lint/suspicious/noExplicitAny: looked at freely
        return one.data as any;
      },
    };
  }

  it('are refused for what no input may be', async () => {
    const arrived = await next();
    const answer = mia().command('tasks', 'echo', { text: 'x' });
    const one = await arrived();
    const REFUSED: [says: string, component: object, where: string, code: string][] = [
      ['a radio group of one', { type: 21, custom_id: 'i', options: options('a') }, 'options', 'BASE_TYPE_BAD_LENGTH'],
      [
        'a radio group of eleven',
        { type: 21, custom_id: 'i', options: options(...'abcdefghijk') },
        'options',
        'BASE_TYPE_BAD_LENGTH',
      ],
      [
        'an option twice',
        { type: 21, custom_id: 'i', options: options('a', 'a') },
        'options.1.value',
        'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
      ],
      [
        'two presets of one choice',
        { type: 21, custom_id: 'i', options: [option('a', { default: true }), option('b', { default: true })] },
        'options',
        'SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES',
      ],
      ['no boxes', { type: 22, custom_id: 'i', options: [] }, 'options', 'BASE_TYPE_BAD_LENGTH'],
      [
        'boxes that need more than they allow',
        { type: 22, custom_id: 'i', min_values: 2, max_values: 1, options: options('a', 'b') },
        'min_values',
        'SELECT_COMPONENT_MIN_VALUES_EXCEEDED',
      ],
      [
        'none of what is required',
        { type: 22, custom_id: 'i', min_values: 0, options: options('a') },
        'min_values',
        'NUMBER_TYPE_MIN',
      ],
      [
        'none of a required select',
        { type: 3, custom_id: 'i', min_values: 0, options: options('a') },
        'min_values',
        'NUMBER_TYPE_MIN',
      ],
      ['a disabled select', { type: 5, custom_id: 'i', disabled: true }, 'disabled', 'MODAL_COMPONENT_DISABLED'],
      ['eleven files', { type: 19, custom_id: 'i', max_values: 11 }, 'max_values', 'NUMBER_TYPE_MAX'],
      [
        'a kind of file that there is not',
        { type: 19, custom_id: 'i', file_types: ['pictures'] },
        'file_types.0',
        'BASE_TYPE_CHOICES',
      ],
      [
        'eleven kinds of files',
        { type: 19, custom_id: 'i', file_types: Array(11).fill('.a') },
        'file_types',
        'BASE_TYPE_MAX_LENGTH',
      ],
      [
        'a text shorter than its least and longer than its most',
        { type: 4, custom_id: 'i', style: 1, min_length: 5, max_length: 4 },
        'min_length',
        'TEXT_INPUT_MIN_LENGTH',
      ],
      ['a button', { type: 2, style: 1, custom_id: 'i', label: 'x' }, 'type', 'UNION_TYPE_CHOICES'],
    ];
    for (const [says, component, where, code] of REFUSED) {
      const { status, body } = await respond(one, modal(label(component)));
      const leaf = `data.components.0.component.${where}`.split('.').reduce((node, key) => node?.[key], body.errors)
        ?._errors?.[0];
      expect([status, body.code, leaf?.code], `${says}: ${JSON.stringify(body)}`).toEqual([400, 50035, code]);
    }
    expect((await respond(one, modal(label({ type: 23, custom_id: 'a' }), label({ type: 23, custom_id: 'a' })))).body.code).toBe(
      50035,
    );
    expect((await respond(one, modal({ type: 10, content: '' }))).body.code).toBe(50035);
    await respond(one, { type: 4, data: { content: 'ok' } });
    await answer;
  });

  it('bring radio groups as a value, checkbox groups as values, checkboxes as yes or no', async () => {
    const { opened, submit } = await open(
      modal(
        label({ type: 21, custom_id: 'class', options: [option('rogue'), option('bard', { default: true })] }, 'Class'),
        label({ type: 22, custom_id: 'days', max_values: 2, options: options('mon', 'tue', 'wed') }, 'Days'),
        label({ type: 23, custom_id: 'sure' }, 'Sure'),
        label({ type: 21, custom_id: 'maybe', required: false, options: options('a', 'b') }, 'Maybe'),
        { type: 10, content: 'A text.' },
      ),
    );
    const refused = (fields: Record<string, FieldValue>) => expect(mia().submit(opened, fields)).rejects;
    await refused({ Class: 'wizard', Days: ['mon'] }).toThrow('Class has no such option');
    await refused({}).toThrow('Days must be chosen');
    await refused({ Days: ['mon', 'tue', 'wed'] }).toThrow('Days takes fewer values');
    const { components } = await submit({ Days: ['wed', 'mon'], sure: true });
    expect(components).toMatchObject([
      { type: 18, component: { type: 21, custom_id: 'class', value: 'bard' } },
      { type: 18, component: { type: 22, custom_id: 'days', values: ['wed', 'mon'] } },
      { type: 18, component: { type: 23, custom_id: 'sure', value: true } },
      { type: 18, component: { type: 21, custom_id: 'maybe', value: null } },
      { type: 10 },
    ]);
  });

  it('bring files that fit, and their attachments', async () => {
    const { opened, submit } = await open(
      modal(label({ type: 19, custom_id: 'files', min_values: 1, max_values: 2, file_types: ['image', '.pdf'] }, 'Files')),
    );
    const file = (name: string, contentType: string) => ({ name, contentType, data: Buffer.from('data') });
    const files = (...attachments: ReturnType<typeof file>[]) => ({ Files: { attachments } });
    const refused = (fields: Record<string, FieldValue>) => expect(mia().submit(opened, fields)).rejects;
    await refused({}).toThrow('Files must be chosen');
    await refused(files(file('a.txt', 'text/plain'))).toThrow('Files takes only image, .pdf');
    await refused(files(...Array(3).fill(file('a.png', 'image/png')))).toThrow('Files takes fewer values');
    const { components, resolved } = await submit(files(file('a.png', 'image/png'), file('B.PDF', 'application/pdf')));
    const { values } = components[0].component;
    expect(values).toHaveLength(2);
    expect(values.map((id: string) => resolved.attachments[id].filename)).toEqual(['a.png', 'B.PDF']);
    expect(resolved.attachments[values[0]]).toMatchObject({ ephemeral: true, content_type: 'image/png', size: 4 });
  });

  it('bring who and what was chosen, resolved', async () => {
    const { world } = stage.playground;
    const { submit } = await open(
      modal(
        label({ type: 5, custom_id: 'who', max_values: 2 }, 'Who'),
        label({ type: 8, custom_id: 'where' }, 'Where'),
        label({ type: 7, custom_id: 'any', required: false, min_values: 0 }, 'Any'),
      ),
    );
    const { components, resolved } = await submit({
      Who: [world.people.admin, world.people.member],
      Where: world.channels.tasks,
    });
    expect(components[0].component.values).toEqual([world.people.admin, world.people.member]);
    expect(components[2].component.values).toEqual([]);
    expect(Object.keys(resolved.users)).toHaveLength(2);
    expect(resolved.channels[world.channels.tasks]).toMatchObject({ name: 'tasks' });
  });
});
