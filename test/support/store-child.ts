// A process that writes to a SQLite store until it is told to stop or killed: `store-child.ts FILE MODE NAME`. It says on
// its standard output, a line each, what was acknowledged.
import { writeSync } from 'node:fs';
import { sqlite } from '../../src/store/dialects/sqlite.ts';
import { openStore } from '../../src/store/knex/sql-store.ts';
import { ConflictError, type Store } from '../../src/store/store.ts';
import { digest, put } from './rows.ts';

const [file = '', mode = '', name = ''] = process.argv.slice(2);

/** Change sets of two objects that belong together, from 16 callers, without end. */
async function pairs(store: Store): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    for (;;) {
      const id = `${name} ${next++}`;
      const index = { values: [digest(id)] };
      await store.commit({ puts: [put(`${id} private`, { index }), put(`${id} public`, { index })] });
      writeSync(1, `${id}\n`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, caller));
}

/** Adds 100 to the revision of the object `counter`, against whoever else does. */
async function counting(store: Store): Promise<void> {
  for (let done = 0; done < 100; ) {
    const expected = (await store.validate('counter')) ?? 0;
    try {
      await store.commit({ puts: [put('counter', { expected, owner: name })] });
      writeSync(1, `${expected + 1}\n`);
      done++;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

const store = await openStore(sqlite(file));
await (mode === 'pairs' ? pairs(store) : counting(store));
await store.close();
