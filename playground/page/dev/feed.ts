/** The panel's own WebSocket: there only while the panel is open, so that a closed panel costs nothing. */
import type { DevEvent, DevRequest } from '../../pageserver/dev-protocol.js';

export interface DevFeed {
  open(): void;
  close(): void;
  /** False when there is no connection: nothing was sent. */
  send(request: DevRequest): boolean;
}

/** After a lost connection it is tried again this often. */
const retryMs = 1000;

/** A closed feed. `onState` tells of every connection and loss while it is open. */
export function devFeed(onEvent: (event: DevEvent) => void, onState: (connected: boolean) => void): DevFeed {
  let socket: WebSocket | null = null;
  let retry = 0;
  const open = (): void => {
    if (socket) return;
    const next = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/dev`);
    socket = next;
    next.addEventListener('open', () => onState(true));
    next.addEventListener('message', (message) => onEvent(JSON.parse(String(message.data)) as DevEvent));
    next.addEventListener('close', () => {
      // Closed by us: another one, or none, took its place.
      if (socket !== next) return;
      socket = null;
      onState(false);
      retry = window.setTimeout(open, retryMs);
    });
  };
  return {
    open,
    close() {
      clearTimeout(retry);
      const last = socket;
      socket = null;
      last?.close();
    },
    send(request) {
      if (socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(request));
      return true;
    },
  };
}
