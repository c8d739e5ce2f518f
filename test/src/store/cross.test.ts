import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MemoryStore } from '../../../src/store/memory.ts';
import type { Store } from '../../../src/store/store.ts';
import { answer, storeOperations } from '../../arbitraries/store.ts';
import { databases, describeOn, newStore } from '../../support/databases.ts';
import { generation, installation } from '../../support/rows.ts';

/** Stores to compare with the model; a failing list of operations is printed, and replayed by its seed and path. */
describeOn(databases, 'The model and', (database) => {
  it('answer alike, whatever is asked in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(storeOperations, async (operations) => {
        const model = await started(new MemoryStore());
        const store = await started(await newStore(await database.empty()));
        try {
          for (const [at, operation] of operations.entries()) {
            const [expected, actual] = await Promise.all([answer(model, operation), answer(store, operation)]);
            assert.deepEqual(actual, expected, `operation ${at}`);
          }
        } finally {
          await store.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});

async function started<S extends Store>(store: S): Promise<S> {
  await store.initialise(installation, generation(1));
  return store;
}
