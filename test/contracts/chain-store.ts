import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { KeyChain } from '../../src/keychain/key-chain.ts';
import type { ChainStore } from '../../src/keychain/store.ts';
import { keyNumberOf, MemoryRoot } from '../support/keychain.ts';

/** A store under test: the same place, empty at first, for as many stores as are opened. */
export interface Place {
  open(): ChainStore;
  /** The expression that makes such a store in another process, and the module and name of its class. */
  readonly code: { readonly module: string; readonly name: string; readonly expression: string };
}

/** What every store of key chains must do. `prepare` gives an empty place. */
export function chainStoreContract(prepare: () => Promise<Place>): void {
  let place: Place;
  beforeEach(async () => {
    place = await prepare();
  });

  it('has nothing at first, and then what was saved last, with another revision each time', async () => {
    const store = place.open();
    assert.equal(await store.load(), undefined);
    assert.equal(await store.save(Buffer.from([0, 255, 1]), undefined), true);
    const first = await store.load();
    assert.deepEqual(first?.bytes, Buffer.from([0, 255, 1]));
    assert.equal(await store.save(Buffer.from('two'), first?.revision), true);
    const second = await place.open().load();
    assert.equal(second?.bytes.toString(), 'two');
    assert.notEqual(second?.revision, first?.revision);
  });

  it('refuses to replace what is not what the caller has read', async () => {
    const store = place.open();
    await store.save(Buffer.from('one'), undefined);
    const old = await store.load();
    assert.equal(await store.save(Buffer.from('anew'), undefined), false);
    assert.equal(await store.save(Buffer.from('two'), old?.revision), true);
    const two = await store.load();
    assert.equal(await store.save(Buffer.from('late'), old?.revision), false);
    assert.equal(await store.save(Buffer.from('three'), two?.revision), true);
    assert.equal(await store.save(Buffer.from('very late'), old?.revision), false);
    assert.equal((await store.load())?.bytes.toString(), 'three');
  });

  it('lets exactly one of many win', async () => {
    for (let round = 0; round < 10; round += 1) {
      const revision = (await place.open().load())?.revision;
      const attempts = Array.from({ length: 8 }, (_, at) => place.open().save(Buffer.from(`${round} ${at}`), revision));
      const won = await Promise.all(attempts);
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal((await place.open().load())?.bytes.toString(), `${round} ${won.indexOf(true)}`);
    }
  });

  it('keeps count for processes that share a chain, also when one of them is killed', async () => {
    const limits = { encryptions: 200, block: 16 };
    const processes = [1, 2, 3].map(() => encrypting(place, limits));
    const [victim] = processes;
    setTimeout(() => victim?.child.kill('SIGKILL'), 700);
    await Promise.all(processes.map(({ ended }) => ended));
    const made = processes.flatMap(({ lines }) => lines().map((line) => Buffer.from(line, 'hex')));
    assert(made.length >= 2 * 1000);
    for (const [key, all = []] of Object.entries(Object.groupBy(made, keyNumberOf))) {
      assert(all.length <= limits.encryptions, `${all.length} encryptions under key ${key}`);
    }
    const reader = await KeyChain.open({ root: new MemoryRoot(), store: place.open() });
    for (const one of made) assert.equal((await reader.decrypt(one)).toString(), 'x');
  });
}

/** A process that encrypts a thousand times, and prints what it makes. */
function encrypting({ code }: Place, limits: object) {
  const url = (path: string) => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);
  const program = `
    import { KeyChain } from ${url('src/keychain/key-chain.ts')};
    import { ${code.name} } from ${url(code.module)};
    import { MemoryRoot } from ${url('test/support/keychain.ts')};
    const options = { root: new MemoryRoot(), store: ${code.expression}, limits: ${JSON.stringify(limits)} };
    const chain = await KeyChain.open(options);
    for (let count = 0; count < 1000; count += 1) {
      console.log((await chain.encrypt(Buffer.from('x'))).toString('hex'));
    }
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    printed += text;
  });
  // Whole lines only: the last one of a process that was killed may have been cut off.
  return { child, ended: once(child, 'close'), lines: () => printed.split('\n').slice(0, -1) };
}
