import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Generations } from '../../src/seal/generations.ts';
import { checkInstallation } from '../../src/seal/installation-row.ts';
import { sqlite } from '../../src/store/dialects/sqlite.ts';
import { openStore } from '../../src/store/knex/sql-store.ts';
import { newFile, newStore } from '../support/databases.ts';
import { generationsOf, install, openSeal } from '../support/seal.ts';

const child = fileURLToPath(new URL('../support/root-change-child.ts', import.meta.url));
/** After the call that writes: before, during and after the transaction of the thread that writes. */
const delays = [0, 300, 700, 1200, 2500];
/** No call of the store before this one writes. */
const FIRST_WRITE = 6;

async function installed(file: string): Promise<void> {
  const store = await newStore(sqlite(file));
  const generations = await generationsOf(store, await install(store));
  await generations.primary(1);
  await store.close();
}

/** Asserts that everything that is there belongs together; answers the revision, the seal, and how many generations there are. */
async function stateOf(file: string): Promise<string> {
  const store = await openStore(sqlite(file));
  const installation = await store.installation();
  assert(installation);
  const { seal, revision, recovery } = installation;
  const generations = (await store.keyring()).length;
  if (seal !== 'shamir') {
    const rootKey = await openSeal.unwrap(installation);
    checkInstallation(rootKey, installation);
    await new Generations(store, installation, rootKey).check();
  }
  await store.close();
  return `${seal} ${revision} ${generations} ${recovery === null ? 'alone' : 'with recovery'}`;
}

/** Runs the operation in a process that kills itself; whether it did, or came to its end before. */
async function killedAt(file: string, ...args: readonly string[]): Promise<boolean> {
  await installed(file);
  const { signal, status, stderr } = spawnSync(process.execPath, [child, file, ...args], { encoding: 'utf8' });
  assert(signal === 'SIGKILL' || status === 0, stderr);
  return signal === 'SIGKILL';
}

/** What is left where the process is killed so long (microseconds) after each call of the store, until it comes to its end. */
async function statesAt(operation: string, delay: number): Promise<readonly string[]> {
  const states: string[] = [];
  for (let call = delay === 0 ? 1 : FIRST_WRITE, killed = true; killed; call += 1) {
    const file = newFile();
    killed = await killedAt(file, operation, `${call}`, `${delay}`);
    states.push(await stateOf(file));
  }
  return states;
}

describe('an operation on the root key that is killed', function () {
  this.timeout(180_000);

  const before = 'passphrase 1 2 alone';
  for (const [operation, after] of [
    ['rotate-root', 'passphrase 2 3 alone'],
    ['rekey', 'passphrase 2 2 with recovery'],
    ['migrate', 'shamir 2 2 alone'],
  ] as const) {
    it(`leaves one of the two states, whole, wherever that was: ${operation}`, async () => {
      const states = new Set<string>();
      for (const delay of operation === 'rotate-root' ? delays : delays.slice(0, 1)) {
        for (const state of await statesAt(operation, delay)) states.add(state);
        assert(states.has(after), 'it came to its end once');
      }
      assert.deepEqual([...states].sort(), [before, after].sort());
    });
  }
});
