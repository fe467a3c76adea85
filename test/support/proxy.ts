/** A TCP proxy between a program and its store, to cut, hold and heal the line. Ends with the test. */
import net from 'node:net';

export interface FaultProxy {
  port: number;
  /** Cuts all connections and refuses new ones until `heal`. */
  cut(): void;
  /** Lets the next request that contains the text through, and cuts its line instead of the answer: it is done, and nobody is told. */
  cutAnswer(text: string): void;
  /** Keeps connections open but lets nothing through (half-open line) until `heal`. */
  hang(): void;
  heal(): void;
  close(): Promise<void>;
}

/** Listens on a free port of the loopback and passes everything on. */
export async function openProxy(target: { host: string; port: number }): Promise<FaultProxy> {
  let mode: 'open' | 'cut' | 'hang' = 'open';
  let unanswered: string | undefined;
  const pairs = new Set<[net.Socket, net.Socket]>();
  const server = net.createServer((client) => {
    if (mode === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const upstream = net.connect(target);
    const pair: [net.Socket, net.Socket] = [client, upstream];
    pairs.add(pair);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('data', (chunk) => {
        if (mode !== 'open') return;
        if (from === client && unanswered !== undefined && chunk.includes(unanswered)) {
          unanswered = undefined;
          upstream.removeAllListeners('data').once('data', () => {
            client.resetAndDestroy();
            upstream.destroy();
          });
        }
        to.write(chunk);
      });
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const drop = () => {
    for (const [client, upstream] of pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  };
  return {
    port: (server.address() as net.AddressInfo).port,
    cut() {
      mode = 'cut';
      drop();
    },
    cutAnswer(text) {
      unanswered = text;
    },
    hang() {
      mode = 'hang';
    },
    heal() {
      // What was held back is lost: such a line is of no use any more.
      if (mode === 'hang') drop();
      mode = 'open';
    },
    close: async () => {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The address with the proxy's port in it. */
export function through(url: string, proxy: FaultProxy): string {
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String(proxy.port);
  return changed.toString();
}
