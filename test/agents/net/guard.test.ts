import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { AddressRefusedError, createAddressGuard, isPublicAddress, type ResolveAll } from '../../../src/agents/net/guard.js';

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '93.184.215.14', '2606:4700::1111', '2a00:1450:4001:80b::200e'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ...['0.0.0.0', '0.1.2.3', '127.0.0.1', '127.255.255.254', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...['169.254.169.254', '100.64.0.1', '100.127.255.255', '224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255'],
    ...['192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.7', '203.0.113.9', '192.88.99.1'],
    ...[
      '::',
      '::1',
      '::127.0.0.1',
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      '::ffff:0:127.0.0.1',
      '64:ff9b::7f00:1',
      '64:ff9b:1::a00:1',
    ],
    ...['fe80::1', 'fe80::1%eth0', 'fec0::1', 'fc00::1', 'fd12:3456::1', 'ff02::1', '2002:7f00:1::', '2001::1', '2001:db8::1'],
    ...['100::1', '3fff::1', '5f00::1', '4000::1', '2606:4700::5efe:7f00:1', 'localhost', '', '127.1'],
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

/** What a connection to the URL would be given. */
function resolved(url: string, resolve: ResolveAll, allowedHosts: string[] = [], all = true) {
  const target = new URL(url);
  return new Promise<string | LookupAddress[]>((settle, reject) => {
    createAddressGuard({ allowedHosts, resolve }).lookupFor(target)(target.hostname, { all }, (error, address) =>
      error ? reject(error) : settle(address),
    );
  });
}
const answering =
  (...addresses: string[]): ResolveAll =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('the address guard', () => {
  it('hands over exactly the addresses that it checked', async () => {
    expect(await resolved('http://example.com', answering('8.8.8.8', '2606:4700::1111'))).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ]);
    expect(await resolved('http://example.com', answering('8.8.8.8'), [], false)).toBe('8.8.8.8');
  });

  it('refuses a name as soon as one of its addresses is not public', async () => {
    await expect(resolved('http://example.com', answering('8.8.8.8', '10.0.0.1'))).rejects.toThrow(AddressRefusedError);
    await expect(resolved('http://example.com', answering('::ffff:8.8.8.8'))).rejects.toThrow(
      'example.com is not a public address',
    );
    await expect(resolved('http://example.com', answering())).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('asks the resolver anew for each connection, so that a changed answer is checked again', async () => {
    const answers = [answering('8.8.8.8'), answering('127.0.0.1')];
    const rebinding: ResolveAll = (name) => (answers.shift() ?? expect.unreachable())(name);
    await expect(resolved('http://rebind.example', rebinding)).resolves.toHaveLength(1);
    await expect(resolved('http://rebind.example', rebinding)).rejects.toThrow(AddressRefusedError);
  });

  it.each([
    ['http://intern.example/', ['intern.example'], true],
    ['http://intern.example:8080/', ['intern.example'], true],
    ['http://intern.example:8080/', ['INTERN.example:8080'], true],
    ['http://intern.example/', ['intern.example:80'], true],
    ['https://intern.example/', ['intern.example:80'], false],
    ['http://intern.example:81/', ['intern.example:80'], false],
    ['http://sub.intern.example/', ['intern.example'], false],
    ['http://intern.example.org/', ['intern.example'], false],
  ])('%s with %j allowed: %s', async (url, allowed, passes) => {
    const lookup = resolved(url, answering('10.1.2.3'), allowed);
    await (passes ? expect(lookup).resolves.toHaveLength(1) : expect(lookup).rejects.toThrow(AddressRefusedError));
  });

  it.each([
    ['http://[::1]:80/', ['::1'], true],
    ['http://[::1]:8080/', ['[::1]:8080'], true],
    ['http://[::1]:8081/', ['[::1]:8080'], false],
    ['http://[::1]:8080/', [{ host: '::1', port: 8080 }], true],
    ['http://[::1]:8081/', [{ host: '::1', port: 8080 }], false],
    ['http://10.0.0.1:8081/', [{ host: '10.0.0.1', port: undefined }], true],
    ['http://2130706433/', ['127.0.0.1'], true],
    ['http://127.0.0.2/', ['127.0.0.1'], false],
    ['ftp://example.com/', ['example.com'], false],
    ['file:///etc/passwd', [''], false],
  ])('checks the literal %s with %j allowed: %s', (url, allowedHosts, passes) => {
    const check = () => createAddressGuard({ allowedHosts }).check(new URL(url));
    if (passes) expect(check).not.toThrow();
    else expect(check).toThrow(AddressRefusedError);
  });
});
