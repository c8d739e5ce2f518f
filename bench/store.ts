/**
 * Microseconds of CPU (all threads of the process) that the store costs, on SQLite in a new folder:
 *
 *   node bench/store.ts [commits]
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';
import type { Query } from '../src/objects/query.ts';
import { sqlite } from '../src/store/dialects/sqlite.ts';
import { migrate } from '../src/store/knex/migrate.ts';
import { openStore } from '../src/store/knex/sql-store.ts';
import type { RowPut, Store } from '../src/store/store.ts';

const commits = Number(argv[2] ?? 20_000);
const folder = mkdtempSync(join(tmpdir(), 'kleis-bench-'));
try {
  await report();
} finally {
  rmSync(folder, { recursive: true });
}

async function report(): Promise<void> {
  const dialect = sqlite(join(folder, 'kleis.db'));
  await migrate(dialect);
  const store = await openStore(dialect);
  const generation = { generation: 1, wrapped: randomBytes(60), created: 0, primary: true, reserved: 0 };
  const installation = { id: randomUUID(), seal: 'none', parameters: '{}', wrapped: randomBytes(60), revision: 1 };
  await store.initialise({ ...installation, adminToken: null, recovery: null, tag: null }, generation);
  const last: RowPut[] = [];
  const create = async (): Promise<void> => {
    const one = key();
    last[0] = one;
    await store.commit({ puts: [one], primaryGeneration: 1 });
  };
  await cost(1_000, 16, create);
  for (const callers of [1, 16, 64]) {
    print(
      `commit of one new object, ${callers} at a time`,
      await cost(commits / (callers === 1 ? 10 : 1), callers, create),
    );
  }
  await reads(store, last[0] ?? key());
  await store.close();
}

async function reads(store: Store, { row: { id }, index }: RowPut): Promise<void> {
  const [digest = Buffer.alloc(16)] = index.values;
  const query: Query = { conditions: [{ kind: 'value', digest }], visibleTo: { owner: 'somebody', userids: ['*'] } };
  const find = async (): Promise<void> => {
    for await (const page of store.find(query)) if (page[0] !== id) throw new Error('not found');
  };
  print('version', await cost(50_000, 1, async () => store.version()));
  print('validate', await cost(50_000, 1, () => store.validate(id)));
  print('read', await cost(50_000, 1, () => store.read(id)));
  print('find by one value', await cost(50_000, 1, find));
}

/** A row like that of an AES key with a name. */
function key(): RowPut {
  const now = Math.floor(Date.now() / 1000);
  const dates = { InitialDate: now, OriginalCreationDate: now, LastChangeDate: now, ActivationDate: now };
  return {
    row: {
      id: randomUUID(),
      type: 2,
      state: 2,
      owner: 'somebody',
      revision: 1,
      generation: 1,
      attributes: randomBytes(300),
      tag: randomBytes(32),
    },
    material: randomBytes(120),
    grants: [],
    index: { algorithm: 3, length: 256, dates, values: [randomBytes(16)] },
  };
}

/** Microseconds of CPU a call, with so many calls under way at a time. */
async function cost(calls: number, callers: number, call: () => Promise<unknown>): Promise<number> {
  let left = calls;
  const before = process.cpuUsage();
  const caller = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

function print(what: string, microseconds: number): void {
  console.log(`${what.padEnd(40)} ${microseconds.toFixed(1).padStart(8)} us`);
}
