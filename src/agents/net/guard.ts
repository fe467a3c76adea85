/**
 * Keeps requests that people can steer away from the inside of the network (server-side request forgery).
 *
 * The rule: an address may be reached if it is a public unicast address, or if its host is on the list of allowed ones.
 * The check stands where the connection is made: `lookupFor` resolves, checks every address of the answer and hands over
 * only these, so a name cannot answer with a public address to the check and with a private one to the connection.
 * Redirects are new URLs: whoever follows them asks `check` and `lookupFor` again for each.
 */
import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The request would reach an address that is not public, or does not use HTTP. The message is for people. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
}

/** Resolves a name to all its addresses. */
export type ResolveAll = (hostname: string) => Promise<LookupAddress[]>;

/** `host` or `host:port`, lower or upper case, IPv6 in brackets or not; or the two apart. No port: every port. */
export type AllowedHost = string | { readonly host: string; readonly port?: number | undefined };

export interface GuardOptions {
  /** Reached whatever their addresses. */
  allowedHosts?: readonly AllowedHost[];
  /** Instead of the system's resolver. */
  resolve?: ResolveAll;
}

export interface AddressGuard {
  /** What can be told from the URL alone. @throws AddressRefusedError */
  check(url: URL): void;
  /** The `lookup` of `net.connect` for this URL: it fails with AddressRefusedError when any address is not public. */
  lookupFor(url: URL): LookupFunction;
}

/** The first /3 of IPv6 is all that is handed out as public unicast; what stands outside is special, now or later. */
const PUBLIC_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether the address is public unicast. Refused are private, loopback, link-local, CGNAT, multicast, unspecified,
 * documentation, benchmarking and reserved ranges, and IPv6 that carries IPv4 inside (mapped, compatible, 6to4, Teredo,
 * NAT64, ISATAP), because what is carried could be any of the former.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  if (parsed.kind() === 'ipv4') return true;
  const v6 = parsed as ipaddr.IPv6;
  const isatap = v6.parts[5] === 0x5efe && (v6.parts[4] === 0 || v6.parts[4] === 0x200);
  return v6.match(PUBLIC_IPV6) && !isatap;
}

export function createAddressGuard(options: GuardOptions = {}): AddressGuard {
  const allowed = new Set((options.allowedHosts ?? []).map(normaliseAllowed));
  const resolve = options.resolve ?? resolveWithSystem;
  const isAllowed = (url: URL) => allowed.has(url.hostname) || allowed.has(`${url.hostname}:${portOf(url)}`);

  return {
    check(url) {
      if (url.protocol !== 'http:' && url.protocol !== 'https:')
        throw new AddressRefusedError(`Only http and https are possible, not ${url.protocol.slice(0, 30)}`);
      // URL has already turned 2130706433, 0x7f.1 and 127.1 into 127.0.0.1, and lower-cased and punycoded names.
      const host = bare(url.hostname);
      if (isIP(host) !== 0 && !isAllowed(url) && !isPublicAddress(host)) throw refusal(url.hostname);
    },
    lookupFor(url) {
      const free = isAllowed(url);
      return (hostname, lookupOptions, callback) => {
        resolve(hostname).then(
          (found) => {
            const bad = free ? undefined : found.find(({ address }) => !isPublicAddress(address));
            if (bad || found.length === 0) callback(bad ? refusal(hostname) : notFound(hostname), '', 0);
            else answer(found, lookupOptions, callback);
          },
          (error: NodeJS.ErrnoException) => callback(error, '', 0),
        );
      };
    },
  };
}

function answer(found: LookupAddress[], options: LookupOptions, callback: Parameters<LookupFunction>[2]): void {
  const family =
    options.family === 4 || options.family === 'IPv4' ? 4 : options.family === 6 || options.family === 'IPv6' ? 6 : 0;
  const fitting = family === 0 ? found : found.filter((entry) => entry.family === family);
  const [first] = fitting;
  if (!first) callback(notFound('the host'), '', 0);
  else if (options.all) callback(null, fitting);
  else callback(null, first.address, first.family);
}

function resolveWithSystem(hostname: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
}

function refusal(host: string): AddressRefusedError {
  return new AddressRefusedError(
    `The host ${host.slice(0, 253)} is not a public address. An operator can allow it with the setting API_CALL_ALLOWED_HOSTS.`,
  );
}

function notFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`No address was found for ${hostname}.`), { code: 'ENOTFOUND' });
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}

function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/** To the form in which URL writes hosts. */
function normaliseAllowed(entry: AllowedHost): string {
  const { host, port } = typeof entry === 'string' ? split(entry.trim()) : entry;
  const name = isIP(host) === 6 ? `[${host}]` : host.toLowerCase();
  const hostname = URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : name;
  return port === undefined ? hostname : `${hostname}:${port}`;
}

function split(text: string): { host: string; port: number | undefined } {
  const port = isIP(text) === 6 ? undefined : /:(\d+)$/.exec(text)?.[1];
  return port === undefined ? { host: text, port } : { host: text.slice(0, -port.length - 1), port: Number(port) };
}
