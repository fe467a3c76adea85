/** What all channels of one announcer share. */
import { createHash } from 'node:crypto';
import type { APIMessage } from 'discord-api-types/v10';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type postgres from 'postgres';
import type { QueuePlace } from '../../tasks/service.js';
import type { Clock } from '../rest/clock.js';
import type { Outcome } from '../rest/outcome.js';
import type { DiscordRest } from '../rest/rest.js';
import { idOfTime, type Pacing } from './options.js';

export interface Desk {
  readonly sql: postgres.Sql;
  readonly rest: DiscordRest;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pacing: Pacing;
  /** 0–1. */
  readonly random: () => number;
  readonly agentName: (agentId: string) => string;
  readonly place: (ids: string[]) => Promise<Map<string, QueuePlace>>;
  /** The channel for direct messages to a person, opened when needed. */
  directChannel(userId: string, signal: AbortSignal): Promise<Outcome<string>>;
  /** A message of ours that satisfies the test, posted at most `seconds` ago; null: there is none, or it cannot be read. */
  findOwn(
    channelId: string,
    seconds: number,
    test: (message: APIMessage) => boolean,
    signal: AbortSignal,
  ): Promise<Outcome<string | null>>;
}

export type DeskDeps = Omit<Desk, 'directChannel' | 'findOwn'>;

/** Clocks of Discord and Postgres may differ by so much. */
const SKEW_MS = 30_000;
const PAGES = 5;

export function createDesk(deps: DeskDeps): Desk {
  const { rest, clock } = deps;
  const direct = new LRUCache<string, string>({ max: 10_000 });
  let me: string | null = null;

  const myId = async (signal: AbortSignal): Promise<Outcome<string>> => {
    if (me !== null) return { kind: 'ok', body: me };
    const outcome = await rest.request<{ id: string }>('GET', '/users/@me', {}, signal);
    if (outcome.kind !== 'ok') return outcome;
    me = outcome.body.id;
    return { kind: 'ok', body: me };
  };

  return {
    ...deps,
    async directChannel(userId, signal) {
      const known = direct.get(userId);
      if (known !== undefined) return { kind: 'ok', body: known };
      const outcome = await rest.request<{ id: string }>(
        'POST',
        '/users/@me/channels',
        { body: { recipient_id: userId } },
        signal,
      );
      if (outcome.kind !== 'ok') return outcome;
      direct.set(userId, outcome.body.id);
      return { kind: 'ok', body: outcome.body.id };
    },
    async findOwn(channelId, seconds, test, signal) {
      const own = await myId(signal);
      if (own.kind !== 'ok') return own;
      let after = idOfTime(clock.wall() - seconds * 1000 - SKEW_MS);
      for (let page = 0; page < PAGES; page += 1) {
        const outcome = await rest.request<APIMessage[]>(
          'GET',
          `/channels/${channelId}/messages`,
          { query: { after, limit: '100' } },
          signal,
        );
        if (outcome.kind !== 'ok') return outcome;
        const found = outcome.body.find((message) => message.author.id === own.body && test(message));
        if (found !== undefined) return { kind: 'ok', body: found.id };
        if (outcome.body.length < 100) break;
        after = outcome.body.reduce((last, message) => (BigInt(message.id) > BigInt(last) ? message.id : last), after);
      }
      return { kind: 'ok', body: null };
    },
  };
}

/** The nonce of a message, always the same for the same parts: at most 25 characters, the first of which says where it goes. */
export function nonceOf(where: 'c' | 'd' | 'b', ...parts: (string | number)[]): string {
  return where + createHash('sha256').update(parts.join(':')).digest('base64url').slice(0, 22);
}

/** What a message is recognised by when its nonce is no longer known: footers and times of its embeds. */
export function markOf(embeds: readonly { footer?: { text: string }; timestamp?: string }[]): string {
  return JSON.stringify(
    embeds.map((embed) => [embed.footer?.text ?? null, embed.timestamp ? Date.parse(embed.timestamp) : null]),
  );
}
