/** The discord.js client as Guildhall wants it: one intent, small caches, nobody mentioned by accident. */
import { Client, Events, GatewayIntentBits, Options } from 'discord.js';

export interface ClientSettings {
  /** Base of the REST API, without a version. */
  apiUrl: string;
  /** Milliseconds to wait for guilds after the connection; for tests. */
  waitGuildTimeoutMs?: number;
}

/**
 * A client that is not logged in. Guilds, channels, roles and overwrites are cached whole, since permissions are computed from them;
 * members and users only the bot itself; everything else not at all.
 */
export function buildClient({ apiUrl, waitGuildTimeoutMs }: ClientSettings): Client {
  const self = { maxSize: 1, keepOverLimit: (member: { id: string; client: Client }) => member.id === member.client.user?.id };
  return new Client({
    intents: [GatewayIntentBits.Guilds],
    allowedMentions: { parse: [] },
    enforceNonce: true,
    rest: { api: apiUrl },
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      ApplicationCommandManager: 0,
      AutoModerationRuleManager: 0,
      BaseGuildEmojiManager: 0,
      DMMessageManager: 0,
      GuildBanManager: 0,
      GuildEmojiManager: 0,
      GuildForumThreadManager: 100,
      GuildInviteManager: 0,
      GuildMemberManager: self,
      GuildMessageManager: 0,
      GuildScheduledEventManager: 0,
      GuildStickerManager: 0,
      GuildTextThreadManager: 1000,
      MessageManager: 0,
      PresenceManager: 0,
      ReactionManager: 0,
      ReactionUserManager: 0,
      StageInstanceManager: 0,
      ThreadMemberManager: 0,
      UserManager: self as never,
      VoiceStateManager: 0,
    }),
    ...(waitGuildTimeoutMs === undefined ? {} : { waitGuildTimeout: waitGuildTimeoutMs }),
  });
}

/** Resolves when somebody's client is ready, however long that takes. Throws when `ended` is aborted before. */
export function whenReady(client: Client, ended: AbortSignal): Promise<void> {
  if (client.isReady()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const onReady = () => {
      ended.removeEventListener('abort', onEnd);
      resolve();
    };
    const onEnd = () => {
      client.off(Events.ClientReady, onReady);
      reject(new Error('Guildhall was stopped before its client was ready.'));
    };
    client.once(Events.ClientReady, onReady);
    ended.addEventListener('abort', onEnd, { once: true });
  });
}
