import { constants, createDeflate, type Deflate, deflateSync } from 'node:zlib';
import type { WebSocket } from 'ws';

/** Payload compression is for the packets where it saves something: Discord compresses "some" (gateway.mdx). */
const WORTH_COMPRESSING_BYTES = 1_024;
/** Enough for a large GUILD_CREATE in one piece. */
const DEFLATE_CHUNK_BYTES = 128 * 1024;

type Item = { text: string } | { code: number; reason: string };

/**
 * What goes out on one socket, in order: as plain text, each packet compressed for itself (`compress: true` of IDENTIFY), or
 * all of them as one zlib stream that is flushed after each packet, so that a message ends with 00 00 FF FF (`zlib-stream`).
 */
export class Outbox {
  /** Packets are compressed one by one; the stream takes precedence. */
  compressPackets = false;
  private readonly stream: Deflate | undefined;
  private queue: Item[] = [];
  private busy = false;
  private held = false;

  constructor(
    private readonly socket: WebSocket,
    transport: 'none' | 'zlib-stream',
  ) {
    if (transport === 'zlib-stream') this.stream = createDeflate({ chunkSize: DEFLATE_CHUNK_BYTES });
    socket.once('close', () => this.stream?.close());
  }

  send(text: string): void {
    this.queue.push({ text });
    this.drain();
  }

  /** Closes after what was sent before; at once when the socket is held. */
  close(code: number, reason: string): void {
    if (this.held) this.queue = [];
    this.held = false;
    this.queue.push({ code, reason });
    this.drain();
  }

  /** While held nothing goes out; it is sent when the hold ends. */
  hold(on: boolean): void {
    this.held = on;
    this.drain();
  }

  private drain(): void {
    while (!this.busy && !this.held) {
      const item = this.queue.shift();
      if (!item) return;
      if (this.socket.readyState !== this.socket.OPEN) this.queue = [];
      else if ('code' in item) this.socket.close(item.code, item.reason);
      else if (this.stream) this.streamed(this.stream, item.text);
      else if (this.compressPackets && item.text.length >= WORTH_COMPRESSING_BYTES) this.socket.send(deflateSync(item.text));
      else this.socket.send(item.text);
    }
  }

  private streamed(stream: Deflate, text: string): void {
    this.busy = true;
    const parts: Buffer[] = [];
    const take = (part: Buffer) => parts.push(part);
    stream.on('data', take);
    stream.write(text);
    stream.flush(constants.Z_SYNC_FLUSH, () => {
      stream.off('data', take);
      if (this.socket.readyState === this.socket.OPEN) this.socket.send(Buffer.concat(parts));
      this.busy = false;
      this.drain();
    });
  }
}
