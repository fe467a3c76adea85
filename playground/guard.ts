import type { IncomingMessage } from 'node:http';

const LOOPBACK_ADDRESS = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/**
 * Why a request is refused, or undefined when it may pass. Only this machine may ask; the Host header must name it
 * (a page elsewhere whose name was rebound to 127.0.0.1 sends its own name), and a browser must come from our own page.
 */
export function refusalOf(request: IncomingMessage): string | undefined {
  if (!LOOPBACK_ADDRESS.test(request.socket.remoteAddress ?? '')) return 'The playground answers this machine only.';
  const host = request.headers.host ?? '';
  if (!LOOPBACK_HOST.test(host)) return 'The Host header must name this machine.';
  const { origin } = request.headers;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    return 'Requests from other pages are refused.';
  return undefined;
}
