import type { APIAttachment } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { DiscordError } from '../errors.js';
import { contentTypeOf, imageSize, safeFileName } from '../files.js';
import { formTree } from '../validation/form.js';
import type { MessageBody } from '../validation/messages.js';

/** A file as it came in: `index` is n of `files[n]`. */
export interface Upload {
  index: number;
  name: string;
  contentType?: string;
  data: Buffer;
}

const MAX_ATTACHMENTS = 10;

/** Keeps the file and gives the attachment that shows it. */
export function storeUpload(core: Core, channelId: string, upload: Upload, description?: string | null): APIAttachment {
  const id = core.ids.next();
  const name = safeFileName(upload.name);
  const contentType = contentTypeOf(name, upload.contentType);
  core.files.put({ id, name, contentType, data: upload.data });
  const url = `${core.baseUrl()}/cdn/attachments/${channelId}/${id}/${name}`;
  return {
    id,
    filename: name,
    size: upload.data.length,
    url,
    proxy_url: url,
    content_type: contentType,
    ...(description && { description }),
    ...(contentType.startsWith('image/') && imageSize(upload.data)),
  };
}

function refuseTooLarge(core: Core, uploads: Upload[]): void {
  if (uploads.some((upload) => upload.data.length > core.limits.maxFileBytes)) throw new DiscordError('tooLarge');
}

/** Attachments of a new message: all uploads, with what `attachments` says about them by index. */
export function newAttachments(core: Core, channelId: string, body: MessageBody, uploads: Upload[]): APIAttachment[] {
  refuseTooLarge(core, uploads);
  if (uploads.length > MAX_ATTACHMENTS) throw new DiscordError('maxAttachments');
  const said = new Map((body.attachments ?? []).map((one) => [String(one.id), one]));
  for (const key of said.keys()) {
    if (!uploads.some((upload) => String(upload.index) === key)) refuseUnknown(body, key);
  }
  return uploads.map((upload) => {
    const one = said.get(String(upload.index));
    return storeUpload(core, channelId, { ...upload, name: one?.filename ?? upload.name }, one?.description);
  });
}

function refuseUnknown(body: MessageBody, key: string): never {
  const index = (body.attachments ?? []).findIndex((one) => String(one.id) === key);
  throw new DiscordError(
    'invalidForm',
    formTree([
      {
        path: ['attachments', index, 'id'],
        code: 'ATTACHMENT_NOT_FOUND',
        message: `Attachment data for index "${key}" was not found`,
      },
    ]),
  );
}

/** A kept attachment with its new description, when the edit gives one. */
function described(one: APIAttachment, said: { description?: string | null } | undefined): APIAttachment {
  if (said?.description === undefined) return one;
  const { description: _old, ...rest } = one;
  return { ...rest, ...(said.description && { description: said.description }) };
}

/**
 * Attachments after an edit: without `attachments` in the body the old ones stay, with it only those listed by id;
 * uploads are appended either way.
 */
export function editedAttachments(
  core: Core,
  channelId: string,
  old: APIAttachment[],
  body: MessageBody,
  uploads: Upload[],
): APIAttachment[] {
  refuseTooLarge(core, uploads);
  const listed = body.attachments?.map((one) => String(one.id));
  const kept = listed ? old.filter((one) => listed.includes(one.id)) : old;
  const unknown = listed?.find(
    (id) => !old.some((one) => one.id === id) && !uploads.some((upload) => String(upload.index) === id),
  );
  if (unknown !== undefined) refuseUnknown(body, unknown);
  if (kept.length + uploads.length > MAX_ATTACHMENTS) throw new DiscordError('maxAttachments');
  const said = new Map((body.attachments ?? []).map((one) => [String(one.id), one]));
  const added = uploads.map((upload) => {
    const one = said.get(String(upload.index));
    return storeUpload(core, channelId, { ...upload, name: one?.filename ?? upload.name }, one?.description);
  });
  return [...kept.map((one) => described(one, said.get(one.id))), ...added];
}
