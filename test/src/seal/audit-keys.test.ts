import assert from 'node:assert/strict';
import { Generations, newInstallation } from '../../../src/seal/generations.ts';
import { deriveKeys } from '../../../src/seal/keys.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { openSeal } from '../../support/seal.ts';

describe('generations: audit keys', () => {
  it('are the same before and after their generation was retired', async () => {
    const store = new MemoryStore();
    const { installation, first } = await newInstallation(openSeal, 1_700_000_000);
    await store.initialise(installation, first);
    const generations = new Generations(store, installation, await openSeal.unwrap(installation));
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
