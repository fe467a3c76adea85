import { z } from 'zod';
import type { PageRequest } from '../protocol.js';

const id = z.string().regex(/^\d{17,19}$/);
const requestId = z.string().min(1).max(64);
const name = z.string().min(1).max(100);
const path = z.array(z.string().min(1).max(32)).max(2);
const option = z.object({
  name: z.string().min(1).max(32),
  type: z.number().int().min(1).max(11),
  value: z.union([z.string().max(6000), z.number(), z.boolean()]),
  focused: z.boolean().optional(),
});
const options = z.array(option).max(25);

/** Every request of the page; anything else is refused. */
export const pageRequest: z.ZodType<PageRequest> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), userId: id.optional() }),
  z.object({ type: z.literal('open'), channelId: id, before: id.optional() }),
  z.object({ type: z.literal('open_dm') }),
  z.object({ type: z.literal('read'), channelId: id, messageId: id }),
  z.object({
    type: z.literal('say'),
    channelId: id,
    content: z.string().max(20_000),
    attachments: z.array(id).max(10).optional(),
    replyTo: id.optional(),
  }),
  z.object({ type: z.literal('command'), requestId, channelId: id, commandId: id, path, options, targetId: id.optional() }),
  z.object({ type: z.literal('autocomplete'), requestId, channelId: id, commandId: id, path, options }),
  z.object({
    type: z.literal('component'),
    requestId,
    channelId: id,
    messageId: id,
    customId: name,
    values: z.array(z.string().max(100)).max(25).optional(),
  }),
  z.object({
    type: z.literal('modal'),
    requestId,
    modalId: id,
    fields: z.record(z.string().max(100), z.union([z.string().max(8_000), z.array(z.string().max(100)).max(25), z.boolean()])),
  }),
  z.object({ type: z.literal('dismiss'), channelId: id, messageId: id }),
  z.object({ type: z.literal('look'), channelId: id }),
  z.object({ type: z.literal('edit'), channelId: id, messageId: id, content: z.string().max(20_000) }),
  z.object({ type: z.literal('delete'), channelId: id, messageId: id }),
  z.object({ type: z.literal('react'), channelId: id, messageId: id, emoji: z.string().min(1).max(64), on: z.boolean() }),
  z.object({ type: z.literal('pin'), channelId: id, messageId: id, on: z.boolean() }),
  z.object({ type: z.literal('pins'), channelId: id }),
  z.object({ type: z.literal('start_thread'), requestId, channelId: id, name: z.string().max(200), messageId: id.optional() }),
  z.object({ type: z.literal('archive'), channelId: id, on: z.boolean() }),
]);
