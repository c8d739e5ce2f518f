import assert from 'node:assert/strict';
import { Keyring } from '../../../src/seal/keyring.ts';
import { SealState } from '../../../src/seal/state.ts';
import { TaggedRecords } from '../../../src/seal/tagged-records.ts';
import { migrate } from '../../../src/store/knex/migrate.ts';
import { openStore } from '../../../src/store/knex/sql-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { State } from '../../../ttlv/tables/enums.ts';
import { databases, describeOn } from '../../support/databases.ts';
import { spied } from '../../support/questions.ts';
import { generationsOf, install } from '../../support/seal.ts';
import { materialOf, newObject } from '../../support/sealed.ts';

const newPut = (id: string) => ({ after: newObject(id), material: materialOf(id) });

describeOn(databases, 'whether all nodes were sealed, asked of', (database) => {
  let store: Store;
  let other: Store;
  let records: TaggedRecords;
  let questions = 0;

  const count = () => {
    questions += 1;
  };

  beforeEach(async () => {
    const dialect = await database.empty();
    await migrate(dialect);
    store = await openStore({ ...dialect, open: async () => spied(await dialect.open(), count) });
    other = await openStore(dialect);
    const installation = await install(store);
    const source = await generationsOf(other, installation);
    const state = new SealState();
    state.unseal(new Keyring(installation.id, source, store), 0);
    const log = { error: (...line: unknown[]) => assert.fail(JSON.stringify(line)) };
    records = new TaggedRecords({ store, state, audit: { append: () => {} }, log, maxStaleness: 0 });
    await records.commit({ puts: [newPut('one')] });
    await records.get('one');
  });

  afterEach(() => Promise.all([store.close(), other.close()]));

  /** The questions that `work` costs by itself, and those that the seal costs. */
  async function costOf(work: () => unknown): Promise<readonly [number, number]> {
    records.received();
    const began = performance.now();
    questions = 0;
    await work();
    const own = questions;
    await records.heedSeal(began);
    return [own, questions - own];
  }

  it('costs nothing where an object was read, known or not, or something was written', async () => {
    await costOf(() => records.get('one'));
    const known = database.name === 'SQLite' ? 0 : 1;
    assert.deepEqual(await costOf(() => records.get('one')), [known, 0]);
    await other.reserve(1, 1);
    assert.deepEqual(await costOf(() => records.get('one')), [1, 0]);
    assert.deepEqual(await costOf(() => records.commit({ puts: [newPut('two')] })), [0, 0]);
    assert.deepEqual(await costOf(() => records.get('two')), [1, 0]);
  });

  it('costs a question where nothing was read; of SQLite, only after something was written', async () => {
    assert.deepEqual(await costOf(() => records.get('nothing')), [1, 1]);
    const again = database.name === 'SQLite' ? 0 : 1;
    assert.deepEqual(await costOf(() => records.get('nothing')), [1, again]);
    await other.reserve(1, 1);
    assert.deepEqual(await costOf(() => records.get('nothing')), [1, 1]);
  });

  it('is told to the first who looks, and nothing is written then', async () => {
    const one = await records.get('one');
    assert.ok(one);
    await other.raiseSealEpoch();
    await assert.rejects(records.commit({ puts: [newPut('two')] }), { error: 'sealed' });
    assert.equal(await other.validate('two'), undefined);
  });

  it('is told also where only attributes are written', async () => {
    const one = await records.get('one');
    assert.ok(one);
    await other.raiseSealEpoch();
    await assert.rejects(records.commit({ puts: [{ before: one, after: { ...one, state: State.Deactivated } }] }));
    assert.equal(await other.validate('one'), 1);
    await assert.rejects(async () => records.heedSeal(performance.now()), { error: 'sealed' });
  });
});
