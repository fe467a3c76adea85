/**
 * The sockets of the pool. A half-open line (the peer is gone without a word) answers nothing, and TCP notices only after minutes. Every statement has a
 * time limit at the server, so a line on which nothing has come back for longer than that, though something was sent, is dead and is cut.
 *
 * Inside TLS the timer is not seen by the wrapped socket; there TCP's keep-alive is what ends a dead line.
 */
import net from 'node:net';

class PoolSocket extends net.Socket {
  readonly #silenceMs: number;
  #watch: NodeJS.Timeout | undefined;

  constructor(silenceMs: number) {
    super();
    this.#silenceMs = silenceMs;
    this.on('data', () => this.#heard());
    this.once('close', () => this.#heard());
  }

  // biome-ignore lint/suspicious/noExplicitAny: the signature of the overloads of net.Socket.
  override write(...args: any[]): boolean {
    this.#watch ??= setTimeout(() => {
      this.destroy(Object.assign(new Error(`Postgres answered nothing for ${this.#silenceMs} ms`), { code: 'ETIMEDOUT' }));
    }, this.#silenceMs).unref();
    return super.write(...(args as Parameters<net.Socket['write']>));
  }

  #heard(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
  }
}

/** What postgres.js tells its `socket` option. */
interface Address {
  host: string[];
  port: number[];
  path?: string | false;
}

/** A factory for the `socket` option of postgres.js. `silenceMs`: longer than any statement may take. */
export function socketFactory(silenceMs: number): (address: Address) => net.Socket {
  let next = 0;
  return ({ host, port, path }) => {
    const socket = new PoolSocket(silenceMs);
    if (path) return socket.connect(path);
    const index = next % host.length;
    next += 1;
    return socket.connect(port[index] as number, host[index] as string);
  };
}
