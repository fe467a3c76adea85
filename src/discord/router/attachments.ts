/**
 * Copies a file that came with an interaction: Discord's links expire. Only Discord's own file hosts are asked, so that a forged call cannot make
 * the bot fetch something else; with a Discord on this machine (the playground) only that one.
 */
import { InvalidError } from '../../tasks/errors.js';
import { BOUNDS, type NewTask } from '../../tasks/model.js';
import { visible } from '../cards/text.js';
import type { AttachmentRef } from './options.js';

const HOSTS = new Set(['cdn.discordapp.com', 'media.discordapp.net', 'cdn.discordapp.net']);
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** A file as `NewTask.files` takes it. */
export type CopiedFile = NonNullable<NewTask['files']>[number];

export interface AttachmentOptions {
  /** Base of the REST API: a loopback address allows that origin and nothing else. */
  apiUrl: string;
  /** Milliseconds for the whole file. Default 20 s. */
  withinMs?: number;
}

/** Fetches the file. Throws InvalidError, with a sentence for the person, when it is too large, not Discord's or cannot be had. */
export function createAttachmentReader(options: AttachmentOptions): (ref: AttachmentRef) => Promise<CopiedFile> {
  const api = new URL(options.apiUrl);
  const mayFetch = (url: URL) =>
    LOOPBACK.has(api.hostname)
      ? url.origin === api.origin
      : url.protocol === 'https:' && url.port === '' && HOSTS.has(url.hostname);
  return async (ref) => {
    if (ref.size > BOUNDS.fileBytes) throw refusal(ref, `is larger than ${BOUNDS.fileBytes / 1024 / 1024} MiB`);
    const url = URL.canParse(ref.url) ? new URL(ref.url) : null;
    if (!url || !mayFetch(url)) throw refusal(ref, 'does not come from Discord');
    const bytes = await download(ref, url, options.withinMs ?? 20_000);
    return { name: fileName(ref.filename), contentType: ref.contentType, bytes };
  };
}

function refusal(ref: AttachmentRef, problem: string): InvalidError {
  return new InvalidError(`The file ${fileName(ref.filename)} ${problem}.`, [{ field: 'file', problem }]);
}

/** A name without folders and without characters that nobody can see. */
function fileName(name: string): string {
  const last = visible(name.split(/[/\\]/).at(-1) ?? '').trim();
  return [...(last || 'file')].slice(0, 200).join('');
}

async function download(ref: AttachmentRef, url: URL, withinMs: number): Promise<Buffer<ArrayBuffer>> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(withinMs) });
    if (!response.ok || !response.body)
      throw refusal(ref, `could not be fetched from Discord (status ${response.status}); please attach it again`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      // Leaving the loop ends the transfer: no more than was announced is ever held.
      if (size > ref.size || size > BOUNDS.fileBytes) throw refusal(ref, 'is larger than Discord said');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof InvalidError) throw error;
    throw new InvalidError(`The file ${fileName(ref.filename)} could not be fetched from Discord; please attach it again.`, [
      { field: 'file', problem: error instanceof Error ? error.message : 'unknown' },
    ]);
  }
}
