import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:tls';
import { createAuthority } from '../../../../certs/authority.ts';
import { type KmipOptions, KmipRoot } from '../../../../src/keychain/roots/kmip.ts';
import { kmipRootContract } from '../../../contracts/kmip-root.ts';
import { failing } from '../../../support/keychain.ts';
import { certificates } from '../../../support/listener.ts';

describe('keychain/roots/kmip', function () {
  this.timeout(60_000);
  const key = Buffer.alloc(32, 7);
  const context = Buffer.from('chain');

  kmipRootContract((options, { port }) => new KmipRoot({ ...options, host: '127.0.0.1', port }));

  it('reports a server that is away, is not trusted, or speaks something else', async () => {
    const { ca, server: issued, alice } = await certificates();
    const other = createServer({ cert: issued.certificate, key: issued.key }, (socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const options = {
      host: '127.0.0.1',
      port,
      ca: ca.certificate,
      certificate: alice.certificate,
      privateKey: alice.key,
      uniqueIdentifier: 'key',
    };
    const root = (change: Partial<KmipOptions> = {}) => new KmipRoot({ ...options, ...change });
    await assert.rejects(root().wrap(key, context), failing('root-unavailable'));
    await assert.rejects(
      root({ ca: (await createAuthority('Other')).certificate }).wrap(key, context),
      failing('root-unavailable'),
    );
    other.close();
    await assert.rejects(root().wrap(key, context), failing('root-unavailable'));
  });
});
