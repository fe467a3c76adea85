import type { CloseName } from './closing.js';

/** What the query of the gateway's URL asks for (gateway.mdx, Gateway URL Query String Params). */
export interface Handshake {
  transport: 'none' | 'zlib-stream';
}

/**
 * Reads the query. Only version 10 is spoken here; without `v` Discord takes an old version, so that is 4012, too. Discord
 * documents no code for an encoding or a compression that it does not know: here it is 4002, for what comes cannot be read.
 * That meets `etf`, which Discord has, and `zstd-stream`: Node 20 cannot make it (`zlib.createZstdCompress` came with Node 22).
 */
export function readHandshake(url: string | undefined): Handshake | { refused: CloseName; because: string } {
  const query = new URL(url ?? '/', 'http://localhost').searchParams;
  if (query.get('v') !== '10') return { refused: 'invalidVersion', because: 'The gateway here speaks v=10.' };
  const encoding = query.get('encoding') ?? 'json';
  if (encoding !== 'json') return { refused: 'decodeError', because: 'The gateway here speaks encoding=json.' };
  const compress = query.get('compress');
  if (compress === null) return { transport: 'none' };
  if (compress !== 'zlib-stream') return { refused: 'decodeError', because: 'The gateway here compresses by zlib-stream.' };
  return { transport: 'zlib-stream' };
}
