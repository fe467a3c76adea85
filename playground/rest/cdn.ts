import type { FastifyInstance } from 'fastify';
import type { Core } from '../core.js';
import { guardHook } from './server.js';

/** Files that a browser may show in place; everything else is offered for download. */
const SHOWN = /^(?:image\/(?:png|jpeg|gif|webp)|text\/(?:plain|csv|markdown)|application\/json|video\/|audio\/)/;

/** Serves posted files. They come from anybody, so they run in no origin and are never sniffed. */
export async function registerCdn(app: FastifyInstance, core: Core): Promise<void> {
  await app.register(async (scope: FastifyInstance) => {
    scope.addHook('onRequest', guardHook);
    scope.get('/cdn/attachments/:channelId/:attachmentId/:name', async (request, reply) => {
      const { attachmentId, name } = request.params as { attachmentId: string; name: string };
      const file = core.files.get(attachmentId);
      if (!file || file.name !== name) return reply.code(404).type('text/plain').send('This content is no longer available.');
      const type = SHOWN.test(file.contentType) ? file.contentType : 'application/octet-stream';
      return reply
        .headers({
          'content-type': type.startsWith('application/octet')
            ? file.contentType.replace(/^text\/html.*|^image\/svg.*/, 'application/octet-stream')
            : type,
          'content-disposition': `${SHOWN.test(file.contentType) ? 'inline' : 'attachment'}; filename="${file.name}"`,
          'content-security-policy': "default-src 'none'; sandbox",
          'x-content-type-options': 'nosniff',
          'cache-control': 'private, max-age=3600',
        })
        .send(file.data);
    });
  });
}
