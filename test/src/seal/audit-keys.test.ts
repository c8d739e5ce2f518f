import assert from 'node:assert/strict';
import { deriveKeys } from '../../../src/seal/keys.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { generationsOf, install } from '../../support/seal.ts';

describe('generations: audit keys', () => {
  it('are the same before and after their generation was retired', async () => {
    const store = new MemoryStore();
    const installation = await install(store);
    const generations = await generationsOf(store, installation);
    const kek = await generations.primary();
    const expected = deriveKeys(installation.id, kek).audit.export();
    assert.deepEqual((await generations.auditKey(1))?.expose(), expected);
    await generations.rotate();
    assert.deepEqual(await generations.retire(), [1]);
    assert.equal(await generations.generation(1), undefined);
    assert.deepEqual((await generations.auditKey(1))?.expose(), expected);
    assert.equal(await generations.auditKey(7), undefined);
  });
});
