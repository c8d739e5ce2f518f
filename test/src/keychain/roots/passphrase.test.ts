import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { PassphraseRoot } from '../../../../src/keychain/roots/passphrase.ts';
import { failing } from '../../../support/keychain.ts';

// That it opens what another implementation sealed: ../formats.test.ts.
describe('keychain/roots/passphrase', () => {
  const key = Buffer.alloc(32, 7);
  const context = Buffer.from('chain');
  const root = new PassphraseRoot('correct horse battery');
  let wrapped: Buffer;

  before(async () => {
    wrapped = await root.wrap(key, context);
  });

  it('opens what it sealed, also from bytes, which may be changed afterwards', async () => {
    const bytes = Buffer.from('correct horse battery');
    const other = new PassphraseRoot(bytes);
    bytes.fill(0);
    assert.deepEqual(await root.unwrap(wrapped, context), key);
    assert.deepEqual(await other.unwrap(wrapped, context), key);
  });

  it('derives with 600 000 iterations and another salt each time', async () => {
    assert.equal(wrapped.readUInt32BE(), 600_000);
    assert.notDeepEqual((await root.wrap(key, context)).subarray(4, 36), wrapped.subarray(4, 36));
  });

  it('does not open with another passphrase or context, or what was changed or cut off', async () => {
    await assert.rejects(new PassphraseRoot('correct horse batterz').unwrap(wrapped, context), failing('wrong-root'));
    await assert.rejects(root.unwrap(wrapped, Buffer.from('other')), failing('wrong-root'));
    for (const at of [3, 4, 36, 48, wrapped.length - 1]) {
      const changed = Buffer.from(wrapped);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await assert.rejects(root.unwrap(changed, context), failing('wrong-root'));
    }
    for (const length of [0, 3, 36, 60]) {
      await assert.rejects(root.unwrap(wrapped.subarray(0, length), context), failing('wrong-root'));
    }
  });

  it('is neither talked down to few iterations nor kept busy with very many', async () => {
    for (const iterations of [0, 1, 599_999, 2 ** 32 - 1]) {
      const changed = Buffer.from(wrapped);
      changed.writeUInt32BE(iterations);
      await assert.rejects(root.unwrap(changed, context), failing('wrong-root'));
    }
  });

  it('refuses a short passphrase, and shows none', () => {
    assert.throws(() => new PassphraseRoot('short'), failing('invalid-option'));
    assert.doesNotMatch(inspect(root, { showHidden: true }), /horse/);
    assert.doesNotMatch(JSON.stringify(root), /horse/);
  });
});
