import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { KmipError } from '../../../src/errors.ts';
import { Rewrap, type RewrapParts } from '../../../src/jobs/rewrap.ts';
import { Keyring } from '../../../src/seal/keyring.ts';
import { SealState } from '../../../src/seal/state.ts';
import { TaggedRecords } from '../../../src/seal/tagged-records.ts';
import { openStore } from '../../../src/store/knex/sql-store.ts';
import { ConflictError, type InstallationRow, type Store } from '../../../src/store/store.ts';
import { databases, describeOn, newStore } from '../../support/databases.ts';
import { generationsOf, install } from '../../support/seal.ts';
import { materialOf, newObject } from '../../support/sealed.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** A node of an installation: what a worker and its primary have. */
async function nodeOf(store: Store, installation: InstallationRow) {
  const generations = await generationsOf(store, installation);
  const state = new SealState();
  state.unseal(new Keyring(installation.id, generations, store));
  const records = new TaggedRecords({ store, state, audit: { append: () => {} }, log: silent, maxStaleness: 0 });
  const renew = (id: string) => records.renew(id);
  return { store, generations, records, rewrap: new Rewrap({ store, state, renew, log: silent, interval: 1 }) };
}

describeOn(databases, 'the re-wrap over', (database) => {
  it('loses nothing while one node writes under the generation that the other one retires', async () => {
    const dialect = await database.empty();
    const first = await newStore(dialect);
    const installation = await install(first);
    const nodes = await Promise.all([first, await openStore(dialect)].map((store) => nodeOf(store, installation)));
    const [writer, other] = nodes;
    assert(writer && other);
    const ids: string[] = [];
    let writing = true;
    const write = async () => {
      for (let count = 0; count < 60; count += 1) {
        const id = `object ${count}`;
        await writer.records.commit({ puts: [{ after: newObject(id), material: materialOf(id) }] });
        ids.push(id);
        if (count % 10 === 9) await other.generations.rotate();
      }
      writing = false;
    };
    const retire = async () => {
      while (writing || (await first.keyring()).length > 1) {
        await other.generations.retire();
        await delay(1);
      }
    };
    for (const { rewrap } of nodes) rewrap.start();
    await Promise.all([write(), retire()]);
    await Promise.all(nodes.map(({ rewrap }) => rewrap.stop()));

    assert.deepEqual(
      (await first.auditKeys()).map(({ generation }) => generation),
      [1, 2, 3, 4, 5, 6],
    );
    assert.deepEqual([...(await first.generationSizes())], [[7, ids.length]]);
    const { records } = await nodeOf(first, installation);
    for (const id of ids) {
      const object = await records.get(id);
      assert.ok(object, id);
      assert.deepEqual(await records.material(object), materialOf(id));
    }
    await Promise.all(nodes.map(({ store }) => store.close()));
  });
});

describe('a pass of the re-wrap', () => {
  /** A job over 40 objects of generation 1; `renew` says what becomes of each. */
  function job(renew: RewrapParts['renew'], parts: Partial<RewrapParts> = {}) {
    const told: unknown[] = [];
    const log = {
      info: (...line: unknown[]) => void told.push(line),
      warn: (...line: unknown[]) => void told.push(line),
    };
    const store: RewrapParts['store'] = {
      keyring: async () => [
        { generation: 1, primary: false },
        { generation: 2, primary: true },
      ],
      ofGeneration: async (generation, after, limit) =>
        Array.from({ length: 40 }, (_, index) => ({ id: `${generation}/${index + 1}`, sequence: index + 1 }))
          .filter(({ sequence }) => sequence > after)
          .slice(0, limit),
    };
    return {
      told,
      rewrap: new Rewrap({ store, renew, log, state: { state: 'unsealed' }, interval: 60_000, ...parts }),
    };
  }

  /** Waits until the log has a line. */
  async function firstOf(told: readonly unknown[]): Promise<unknown> {
    while (told.length === 0) await delay(1);
    return told[0];
  }

  it('passes over what others change and what does not open, and says how many', async () => {
    const seen: string[] = [];
    const { rewrap, told } = job(async (id) => {
      seen.push(id);
      if (id === '1/3') throw new ConflictError(id);
      if (id === '1/4') throw new KmipError('internal', 'the server failed');
    });
    rewrap.start();
    const [progress] = (await firstOf(told)) as [unknown];
    assert.deepEqual(progress, { generation: 1, renewed: 38, passed: 1, failed: 1 });
    assert.equal(new Set(seen).size, 40);
    await rewrap.stop();
  });

  it('ends where the database is away, and is made again', async () => {
    let away = true;
    const err = new KmipError('store-unavailable', 'the database is away');
    const renew = async () => {
      if (away) throw err;
    };
    const { rewrap, told } = job(renew, { interval: 1 });
    rewrap.start();
    assert.deepEqual(((await firstOf(told)) as [unknown])[0], { err });
    away = false;
    told.length = 0;
    assert.equal(((await firstOf(told)) as [{ renewed: number }])[0].renewed, 40);
    await rewrap.stop();
  });

  it('stops with the batch that is under way', async () => {
    let renewed = 0;
    const { rewrap } = job(async () => {
      renewed += 1;
    });
    rewrap.start();
    while (renewed === 0) await delay(1);
    await rewrap.stop();
    const then = renewed;
    assert.ok(then < 40);
    await delay(50);
    assert.equal(renewed, then);
  });

  it('does nothing while the node is sealed', async () => {
    const { rewrap } = job(() => assert.fail('an object was touched'), { state: { state: 'sealed' } });
    rewrap.start();
    await rewrap.stop();
  });
});
