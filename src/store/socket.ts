/**
 * The sockets of the pool. A half-open line (the peer is gone without a word) answers nothing, and TCP notices only after minutes. Every statement has a
 * time limit at the server, so a line on which nothing has come back for longer than that, though something was sent, is dead and is cut.
 *
 * Inside TLS the timer is not seen by the wrapped socket; there TCP's keep-alive is what ends a dead line.
 */
import net from 'node:net';

/** What postgres.js tells its `socket` option. */
interface Address {
  host: string[];
  port: number[];
  path?: string | false;
}

/** Ends the socket when nothing comes back for `silenceMs` after something was sent. Call it after `connect`, which puts back the original `write`. */
function watch(socket: net.Socket, silenceMs: number): net.Socket {
  let timer: NodeJS.Timeout | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const silent = () => {
    socket.destroy(Object.assign(new Error(`Postgres answered nothing for ${silenceMs} ms`), { code: 'ETIMEDOUT' }));
  };
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (...args: unknown[]): boolean => {
    timer ??= setTimeout(silent, silenceMs).unref();
    return write(...args);
  };
  socket.on('data', heard);
  socket.once('close', heard);
  return socket;
}

/** A factory for the `socket` option of postgres.js. `silenceMs`: longer than any statement may take. */
export function socketFactory(silenceMs: number): (address: Address) => net.Socket {
  let next = 0;
  return ({ host, port, path }) => {
    if (path) return watch(net.connect(path), silenceMs);
    const index = next % host.length;
    next += 1;
    return watch(net.connect(port[index] as number, host[index] as string), silenceMs);
  };
}
