/** The HTTP server of a process: health for people and orchestrators. The playground, and later the API and the dashboard, mount on the same server. */
import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { DependencyHealth } from '../tasks/service.js';

export interface HttpDeps {
  /** Checks every dependency. */
  health(): Promise<DependencyHealth[]>;
  log: Logger;
}

/** What a process can serve without, or in spite of: it needs a person's attention all the same. */
const BEARABLE: ReadonlySet<DependencyHealth['name']> = new Set(['redis', 'clock', 'event_loop']);

/** Builds the server; nothing listens yet. `/healthz`: the process is alive. `/readyz`: it can serve, 503 otherwise, per dependency. */
export function createHttpServer(deps: HttpDeps): FastifyInstance {
  const app = fastify({ logger: false, bodyLimit: 30 * 1024 * 1024, requestTimeout: 30_000 });
  app.get('/healthz', async () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    const dependencies = await deps.health().catch((error: unknown) => {
      deps.log.error({ err: error }, 'the health check failed');
      return null;
    });
    if (dependencies === null) return reply.code(503).send({ status: 'not ready', dependencies: [] });
    const ready = dependencies.filter(({ name }) => !BEARABLE.has(name)).every(({ ok }) => ok);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', dependencies });
  });
  return app;
}

/** The port is taken by another program. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  constructor(port: number) {
    super(`HTTP_PORT: port ${port} is taken by another program. Choose another port, or 0 to have a free one picked.`);
  }
}

/** Ports after the default one that are tried when it is taken. */
const TRIES = 50;

/**
 * Listens. A port that was named must be free (PortTakenError); the default one gives way to the next free one.
 * @returns the port listened on.
 */
export async function listen(app: FastifyInstance, http: { host: string; port: number; portNamed: boolean }): Promise<number> {
  for (let port = http.port; ; port += 1) {
    try {
      await app.listen({ host: http.host, port });
      const address = app.server.address();
      return address !== null && typeof address === 'object' ? address.port : port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      if (http.portNamed || port >= http.port + TRIES) throw new PortTakenError(http.port);
    }
  }
}
