import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { KeyChain } from '../../../src/keychain/key-chain.ts';
import { failing, keyNumberOf, MemoryChainStore, MemoryRoot } from '../../support/keychain.ts';

const bytes = (maxLength = 300) => fc.uint8Array({ maxLength });

/** Both places that a chain can be in: nothing that a user does depends on it. */
const places = {
  'in a store': () => new MemoryChainStore(),
  'beside the ciphertext': () => 'beside-ciphertext' as const,
};

for (const [where, place] of Object.entries(places)) {
  describe(`a key chain ${where}`, () => {
    let root: MemoryRoot;
    let store: ReturnType<typeof place>;
    let chain: KeyChain;

    beforeEach(async () => {
      root = new MemoryRoot();
      store = place();
      chain = await KeyChain.open({ root, store });
    });

    it('gives back what it encrypted, also to another process', async () => {
      const other = await KeyChain.open({ root: new MemoryRoot(), store });
      await fc.assert(
        fc.asyncProperty(bytes(), bytes(), async (data, associatedData) => {
          const encrypted = await chain.encrypt(data, { associatedData });
          assert.deepEqual(new Uint8Array(await chain.decrypt(encrypted, { associatedData })), data);
          assert.deepEqual(new Uint8Array(await other.decrypt(encrypted, { associatedData })), data);
        }),
      );
    });

    it('takes and gives views of larger memory as what they show', async () => {
      const large = Buffer.from('--attack at dawn--');
      const encrypted = await chain.encrypt(large.subarray(2, -2));
      const around = Buffer.concat([Buffer.from('??'), encrypted, Buffer.from('!!')]);
      assert.equal((await chain.decrypt(around.subarray(2, -2))).toString(), 'attack at dawn');
    });

    it('refuses data of which any bit was flipped, whether its key is remembered or not', async () => {
      const encrypted = await chain.encrypt(Buffer.from('attack at dawn'));
      for (let bit = 0; bit < encrypted.length * 8; bit += 1) {
        const flipped = Buffer.from(encrypted);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await assert.rejects(chain.decrypt(flipped), { name: 'KeyChainError' }, `bit ${bit}`);
        await chain.decrypt(encrypted);
      }
    });

    it('refuses data that was cut off anywhere as truncated, and data with something behind it', async () => {
      const encrypted = await chain.encrypt(Buffer.from('attack at dawn'));
      for (let length = 0; length < encrypted.length; length += 1) {
        await assert.rejects(chain.decrypt(encrypted.subarray(0, length)), failing('truncated'));
      }
      await assert.rejects(chain.decrypt(Buffer.concat([encrypted, Buffer.alloc(1)])), failing('malformed'));
    });

    it('refuses what is not encrypted data as malformed', async () => {
      await assert.rejects(chain.decrypt(Buffer.alloc(300, 1)), failing('malformed'));
      await assert.rejects(chain.decrypt(Buffer.from('no')), failing('malformed'));
    });

    it('refuses other associated data, and data and keys put together anew, with one and the same error', async () => {
      const associatedData = Buffer.from('of alice');
      const one = await chain.encrypt(Buffer.from('attack at dawn'), { associatedData });
      const two = await chain.encrypt(Buffer.from('attack at noon'), { associatedData });
      const end = one.length - 42;
      const attempts = [
        () => chain.decrypt(one),
        () => chain.decrypt(one, { associatedData: Buffer.from('of bob') }),
        () => chain.decrypt(Buffer.concat([one.subarray(0, end), two.subarray(end)]), { associatedData }),
        () => chain.decrypt(changed(one, end - 1), { associatedData }),
        () => chain.decrypt(changed(one, one.length - 1), { associatedData }),
      ];
      const messages = new Set<string>();
      for (const attempt of attempts) {
        await assert.rejects(attempt(), (error: Error) => {
          messages.add(error.message);
          return failing('not-authentic')(error);
        });
      }
      assert.equal(messages.size, 1);
    });

    it('encrypts the same data to something else each time', async () => {
      const data = Buffer.alloc(64);
      const made = await Promise.all(Array.from({ length: 50 }, () => chain.encrypt(data)));
      assert.equal(new Set(made.map((one) => one.toString('hex', one.length - 152))).size, 50);
    });

    it('keeps older data readable when it rotates', async () => {
      const old: Buffer[] = [];
      for (let round = 0; round < 5; round += 1) {
        old.push(await chain.encrypt(Buffer.from(`round ${round}`)));
        await chain.rotate();
      }
      const other = await KeyChain.open({ root: new MemoryRoot(), store });
      for (const reader of [chain, other]) {
        const texts = await Promise.all(old.map((one) => reader.decrypt(one)));
        assert.deepEqual(texts.map(String), ['round 0', 'round 1', 'round 2', 'round 3', 'round 4']);
      }
    });

    it('calls the root when it is opened or rotates, and not for data', async () => {
      const made: Buffer[] = [];
      for (let count = 0; count < 3_000; count += 1) made.push(await chain.encrypt(Buffer.from('x')));
      for (const one of made.slice(-100)) await chain.decrypt(one);
      assert.equal(root.calls, 1);
      await chain.rotate();
      await chain.encrypt(Buffer.from('x'));
      assert.equal(root.calls, 2);
    });

    it('rotates after so many encryptions', async () => {
      const limited = await KeyChain.open({ root, store: place(), limits: { encryptions: 10, block: 4 } });
      const keys = new Map<string, number>();
      for (let count = 0; count < 35; count += 1) {
        const encrypted = await limited.encrypt(Buffer.from('x'));
        const key = encrypted.toString('hex', 4, 24);
        keys.set(key, (keys.get(key) ?? 0) + 1);
      }
      assert(Math.max(...keys.values()) <= 10);
      assert(keys.size >= 4);
    });

    it('rotates after so many days', async () => {
      const limited = await KeyChain.open({ root, store: place(), limits: { days: 30 } });
      const keyAfter = async (days: number) => {
        const { now } = Date;
        const then = now() + days * 86_400_000;
        Date.now = () => then;
        try {
          return (await limited.encrypt(Buffer.from('x'))).toString('hex', 4, 24);
        } finally {
          Date.now = now;
        }
      };
      const first = await keyAfter(0);
      assert.equal(await keyAfter(29), first);
      const second = await keyAfter(31);
      assert.notEqual(second, first);
      assert.equal(await keyAfter(60), second);
      assert.notEqual(await keyAfter(62), second);
    });

    it('does nothing after it was closed', async () => {
      const encrypted = await chain.encrypt(Buffer.from('x'));
      await chain.decrypt(encrypted);
      chain.close();
      chain.close();
      await assert.rejects(chain.encrypt(Buffer.from('x')), failing('closed'));
      await assert.rejects(chain.decrypt(encrypted), failing('closed'));
      await assert.rejects(chain.rotate(), failing('closed'));
    });

    it('shows no key', async () => {
      const encrypted = await chain.encrypt(Buffer.from('x'));
      await chain.decrypt(encrypted);
      assert.equal(inspect(chain, { depth: 10, showHidden: true }), 'KeyChain {}');
      assert.equal(JSON.stringify(chain), '{}');
    });

    it('refuses more data than can be encrypted at once', async () => {
      await assert.rejects(chain.encrypt(new Uint8Array(2 ** 31)), failing('too-large'));
    });

    it('refuses limits that are not sound', async () => {
      for (const limits of [
        { encryptions: 2 ** 31 + 1 },
        { encryptions: 0 },
        { days: 0.5 },
        { block: -1 },
        { days: NaN },
      ]) {
        await assert.rejects(KeyChain.open({ root, store, limits }), failing('invalid-option'));
      }
    });
  });
}

describe('a key chain in a store', () => {
  it('tells data of another chain', async () => {
    const root = new MemoryRoot();
    const one = await KeyChain.open({ root, store: new MemoryChainStore() });
    const two = await KeyChain.open({ root, store: new MemoryChainStore() });
    await assert.rejects(two.decrypt(await one.encrypt(Buffer.from('x'))), failing('other-chain'));
  });

  it('tells another root, a root of another kind, and a root that is away', async () => {
    const store = new MemoryChainStore();
    await KeyChain.open({ root: new MemoryRoot(1), store });
    await assert.rejects(KeyChain.open({ root: new MemoryRoot(2), store }), failing('wrong-root'));
    const other = Object.assign(new MemoryRoot(1), { name: 'other' });
    await assert.rejects(KeyChain.open({ root: other, store }), failing('wrong-root'));
    const away = new MemoryRoot(1);
    away.failure = new Error('no route');
    await assert.rejects(KeyChain.open({ root: away, store }), /no route/);
  });

  it('refuses a stored chain of which any byte was changed, or that was cut off', async () => {
    const store = new MemoryChainStore();
    await KeyChain.open({ root: new MemoryRoot(), store });
    const { bytes: good = Buffer.alloc(0) } = store;
    for (let at = 0; at < good.length; at += 1) {
      for (const bytes of [changed(good, at), good.subarray(0, at)]) {
        const opening = KeyChain.open({ root: new MemoryRoot(), store: new MemoryChainStore(bytes) });
        await assert.rejects(opening, { name: 'KeyChainError', code: /^(damaged-chain|wrong-root)$/ }, `byte ${at}`);
      }
    }
  });

  it('finds keys that another process made since', async () => {
    const store = new MemoryChainStore();
    const one = await KeyChain.open({ root: new MemoryRoot(), store });
    const two = await KeyChain.open({ root: new MemoryRoot(), store });
    await two.rotate();
    const encrypted = await two.encrypt(Buffer.from('x'));
    assert.equal(keyNumberOf(encrypted), 2);
    assert.equal((await one.decrypt(encrypted)).toString(), 'x');
    assert.equal(keyNumberOf(await one.encrypt(Buffer.from('x'))), 2);
  });

  it('does not ask the root again and again for a key that is nowhere', async () => {
    const root = new MemoryRoot();
    const chain = await KeyChain.open({ root, store: new MemoryChainStore() });
    const encrypted = await chain.encrypt(Buffer.from('x'));
    encrypted.writeUInt32BE(7, 20);
    for (let count = 0; count < 3; count += 1) await assert.rejects(chain.decrypt(encrypted), failing('unknown-key'));
    assert.equal(root.calls, 1);
  });

  it('refuses to go on with an older chain than it has seen', async () => {
    const store = new MemoryChainStore();
    const chain = await KeyChain.open({ root: new MemoryRoot(), store, limits: { block: 1 } });
    const start = store.bytes;
    await chain.encrypt(Buffer.from('x'));
    const counted = store.bytes;
    store.bytes = start;
    await assert.rejects(chain.encrypt(Buffer.from('x')), failing('damaged-chain'));
    store.bytes = counted;
    await chain.rotate();
    store.bytes = counted;
    await assert.rejects(chain.rotate(), failing('damaged-chain'));
    store.bytes = undefined;
    await assert.rejects(chain.rotate(), failing('damaged-chain'));
  });

  it('keeps the key when the root is away at a rotation, and rotates later', async () => {
    const root = new MemoryRoot();
    const chain = await KeyChain.open({ root, store: new MemoryChainStore() });
    const old = await chain.encrypt(Buffer.from('x'));
    root.failure = new Error('no route');
    await assert.rejects(chain.rotate(), /no route/);
    assert.equal(keyNumberOf(await chain.encrypt(Buffer.from('x'))), 1);
    root.failure = undefined;
    await chain.rotate();
    assert.equal(keyNumberOf(await chain.encrypt(Buffer.from('x'))), 2);
    assert.equal((await chain.decrypt(old)).toString(), 'x');
  });
});

describe('a key chain beside the ciphertext', () => {
  it('is another one in each process, so that nobody shares a counter', async () => {
    const options = { root: new MemoryRoot(), store: 'beside-ciphertext' } as const;
    const one = await KeyChain.open(options);
    const two = await KeyChain.open(options);
    const [a, b] = [await one.encrypt(Buffer.from('x')), await two.encrypt(Buffer.from('x'))];
    assert.notEqual(a.toString('hex', 4, 20), b.toString('hex', 4, 20));
    // Also after it has read the other's data.
    await one.decrypt(b);
    assert.equal((await one.encrypt(Buffer.from('x'))).toString('hex', 4, 20), a.toString('hex', 4, 20));
  });

  it('asks the root once for each chain that it meets, however many ask', async () => {
    const writer = await KeyChain.open({ root: new MemoryRoot(), store: 'beside-ciphertext' });
    const made = await Promise.all(Array.from({ length: 20 }, () => writer.encrypt(Buffer.from('x'))));
    const root = new MemoryRoot();
    const reader = await KeyChain.open({ root, store: 'beside-ciphertext' });
    await Promise.all(made.map((one) => reader.decrypt(one)));
    assert.equal(root.calls, 1);
  });

  it('asks again for a chain that could not be opened', async () => {
    const writer = await KeyChain.open({ root: new MemoryRoot(), store: 'beside-ciphertext' });
    const encrypted = await writer.encrypt(Buffer.from('x'));
    const root = new MemoryRoot();
    root.failure = new Error('no route');
    const reader = await KeyChain.open({ root, store: 'beside-ciphertext' });
    await assert.rejects(reader.decrypt(encrypted), /no route/);
    root.failure = undefined;
    assert.equal((await reader.decrypt(encrypted)).toString(), 'x');
  });

  it('tells another root, data of a store, and a chain that is not that of the data', async () => {
    const root = new MemoryRoot(1);
    const one = await KeyChain.open({ root, store: 'beside-ciphertext' });
    const stored = await KeyChain.open({ root, store: new MemoryChainStore() });
    const encrypted = await one.encrypt(Buffer.from('x'));
    const wrong = await KeyChain.open({ root: new MemoryRoot(2), store: 'beside-ciphertext' });
    await assert.rejects(wrong.decrypt(encrypted), failing('wrong-root'));
    await assert.rejects(one.decrypt(await stored.encrypt(Buffer.from('x'))), failing('other-chain'));
    await assert.rejects(one.decrypt(changed(encrypted, 4)), failing('other-chain'));
  });

  it('is read by a chain in a store, so that one can move there', async () => {
    const root = new MemoryRoot();
    const encrypted = await (await KeyChain.open({ root, store: 'beside-ciphertext' })).encrypt(Buffer.from('x'));
    const stored = await KeyChain.open({ root, store: new MemoryChainStore() });
    assert.equal((await stored.decrypt(encrypted)).toString(), 'x');
  });
});

/** A copy with one byte changed. */
function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x55;
  return copy;
}
