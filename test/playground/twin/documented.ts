/**
 * What Discord's documentation says of the payloads that a bot meets: each key and its type, `?` at its end when it may be absent,
 * `null|` before the type when it may be null. Written from the tables of the documents named beside them.
 */
export type Shape = { [key: string]: string | Shape };

/** opcodes-and-status-codes.mdx and gateway-events.mdx, "Payload Structure". */
const frame = (d: string | Shape): Shape => ({ op: 'number', d, s: 'null|number', t: 'null|string' });

/** resources/user.mdx, "User Structure". */
const user: Shape = {
  id: 'string',
  username: 'string',
  discriminator: 'string',
  global_name: 'null|string',
  avatar: 'null|string',
  'bot?': 'boolean',
  'system?': 'boolean',
  'mfa_enabled?': 'boolean',
  'banner?': 'null|string',
  'accent_color?': 'null|number',
  'locale?': 'string',
  'verified?': 'boolean',
  'email?': 'null|string',
  'flags?': 'number',
  'premium_type?': 'number',
  'public_flags?': 'number',
  'avatar_decoration_data?': 'null|object',
  'collectibles?': 'null|object',
  'primary_guild?': 'null|object',
};

/** resources/message.mdx, "Message Structure". */
const message: Shape = {
  id: 'string',
  channel_id: 'string',
  author: user,
  content: 'string',
  timestamp: 'string',
  edited_timestamp: 'null|string',
  tts: 'boolean',
  mention_everyone: 'boolean',
  mentions: 'array',
  mention_roles: 'array',
  'mention_channels?': 'array',
  attachments: 'array',
  embeds: 'array',
  'reactions?': 'array',
  'nonce?': 'string',
  pinned: 'boolean',
  'webhook_id?': 'string',
  type: 'number',
  'activity?': 'object',
  'application?': 'object',
  'application_id?': 'string',
  'flags?': 'number',
  'message_reference?': 'object',
  'message_snapshots?': 'array',
  'referenced_message?': 'null|object',
  'interaction_metadata?': 'object',
  'interaction?': 'object',
  'thread?': 'object',
  'components?': 'array',
  'sticker_items?': 'array',
  'stickers?': 'array',
  'position?': 'number',
  'role_subscription_data?': 'object',
  'resolved?': 'object',
  'poll?': 'object',
  'call?': 'object',
  'shared_client_theme?': 'object',
};

const error: Shape = { code: 'number', message: 'string' };

export const SHAPES = {
  /** gateway.mdx, "Hello Event". `_trace` is Discord's own and for nobody's use. */
  hello: frame({ heartbeat_interval: 'number', '_trace?': 'array' }),
  /** gateway.mdx, "Heartbeat ACK". */
  acknowledged: { op: 'number', 'd?': 'null|object', 's?': 'null|number', 't?': 'null|string' } as Shape,
  /** gateway-events.mdx, "Ready Event Fields". */
  ready: frame({
    v: 'number',
    user,
    guilds: 'array',
    session_id: 'string',
    resume_gateway_url: 'string',
    'shard?': 'array',
    application: { id: 'string', flags: 'number' },
    '*': 'any',
  }),
  /** gateway-events.mdx, "Resumed" and "Invalid Session". */
  resumed: frame('any'),
  invalidSession: frame('boolean'),
  /** gateway.mdx, "Get Gateway Bot" and "Session Start Limit Structure". */
  gatewayBot: {
    url: 'string',
    shards: 'number',
    session_start_limit: { total: 'number', remaining: 'number', reset_after: 'number', max_concurrency: 'number' },
  } as Shape,
  /** rate-limits.mdx, "Rate Limit Response Structure". */
  rateLimited: { message: 'string', retry_after: 'number', global: 'boolean', 'code?': 'number' } as Shape,
  /** reference.mdx, "Error Messages": an error, and one with the tree of a form. */
  error,
  formError: { ...error, errors: { embeds: { 0: { title: { _errors: 'array' } } } } } as Shape,
  formErrorLeaf: { code: 'string', message: 'string' } as Shape,
  message,
  /** resources/message.mdx, "Attachment Structure". */
  attachment: {
    id: 'string',
    filename: 'string',
    'title?': 'string',
    'description?': 'string',
    'content_type?': 'string',
    size: 'number',
    url: 'string',
    proxy_url: 'string',
    'height?': 'null|number',
    'width?': 'null|number',
    'placeholder?': 'string',
    'placeholder_version?': 'number',
    'ephemeral?': 'boolean',
    'duration_secs?': 'number',
    'waveform?': 'string',
    'flags?': 'number',
    'clip_participants?': 'array',
    'clip_created_at?': 'string',
    'application?': 'null|object',
    'original_content_type?': 'string',
    'content_scan_version?': 'number',
  } as Shape,
  /** receiving-and-responding.mdx, "Interaction Structure". */
  interaction: {
    id: 'string',
    application_id: 'string',
    type: 'number',
    data: 'object',
    guild: 'object',
    guild_id: 'string',
    channel: 'object',
    channel_id: 'string',
    member: 'object',
    'user?': 'object',
    token: 'string',
    version: 'number',
    'message?': 'object',
    app_permissions: 'string',
    locale: 'string',
    guild_locale: 'string',
    entitlements: 'array',
    authorizing_integration_owners: 'object',
    context: 'number',
    attachment_size_limit: 'number',
    'entitlement_sku_ids?': 'array',
  } as Shape,
  /** receiving-and-responding.mdx, "Application Command Data Structure", "Message Component Data Structure", "Modal Submit Data Structure". */
  commandData: {
    id: 'string',
    name: 'string',
    type: 'number',
    'resolved?': 'object',
    'options?': 'array',
    'guild_id?': 'string',
    'target_id?': 'string',
  } as Shape,
  componentData: {
    custom_id: 'string',
    component_type: 'number',
    'values?': 'array',
    'resolved?': 'object',
    'id?': 'number',
  } as Shape,
  modalData: { custom_id: 'string', components: 'array', 'resolved?': 'object' } as Shape,
  /** receiving-and-responding.mdx, "Interaction Callback Response Object". */
  callback: {
    interaction: {
      id: 'string',
      type: 'number',
      'activity_instance_id?': 'string',
      'response_message_id?': 'string',
      'response_message_loading?': 'boolean',
      'response_message_ephemeral?': 'boolean',
      'channel_id?': 'string',
      'guild_id?': 'string',
    },
    'resource?': { type: 'number', 'activity_instance?': 'object', 'message?': message },
  } as Shape,
};

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Every difference between a payload and what is documented, a line each: what is missing, of another type, or not documented. */
export function differences(value: unknown, shape: string | Shape, path = ''): string[] {
  if (typeof shape === 'string') {
    const fits = shape === 'any' || shape.split('|').includes(typeOf(value));
    return fits ? [] : [`${path} is ${typeOf(value)}, documented as ${shape}`];
  }
  if (typeOf(value) !== 'object') return [`${path} is ${typeOf(value)}, documented as an object`];
  const given = value as Record<string, unknown>;
  const known = new Map(
    Object.entries(shape).map(([key, inner]) => [key.replace(/\?$/, ''), { inner, optional: key.endsWith('?') }]),
  );
  const open = known.delete('*');
  const found: string[] = [];
  for (const [key, { inner, optional }] of known) {
    const here = `${path}.${key}`;
    if (given[key] !== undefined) found.push(...differences(given[key], inner, here));
    else if (!optional) found.push(`${here} is missing`);
  }
  if (!open) for (const key of Object.keys(given)) if (!known.has(key)) found.push(`${path}.${key} is not documented`);
  return found;
}
