/**
 * Whether the gateway is connected, from the events of its shards: discord.js's `isReady()` stays true after a fatal close.
 */
import { type Client, Events, Status } from 'discord.js';
import { fatalClose, type GatewayError } from './errors.js';

export interface ShardWatch {
  /** Shards that are connected, and all that there are. */
  connected(): { ready: number; of: number };
  /** Milliseconds of the monotonic clock since when a shard has been missing; null while all are there. */
  downSince(): number | null;
  /** Takes the listeners away. */
  end(): void;
}

export interface ShardWatchOptions {
  client: Client;
  monotonic: () => number;
  /** A shard closed in a way that never mends. */
  onFatal: (error: GatewayError) => void;
  onChange: (shardId: number, state: 'connected' | 'reconnecting' | 'closed', code?: number) => void;
}

export function watchShards({ client, monotonic, onFatal, onChange }: ShardWatchOptions): ShardWatch {
  const ready = new Set<number>();
  // A client that was handed in may have been connected long before.
  for (const [id, shard] of client.ws.shards) if (shard.status === Status.Ready) ready.add(id);
  let since: number | null = null;
  const all = () => Math.max(client.ws.shards.size, 1);
  const update = () => {
    since = ready.size >= all() ? null : (since ?? monotonic());
  };
  update();
  const up = (id: number) => {
    ready.add(id);
    update();
    onChange(id, 'connected');
  };
  const reconnecting = (id: number) => {
    ready.delete(id);
    update();
    onChange(id, 'reconnecting');
  };
  const closed = ({ code }: { code: number }, id: number) => {
    ready.delete(id);
    update();
    onChange(id, 'closed', code);
    const error = fatalClose(code);
    if (error) onFatal(error);
  };
  client.on(Events.ShardReady, up);
  client.on(Events.ShardResume, up);
  client.on(Events.ShardReconnecting, reconnecting);
  client.on(Events.ShardDisconnect, closed);
  return {
    connected: () => ({ ready: ready.size, of: all() }),
    downSince: () => since,
    end() {
      client.off(Events.ShardReady, up);
      client.off(Events.ShardResume, up);
      client.off(Events.ShardReconnecting, reconnecting);
      client.off(Events.ShardDisconnect, closed);
    },
  };
}
