import assert from 'node:assert/strict';
import { KeyChain } from '../../src/keychain/key-chain.ts';
import type { Root } from '../../src/keychain/root.ts';
import type { KmipKeyOptions } from '../../src/keychain/roots/kmip-key.ts';
import { Operation, RevocationReasonCode } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { failing, MemoryChainStore } from '../support/keychain.ts';
import { createAes, created, enumeration, on, outcomeOf, structure } from '../support/requests.ts';
import { identityOf, TestServer } from '../support/server.ts';

const key = Buffer.alloc(32, 7);
const context = Buffer.from('chain');

/** What a root that is a key on a KMIP server must do, whatever carries its messages. */
export function kmipRootContract(open: (options: KmipKeyOptions, server: TestServer) => Root): void {
  let server: TestServer;
  let options: KmipKeyOptions;
  const rootOf = (some: KmipKeyOptions) => open(some, server);

  /** What alice, or somebody else, tells the root. */
  async function optionsOf(name: string, uniqueIdentifier: string): Promise<KmipKeyOptions> {
    const { certificate, key: privateKey } = await identityOf(name);
    return { ca: server.ca, certificate, privateKey, uniqueIdentifier };
  }

  before(async () => {
    server = await TestServer.start();
    options = await optionsOf('alice', await newKey(server));
  });

  after(() => server?.stop());

  it('seals a chain with a key that stays on the server, and opens it again', async () => {
    const store = new MemoryChainStore();
    const chain = await KeyChain.open({ root: rootOf(options), store });
    const encrypted = await chain.encrypt(Buffer.from('attack at dawn'));
    await chain.rotate();
    const other = await KeyChain.open({ root: rootOf(options), store });
    assert.equal((await other.decrypt(encrypted)).toString(), 'attack at dawn');
    const used = server.audit().filter((entry) => entry['object'] === options.uniqueIdentifier);
    const operations = new Set(used.map((entry) => entry['operation']));
    assert(operations.has('Encrypt') && operations.has('Decrypt') && !operations.has('Get'));
  });

  it('does not open another context, or what was changed or cut off', async () => {
    const root = rootOf(options);
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
    const wrapped = await rootOf(options).wrap(key, context);
    const next = await optionsOf('alice', await newKey(server));
    await assert.rejects(rootOf(next).unwrap(wrapped, context), failing('wrong-root'));
    const root = rootOf({ ...next, formerIdentifiers: [options.uniqueIdentifier] });
    assert.deepEqual(await root.unwrap(wrapped, context), key);
    assert.deepEqual(await rootOf(next).unwrap(await root.wrap(key, context), context), key);
  });

  it('says why the server refuses: a stranger, a key that was revoked', async () => {
    const wrapped = await rootOf(options).wrap(key, context);
    const bob = rootOf(await optionsOf('bob', options.uniqueIdentifier));
    await assert.rejects(bob.unwrap(wrapped, context), /refuses: Item Not Found/);
    await assert.rejects(bob.wrap(key, context), failing('root-unavailable'));
    const revoked = rootOf(await optionsOf('alice', await newKey(server)));
    const old = await revoked.wrap(key, context);
    await asAlice(server, identifierIn(old), Operation.Revoke);
    await assert.rejects(revoked.wrap(key, context), failing('root-unavailable'));
    assert.deepEqual(await revoked.unwrap(old, context), key);
  });

  it('refuses an identifier that does not fit', () => {
    assert.throws(() => rootOf({ ...options, uniqueIdentifier: '' }), failing('invalid-option'));
    assert.throws(() => rootOf({ ...options, uniqueIdentifier: 'x'.repeat(256) }), failing('invalid-option'));
  });
}

/** An active AES key of alice's. */
export async function newKey(server: TestServer): Promise<string> {
  const client = await server.connect('alice');
  const id = await created(client, createAes());
  await client.close();
  await asAlice(server, id, Operation.Activate);
  return id;
}

/** Runs an operation on an object as alice. */
async function asAlice(server: TestServer, id: string, operation: Operation): Promise<void> {
  const client = await server.connect('alice');
  const reason = enumeration(Tag.RevocationReasonCode, RevocationReasonCode.CessationOfOperation);
  const more = operation === Operation.Revoke ? [structure(Tag.RevocationReason, reason)] : [];
  const { result, message } = await outcomeOf(client, on(id, operation, ...more));
  assert.equal(result, 'Success', message);
  await client.close();
}

/** The Unique Identifier that a wrapped key names. */
function identifierIn(wrapped: Buffer): string {
  return wrapped.toString('utf8', 1, 1 + (wrapped[0] ?? 0));
}
