import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Core } from '../core.js';
import { storeUpload } from '../messages/attachments.js';
import { guardHook } from '../rest/server.js';

const NOT_BUILT = 'The page of the local Discord has not been built yet. Run "npm run build" in the repository, then reload.\n';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Where the built page is, both when this runs from its sources and when it runs compiled from `dist`. */
export function defaultPageDir(): string {
  const playground = dirname(dirname(fileURLToPath(import.meta.url)));
  const root = dirname(playground);
  return basename(root) === 'dist' ? join(playground, 'page') : join(root, 'dist', 'playground', 'page');
}

/** Only our own files run; pictures may be data. The host was checked before, so it can stand in the policy. */
function securityHeaders(host: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self'",
    "font-src 'self'",
    `connect-src 'self' ws://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  };
}

/** A path below the page's folder: plain names only, so nothing leads out of it. */
function safePath(path: string): string | undefined {
  return /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/.test(path) ? path : undefined;
}

async function readPageFile(pageDir: string, path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(join(pageDir, path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function sendPage(pageDir: string) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const asked = (request.params as { '*'?: string })['*'];
    const path = asked ? safePath(asked) : 'index.html';
    const data = path === undefined ? undefined : await readPageFile(pageDir, path);
    if (data && path) {
      return reply
        .headers(securityHeaders(request.headers.host ?? ''))
        .type(TYPES[extname(path)] ?? 'application/octet-stream')
        .send(data);
    }
    if (asked) return reply.callNotFound();
    return reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
  };
}

/** `POST /page/upload?name=…` with the file as body: answers `{ id }`, to be named in a message, option or modal. */
function receiveUpload(core: Core) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { name } = request.query as { name?: unknown };
    const data = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const attachment = storeUpload(core, core.world.botId, {
      index: 0,
      name: typeof name === 'string' && name !== '' ? name : 'file',
      contentType: request.headers['content-type'],
      data,
    });
    core.uploads.put(undefined, attachment);
    return reply.code(201).send({ id: attachment.id, filename: attachment.filename, size: attachment.size });
  };
}

/** Serves the page's files at `/` and takes its uploads. */
export async function registerPage(app: FastifyInstance, core: Core, pageDir: string): Promise<void> {
  await app.register(async (scope: FastifyInstance) => {
    const bodyLimit = core.limits.maxFileBytes;
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body));
    scope.addHook('onRequest', guardHook);
    scope.post('/page/upload', { bodyLimit }, receiveUpload(core));
    scope.get('/', sendPage(pageDir));
    scope.get('/*', sendPage(pageDir));
  });
}
