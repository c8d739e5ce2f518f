import { Generations } from '../../src/seal/generations.ts';
import { runBySeal } from '../../src/seal/run-operation.ts';
import { shamir } from '../../src/seal/shamir.ts';
import { sqlite } from '../../src/store/dialects/sqlite.ts';
import { openStore } from '../../src/store/knex/sql-store.ts';
import { openSeal } from './seal.ts';

/*
 * Runs one operation on the root key of a database, and kills itself in the middle:
 * FILE OPERATION CALL MICROSECONDS, where the kill is so long after the call of the store with that number.
 */
const [file = '', operation = '', call = '0', microseconds = '0'] = process.argv.slice(2);

const operations = {
  rekey: { kind: 'rekey', split: { shares: 3, threshold: 2 } },
  'rotate-root': { kind: 'rotate-root' },
  migrate: { kind: 'migrate', to: 'shamir', split: { shares: 3, threshold: 2 } },
} as const;

const store = await openStore(sqlite(file));
let calls = 0;

/** Counts calls; the one of the number is followed by the end. */
const counted = new Proxy(store, {
  get(target, name) {
    const value: unknown = Reflect.get(target, name, target);
    if (typeof value !== 'function') return value;
    return (...args: readonly unknown[]) => {
      calls += 1;
      const result: unknown = value.apply(target, args);
      if (calls === Number(call)) killIn(Number(microseconds));
      return result;
    };
  },
});

function killIn(time: number): void {
  if (time === 0) process.kill(process.pid, 'SIGKILL');
  // Nothing else of this thread runs meanwhile; the thread that writes does.
  const end = performance.now() + time / 1000;
  while (performance.now() < end);
  process.kill(process.pid, 'SIGKILL');
}

const installation = await counted.installation();
if (installation === undefined) throw new Error('there is no installation');
const generations = new Generations(counted, installation, await openSeal.unwrap(installation));
const seals = { shares: shamir, open: async () => openSeal };
await runBySeal(operations[operation as keyof typeof operations], { seals, generations });
await store.close();
