import { createHash } from 'node:crypto';
import type { PictureRecord } from './types.js';

/** A picture as it is kept: Discord names it by a hash, animated ones by one that begins with `a_`. */
export function pictureOf(dataUri: string): PictureRecord {
  const hash = createHash('md5').update(dataUri).digest('hex');
  return { hash: dataUri.startsWith('data:image/gif') ? `a_${hash}` : hash, dataUri };
}

/** The bytes of a picture and their type. */
export function pictureData(picture: PictureRecord): { contentType: string; data: Buffer } {
  const [head = '', body = ''] = picture.dataUri.split(',', 2);
  return { contentType: /^data:([^;]+)/.exec(head)?.[1] ?? 'image/png', data: Buffer.from(body, 'base64') };
}
