/** Stands before a real Redis and, when told, answers every command with an error instead, as a Redis in trouble does. */
import net from 'node:net';

export interface FaultyRedis {
  url: string;
  /** Answers `-<error>` to everything but the named commands (they get `+OK`) until `heal`; open connections are cut. */
  say(error: string, except?: readonly string[]): void;
  heal(): void;
  close(): Promise<void>;
}

export async function openFaultyRedis(realUrl: string, first: string | null = null): Promise<FaultyRedis> {
  const real = new URL(realUrl);
  let error = first;
  let fine: readonly string[] = [];
  const sockets = new Set<net.Socket>();
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = net.createServer((client) => {
    sockets.add(client.on('close', () => sockets.delete(client)).on('error', () => client.destroy()));
    if (error === null) {
      const upstream = net.connect(Number(real.port), real.hostname);
      sockets.add(upstream.on('close', () => client.destroy()).on('error', () => client.destroy()));
      client.on('close', () => upstream.destroy());
      client.pipe(upstream).pipe(client);
      return;
    }
    client.on('data', (data) => {
      // Each command is an array of bulk strings, whose first is its name.
      for (const [, name] of data.toString('latin1').matchAll(/\*\d+\r\n\$\d+\r\n([^\r]+)\r\n/g)) {
        client.write(fine.includes(String(name).toLowerCase()) ? '+OK\r\n' : `-${error}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  real.hostname = '127.0.0.1';
  const url = new URL(real);
  url.port = String((server.address() as net.AddressInfo).port);
  return {
    url: url.toString(),
    say(what, except = []) {
      error = what;
      fine = except;
      cut();
    },
    heal() {
      error = null;
      cut();
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
