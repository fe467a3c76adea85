/** Leaves of Discord's error tree: `errors.embeds.0.title._errors`. */
export interface FormErrors {
  [key: string]: FormErrors | { code: string; message: string }[];
}

/** Discord's numeric error codes that the playground gives, with the message and HTTP status that belong to them. */
const KNOWN = {
  unauthorized: [401, 0, '401: Unauthorized'],
  notFound: [404, 0, '404: Not Found'],
  methodNotAllowed: [405, 0, '405: Method Not Allowed'],
  unknownApplication: [404, 10002, 'Unknown Application'],
  unknownChannel: [404, 10003, 'Unknown Channel'],
  unknownGuild: [404, 10004, 'Unknown Guild'],
  unknownMember: [404, 10007, 'Unknown Member'],
  unknownMessage: [404, 10008, 'Unknown Message'],
  unknownOverwrite: [404, 10009, 'Unknown Overwrite'],
  unknownRole: [404, 10011, 'Unknown Role'],
  unknownUser: [404, 10013, 'Unknown User'],
  unknownEmoji: [400, 10014, 'Unknown Emoji'],
  noSuchEmoji: [404, 10014, 'Unknown Emoji'],
  unknownWebhook: [404, 10015, 'Unknown Webhook'],
  unknownBan: [404, 10026, 'Unknown Ban'],
  unknownInteraction: [404, 10062, 'Unknown interaction'],
  unknownCommand: [404, 10063, 'Unknown application command'],
  unknownCommandPermissions: [404, 10066, 'Unknown application command permissions'],
  noBots: [403, 20001, 'Bots cannot use this endpoint'],
  slowmode: [429, 20016, 'This action cannot be performed due to slowmode rate limit.'],
  maxPins: [400, 30003, 'Maximum number of pins reached for the channel (250)'],
  maxRoles: [400, 30005, 'Maximum number of guild roles reached (250)'],
  maxWebhooks: [400, 30007, 'Maximum number of webhooks reached (15)'],
  maxEmojis: [400, 30008, 'Maximum number of emojis reached (50)'],
  maxReactions: [400, 30010, 'Maximum number of reactions reached (20)'],
  maxChannels: [400, 30013, 'Maximum number of guild channels reached (500)'],
  maxCommands: [400, 30032, 'Maximum number of application commands reached (100)'],
  dailyCommands: [400, 30034, 'Max number of daily application command creates has been reached (200)'],
  maxAttachments: [400, 30015, 'Maximum number of attachments in a message reached (10)'],
  oldEdits: [429, 30046, 'Maximum number of edits to messages older than 1 hour reached. Try again later.'],
  tooLarge: [413, 40005, 'Request entity too large'],
  notInVoice: [400, 40032, 'Target user is not connected to voice.'],
  crossposted: [400, 40033, 'This message has already been crossposted.'],
  acknowledged: [400, 40060, 'Interaction has already been acknowledged.'],
  missingAccess: [403, 50001, 'Missing Access'],
  notInDm: [400, 50003, 'Cannot execute action on a DM channel'],
  notAuthor: [403, 50005, 'Cannot edit a message authored by another user'],
  emptyMessage: [400, 50006, 'Cannot send an empty message'],
  cannotDm: [403, 50007, 'Cannot send messages to this user'],
  missingPermissions: [403, 50013, 'Missing Permissions'],
  bulkCount: [
    400,
    50016,
    'Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100 messages to delete.',
  ],
  systemMessage: [403, 50021, 'Cannot execute action on a system message'],
  wrongChannelType: [400, 50024, 'Cannot execute action on this channel type'],
  invalidWebhookToken: [401, 50027, 'Invalid Webhook Token'],
  invalidRole: [400, 50028, 'Invalid Role'],
  tooOld: [400, 50034, 'You can only bulk delete messages that are under 14 days old.'],
  invalidForm: [400, 50035, 'Invalid Form Body'],
  invalidJson: [400, 50109, 'The request body contains invalid JSON.'],
  invalidSticker: [400, 50081, 'Invalid sticker sent'],
  threadArchived: [400, 50083, 'Thread is archived'],
  needsBoosts: [400, 50101, 'This server needs more boosts to perform this action'],
  replyUnreadable: [400, 160002, 'Cannot reply without permission to read message history'],
  hasThread: [400, 160004, 'A thread has already been created for this message'],
  threadLocked: [400, 160005, 'Thread is locked'],
  tooManyThreads: [400, 160006, 'Maximum number of active threads reached'],
  referenceUnreadable: [400, 160009, 'Cannot reference a message without permission to read message history'],
  forwardUnreadable: [400, 160014, 'Cannot forward a message whose content you cannot read'],
  autoMod: [400, 200000, 'Message was blocked by automatic moderation'],
  threadNameNotForum: [400, 220003, 'Webhooks can only create threads in forum channels'],
  bansFailed: [400, 500000, 'Failed to ban users'],
} as const satisfies Record<string, readonly [status: number, code: number, message: string]>;

export type ErrorName = keyof typeof KNOWN;

/** A refusal in Discord's shape. Thrown by handlers, written as JSON by the REST pipeline. */
export class DiscordError extends Error {
  readonly status: number;
  readonly code: number;

  constructor(
    readonly reason: ErrorName,
    readonly form?: FormErrors,
  ) {
    const [status, code, message] = KNOWN[reason];
    super(message);
    this.name = 'DiscordError';
    this.status = status;
    this.code = code;
  }

  toBody(): { message: string; code: number; errors?: FormErrors } {
    return { message: this.message, code: this.code, ...(this.form && { errors: this.form }) };
  }
}
