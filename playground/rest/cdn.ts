import type { FastifyInstance } from 'fastify';
import type { Core } from '../core.js';
import { pictureData } from '../world/pictures.js';
import { guardHook } from './server.js';

/** Files that a browser may show in place; everything else is offered for download. */
const SHOWN = /^(?:image\/(?:png|jpeg|gif|webp)|text\/(?:plain|csv|markdown)|application\/json|video\/|audio\/)/;

/** Serves posted files. They come from anybody, so they run in no origin and are never sniffed. */
export async function registerCdn(app: FastifyInstance, core: Core): Promise<void> {
  await app.register(async (scope: FastifyInstance) => {
    scope.addHook('onRequest', guardHook);
    // Discord would turn the picture into the type that the name's ending asks for; here it stays what was uploaded.
    scope.get('/cdn/avatars/:ownerId/:file', async (request, reply) => {
      const { ownerId, file } = request.params as { ownerId: string; file: string };
      const { picture } = core.world.users.get(ownerId) ?? core.world.webhooks.get(ownerId) ?? {};
      if (!picture || file.replace(/\.\w+$/, '') !== picture.hash) return reply.code(404).send();
      const { contentType, data } = pictureData(picture);
      return reply
        .headers({ 'content-type': contentType, 'x-content-type-options': 'nosniff', 'cache-control': 'private, max-age=3600' })
        .send(data);
    });
    // A wildcard: Fastify has no parameters of more than 100 characters.
    scope.get('/cdn/attachments/:channelId/:attachmentId/*', async (request, reply) => {
      const { attachmentId, '*': name } = request.params as { attachmentId: string; '*': string };
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
