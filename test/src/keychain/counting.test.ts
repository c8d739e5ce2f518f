import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KeyChain } from '../../../src/keychain/key-chain.ts';
import type { ChainStore } from '../../../src/keychain/store.ts';
import { failing, keyNumberOf, MemoryChainStore, MemoryRoot } from '../../support/keychain.ts';

/** What a process does: each step encrypts so often at once, or rotates (0). */
interface Process {
  readonly steps: readonly number[];
  /** At which call of the store it dies, or the store fails; before or after the call had its effect. */
  readonly trouble: { readonly call: number; readonly after: boolean; readonly dies: boolean } | undefined;
}

const process = fc.record<Process>({
  steps: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 }),
  trouble: fc.option(fc.record({ call: fc.integer({ min: 1, max: 12 }), after: fc.boolean(), dies: fc.boolean() }), {
    nil: undefined,
  }),
});

const limits = fc
  .integer({ min: 1, max: 12 })
  .chain((encryptions) => fc.record({ encryptions: fc.constant(encryptions), block: fc.integer({ min: 1, max: 12 }) }));

const never = new Promise<never>(() => {});

/** What the processes of a run have in common. */
interface World {
  readonly shared: ChainStore;
  readonly wait: () => Promise<void>;
  readonly made: Buffer[];
  readonly limit: { readonly encryptions: number; readonly block: number };
}

/** Runs one process over the shared store; what it encrypted is in `made` even if it dies. */
async function run(plan: Process, { shared, wait, made, limit }: World) {
  let calls = 0;
  const { promise: death, resolve: die } = Promise.withResolvers<void>();
  async function troubled<T>(task: () => Promise<T>): Promise<T> {
    const trouble = ++calls === plan.trouble?.call ? plan.trouble : undefined;
    await wait();
    const result = trouble?.after === false ? undefined : await task();
    await wait();
    if (trouble?.dies === true) {
      die();
      return never;
    }
    if (trouble !== undefined || result === undefined) throw new Error('the store failed');
    return result;
  }
  const store: ChainStore = {
    load: async () => (await troubled(async () => ({ stored: await shared.load() }))).stored,
    save: (bytes, revision) => troubled(() => shared.save(bytes, revision)),
  };
  const work = async () => {
    const chain = await KeyChain.open({ root: new MemoryRoot(), store, limits: limit });
    for (const step of plan.steps) {
      const tasks = Array.from({ length: step }, async () => made.push(await chain.encrypt(Buffer.from('x'))));
      await Promise.allSettled(step === 0 ? [chain.rotate()] : tasks);
    }
  };
  await Promise.race([work().catch(() => {}), death]);
}

describe('keychain counting', () => {
  it('uses no key more often than its limit and loses no data, whatever the interleaving, crashes and failures', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(process, { minLength: 1, maxLength: 4 }),
        limits,
        async (s, plans, limit) => {
          const shared = new MemoryChainStore();
          const made: Buffer[] = [];
          const wait = () => s.schedule(Promise.resolve());
          await s.waitFor(Promise.all(plans.map((plan) => run(plan, { shared, wait, made, limit }))));
          const uses = Object.groupBy(made, keyNumberOf);
          for (const [key, all = []] of Object.entries(uses)) {
            assert(all.length <= limit.encryptions, `${all.length} encryptions under key ${key}`);
          }
          const reader = await KeyChain.open({ root: new MemoryRoot(), store: shared });
          for (const one of made) assert.equal((await reader.decrypt(one)).toString(), 'x');
        },
      ),
      { numRuns: 300 },
    );
  });

  it('has reserved in the store what it uses, before it uses it', async () => {
    const store = new MemoryChainStore();
    const chain = await KeyChain.open({ root: new MemoryRoot(), store, limits: { block: 4 } });
    for (let used = 1; used <= 13; used += 1) {
      await chain.encrypt(Buffer.from('x'));
      assert(Number(store.bytes?.readBigUInt64BE(4)) >= used);
    }
    assert.equal(store.bytes?.readBigUInt64BE(4), 16n);
  });

  it('goes on behind the block of a process that ended', async () => {
    const store = new MemoryChainStore();
    for (let start = 1; start <= 3; start += 1) {
      const chain = await KeyChain.open({ root: new MemoryRoot(), store, limits: { block: 4 } });
      await chain.encrypt(Buffer.from('x'));
      assert.equal(store.bytes?.readBigUInt64BE(4), BigInt(4 * start));
    }
  });

  it('opens a new chain once, whoever is first', async () => {
    const store = new MemoryChainStore();
    const chains = await Promise.all(
      Array.from({ length: 8 }, () => KeyChain.open({ root: new MemoryRoot(), store, limits: { block: 2 } })),
    );
    const made = await Promise.all(chains.map((chain) => chain.encrypt(Buffer.from('x'))));
    assert.equal(new Set(made.map((one) => one.toString('hex', 4, 24))).size, 1);
    assert.equal(store.bytes?.readBigUInt64BE(4), 16n);
  });

  it('rotates once where several ask at the same time, and at once where one asks twice', async () => {
    const store = new MemoryChainStore();
    const chain = await KeyChain.open({ root: new MemoryRoot(), store });
    await Promise.all([chain.rotate(), chain.rotate(), chain.rotate()]);
    assert.equal(keyNumberOf(await chain.encrypt(Buffer.from('x'))), 2);
    await chain.rotate();
    assert.equal(keyNumberOf(await chain.encrypt(Buffer.from('x'))), 3);
  });

  it('follows the rotation of another process within a minute', async () => {
    const store = new MemoryChainStore();
    const one = await KeyChain.open({ root: new MemoryRoot(), store });
    const two = await KeyChain.open({ root: new MemoryRoot(), store });
    await one.encrypt(Buffer.from('x'));
    await two.rotate();
    const { now } = performance;
    const start = now.call(performance);
    performance.now = () => start + 60_000;
    try {
      assert.equal(keyNumberOf(await one.encrypt(Buffer.from('x'))), 2);
    } finally {
      performance.now = now;
    }
  });

  it('encrypts nothing that the store does not know of', async () => {
    const store = new MemoryChainStore();
    const chain = await KeyChain.open({ root: new MemoryRoot(), store, limits: { block: 1 } });
    store.save = async () => false;
    await assert.rejects(chain.encrypt(Buffer.from('x')), failing('store-unavailable'));
  });
});
