/** Forms built from an agent's schema. Discord takes at most five fields a form, and 25 choices a select. */
import {
  type APILabelComponent,
  type APIModalInteractionResponseCallbackData,
  ComponentType,
  TextInputStyle,
} from 'discord-api-types/v10';
import type { InputField } from '../../src/agents/describe.js';
import { cut } from '../../src/discord/cards/text.js';
import { customId } from '../../src/discord/custom-id.js';
import { LONGEST_FIELD } from '../../src/discord/router/incoming.js';
import type { TaskDraft } from './draft.js';

export const FIELDS_PER_FORM = 5;
/** custom_id of the one field of a form for the whole input. */
export const WHOLE_INPUT = 'input';

/** custom_id of a field in a form: the field's name. */
function fieldId(name: string): string {
  return name.slice(0, 100);
}

/** A form for up to five of the agent's fields, filled with what is known. */
export function inputForm(draftId: string, agentName: string, fields: readonly InputField[], draft: TaskDraft) {
  const shown = fields.slice(0, FIELDS_PER_FORM);
  return form(
    customId('task-input', draftId),
    `Input for ${agentName}`,
    shown.map((field) => fieldComponent(field, known(field, draft))),
  );
}

/** A form for the input as a whole, as JSON or pairs. */
export function wholeForm(draftId: string, agentName: string, text: string) {
  const value = text.length > LONGEST_FIELD ? '' : text;
  return form(customId('task-raw', draftId), `Input for ${agentName}`, [
    label('Input', 'JSON or key=value pairs', {
      type: ComponentType.TextInput,
      custom_id: WHOLE_INPUT,
      style: TextInputStyle.Paragraph,
      required: false,
      ...(value === '' ? {} : { value }),
    }),
  ]);
}

export function form(id: string, title: string, components: APILabelComponent[]): APIModalInteractionResponseCallbackData {
  return { custom_id: id, title: cut(title, 45), components };
}

export function label(name: string, description: string, component: APILabelComponent['component']): APILabelComponent {
  return {
    type: ComponentType.Label,
    label: cut(name, 45),
    ...(description === '' ? {} : { description: cut(description, 100) }),
    component,
  };
}

function known(field: InputField, draft: TaskDraft): string {
  const typed = draft.typed[field.name];
  if (typed !== undefined) return typed;
  const value = draft.input[field.name];
  return value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}

function fieldComponent(field: InputField, value: string): APILabelComponent {
  const choices = field.kind === 'boolean' ? ['yes', 'no'] : field.kind === 'choice' ? field.choices : undefined;
  if (choices && choices.length <= 25) {
    const chosen = field.kind === 'boolean' ? yesNo(value) : value;
    return label(field.label, field.description, {
      type: ComponentType.StringSelect,
      custom_id: fieldId(field.name),
      required: field.required,
      options: choices.map((choice) => ({
        label: cut(String(choice), 100),
        value: String(choice).slice(0, 100),
        ...(String(choice) === chosen ? { default: true } : {}),
      })),
    });
  }
  return label(field.label, field.description, textInput(field, value));
}

function yesNo(value: string): string {
  return value === 'true' ? 'yes' : value === 'false' ? 'no' : value;
}

function textInput(field: InputField, value: string): APILabelComponent['component'] {
  const long =
    field.kind === 'list' || field.kind === 'object' || (field.kind === 'string' && (field.maxLength ?? LONGEST_FIELD) > 2048);
  const fits = value !== '' && value.length <= LONGEST_FIELD;
  const most = Math.min(
    LONGEST_FIELD,
    Math.max(field.kind === 'string' ? (field.maxLength ?? LONGEST_FIELD) : LONGEST_FIELD, value.length, 1),
  );
  return {
    type: ComponentType.TextInput,
    custom_id: fieldId(field.name),
    style: long ? TextInputStyle.Paragraph : TextInputStyle.Short,
    required: field.required,
    max_length: most,
    placeholder: cut(hint(field), 100),
    ...(fits ? { value } : {}),
  };
}

/** What may be typed, in a few words. */
export function hint(field: InputField): string {
  const { min, max } = field;
  const range =
    min !== undefined && max !== undefined
      ? ` from ${min} to ${max}`
      : min !== undefined
        ? `, at least ${min}`
        : max !== undefined
          ? `, at most ${max}`
          : '';
  switch (field.kind) {
    case 'integer':
      return `A whole number${range}`;
    case 'number':
      return `A number${range}`;
    case 'list':
      return 'One item a line';
    case 'object':
      return 'JSON';
    case 'boolean':
      return 'yes or no';
    case 'choice':
      return `One of ${field.choices?.join(', ')}`;
    case 'string':
      return field.maxLength === undefined ? 'Text' : `Text of up to ${field.maxLength} characters`;
  }
}
