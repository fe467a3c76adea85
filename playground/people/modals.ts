import { type APIModalInteractionResponseCallbackData, InteractionType } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { dispatchInteraction } from '../interactions/payload.js';
import type { InteractionRecord } from '../interactions/registry.js';
import type { AnyComponent } from '../validation/components.js';
import type { ChannelRecord } from '../world/types.js';
import { Refused } from './refused.js';
import { type Resolved, resolveOption, SELECT_RESOLVES } from './resolved.js';

/** What a person puts into one input of a modal. */
export type Entered = string | string[] | boolean;

const TEXT_INPUT = 4;
const STRING_SELECT = 3;
const FILE_UPLOAD = 19;
const RADIO_GROUP = 21;
const CHECKBOX_GROUP = 22;
const CHECKBOX = 23;

function textValue(input: AnyComponent, label: string, entered: Entered | undefined): string {
  const value = entered === undefined ? String(input.value ?? '') : String(entered);
  if (value === '' && input.required !== false) throw new Refused(`${label} must be filled in`);
  if (value !== '' && value.length < Number(input.min_length ?? 0))
    throw new Refused(`${label} needs ${input.min_length} characters`);
  const max = Number(input.max_length ?? 4000);
  if (value.length > max) throw new Refused(`${label} takes at most ${max} characters`);
  return value;
}

/** Values of an input with options or ids, as many as it takes; what is not entered keeps its preset. */
function chosenValues(input: AnyComponent, label: string, entered: Entered | undefined): string[] {
  const options = (input.options as { value: string; default?: boolean }[] | undefined) ?? [];
  const defaults = (input.default_values as { id: string }[] | undefined) ?? [];
  const preset = [...options.filter((option) => option.default).map(({ value }) => value), ...defaults.map(({ id }) => id)];
  const values = entered === undefined ? preset : [entered].flat().map(String);
  const isRequired = input.required !== false;
  // An optional input may be left alone, whatever it asks of those who use it.
  if (values.length === 0 && !isRequired) return [];
  const most = Number(input.max_values ?? (input.type === CHECKBOX_GROUP ? options.length : 1));
  if (values.length < Number(input.min_values ?? 1)) throw new Refused(`${label} must be chosen`);
  if (values.length > most) throw new Refused(`${label} takes fewer values`);
  const isListed = [STRING_SELECT, RADIO_GROUP, CHECKBOX_GROUP].includes(input.type);
  if (isListed && values.some((value) => !options.some((option) => option.value === value)))
    throw new Refused(`${label} has no such option`);
  return values;
}

/** Whether a file is one of the kinds that an upload takes: `image`, `video`, `audio`, or an extension with its dot. */
function isWanted(file: { filename: string; content_type?: string }, types: string[]): boolean {
  return types.some((type) =>
    type.startsWith('.')
      ? file.filename.toLowerCase().endsWith(type.toLowerCase())
      : (file.content_type ?? '').startsWith(`${type}/`),
  );
}

function resolveValues(core: Core, form: Filling, component: AnyComponent, label: string, values: string[]): void {
  const { channel, resolved, origin } = form;
  const resolves = component.type === FILE_UPLOAD ? 11 : SELECT_RESOLVES[component.type];
  if (!resolves) return;
  for (const value of values) resolveOption(core, resolved, channel, origin.userId, resolves, value);
  const types = (component.file_types as string[] | null | undefined) ?? [];
  const files = values.flatMap((value) => resolved.attachments?.[value] ?? []);
  if (types.length > 0 && files.some((file) => !isWanted(file, types)))
    throw new Refused(`${label} takes only ${types.join(', ')}`);
}

/** A modal while a person fills it in. */
interface Filling {
  origin: InteractionRecord;
  channel: ChannelRecord;
  resolved: Resolved;
  /** What was entered for an input. */
  take: (input: AnyComponent, label: string) => Entered | undefined;
}

/** One input as the interaction carries it (components/reference.mdx, the interaction response structures). */
function fill(core: Core, form: Filling, component: AnyComponent, label: string): object {
  const { type, id, custom_id: customId } = component;
  const entered = form.take(component, label);
  const field = { type, id, custom_id: customId };
  if (type === TEXT_INPUT) return { ...field, value: textValue(component, label, entered) };
  if (type === CHECKBOX) return { ...field, value: entered === undefined ? component.default === true : isTicked(entered) };
  const values = chosenValues(component, label, entered);
  if (type === RADIO_GROUP) return { ...field, value: values[0] ?? null };
  resolveValues(core, form, component, label, values);
  return { ...field, values };
}

const isTicked = (entered: Entered) => entered === true || entered === 'true';

/**
 * Submits the modal that `origin` was answered with. Fields are named by custom_id or by label; what is not named keeps
 * its preset. Throws `Refused` when Discord's client would not send it.
 */
export function submitModal(
  core: Core,
  origin: InteractionRecord,
  modal: APIModalInteractionResponseCallbackData,
  fields: Record<string, Entered>,
): InteractionRecord {
  const channel = core.world.channels.get(origin.channelId);
  if (!channel) throw new Refused('the channel is gone');
  const resolved: Resolved = {};
  const used = new Set<string>();
  const take = (input: AnyComponent, label: string) => {
    const key = [input.custom_id ?? '', label].find((one) => Object.hasOwn(fields, one));
    if (key !== undefined) used.add(key);
    return key === undefined ? undefined : fields[key];
  };
  const form: Filling = { origin, channel, resolved, take };
  const components = (modal.components as unknown as AnyComponent[]).map((top) => {
    if (top.type === 18 && top.component) {
      return { type: 18, id: top.id, component: fill(core, form, top.component, String(top.label)) };
    }
    if (top.type !== 1) return { type: top.type, id: top.id };
    return {
      type: 1,
      id: top.id,
      components: (top.components ?? []).map((input) => fill(core, form, input, String(input.label))),
    };
  });
  const unknown = Object.keys(fields).find((key) => !used.has(key));
  if (unknown !== undefined) throw new Refused(`the modal has no field ${unknown}`);
  const source = origin.sourceMessageId ? core.world.message(origin.sourceMessageId) : undefined;
  return dispatchInteraction(core, {
    type: InteractionType.ModalSubmit,
    userId: origin.userId,
    channelId: channel.id,
    openedById: origin.id,
    channel,
    ...(source && {
      sourceMessageId: source.message.id,
      message: structuredClone(source.message) as unknown as Record<string, unknown>,
    }),
    data: { custom_id: modal.custom_id, components, ...(Object.keys(resolved).length > 0 && { resolved }) },
  });
}
