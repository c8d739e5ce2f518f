import assert from 'node:assert/strict';
import { KmipError } from '../../../src/errors.ts';
import { activate } from '../../../src/operations/activate.ts';
import { addAttribute } from '../../../src/operations/add-attribute.ts';
import type { BatchItem, ItemOutcome } from '../../../src/operations/batch.ts';
import { create } from '../../../src/operations/create.ts';
import { destroy } from '../../../src/operations/destroy.ts';
import { discoverVersions } from '../../../src/operations/discover-versions.ts';
import { encrypt } from '../../../src/operations/encrypt.ts';
import { get } from '../../../src/operations/get.ts';
import { getAttributes } from '../../../src/operations/get-attributes.ts';
import { locate } from '../../../src/operations/locate.ts';
import { modifyAttribute } from '../../../src/operations/modify-attribute.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import type { RowChanges } from '../../../src/store/store.ts';
import { BlockCipherMode, ObjectType, PaddingMethod, State, UsageLimitsUnit } from '../../../ttlv/tables/enums.ts';
import { versions } from '../../../ttlv/tables/versions.ts';
import { aes, located, named, newActiveKey, newKey, shown } from '../../support/managed.ts';
import { item, meanwhile, resultOf, START, TestNode } from '../../support/node.ts';

const newOne = (...more: { key: 'Name'; value: unknown }[]) =>
  item(create, { objectType: ObjectType.SymmetricKey, attributes: [...aes, ...more] });
const nameOf = (text: string) => named(text) as { key: 'Name'; value: unknown };
const failing = item(get, { uniqueIdentifier: 'there-is-none' });
const results = (outcomes: readonly ItemOutcome[]) => outcomes.map(resultOf);
const twoUses = {
  key: 'UsageLimits',
  value: { usageLimitsTotal: 2n, usageLimitsUnit: UsageLimitsUnit.Object },
} as const;
const data = Buffer.alloc(16);
const ecb = { cryptographicParameters: { blockCipherMode: BlockCipherMode.ECB, paddingMethod: PaddingMethod.None } };

/** A field of the payload of a successful outcome. */
function field(outcome: ItemOutcome | undefined, name: string): unknown {
  assert.equal(outcome?.status, 'success');
  return (outcome.payload as Record<string, unknown>)[name];
}

/** A store that holds back a commit until the test lets it go on. */
class SlowStore extends MemoryStore {
  /** Called before each commit; what it answers is waited for. */
  beforeCommit: (changes: RowChanges) => Promise<void> = async () => {};

  /** The same for uses of keys that are counted (or given back: negative ones). */
  beforeSpend: (amount: bigint) => Promise<void> = async () => {};

  override async commit(changes: RowChanges): Promise<void> {
    await this.beforeCommit(changes);
    await super.commit(changes);
  }

  override async spend(id: string, revision: number, amount: bigint): Promise<bigint | undefined> {
    await this.beforeSpend(amount);
    return super.spend(id, revision, amount);
  }
}

describe('a batch', () => {
  it('goes on after a failure with Continue', async () => {
    const user = (await TestNode.open()).as('alice');
    const outcomes = await user.batch([newOne(), failing, newOne()], { continuation: 'continue' });
    assert.deepEqual(results(outcomes), ['success', 'not-found', 'success']);
    assert.equal((await located(user)).length, 2);
  });

  it('ends with a failure with Stop, and what was done stays', async () => {
    const user = (await TestNode.open()).as('alice');
    const outcomes = await user.batch([newOne(), failing, newOne()], { continuation: 'stop' });
    assert.deepEqual(results(outcomes), ['success', 'not-found']);
    assert.equal((await located(user)).length, 1);
  });

  it('fails with items that could not be decoded, each for itself', async () => {
    const user = (await TestNode.open()).as('alice');
    const wrong: BatchItem = { name: 'Get', request: new KmipError('invalid-message', 'a field is missing') };
    assert.deepEqual(results(await user.batch([wrong, newOne()], { continuation: 'continue' })), [
      'invalid-message',
      'success',
    ]);
    assert.deepEqual(results(await user.batch([newOne(), wrong, newOne()], { continuation: 'undo' })), [
      'undone',
      'invalid-message',
    ]);
  });

  it('has an attempt on record before anything is written, and the outcome after it', async () => {
    const store = new SlowStore();
    const node = await TestNode.open({ store });
    const before: unknown[] = [];
    store.beforeCommit = async () => void before.push(node.audited.map(({ kind }) => kind));
    const id = await newKey(node.as('alice'));
    await node.as('alice').ask(activate, { uniqueIdentifier: id });
    assert.deepEqual(before, [['attempt'], ['attempt', 'outcome', 'attempt']]);
    const kinds = node.audited.map(({ kind, operation, object, result }) => [kind, operation, object, result]);
    assert.deepEqual(kinds, [
      ['attempt', 'Create', id, undefined],
      ['outcome', 'Create', id, 'success'],
      ['attempt', 'Activate', id, undefined],
      ['outcome', 'Activate', id, 'success'],
    ]);
  });

  it('puts no more on record of an identifier than one can have, however much a request says', async () => {
    const node = await TestNode.open();
    await node.as('alice').fails('not-found', get, { uniqueIdentifier: 'x'.repeat(1_000_000) });
    assert.deepEqual(
      node.audited.map(({ object }) => object),
      ['x'.repeat(128)],
    );
  });

  it('runs an item again when somebody else changed the object meanwhile', async () => {
    const store = new SlowStore();
    const node = await TestNode.open({ store });
    const alice = node.as('alice');
    const id = await newKey(alice);
    store.beforeCommit = async () => {
      store.beforeCommit = async () => {};
      await alice.ask(addAttribute, { uniqueIdentifier: id, newAttribute: named('second') });
    };
    await alice.ask(addAttribute, { uniqueIdentifier: id, newAttribute: named('first') });
    const names = (await shown(alice, id, 'Name')) as { nameValue: string }[];
    assert.deepEqual(names.map(({ nameValue }) => nameValue).sort(), ['first', 'second']);
  });
});

describe('a batch with Undo', () => {
  it('is written whole when all items succeed', async () => {
    const node = await TestNode.open();
    const user = node.as('alice');
    const outcomes = await user.batch([newOne(), newOne()], { continuation: 'undo' });
    assert.deepEqual(results(outcomes), ['success', 'success']);
    assert.deepEqual(await located(user), outcomes.map((one) => field(one, 'uniqueIdentifier')).reverse());
    const outcomesOnRecord = node.audited.filter(({ kind }) => kind === 'outcome').slice(0, 2);
    assert.deepEqual(
      outcomesOnRecord.map(({ result }) => result),
      ['success', 'success'],
    );
  });

  for (const version of versions) {
    it(`leaves nothing of it behind when one fails: undone, failed, and no more (${version})`, async () => {
      const node = await TestNode.open();
      const user = node.as('alice', version);
      const id = await newKey(user);
      node.audited.length = 0;
      const items = [
        item(activate, { uniqueIdentifier: id }),
        newOne(),
        item(discoverVersions, { protocolVersion: [] }),
        failing,
        newOne(),
      ];
      const outcomes = await user.batch(items, { continuation: 'undo' });
      assert.deepEqual(results(outcomes), ['undone', 'undone', 'undone', 'not-found']);
      assert.deepEqual(await shown(user, id, 'State'), [State.PreActive]);
      assert.deepEqual(await located(user), [id]);
      const onRecord = node.audited.filter(({ kind }) => kind === 'outcome').slice(0, 4);
      assert.deepEqual(
        onRecord.map(({ operation, result }) => `${operation} ${result}`),
        ['Activate undone', 'Create undone', 'DiscoverVersions undone', 'Get failed'],
      );
    });
  }

  it('reads its own changes, and nobody else does', async () => {
    const node = await TestNode.open();
    const alice = node.as('alice');
    const old = await newKey(alice, named('old'));
    const older = await newKey(alice, named('older'));
    let seen: unknown;
    const spy = meanwhile(async () => {
      seen = [await located(alice), await shown(alice, old, 'State')];
    });
    const outcomes = await alice.batch(
      [
        newOne(nameOf('new')),
        item(get, {}),
        item(getAttributes, { attributeReferences: ['Name', 'Fresh'] }),
        item(activate, { uniqueIdentifier: old }),
        item(getAttributes, { uniqueIdentifier: old, attributeReferences: ['State'] }),
        item(destroy, { uniqueIdentifier: older }),
        item(locate, { attributes: [] }),
        item(locate, { attributes: [named('new')] }),
        item(locate, { attributes: [{ key: 'State', value: State.Active }] }),
        item(locate, { attributes: [named('older')] }),
        spy,
      ],
      { continuation: 'undo' },
    );
    assert.ok(outcomes.every(({ status }) => status === 'success'));
    const id = field(outcomes[0], 'uniqueIdentifier');
    assert.equal(field(outcomes[1], 'uniqueIdentifier'), id);
    const attributes = field(outcomes[2], 'attributes') as { value: unknown }[];
    assert.deepEqual(
      attributes.map(({ value }) => value),
      [named('new').value, false],
    );
    assert.deepEqual((field(outcomes[4], 'attributes') as { value: unknown }[])[0]?.value, State.Active);
    assert.deepEqual(field(outcomes[6], 'uniqueIdentifier'), [id, old]);
    assert.deepEqual(field(outcomes[7], 'uniqueIdentifier'), [id]);
    assert.deepEqual(field(outcomes[8], 'uniqueIdentifier'), [old]);
    assert.deepEqual(field(outcomes[9], 'uniqueIdentifier'), []);
    assert.deepEqual(seen, [[older, old], [State.PreActive]]);
    await alice.fails('destroyed', get, { uniqueIdentifier: older });
    await alice.ask(get, { uniqueIdentifier: String(id) });
  });

  it('cannot read what it destroyed', async () => {
    const user = (await TestNode.open()).as('alice');
    const outcomes = await user.batch([newOne(), item(destroy, {}), item(get, {})], { continuation: 'undo' });
    assert.deepEqual(results(outcomes), ['undone', 'undone', 'destroyed']);
  });

  it('of one client does not touch what another one writes meanwhile, and neither waits', async () => {
    const store = new SlowStore();
    const node = await TestNode.open({ store });
    const [alice, bob] = [node.as('alice'), node.as('bob')];
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const hold = meanwhile(async () => {
      reached.resolve();
      await goOn.promise;
    });
    const batch = alice.batch([newOne(), hold, newOne(), failing], { continuation: 'undo' });
    await reached.promise;
    const kept = await newKey(bob);
    await bob.ask(activate, { uniqueIdentifier: kept });
    assert.deepEqual(await located(bob), [kept]);
    goOn.resolve();
    assert.deepEqual(results(await batch), ['undone', 'undone', 'undone', 'not-found']);
    assert.deepEqual(await shown(bob, kept, 'State'), [State.Active]);
    assert.deepEqual(await located(alice), []);
  });

  it('runs again when somebody changed an object of it meanwhile', async () => {
    const store = new SlowStore();
    const node = await TestNode.open({ store });
    const alice = node.as('alice');
    const id = await newKey(alice);
    store.beforeCommit = async () => {
      store.beforeCommit = async () => {};
      await alice.ask(addAttribute, { uniqueIdentifier: id, newAttribute: named('meanwhile') });
    };
    const outcomes = await alice.batch(
      [item(addAttribute, { uniqueIdentifier: id, newAttribute: named('batch') }), newOne()],
      { continuation: 'undo' },
    );
    assert.deepEqual(results(outcomes), ['success', 'success']);
    const names = (await shown(alice, id, 'Name')) as { nameValue: string }[];
    assert.deepEqual(names.map(({ nameValue }) => nameValue).sort(), ['batch', 'meanwhile']);
    assert.equal((await located(alice)).length, 2);
  });

  it('gives up when others change the objects again and again', async () => {
    const store = new SlowStore();
    const node = await TestNode.open({ store });
    const alice = node.as('alice');
    const id = await newKey(alice);
    let [depth, count] = [0, 0];
    store.beforeCommit = async () => {
      if (depth > 0) return;
      depth += 1;
      count += 1;
      await alice.ask(addAttribute, { uniqueIdentifier: id, newAttribute: named(`${count}`) });
      depth -= 1;
    };
    const items = [item(activate, { uniqueIdentifier: id }), newOne()];
    assert.deepEqual(results(await alice.batch(items, { continuation: 'undo' })), ['store-unavailable']);
    assert.deepEqual(await shown(alice, id, 'State'), [State.PreActive]);
  });

  it('gives uses back', async () => {
    const node = await TestNode.open();
    const alice = node.as('alice');
    const id = await newActiveKey(alice, START - 1, twoUses);
    const use = item(encrypt, { uniqueIdentifier: id, data, ...ecb });
    const left = async () => (await shown(alice, id, 'UsageLimits'))[0];
    assert.deepEqual(results(await alice.batch([use, use, use], { continuation: 'undo' })), [
      'undone',
      'undone',
      'usage-exceeded',
    ]);
    assert.deepEqual(await left(), { ...twoUses.value, usageLimitsCount: 2n });
    await alice.batch([use, newOne()], { continuation: 'undo' });
    assert.deepEqual(await left(), { ...twoUses.value, usageLimitsCount: 1n });
  });

  it('gives uses back also of an object that somebody changed meanwhile', async () => {
    const node = await TestNode.open();
    const alice = node.as('alice');
    const id = await newActiveKey(alice, START - 1, twoUses);
    const change = meanwhile(async () => {
      await alice.ask(addAttribute, { uniqueIdentifier: id, newAttribute: named('meanwhile') });
    });
    const items = [item(encrypt, { uniqueIdentifier: id, data, ...ecb }), change, failing];
    assert.deepEqual(results(await alice.batch(items, { continuation: 'undo' })), ['undone', 'undone', 'not-found']);
    assert.deepEqual(await shown(alice, id, 'UsageLimits'), [{ ...twoUses.value, usageLimitsCount: 2n }]);
  });

  it('gives uses back also when somebody changes the object in that moment', async () => {
    const store = new SlowStore();
    const alice = (await TestNode.open({ store })).as('alice');
    const id = await newActiveKey(alice, START - 1, twoUses);
    let changes = 0;
    store.beforeSpend = async (amount) => {
      if (amount > 0n || changes >= 2) return;
      changes += 1;
      await alice.ask(addAttribute, { uniqueIdentifier: id, newAttribute: named(`${changes}`) });
    };
    const items = [item(encrypt, { uniqueIdentifier: id, data, ...ecb }), failing];
    assert.deepEqual(results(await alice.batch(items, { continuation: 'undo' })), ['undone', 'not-found']);
    assert.equal(changes, 2);
    assert.deepEqual(await shown(alice, id, 'UsageLimits'), [{ ...twoUses.value, usageLimitsCount: 2n }]);
  });

  it('counts uses of its own objects, and of those that it changed', async () => {
    const node = await TestNode.open();
    const alice = node.as('alice');
    const changed = await newActiveKey(alice, START - 1, twoUses);
    const limits = (id?: string) =>
      item(getAttributes, { ...(id && { uniqueIdentifier: id }), attributeReferences: ['UsageLimits'] });
    const outcomes = await alice.batch(
      [
        item(create, {
          objectType: ObjectType.SymmetricKey,
          attributes: [...aes, { key: 'ActivationDate', value: START - 1 }, twoUses],
        }),
        item(encrypt, { data, ...ecb }),
        limits(),
        item(addAttribute, { uniqueIdentifier: changed, newAttribute: named('n') }),
        item(encrypt, { uniqueIdentifier: changed, data, ...ecb }),
        limits(changed),
        item(addAttribute, { uniqueIdentifier: changed, newAttribute: named('m') }),
      ],
      { continuation: 'undo' },
    );
    assert.ok(outcomes.every(({ status }) => status === 'success'));
    const count = (outcome: ItemOutcome | undefined) =>
      (field(outcome, 'attributes') as { value: { usageLimitsCount: bigint } }[])[0]?.value.usageLimitsCount;
    assert.deepEqual([count(outcomes[2]), count(outcomes[5])], [1n, 1n]);
    for (const id of [changed, String(field(outcomes[0], 'uniqueIdentifier'))]) {
      assert.deepEqual(await shown(alice, id, 'UsageLimits'), [{ ...twoUses.value, usageLimitsCount: 1n }]);
      await alice.ask(encrypt, { uniqueIdentifier: id, data, ...ecb });
      await alice.fails('usage-exceeded', encrypt, { uniqueIdentifier: id, data, ...ecb });
    }
  });

  it('keeps what others used of a key that it changes', async () => {
    const node = await TestNode.open();
    const alice = node.as('alice');
    const id = await newActiveKey(alice, START - 1, twoUses);
    const useMeanwhile = meanwhile(async () => {
      await alice.ask(encrypt, { uniqueIdentifier: id, data, ...ecb });
    });
    const add = (text: string) => item(addAttribute, { uniqueIdentifier: id, newAttribute: named(text) });
    const use = item(encrypt, { uniqueIdentifier: id, data, ...ecb });
    const outcomes = await alice.batch([add('a'), use, add('b'), useMeanwhile], { continuation: 'undo' });
    assert.ok(outcomes.every(({ status }) => status === 'success'));
    assert.deepEqual(await shown(alice, id, 'UsageLimits'), [{ ...twoUses.value, usageLimitsCount: 0n }]);
  });

  it('counts uses against new limits that the same batch has set', async () => {
    const node = await TestNode.open();
    const alice = node.as('alice');
    const id = await newActiveKey(alice, START - 1, twoUses);
    const value = { usageLimitsTotal: 5n, usageLimitsUnit: UsageLimitsUnit.Object };
    const newAttribute = { key: 'UsageLimits', value } as const;
    const items = [
      item(modifyAttribute, { uniqueIdentifier: id, newAttribute }),
      item(encrypt, { uniqueIdentifier: id, data, ...ecb }),
    ];
    assert.deepEqual(results(await alice.batch(items, { continuation: 'undo' })), ['success', 'success']);
    assert.deepEqual(await shown(alice, id, 'UsageLimits'), [{ ...value, usageLimitsCount: 4n }]);
  });
});
