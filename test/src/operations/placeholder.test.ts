import assert from 'node:assert/strict';
import { activate } from '../../../src/operations/activate.ts';
import { addAttribute } from '../../../src/operations/add-attribute.ts';
import type { BatchItem, ItemOutcome } from '../../../src/operations/batch.ts';
import { check } from '../../../src/operations/check.ts';
import { create } from '../../../src/operations/create.ts';
import { createKeyPair } from '../../../src/operations/create-key-pair.ts';
import { destroy } from '../../../src/operations/destroy.ts';
import { exportObject } from '../../../src/operations/export.ts';
import { get } from '../../../src/operations/get.ts';
import { getAttributes } from '../../../src/operations/get-attributes.ts';
import { importObject } from '../../../src/operations/import.ts';
import { locate } from '../../../src/operations/locate.ts';
import { reKey } from '../../../src/operations/re-key.ts';
import { reKeyKeyPair } from '../../../src/operations/re-key-key-pair.ts';
import { register } from '../../../src/operations/register.ts';
import {
  CryptographicAlgorithm,
  LinkType,
  ObjectType,
  RecommendedCurve,
  UniqueIdentifier,
} from '../../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../../ttlv/tables/masks.ts';
import { type Version, versions } from '../../../ttlv/tables/versions.ts';
import { aes, aesKey, located, named, newKey, newPair, shown } from '../../support/managed.ts';
import { item, resultOf, TestNode, type User } from '../../support/node.ts';

const newOne = (...more: { key: 'Name'; value: unknown }[]) =>
  item(create, { objectType: ObjectType.SymmetricKey, attributes: [...aes, ...more] });
const failing = item(get, { uniqueIdentifier: 'there-is-none' });
const results = (outcomes: readonly ItemOutcome[]) => outcomes.map(resultOf);

/** A field of the payload of a successful outcome. */
function field(outcome: ItemOutcome | undefined, name: string): unknown {
  assert.equal(outcome?.status, 'success');
  return (outcome.payload as Record<string, unknown>)[name];
}

/** Runs items, the last of which is Get Attributes without identifier; answers the Unique Identifier that it names. */
async function placeholderAfter(user: User, ...items: BatchItem[]): Promise<string> {
  const outcomes = await user.batch([...items, item(getAttributes, { attributeReferences: [] })]);
  const last = outcomes.at(-1);
  return last?.status === 'success' ? String(field(last, 'uniqueIdentifier')) : resultOf(last);
}

describe('the ID Placeholder', () => {
  const pairAttributes = [
    { key: 'CryptographicAlgorithm', value: CryptographicAlgorithm.EC },
    { key: 'CryptographicDomainParameters', value: { recommendedCurve: RecommendedCurve.P_256 } },
  ] as const;
  const importing = {
    uniqueIdentifier: 'brought',
    objectType: ObjectType.SymmetricKey,
    attributes: aes,
    object: aesKey(Buffer.alloc(32)),
  };

  /** Answers the item that sets the placeholder, and the field of its answer that it becomes. */
  type Setter = (user: User) => Promise<readonly [BatchItem, string, since: Version]>;
  const setters: Readonly<Record<string, Setter>> = {
    Create: async () => [newOne(), 'uniqueIdentifier', 10],
    CreateKeyPair: async () => [
      item(createKeyPair, { commonAttributes: pairAttributes }),
      'privateKeyUniqueIdentifier',
      10,
    ],
    Register: async () => [
      item(register, { objectType: ObjectType.SymmetricKey, attributes: aes, object: aesKey(Buffer.alloc(32)) }),
      'uniqueIdentifier',
      10,
    ],
    ReKey: async (user) => [item(reKey, { uniqueIdentifier: await newKey(user) }), 'uniqueIdentifier', 10],
    ReKeyKeyPair: async (user) => [
      item(reKeyKeyPair, { uniqueIdentifier: (await newPair(user)).privateKey }),
      'privateKeyUniqueIdentifier',
      11,
    ],
    Import: async () => [item(importObject, importing), 'uniqueIdentifier', 14],
    Export: async (user) => [item(exportObject, { uniqueIdentifier: await newKey(user) }), 'uniqueIdentifier', 14],
  };

  for (const version of versions) {
    it(`is set by what makes or finds one object (${version})`, async () => {
      const user = (await TestNode.open()).as('alice', version);
      for (const setter of Object.values(setters)) {
        const [setting, name, since] = await setter(user);
        if (version < since) continue;
        const outcomes = await user.batch([setting, item(getAttributes, { attributeReferences: [] })]);
        assert.equal(field(outcomes[1], 'uniqueIdentifier'), field(outcomes[0], name), setting.name);
      }
    });
  }

  it('is set by Locate to the one object that it found, and emptied else', async () => {
    const user = (await TestNode.open()).as('alice');
    const [first] = [await newKey(user, named('a')), await newKey(user, named('b')), await newKey(user, named('b'))];
    const locating = (name: string, options = {}) => item(locate, { attributes: [named(name)], ...options });
    assert.equal(await placeholderAfter(user, newOne(), locating('a')), first);
    assert.equal(await placeholderAfter(user, newOne(), locating('b')), 'not-found');
    assert.equal(await placeholderAfter(user, newOne(), locating('b', { maximumItems: 2 })), 'not-found');
    assert.equal(await placeholderAfter(user, newOne(), locating('none')), 'not-found');
    const [newest] = await located(user, [named('b')]);
    assert.equal(await placeholderAfter(user, newOne(), locating('b', { maximumItems: 1 })), newest);
  });

  it('is left alone by what only uses an object, and by failures', async () => {
    const user = (await TestNode.open()).as('alice');
    const other = await newKey(user);
    const outcomes = await user.batch(
      [
        newOne(),
        item(get, { uniqueIdentifier: other }),
        failing,
        item(activate, { uniqueIdentifier: other }),
        item(getAttributes, { attributeReferences: [] }),
      ],
      { continuation: 'continue' },
    );
    assert.equal(field(outcomes[4], 'uniqueIdentifier'), field(outcomes[0], 'uniqueIdentifier'));
  });

  it('is emptied by a Check that denies (KMIP 2.1, 6.1.7)', async () => {
    const user = (await TestNode.open()).as('alice');
    const mask = CryptographicUsageMask.Sign;
    const outcomes = await user.batch([newOne(), item(check, { cryptographicUsageMask: mask }), item(get, {})], {
      continuation: 'continue',
    });
    assert.deepEqual(results(outcomes), ['success', 'wrong-usage', 'not-found']);
    const allowed = [newOne(), item(check, { cryptographicUsageMask: CryptographicUsageMask.Encrypt }), item(get, {})];
    assert.deepEqual(results(await user.batch(allowed)), ['success', 'success', 'success']);
  });

  it('is empty at the start of each message, and with Batch Order Option false', async () => {
    const user = (await TestNode.open()).as('alice');
    await newKey(user);
    await user.fails('not-found', get, {});
    assert.deepEqual(results(await user.batch([newOne(), item(get, {})], { ordered: false })), [
      'success',
      'not-found',
    ]);
  });

  for (const continuation of ['continue', 'stop', 'undo'] as const) {
    it(`works with ${continuation}`, async () => {
      const user = (await TestNode.open()).as('alice');
      assert.deepEqual(results(await user.batch([newOne(), item(get, {}), item(destroy, {})], { continuation })), [
        'success',
        'success',
        'success',
      ]);
    });
  }
});

describe('a Unique Identifier of 2.x', () => {
  const got = (outcome: ItemOutcome | undefined) => field(outcome, 'uniqueIdentifier');
  const ofNumber = (integer: number) => item(get, { uniqueIdentifier: { integer } });
  const ofName = (enumeration: number) => item(get, { uniqueIdentifier: { enumeration } });

  it('counts the identifiers of the answer as an integer: from the start, or back from the item', async () => {
    const user = (await TestNode.open()).as('alice');
    const [a, b] = [await newKey(user, named('found')), await newKey(user, named('found'))];
    const outcomes = await user.batch([
      newOne(),
      item(locate, { attributes: [named('found')] }),
      newOne(),
      ofNumber(0),
      ofNumber(2),
      ofNumber(-3),
      ofNumber(-1),
    ]);
    const [first, , second] = outcomes;
    assert.deepEqual(field(outcomes[1], 'uniqueIdentifier'), [b, a]);
    assert.equal(got(outcomes[3]), got(first));
    assert.equal(got(outcomes[4]), a);
    // Before that item: new, b, a, new, new (0), a (2).
    assert.equal(got(outcomes[5]), got(second));
    assert.equal(got(outcomes[6]), got(second));
  });

  it('that counts beyond the answer is not found', async () => {
    const user = (await TestNode.open()).as('alice');
    for (const integer of [1, -2, 2 ** 31 - 1, -(2 ** 31)]) {
      assert.deepEqual(results(await user.batch([newOne(), ofNumber(integer)])), ['success', 'not-found']);
    }
  });

  it('names what an operation of the batch made as an enumeration', async () => {
    const user = (await TestNode.open()).as('alice');
    const outcomes = await user.batch([
      item(createKeyPair, {
        commonAttributes: [
          { key: 'CryptographicAlgorithm', value: CryptographicAlgorithm.EC },
          { key: 'CryptographicLength', value: 256 },
        ],
      }),
      newOne(),
      ofName(UniqueIdentifier.CreateKeyPair),
      ofName(UniqueIdentifier.CreateKeyPairPrivateKey),
      ofName(UniqueIdentifier.CreateKeyPairPublicKey),
      ofName(UniqueIdentifier.Create),
      ofName(UniqueIdentifier.IDPlaceholder),
      ofName(UniqueIdentifier.Register),
    ]);
    const [pair, key] = outcomes;
    assert.equal(got(outcomes[2]), field(pair, 'privateKeyUniqueIdentifier'));
    assert.equal(got(outcomes[3]), field(pair, 'privateKeyUniqueIdentifier'));
    assert.equal(got(outcomes[4]), field(pair, 'publicKeyUniqueIdentifier'));
    assert.equal(got(outcomes[5]), got(key));
    assert.equal(got(outcomes[6]), got(key));
    assert.equal(resultOf(outcomes[7]), 'not-found');
  });

  it('names the object of a Link, which is kept', async () => {
    const user = (await TestNode.open()).as('alice');
    const link = (reference: { enumeration: number } | { integer: number }) =>
      ({ key: 'Link', value: { linkType: LinkType.ParentLink, linkedObjectIdentifier: reference } }) as const;
    const linked = (reference: Parameters<typeof link>[0]) =>
      item(create, { objectType: ObjectType.SymmetricKey, attributes: [...aes, link(reference)] });
    const outcomes = await user.batch([
      newOne(),
      linked({ enumeration: UniqueIdentifier.IDPlaceholder }),
      linked({ integer: 0 }),
      item(addAttribute, { newAttribute: link({ integer: 1 }) }),
    ]);
    const [a, b, c] = outcomes.map((one) => String(got(one)));
    assert.ok(a && b && c);
    const linksOf = async (id: string) =>
      ((await shown(user, id, 'Link')) as { linkedObjectIdentifier: string }[]).map(
        (one) => one.linkedObjectIdentifier,
      );
    assert.deepEqual(await linksOf(b), [a]);
    assert.deepEqual(await linksOf(c), [a, b]);
    assert.deepEqual(results(await user.batch([linked({ integer: 0 })])), ['not-found']);
  });
});
