import { WebSocketServer } from 'ws';
import type { Core } from '../core.js';
import type { UpgradeHandler } from '../upgrades.js';
import { PageConnection, type PageState } from './connection.js';

/** Bounds a request of the page: the largest are modals with five long texts. */
const MAX_PAYLOAD_BYTES = 256 * 1024;

export interface PageServer {
  upgrade: UpgradeHandler;
  close(): void;
}

/** The page's WebSocket: each connection is one open page. */
export function createPageServer(core: Core, state: PageState): PageServer {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false });
  return {
    upgrade: (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (ws) => void new PageConnection(core, ws, state)),
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
