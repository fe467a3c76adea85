/** The page's WebSocket: typed, reconnecting for as long as the page is open. */
import type { PageEvent, PageRequest } from '../protocol.js';

export type ConnectionState = 'connecting' | 'open' | 'lost';

export interface Socket {
  /** False when the connection is down: nothing was sent. */
  send(request: PageRequest): boolean;
}

interface SocketOptions {
  url: string;
  onEvent(event: PageEvent): void;
  onState(state: ConnectionState): void;
}

/** Pauses between attempts: quick at first (a restart of the server), then every 4 s. */
const retryDelaysMs = [250, 500, 1000, 2000, 4000];

/** Connects and stays connected. `onState('open')` comes after every (re)connection. */
export function connect(options: SocketOptions): Socket {
  let socket: WebSocket;
  let attempt = 0;
  const open = (): void => {
    socket = new WebSocket(options.url);
    socket.addEventListener('open', () => {
      attempt = 0;
      options.onState('open');
    });
    socket.addEventListener('message', (message) => {
      const event = parse(message.data);
      if (event) options.onEvent(event);
    });
    socket.addEventListener('close', () => {
      options.onState('lost');
      const delay = retryDelaysMs[Math.min(attempt, retryDelaysMs.length - 1)];
      attempt += 1;
      setTimeout(open, delay);
    });
  };
  options.onState('connecting');
  open();
  return {
    send(request) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(request));
      return true;
    },
  };
}

function parse(data: unknown): PageEvent | null {
  try {
    const value: unknown = JSON.parse(String(data));
    return value !== null && typeof value === 'object' && 'type' in value ? (value as PageEvent) : null;
  } catch (error) {
    console.error('The playground sent something that is not JSON', error);
    return null;
  }
}
