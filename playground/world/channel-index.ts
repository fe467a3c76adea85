import type { ChannelRecord } from './types.js';

const NONE: ReadonlyMap<string, ChannelRecord> = new Map();

/**
 * The channels by id, which also finds them by guild, by parent and by the person of a DM without looking at all of them.
 * What it is indexed by (guild, kind, recipients) never changes while a channel is in; a moved channel is set anew.
 */
export class ChannelIndex extends Map<string, ChannelRecord> {
  private readonly guilds = new Map<string, Map<string, ChannelRecord>>();
  private readonly active = new Map<string, Map<string, ChannelRecord>>();
  private readonly threads = new Map<string, Map<string, ChannelRecord>>();
  private readonly dms = new Map<string, ChannelRecord>();

  override set(id: string, channel: ChannelRecord): this {
    if (this.has(id)) this.delete(id);
    super.set(id, channel);
    if (channel.guildId !== null) put(this.guilds, channel.guildId, channel);
    if (channel.thread && channel.parentId) put(this.threads, channel.parentId, channel);
    for (const userId of channel.type === 1 ? (channel.recipientIds ?? []) : []) this.dms.set(userId, channel);
    this.noteArchived(channel);
    return this;
  }

  override delete(id: string): boolean {
    const channel = this.get(id);
    if (!channel) return false;
    this.guilds.get(channel.guildId ?? '')?.delete(id);
    this.active.get(channel.guildId ?? '')?.delete(id);
    this.threads.get(channel.parentId ?? '')?.delete(id);
    for (const userId of channel.recipientIds ?? []) if (this.dms.get(userId) === channel) this.dms.delete(userId);
    return super.delete(id);
  }

  override clear(): void {
    for (const index of [this.guilds, this.active, this.threads, this.dms]) index.clear();
    super.clear();
  }

  /** To be told after a thread's `archived` changed. */
  noteArchived(channel: ChannelRecord): void {
    if (!channel.thread || channel.guildId === null) return;
    if (channel.thread.archived) this.active.get(channel.guildId)?.delete(channel.id);
    else put(this.active, channel.guildId, channel);
  }

  /** Channels and threads of a guild, in the order they came. */
  inGuild(guildId: string): ReadonlyMap<string, ChannelRecord> {
    return this.guilds.get(guildId) ?? NONE;
  }

  /** Threads of a guild that are not archived. */
  activeIn(guildId: string): ReadonlyMap<string, ChannelRecord> {
    return this.active.get(guildId) ?? NONE;
  }

  /** Threads under a channel, archived ones included. */
  under(parentId: string): ReadonlyMap<string, ChannelRecord> {
    return this.threads.get(parentId) ?? NONE;
  }

  /** The DM that this person is in; for the bot itself, the newest. */
  dmWith(userId: string): ChannelRecord | undefined {
    return this.dms.get(userId);
  }
}

function put(index: Map<string, Map<string, ChannelRecord>>, key: string, channel: ChannelRecord): void {
  const group = index.get(key) ?? new Map<string, ChannelRecord>();
  index.set(key, group);
  group.set(channel.id, channel);
}
