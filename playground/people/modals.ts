import { type APIModalInteractionResponseCallbackData, InteractionType } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { dispatchInteraction } from '../interactions/payload.js';
import type { InteractionRecord } from '../interactions/registry.js';
import type { AnyComponent } from '../validation/components.js';
import { Refused } from './refused.js';
import { type Resolved, resolveOption, SELECT_RESOLVES } from './resolved.js';

type Entered = string | string[] | boolean;
const TEXT_INPUT = 4;
const FILE_UPLOAD = 19;

function textValue(input: AnyComponent, label: string, entered: Entered | undefined): string {
  const value = entered === undefined ? String(input.value ?? '') : String(entered);
  if (value === '' && input.required !== false) throw new Refused(`${label} must be filled in`);
  if (value !== '' && value.length < Number(input.min_length ?? 0))
    throw new Refused(`${label} needs ${input.min_length} characters`);
  const max = Number(input.max_length ?? 4000);
  if (value.length > max) throw new Refused(`${label} takes at most ${max} characters`);
  return value;
}

function selectValues(input: AnyComponent, label: string, entered: Entered | undefined): string[] {
  const options = (input.options as { value: string; default?: boolean }[] | undefined) ?? [];
  const preset = options.filter((option) => option.default).map((option) => option.value);
  const values = entered === undefined ? preset : [entered].flat().map(String);
  const isRequired = input.required !== false;
  if (values.length < (isRequired ? Number(input.min_values ?? 1) : 0)) throw new Refused(`${label} must be chosen`);
  if (values.length > Number(input.max_values ?? 1)) throw new Refused(`${label} takes fewer values`);
  if (input.type === 3 && values.some((value) => !options.some((option) => option.value === value)))
    throw new Refused(`${label} has no such option`);
  return values;
}

/** Fills the modal's inputs in; `take` gives what was entered for an input. */
function fill(
  core: Core,
  origin: InteractionRecord,
  resolved: Resolved,
  component: AnyComponent,
  label: string,
  take: (input: AnyComponent, label: string) => Entered | undefined,
): object {
  const { type, id, custom_id: customId } = component;
  const channel = core.world.channels.get(origin.channelId);
  if (!channel) throw new Refused('the channel is gone');
  const entered = take(component, label);
  if (type === TEXT_INPUT) return { type, id, custom_id: customId, value: textValue(component, label, entered) };
  const values = selectValues(component, label, entered);
  const resolves = type === FILE_UPLOAD ? 11 : SELECT_RESOLVES[type];
  if (resolves) for (const value of values) resolveOption(core, resolved, channel, origin.userId, resolves, value);
  return { type, id, custom_id: customId, values };
}

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
  const components = (modal.components as unknown as AnyComponent[]).map((top) => {
    if (top.type === 18 && top.component) {
      return { type: 18, id: top.id, component: fill(core, origin, resolved, top.component, String(top.label), take) };
    }
    if (top.type !== 1) return { type: top.type, id: top.id };
    return {
      type: 1,
      id: top.id,
      components: (top.components ?? []).map((input) => fill(core, origin, resolved, input, String(input.label), take)),
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
