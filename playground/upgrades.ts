import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { refusalOf } from './guard.js';

/** Takes over an upgraded connection. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/**
 * Gives WebSocket upgrades of the named paths to their handlers; gives back how to take that away. Other paths are left
 * to the server's other listeners, and refused only when there are none.
 */
export function handleUpgrades(server: Server, handlers: Record<string, UpgradeHandler>): () => void {
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = (request.url ?? '/').split('?')[0]?.replace(/(?<=.)\/$/, '') ?? '/';
    const handler = Object.hasOwn(handlers, path) ? handlers[path] : undefined;
    if (!handler) {
      if (server.listenerCount('upgrade') === 1) refuse(socket, '404 Not Found');
      return;
    }
    // A socket that breaks while it is being upgraded is nobody's error.
    socket.on('error', () => socket.destroy());
    if (refusalOf(request)) refuse(socket, '403 Forbidden');
    else handler(request, socket, head);
  };
  server.on('upgrade', onUpgrade);
  return () => server.off('upgrade', onUpgrade);
}
