import assert from 'node:assert/strict';
import { Secret } from '../../../src/crypto/secret.ts';
import { Generations } from '../../../src/seal/generations.ts';
import { Keyring } from '../../../src/seal/keyring.ts';
import { deriveKeys } from '../../../src/seal/keys.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { generationsOf, install, openSeal } from '../../support/seal.ts';

async function installed() {
  const store = new MemoryStore();
  const installation = await install(store);
  return { store, installation, source: await generationsOf(store, installation) };
}

describe('generations', () => {
  it('are wrapped: neither KEK nor root key lies in the store', async () => {
    const { store, installation, source } = await installed();
    const bytes = (await source.primary()).key.expose();
    const [row] = await store.keyring();
    assert.equal(bytes.length, 32);
    assert.equal(row?.wrapped.length, 12 + 32 + 16);
    assert.equal(row?.wrapped.includes(bytes), false);
    assert.notDeepEqual(bytes, installation.wrapped);
  });

  it('do not open when number, date, installation or bytes were changed, and say which', async () => {
    const { store, installation, source } = await installed();
    const [row] = await store.keyring();
    assert(row);
    const rootKey = await openSeal.unwrap(installation);
    const flipped = Buffer.from(row.wrapped).fill(0, 20, 21);
    for (const change of [
      { generation: 2 },
      { created: row.created + 1 },
      { wrapped: flipped },
      { wrapped: Buffer.alloc(0) },
    ]) {
      const changed = { ...row, ...change };
      const view = Object.create(store, { keyring: { value: async () => [changed] } }) as MemoryStore;
      await assert.rejects(new Generations(view, installation, rootKey).check(), {
        name: 'SealError',
        message: new RegExp(`generation ${changed.generation} of the keyring does not open`),
      });
    }
    await assert.rejects(new Generations(store, { ...installation, id: crypto.randomUUID() }, rootKey).check(), {
      name: 'SealError',
    });
    await source.check();
  });

  it('do not open once the root key is zeroed', async () => {
    const { source } = await installed();
    source.close();
    await assert.rejects(source.primary(), { name: 'SealError' });
  });

  it('are made one at a time, however many ask', async () => {
    const { store, source } = await installed();
    const made = await Promise.all([source.primary(1), source.primary(1), source.primary(1)]);
    assert.deepEqual(
      made.map((one) => one.generation),
      [2, 2, 2],
    );
    assert.deepEqual(
      (await store.keyring()).map((one) => one.primary),
      [false, true],
    );
  });
});

describe('a generation that has come of age', () => {
  it('is followed by a new one', async () => {
    const { store, source } = await installed();
    const [first] = await store.keyring();
    assert(first);
    const age = (await store.clock()) - first.created;
    await source.renew(age + 100);
    assert.equal((await store.keyring()).length, 1);
    await source.renew(age - 100);
    await source.renew(age - 100);
    assert.deepEqual(
      (await store.keyring()).map((one) => one.primary),
      [false, true],
    );
  });
});

describe('a generation that no object is of', () => {
  it('is retired, but its audit key stays, under another root key too', async () => {
    const { store, source, installation } = await installed();
    const { audit } = deriveKeys(installation.id, await source.primary());
    assert.deepEqual(await source.retire(), []);
    await source.rotate();
    assert.deepEqual(await source.retire(), [1]);
    assert.equal(await source.generation(1), undefined);
    assert.deepEqual((await source.auditKey(1))?.expose(), audit.export());
    const sealed = async (rootKey: Secret) => {
      const wrapped = await openSeal.wrap(installation.id, rootKey);
      return { ...installation, ...wrapped, revision: installation.revision + 1 };
    };
    await source.replaceRoot(sealed, { another: false });
    assert.deepEqual((await source.auditKey(1))?.expose(), audit.export());
    await source.check();
    const [row] = await store.auditKeys();
    assert.equal(row?.wrapped.length, 12 + 32 + 16);
  });
});

describe('keyring', () => {
  it('reserves encryptions before it gives keys for them', async () => {
    const { store, installation, source } = await installed();
    const keyring = new Keyring(installation.id, source, store, { block: 10, most: 1000 });
    await Promise.all(Array.from({ length: 11 }, () => keyring.forEncryptions(1)));
    assert.equal((await store.keyring())[0]?.reserved, 20);
  });

  it('reserves enough for a batch that is larger than a block', async () => {
    const { store, installation, source } = await installed();
    const keyring = new Keyring(installation.id, source, store, { block: 10, most: 1000 });
    await keyring.forEncryptions(25);
    await keyring.forEncryptions(1);
    assert.equal((await store.keyring())[0]?.reserved, 35);
  });

  it('goes on under a new generation before the old one has been used too often', async () => {
    const { store, installation, source } = await installed();
    const keyring = new Keyring(installation.id, source, store, { block: 10, most: 25 });
    const uses = new Map<number, number>();
    for (let count = 0; count < 60; count += 1) {
      const { generation } = await keyring.forEncryptions(1);
      uses.set(generation, (uses.get(generation) ?? 0) + 1);
    }
    assert.deepEqual(
      [...uses],
      [
        [1, 20],
        [2, 20],
        [3, 20],
      ],
    );
  });

  it('drops its block when another node has made a generation', async () => {
    const { store, installation, source } = await installed();
    const keyring = new Keyring(installation.id, source, store, { block: 10, most: 1000 });
    await keyring.forEncryptions(1);
    await source.primary(1);
    keyring.retire(1);
    assert.equal((await keyring.forEncryptions(1)).generation, 2);
    assert.equal((await keyring.keys(1))?.generation, 1);
  });

  it('finds out by itself that its generation is no longer primary', async () => {
    const { store, installation, source } = await installed();
    const keyring = new Keyring(installation.id, source, store, { block: 1, most: 1000 });
    await keyring.forEncryptions(1);
    await source.primary(1);
    assert.equal((await keyring.forEncryptions(1)).generation, 2);
  });

  it('knows no generation that the database does not know', async () => {
    const { store, installation, source } = await installed();
    const keyring = new Keyring(installation.id, source, store);
    for (const forged of [7, 0, -1, 1.5, 2 ** 40]) assert.equal(await keyring.keys(forged), undefined);
  });

  it('zeroes the key encryption keys it was given', async () => {
    const { store, installation, source } = await installed();
    const kek = await source.primary();
    const bytes = kek.key.expose();
    const keyring = new Keyring(installation.id, { generation: async () => kek, primary: async () => kek }, store);
    await keyring.primary();
    assert.deepEqual(bytes, Buffer.alloc(32));
  });
});

describe('deriveKeys', () => {
  // HKDF-SHA256 by Python's cryptography: salt "installation", info "kleis material" and "kleis row tags".
  it('derives the keys that an independent HKDF derives', () => {
    const keys = deriveKeys('installation', { generation: 1, key: new Secret(Buffer.alloc(32, 1)) });
    assert.equal(
      keys.material.export().toString('hex'),
      'e3f723d7efcbf02944b39505e0fa0918279e9af775cbefd386f42919e89a3035',
    );
    assert.equal(
      keys.tags.export().toString('hex'),
      '209eddfd3355a08cbfda3e591f23394c4665e6911927c22d11d25d66282f5623',
    );
  });
});
