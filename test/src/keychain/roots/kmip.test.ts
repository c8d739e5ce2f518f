import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:tls';
import { createAuthority } from '../../../../certs/authority.ts';
import { KeyChain } from '../../../../src/keychain/key-chain.ts';
import { type KmipOptions, KmipRoot } from '../../../../src/keychain/roots/kmip.ts';
import { Operation, RevocationReasonCode } from '../../../../ttlv/tables/enums.ts';
import { Tag } from '../../../../ttlv/tables/tags.ts';
import { failing, MemoryChainStore } from '../../../support/keychain.ts';
import { certificates } from '../../../support/listener.ts';
import { createAes, created, enumeration, on, outcomeOf, structure } from '../../../support/requests.ts';
import { identityOf, TestServer } from '../../../support/server.ts';

describe('keychain/roots/kmip', function () {
  this.timeout(60_000);
  const key = Buffer.alloc(32, 7);
  const context = Buffer.from('chain');
  let server: TestServer;
  let options: KmipOptions;

  /** What alice, or somebody else, tells the root. */
  async function optionsOf(name: string, uniqueIdentifier: string): Promise<KmipOptions> {
    const { certificate, key: privateKey } = await identityOf(name);
    return { host: '127.0.0.1', port: server.port, ca: server.ca, certificate, privateKey, uniqueIdentifier };
  }

  /** Runs operations on an object as alice. */
  async function alice(id: string, ...operations: Operation[]): Promise<void> {
    const client = await server.connect('alice');
    for (const operation of operations) {
      const reason = enumeration(Tag.RevocationReasonCode, RevocationReasonCode.CessationOfOperation);
      const more = operation === Operation.Revoke ? [structure(Tag.RevocationReason, reason)] : [];
      const { result, message } = await outcomeOf(client, on(id, operation, ...more));
      assert.equal(result, 'Success', message);
    }
    await client.close();
  }

  async function newKey(): Promise<string> {
    const client = await server.connect('alice');
    const id = await created(client, createAes());
    await client.close();
    await alice(id, Operation.Activate);
    return id;
  }

  before(async () => {
    server = await TestServer.start();
    options = await optionsOf('alice', await newKey());
  });

  after(() => server?.stop());

  it('seals a chain with a key that stays on the server, and opens it again', async () => {
    const store = new MemoryChainStore();
    const chain = await KeyChain.open({ root: new KmipRoot(options), store });
    const encrypted = await chain.encrypt(Buffer.from('attack at dawn'));
    await chain.rotate();
    const other = await KeyChain.open({ root: new KmipRoot(options), store });
    assert.equal((await other.decrypt(encrypted)).toString(), 'attack at dawn');
    const used = server.audit().filter((entry) => entry['object'] === options.uniqueIdentifier);
    const operations = new Set(used.map((entry) => entry['operation']));
    assert(operations.has('Encrypt') && operations.has('Decrypt') && !operations.has('Get'));
  });

  it('does not open another context, or what was changed or cut off', async () => {
    const root = new KmipRoot(options);
    const wrapped = await root.wrap(key, context);
    assert.deepEqual(await root.unwrap(wrapped, context), key);
    await assert.rejects(root.unwrap(wrapped, Buffer.from('other')), failing('wrong-root'));
    for (const at of [0, 1, 37, 49, wrapped.length - 1]) {
      const changed = Buffer.from(wrapped);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await assert.rejects(root.unwrap(changed, context), failing('wrong-root'));
    }
    for (const length of [0, 1, 37, 60]) {
      await assert.rejects(root.unwrap(wrapped.subarray(0, length), context), failing('wrong-root'));
    }
  });

  it('opens what a former key sealed, if it is told so, and nothing that any other key did', async () => {
    const wrapped = await new KmipRoot(options).wrap(key, context);
    const next = await optionsOf('alice', await newKey());
    await assert.rejects(new KmipRoot(next).unwrap(wrapped, context), failing('wrong-root'));
    const root = new KmipRoot({ ...next, formerIdentifiers: [options.uniqueIdentifier] });
    assert.deepEqual(await root.unwrap(wrapped, context), key);
    assert.deepEqual(await new KmipRoot(next).unwrap(await root.wrap(key, context), context), key);
  });

  it('says why the server refuses: a stranger, a key that was revoked', async () => {
    const wrapped = await new KmipRoot(options).wrap(key, context);
    const bob = new KmipRoot(await optionsOf('bob', options.uniqueIdentifier));
    await assert.rejects(bob.unwrap(wrapped, context), /refuses: Item Not Found/);
    await assert.rejects(bob.wrap(key, context), failing('root-unavailable'));
    const revoked = new KmipRoot(await optionsOf('alice', await newKey()));
    const old = await revoked.wrap(key, context);
    await alice(identifierIn(old), Operation.Revoke);
    await assert.rejects(revoked.wrap(key, context), failing('root-unavailable'));
    assert.deepEqual(await revoked.unwrap(old, context), key);
  });

  it('reports a server that is away, is not trusted, or speaks something else', async () => {
    const { ca, server: issued } = await certificates();
    const other = createServer({ cert: issued.certificate, key: issued.key }, (socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const root = (change: Partial<KmipOptions>) => new KmipRoot({ ...options, ...change });
    await assert.rejects(root({ port, ca: ca.certificate }).wrap(key, context), failing('root-unavailable'));
    await assert.rejects(
      root({ ca: (await createAuthority('Other')).certificate }).wrap(key, context),
      failing('root-unavailable'),
    );
    other.close();
    await assert.rejects(root({ port }).wrap(key, context), failing('root-unavailable'));
  });

  it('refuses an identifier that does not fit', () => {
    assert.throws(() => new KmipRoot({ ...options, uniqueIdentifier: '' }), failing('invalid-option'));
    assert.throws(() => new KmipRoot({ ...options, uniqueIdentifier: 'x'.repeat(256) }), failing('invalid-option'));
  });
});

/** The Unique Identifier that a wrapped key names. */
function identifierIn(wrapped: Buffer): string {
  return wrapped.toString('utf8', 1, 1 + (wrapped[0] ?? 0));
}
