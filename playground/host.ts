import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Core } from './core.js';
import { RESUME_PATH } from './gateway/operations.js';
import type { Gateway } from './gateway/server.js';
import type { DevServer } from './pageserver/dev.js';
import type { PageServer } from './pageserver/server.js';
import { registerPage } from './pageserver/static.js';
import { registerCdn } from './rest/cdn.js';
import { registerRest, versioned } from './rest/server.js';
import { handleUpgrades } from './upgrades.js';

/** The server that the playground lives on: another program's, or one of its own. */
export interface Host {
  attach(app: FastifyInstance, parts: HostedParts): Promise<void>;
  listen(options: { host?: string; port?: number }, parts: HostedParts): Promise<{ url: string; apiUrl: string; port: number }>;
  /** `http://127.0.0.1:PORT`; without a port as long as nothing listens. */
  baseUrl(): string;
  close(): Promise<void>;
}

/** What is put on the server. */
export interface HostedParts {
  core: Core;
  gateway: Gateway;
  page?: { server: PageServer; dev: DevServer; dir: string };
  onListen: () => void;
}

/** Makes a host that is not attached to anything yet. */
export function createHost(): Host {
  let server: Server | undefined;
  let own: FastifyInstance | undefined;
  let releaseUpgrades: () => void = () => {};

  const baseUrl = () => {
    const address = server?.address() as AddressInfo | string | null | undefined;
    if (!address || typeof address === 'string') return 'http://127.0.0.1';
    return `http://${address.address === '::1' ? '[::1]' : '127.0.0.1'}:${address.port}`;
  };

  const attach = async (app: FastifyInstance, { core, gateway, page, onListen }: HostedParts) => {
    await registerRest(app, core, gateway, app === own);
    await registerCdn(app, core);
    if (page) await registerPage(app, core, page.dir);
    app.addHook('onListen', async () => onListen());
    server = app.server as Server;
    releaseUpgrades = handleUpgrades(server, {
      '/gateway': gateway.upgrade,
      [RESUME_PATH]: gateway.upgrade,
      ...(page && { '/page': page.server.upgrade, '/dev': page.dev.upgrade }),
    });
  };

  return {
    attach,
    async listen({ host = '127.0.0.1', port = 0 }, parts) {
      const { fastify } = await import('fastify');
      own = fastify({ forceCloseConnections: true, rewriteUrl: ({ url = '/' }) => versioned(url) });
      await attach(own, parts);
      await own.listen({ host, port });
      const url = baseUrl();
      return { url, apiUrl: `${url}/api`, port: Number(new URL(url).port) };
    },
    baseUrl,
    async close() {
      releaseUpgrades();
      own?.server.closeAllConnections();
      await own?.close();
    },
  };
}
