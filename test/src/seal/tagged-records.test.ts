import assert from 'node:assert/strict';
import type { AuditEntry } from '../../../src/audit/entry.ts';
import { AttributeSet } from '../../../src/kmip/attribute-set.ts';
import type { ManagedObject, Material } from '../../../src/objects/object.ts';
import { Keyring } from '../../../src/seal/keyring.ts';
import { SealState } from '../../../src/seal/state.ts';
import { TaggedRecords } from '../../../src/seal/tagged-records.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { ConflictError, type ObjectRow, type StoredObject } from '../../../src/store/store.ts';
import { CryptographicAlgorithm, KeyFormatType, ObjectType, State } from '../../../ttlv/tables/enums.ts';
import { generationsOf, install } from '../../support/seal.ts';
import { newObject as newKey } from '../../support/sealed.ts';

const keyBytes = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');

const material: Material = {
  value: {
    type: ObjectType.SymmetricKey,
    keyBlock: {
      keyFormatType: KeyFormatType.Raw,
      keyValue: { keyMaterial: keyBytes, attributes: [] },
      cryptographicAlgorithm: CryptographicAlgorithm.AES,
      cryptographicLength: 128,
    },
  },
  secret: AttributeSet.empty.adding('Digest', { hashingAlgorithm: 6, digestValue: Buffer.from('digest of the key') }),
};

/** With grants that are not in the store's order. */
function newObject(id: string, change: Partial<ManagedObject> = {}): ManagedObject {
  return newKey(id, {
    attributes: AttributeSet.empty.adding('Name', { nameValue: id, nameType: 1 }),
    grants: [
      { userid: 'zoe', permissions: ['Locate', 'Get'] },
      { userid: 'bob', permissions: ['Get'] },
    ],
    ...change,
  });
}

/** A store whose reads somebody has tampered with. */
class TamperedStore extends MemoryStore {
  readonly tampered = new Map<string, (stored: StoredObject) => StoredObject | undefined>();
  validations = 0;
  reads = 0;
  /** Something else is written all the time. */
  busy = false;
  #writes = 0;

  override version(): number {
    if (this.busy) this.#writes += 1;
    return super.version() + this.#writes;
  }

  override validate(id: string): Promise<number | undefined> {
    this.validations += 1;
    return super.validate(id);
  }

  override async read(id: string): Promise<StoredObject | undefined> {
    this.reads += 1;
    const stored = await super.read(id);
    return stored && (this.tampered.get(id)?.(stored) ?? stored);
  }
}

async function opened(maxStaleness = 0) {
  const store = new TamperedStore();
  const installation = await install(store);
  const source = await generationsOf(store, installation);
  const audited: AuditEntry[] = [];
  const logged: unknown[] = [];
  const worker = () => {
    const state = new SealState();
    state.unseal(new Keyring(installation.id, source, store), 0);
    const audit = { append: (entry: AuditEntry) => void audited.push(entry) };
    const log = { error: (...line: unknown[]) => void logged.push(line) };
    return { state, records: new TaggedRecords({ store, state, audit, log, maxStaleness }) };
  };
  return { store, source, audited, logged, worker, ...worker() };
}

const rowWith = (change: Partial<ObjectRow>) => (stored: StoredObject) => ({
  ...stored,
  row: { ...stored.row, ...change },
});

describe('tagged records', () => {
  it('give back what was committed', async () => {
    const { records } = await opened();
    const object = newObject('a');
    await records.commit({ puts: [{ after: object, material }] });
    const read = await records.get('a');
    assert(read);
    assert.deepEqual([...read.attributes.entries()], [...object.attributes.entries()]);
    assert.deepEqual(
      { ...read, attributes: undefined },
      {
        ...object,
        attributes: undefined,
        sequence: 1,
        revision: 1,
        grants: [
          { userid: 'bob', permissions: ['Get'] },
          { userid: 'zoe', permissions: ['Get', 'Locate'] },
        ],
      },
    );
    const { value, secret } = await records.material(read);
    assert.deepEqual(value, material.value);
    assert.deepEqual([...secret.entries()], [...material.secret.entries()]);
  });

  it('keep material and what tells of it out of the readable columns', async () => {
    const { store, records } = await opened();
    await records.commit({ puts: [{ after: newObject('a'), material }] });
    const stored = await store.read('a');
    assert(stored?.row.material);
    for (const bytes of [stored.row.attributes, stored.row.material]) {
      assert.equal(bytes.includes(keyBytes), false);
      assert.equal(bytes.includes('digest of the key'), false);
    }
  });

  const forgeries: Record<string, (stored: StoredObject) => StoredObject> = {
    'another owner': rowWith({ owner: 'mallory' }),
    'another state': rowWith({ state: State.PreActive }),
    'another type': rowWith({ type: ObjectType.SecretData }),
    'another revision': rowWith({ revision: 7 }),
    'no material': rowWith({ material: null }),
    'other material': rowWith({ material: Buffer.alloc(100) }),
    'other attributes': rowWith({ attributes: Buffer.alloc(8) }),
    'a limit of uses': rowWith({ usageLeft: 5n }),
    'another tag': rowWith({ tag: Buffer.alloc(32) }),
    'no tag': rowWith({ tag: Buffer.alloc(0) }),
    'a generation that is not there': rowWith({ generation: 2 }),
    'a generation that cannot be': rowWith({ generation: -1.5 }),
    'a further grant': ({ row, grants }) => ({ row, grants: [...grants, { userid: 'mallory', permissions: 'Get' }] }),
    'one grant less': ({ row, grants }) => ({ row, grants: grants.slice(1) }),
    'a wider grant': ({ row, grants }) => ({
      row,
      grants: grants.map((one) => ({ ...one, permissions: 'Destroy,Get' })),
    }),
    'a grant for somebody else': ({ row, grants }) => ({
      row,
      grants: grants.map((one) => ({ ...one, userid: `${one.userid}x` })),
    }),
  };
  for (const [what, forge] of Object.entries(forgeries)) {
    it(`give out nothing of a row with ${what}, and raise the alarm with its name`, async () => {
      const { store, worker, audited, logged } = await opened();
      await worker().records.commit({ puts: [{ after: newObject('a'), material }] });
      store.tampered.set('a', forge);
      await assert.rejects(async () => worker().records.get('a'), {
        name: 'KmipError',
        error: 'internal',
        message: 'the server failed',
      });
      assert.deepEqual(
        audited.map(({ kind, object, result }) => ({ kind, object, result })),
        [{ kind: 'alarm', object: 'a', result: 'failed' }],
      );
      assert.match(JSON.stringify(logged), /"alarm":true,"table":"objects","object":"a"/);
    });
  }

  it('give out nothing of rows that were swapped', async () => {
    const { store, worker } = await opened();
    await worker().records.commit({ puts: ['a', 'b'].map((id) => ({ after: newObject(id), material })) });
    const [a, b] = await store.readMany(['a', 'b']);
    assert(a && b);
    store.tampered.set('a', () => ({ ...b, row: { ...b.row, id: 'a' } }));
    await assert.rejects(async () => worker().records.get('a'), { error: 'internal' });
    store.tampered.set('a', rowWith({ material: b.row.material, tag: b.row.tag }));
    await assert.rejects(async () => worker().records.get('a'), { error: 'internal' });
  });

  it('ask the store no more than for its version while nothing is committed', async () => {
    const { store, records } = await opened();
    await records.commit({ puts: [{ after: newObject('a'), material }] });
    const first = await records.get('a');
    const { reads, validations } = store;
    assert.equal(await records.get('a'), first);
    assert.deepEqual([store.reads, store.validations], [reads, validations]);
  });

  for (const busy of [false, true]) {
    it(`see at once what others commit (${busy ? 'busy' : 'idle'} store)`, async () => {
      const { store, worker } = await opened();
      store.busy = busy;
      const [one, other] = [worker().records, worker().records];
      await one.commit({ puts: [{ after: newObject('a'), material }] });
      const before = await one.get('a');
      assert(before);
      await one.material(before);
      const theirs = await other.get('a');
      assert(theirs);
      await other.commit({
        puts: [{ before: theirs, after: { ...theirs, state: State.Destroyed }, material: { secret: material.secret } }],
      });
      const after = await one.get('a');
      assert.equal(after?.state, State.Destroyed);
      await assert.rejects(async () => one.material(after), { error: 'destroyed' });
      assert.deepEqual([...(await one.secret(after)).entries()], [...material.secret.entries()]);
    });
  }

  it('may use what they remember for as long as the setting says', async () => {
    const { worker } = await opened(60_000);
    const [one, other] = [worker().records, worker().records];
    await one.commit({ puts: [{ after: newObject('a'), material }] });
    const before = await one.get('a');
    const theirs = await other.get('a');
    assert(theirs);
    await other.commit({ puts: [{ before: theirs, after: { ...theirs, state: State.Deactivated } }] });
    assert.equal(await one.get('a'), before);
    assert.equal((await other.get('a'))?.state, State.Deactivated);
  });

  it('refuse to write over what somebody else has written meanwhile', async () => {
    const { records } = await opened();
    await records.commit({ puts: [{ after: newObject('a'), material }] });
    const before = await records.get('a');
    assert(before);
    await records.commit({ puts: [{ before, after: { ...before, owner: 'bob' } }] });
    await assert.rejects(records.commit({ puts: [{ before, after: { ...before, owner: 'carol' } }] }), ConflictError);
    assert.equal((await records.get('a'))?.owner, 'bob');
  });

  it('keep the material when only attributes change, under any generation', async () => {
    const { source, worker, records } = await opened();
    await records.commit({ puts: [{ after: newObject('a'), material }] });
    await source.primary(1);
    const before = await records.get('a');
    assert(before);
    await records.commit({
      puts: [{ before, after: { ...before, attributes: before.attributes.with('Comment', 'x') } }],
    });
    const read = await worker().records.get('a');
    assert(read);
    assert.equal(read.attributes.get('Comment'), 'x');
    assert.deepEqual((await worker().records.material(read)).value, material.value);
  });

  it('seal anew when another node has made a generation meanwhile', async () => {
    const { store, source, records } = await opened();
    await records.commit({ puts: [{ after: newObject('a'), material }] });
    await source.primary(1);
    await records.commit({ puts: [{ after: newObject('b'), material }] });
    assert.equal((await store.read('a'))?.row.generation, 1);
    assert.equal((await store.read('b'))?.row.generation, 2);
  });

  it('are sealed anew under the primary generation, with material and without, by who knew an earlier one', async () => {
    const { store, source, records } = await opened();
    const limited = newObject('limited', { usageLeft: 7n });
    await records.commit({
      puts: [
        { after: newObject('a'), material },
        { after: limited, material },
      ],
    });
    await records.commit({ puts: [{ after: newObject('none') }] });
    await source.rotate();
    for (const id of ['a', 'limited', 'none']) {
      const before = await store.read(id);
      await records.renew(id);
      const after = await store.read(id);
      assert.deepEqual([after?.row.generation, after?.row.revision], [2, 2], id);
      assert.deepEqual(after?.row.attributes, before?.row.attributes);
      assert.deepEqual(after?.grants, before?.grants);
      assert.equal(after?.row.usageLeft, before?.row.usageLeft);
      const object = await records.get(id);
      assert.ok(object, id);
      if (object.id !== 'none') assert.deepEqual(await records.material(object), material);
    }
    assert.deepEqual(await source.retire(), [1]);
    await records.renew('is not there');
  });

  it('take no row for forged that was sealed anew, and its generation retired, while they read it', async () => {
    const { store, source, records, worker, logged } = await opened();
    await records.commit({ puts: [{ after: newObject('a'), material }] });
    const earlier = await store.read('a');
    await source.rotate();
    await records.renew('a');
    assert.deepEqual(await source.retire(), [1]);
    store.tampered.set('a', () => {
      store.tampered.delete('a');
      return earlier;
    });
    const { records: others } = worker();
    const object = await others.get('a');
    assert(object);
    assert.deepEqual(await others.material(object), material);
    assert.deepEqual(logged, []);
  });

  it('count uses without a new revision, and never lose a count to a change of attributes', async () => {
    const { worker, records } = await opened();
    await records.commit({ puts: [{ after: newObject('a', { usageLeft: 10n }), material }] });
    const before = await records.get('a');
    assert(before);
    await records.spend(before, 4n);
    assert.equal((await records.get('a'))?.usageLeft, 6n);
    await worker().records.spend(before, 1n);
    await records.commit({ puts: [{ before, after: { ...before, owner: 'bob' } }] });
    const read = await records.get('a');
    assert.equal(read?.usageLeft, 5n);
    await assert.rejects(records.spend(read, 6n), { error: 'usage-exceeded' });
    await assert.rejects(records.spend(before, 1n), ConflictError);
  });

  it('spend nothing of an object without limit', async () => {
    const { records } = await opened();
    await records.commit({ puts: [{ after: newObject('a'), material }] });
    const object = await records.get('a');
    assert(object);
    await records.spend(object, 1_000_000n);
    assert.equal((await records.get('a'))?.usageLeft, undefined);
  });

  it('find candidates newest first, over all pages', async () => {
    const { records } = await opened();
    const ids = ['a', 'b', 'c', 'd', 'e'];
    for (const id of ids) await records.commit({ puts: [{ after: newObject(id), material }] });
    await records.get('c');
    const found: string[] = [];
    for await (const { id } of records.find({ conditions: [] })) found.push(id);
    assert.deepEqual(found, ids.reverse());
  });

  for (const busy of [false, true]) {
    it(`use nothing any more once all nodes were sealed by another one (${busy ? 'busy' : 'idle'} store)`, async () => {
      const { store, worker, records } = await opened();
      store.busy = busy;
      await records.commit({ puts: ['a', 'b'].map((id) => ({ after: newObject(id), material })) });
      const looks = [
        (one: TaggedRecords) => one.get('a'),
        (one: TaggedRecords) => one.get('b'),
        (one: TaggedRecords) => one.find({ conditions: [] })[Symbol.asyncIterator]().next(),
      ];
      const workers = looks.map(() => worker());
      for (const one of workers) assert(await one.records.get('a'));
      await store.raiseSealEpoch();
      for (const [index, look] of looks.entries()) {
        const { records: others, state } = workers[index] ?? worker();
        await assert.rejects(async () => look(others), { error: 'sealed' });
        assert.equal(state.state, 'sealed');
      }
    });
  }

  it('forget everything when the node is sealed', async () => {
    const { state, records } = await opened();
    await records.commit({ puts: [{ after: newObject('a'), material }] });
    const object = await records.get('a');
    assert(object);
    await records.material(object);
    state.seal();
    await assert.rejects(async () => records.get('a'), { error: 'sealed' });
    await assert.rejects(async () => records.material(object), { error: 'sealed' });
    await assert.rejects(records.commit({ puts: [{ after: newObject('b'), material }] }), { error: 'sealed' });
  });
});
