import assert from 'node:assert/strict';
import type { GivenAttribute } from '../../../src/kmip/attribute-set.ts';
import { addAttribute } from '../../../src/operations/add-attribute.ts';
import { create } from '../../../src/operations/create.ts';
import { deleteAttribute } from '../../../src/operations/delete-attribute.ts';
import { encrypt } from '../../../src/operations/encrypt.ts';
import { getAttributeList } from '../../../src/operations/get-attribute-list.ts';
import { getAttributes } from '../../../src/operations/get-attributes.ts';
import { modifyAttribute } from '../../../src/operations/modify-attribute.ts';
import { register } from '../../../src/operations/register.ts';
import { setAttribute } from '../../../src/operations/set-attribute.ts';
import { BlockCipherMode, ObjectType, PaddingMethod, UsageLimitsUnit } from '../../../ttlv/tables/enums.ts';
import { date, text } from '../../support/items.ts';
import { aesKey, named, newActiveKey, newKey, newPair, registered, shown } from '../../support/managed.ts';
import { START, TestNode, type User } from '../../support/node.ts';

const opened = async (version: 10 | 14 | 20 | 21 = 21) => {
  const node = await TestNode.open();
  return { node, user: node.as('alice', version) };
};

/** Name and index of each Name of an object. */
async function namesOf(user: User, id: string): Promise<readonly (readonly [string, number | undefined])[]> {
  const { attributes } = await user.ask(getAttributes, { uniqueIdentifier: id, attributeReferences: ['Name'] });
  return attributes.map(({ index, value }) => [(value as { nameValue: string }).nameValue, index]);
}

describe('instances of an attribute in 1.x', () => {
  it('are numbered from 0, and no number is used again, also after the last one', async () => {
    const { user } = await opened(14);
    const id = await newKey(user, named('a'), named('b'), named('c'));
    assert.deepEqual(await namesOf(user, id), [
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
    const deleting = (attributeIndex: number) =>
      ({ uniqueIdentifier: id, attributeReference: 'Name', attributeIndex }) as const;
    const { attribute } = await user.ask(deleteAttribute, deleting(2));
    assert.deepEqual(attribute, { ...named('c'), index: 2 });
    await user.ask(deleteAttribute, deleting(1));
    const added = await user.ask(addAttribute, { uniqueIdentifier: id, newAttribute: named('d') });
    assert.deepEqual(added.attribute, { ...named('d'), index: 3 });
    await user.ask(deleteAttribute, { uniqueIdentifier: id, attributeReference: 'Name' });
    await user.ask(deleteAttribute, deleting(3));
    assert.deepEqual(await namesOf(user, id), []);
    await user.ask(addAttribute, { uniqueIdentifier: id, newAttribute: named('e') });
    assert.deepEqual(await namesOf(user, id), [['e', 4]]);
  });

  it('are meant by their index, which is 0 where none is given', async () => {
    const { user } = await opened(14);
    const id = await newKey(user, named('a'), named('b'));
    const modified = await user.ask(modifyAttribute, {
      uniqueIdentifier: id,
      newAttribute: { ...named('c'), index: 1 },
    });
    assert.deepEqual(modified.attribute, { ...named('c'), index: 1 });
    await user.ask(modifyAttribute, { uniqueIdentifier: id, newAttribute: named('d') });
    assert.deepEqual(await namesOf(user, id), [
      ['d', 0],
      ['c', 1],
    ]);
    const third = { ...named('x'), index: 2 };
    await user.fails('attribute-instance-not-found', modifyAttribute, { uniqueIdentifier: id, newAttribute: third });
    await user.fails('attribute-instance-not-found', deleteAttribute, {
      uniqueIdentifier: id,
      attributeReference: 'Name',
      attributeIndex: 2,
    });
  });

  it('get their index from the server: a client must not give one (KMIP 1.4, 11.15)', async () => {
    const { user } = await opened(14);
    const id = await newKey(user);
    for (const index of [0, 1]) {
      const newAttribute = { ...named('a'), index };
      await user.fails('invalid-field', addAttribute, { uniqueIdentifier: id, newAttribute });
    }
    assert.deepEqual(await namesOf(user, id), []);
  });

  it('have index 0 where there can be one only, however often it is taken away', async () => {
    const { user } = await opened(14);
    const id = await newKey(user);
    const newAttribute = { key: 'ContactInformation', value: 'Ada' } as const;
    for (let times = 0; times < 3; times++) {
      const { attribute } = await user.ask(addAttribute, { uniqueIdentifier: id, newAttribute });
      assert.deepEqual(attribute, { ...newAttribute, index: 0 });
      await user.ask(deleteAttribute, { uniqueIdentifier: id, attributeReference: 'ContactInformation' });
    }
  });

  it('are limited in number', async () => {
    const { user } = await opened(14);
    const groups = Array.from({ length: 1000 }, (_, i) => ({ key: 'ObjectGroup', value: `${i}` }) as const);
    const id = await newKey(user, ...groups);
    const newAttribute = { key: 'ObjectGroup', value: 'more' } as const;
    await user.fails('index-out-of-bounds', addAttribute, { uniqueIdentifier: id, newAttribute });
  });
});

describe('instances of an attribute in 2.x', () => {
  it('are meant by their value', async () => {
    const { user } = await opened();
    const id = await newKey(user, named('a'), named('b'));
    const modify = (currentAttribute: GivenAttribute | undefined, newAttribute: GivenAttribute) => ({
      uniqueIdentifier: id,
      newAttribute,
      ...(currentAttribute && { currentAttribute }),
    });
    await user.ask(modifyAttribute, modify(named('b'), named('c')));
    assert.deepEqual((await namesOf(user, id)).flat(), ['a', 0, 'c', 1]);
    await user.fails('attribute-multi-valued', modifyAttribute, modify(undefined, named('d')));
    await user.fails('attribute-instance-not-found', modifyAttribute, modify(named('b'), named('d')));
    await user.fails('invalid-field', modifyAttribute, modify({ key: 'Comment', value: 'a' }, named('d')));
    await user.fails('duplicate-name', modifyAttribute, modify(named('c'), named('a')));
    await user.ask(deleteAttribute, { uniqueIdentifier: id, currentAttribute: named('a') });
    await user.fails('attribute-instance-not-found', deleteAttribute, {
      uniqueIdentifier: id,
      currentAttribute: named('a'),
    });
    await user.ask(modifyAttribute, modify(undefined, named('d')));
    assert.deepEqual((await namesOf(user, id)).flat(), ['d', 1]);
  });

  it('are all deleted by a reference', async () => {
    const { user } = await opened();
    const id = await newKey(user, named('a'), named('b'));
    await user.ask(deleteAttribute, { uniqueIdentifier: id, attributeReference: 'Name' });
    assert.deepEqual(await namesOf(user, id), []);
    await user.fails('attribute-not-found', deleteAttribute, { uniqueIdentifier: id, attributeReference: 'Name' });
    await user.fails('missing-data', deleteAttribute, { uniqueIdentifier: id });
  });

  it('are set where there is one or none', async () => {
    const { user } = await opened();
    const id = await newKey(user);
    const set = (newAttribute: GivenAttribute) => ({ uniqueIdentifier: id, newAttribute });
    await user.ask(setAttribute, set(named('a')));
    await user.ask(setAttribute, set(named('b')));
    assert.deepEqual((await namesOf(user, id)).flat(), ['b', 0]);
    await user.ask(addAttribute, set(named('c')));
    await user.fails('attribute-multi-valued', setAttribute, set(named('d')));
  });
});

describe('names', () => {
  it('are there once on an object, and as often as one likes on several', async () => {
    const { user } = await opened();
    const id = await newKey(user, named('a'));
    await newKey(user, named('a'));
    await user.fails('duplicate-name', addAttribute, { uniqueIdentifier: id, newAttribute: named('a') });
    await user.fails('duplicate-name', register, {
      objectType: ObjectType.SymmetricKey,
      object: aesKey(Buffer.alloc(32)),
      attributes: [named('b'), named('b')],
    });
    await user.ask(addAttribute, { uniqueIdentifier: id, newAttribute: named('A') });
  });

  it('hold no NUL, as no text does', async () => {
    const { user } = await opened();
    const id = await newKey(user);
    for (const newAttribute of [
      named('a\0b'),
      { key: 'Comment', value: '\0' } as const,
      { key: 'x:n', value: text('AttributeValue', '\0') } as const,
    ]) {
      await user.fails('invalid-field', addAttribute, { uniqueIdentifier: id, newAttribute });
    }
  });
});

describe('vendor attributes', () => {
  it("are the client's, of any type and number; those of the server (y-) are not", async () => {
    const { user } = await opened(14);
    const id = await newKey(user);
    const add = (newAttribute: GivenAttribute) => ({ uniqueIdentifier: id, newAttribute });
    await user.ask(addAttribute, add({ key: 'x:n', value: text('AttributeValue', 'a') }));
    await user.ask(addAttribute, add({ key: 'x:n', value: date('AttributeValue', 1) }));
    const later = { key: 'x:n', index: 1, value: text('AttributeValue', 'b') } as const;
    await user.ask(modifyAttribute, { uniqueIdentifier: id, newAttribute: later });
    assert.deepEqual(await shown(user, id, 'x:n'), [text('AttributeValue', 'a'), text('AttributeValue', 'b')]);
    await user.fails('read-only-attribute', addAttribute, add({ key: 'y:n', value: text('AttributeValue', 'a') }));
    const { attributeReferences } = await user.ask(getAttributeList, { uniqueIdentifier: id });
    assert.equal(attributeReferences.filter((key) => key === 'x:n').length, 1);
  });
});

describe('all attributes of an object together', () => {
  it('are limited in number', async () => {
    const { user } = await opened();
    const many = Array.from({ length: 990 }, (_, i): GivenAttribute => {
      return { key: `x:${i}`, value: text('AttributeValue', 'v') };
    });
    const id = await newKey(user, ...many);
    const newAttribute: GivenAttribute = { key: 'x:more', value: text('AttributeValue', 'v') };
    await user.fails('invalid-field', addAttribute, { uniqueIdentifier: id, newAttribute });
    await user.ask(deleteAttribute, { uniqueIdentifier: id, attributeReference: 'x:0' });
    const changed: GivenAttribute = { key: 'x:1', value: text('AttributeValue', 'other') };
    await user.ask(setAttribute, { uniqueIdentifier: id, newAttribute: changed });
    const attributes = [...many, ...many.map(({ key, value }): GivenAttribute => ({ key: `${key}-` as 'x:', value }))];
    await user.fails('invalid-field', create, { objectType: ObjectType.SymmetricKey, attributes });
  });
});

describe('attributes common to the keys of a pair', () => {
  it('are limited in number, since each is compared with those of the one key', async () => {
    const { user } = await opened();
    const many = (key: 'x:a' | 'x:b' | 'x:c') =>
      Array.from({ length: 700 }, (_, i): GivenAttribute => ({ key, value: text('AttributeValue', `${i}`) }));
    const common = [...many('x:a'), ...many('x:b'), ...many('x:c')];
    await assert.rejects(newPair(user, { common }), { error: 'invalid-field' });
    await newPair(user, { common: common.slice(0, 1_500) });
  });
});

describe('usage limits', () => {
  const limits = (usageLimitsTotal: bigint, more = {}) =>
    ({ key: 'UsageLimits', value: { usageLimitsTotal, usageLimitsUnit: UsageLimitsUnit.Object, ...more } }) as const;
  const counted = (total: bigint, left: bigint) => [{ ...limits(total).value, usageLimitsCount: left }];
  const ecb = { blockCipherMode: BlockCipherMode.ECB, paddingMethod: PaddingMethod.None };
  const use = (id: string) => ({ uniqueIdentifier: id, data: Buffer.alloc(16), cryptographicParameters: ecb });

  it('begin with the total, whatever count a client gives (KMIP 2.1, 4.59)', async () => {
    const { user } = await opened();
    const id = await newActiveKey(user, START, limits(3n, { usageLimitsCount: 9n }));
    assert.deepEqual(await shown(user, id, 'UsageLimits'), counted(3n, 3n));
    const other = await newActiveKey(user, START);
    const added = limits(4n, { usageLimitsCount: 9n });
    await user.ask(addAttribute, { uniqueIdentifier: other, newAttribute: added });
    assert.deepEqual(await shown(user, other, 'UsageLimits'), counted(4n, 4n));
    const changed = limits(4n, { usageLimitsCount: 1n });
    await user.ask(modifyAttribute, { uniqueIdentifier: other, newAttribute: changed });
    assert.deepEqual(await shown(user, other, 'UsageLimits'), counted(4n, 4n));
  });

  it('can be changed and taken away until the key is used', async () => {
    const { user } = await opened();
    const id = await newActiveKey(user, START, limits(3n));
    await user.ask(modifyAttribute, { uniqueIdentifier: id, newAttribute: limits(2n) });
    assert.deepEqual(await shown(user, id, 'UsageLimits'), counted(2n, 2n));
    await user.ask(deleteAttribute, { uniqueIdentifier: id, attributeReference: 'UsageLimits' });
    for (let times = 0; times < 4; times++) await user.ask(encrypt, use(id));
    await user.ask(addAttribute, { uniqueIdentifier: id, newAttribute: limits(1n) });
    await user.ask(encrypt, use(id));
    assert.deepEqual(await shown(user, id, 'UsageLimits'), counted(1n, 0n));
    await user.fails('wrong-state', modifyAttribute, { uniqueIdentifier: id, newAttribute: limits(9n) });
    await user.fails('wrong-state', deleteAttribute, { uniqueIdentifier: id, attributeReference: 'UsageLimits' });
    await user.fails('usage-exceeded', encrypt, use(id));
  });
});

describe('Always Sensitive and Never Extractable', () => {
  it('end with the first exception', async () => {
    const { user } = await opened();
    const strict = [
      { key: 'Sensitive', value: true },
      { key: 'Extractable', value: false },
    ] as const;
    const id = await newKey(user, ...strict);
    const both = async (of: string) => [
      ...(await shown(user, of, 'AlwaysSensitive')),
      ...(await shown(user, of, 'NeverExtractable')),
    ];
    assert.deepEqual(await both(id), [true, true]);
    for (const { key, value } of strict) {
      await user.ask(setAttribute, { uniqueIdentifier: id, newAttribute: { key, value: !value } });
      await user.ask(setAttribute, { uniqueIdentifier: id, newAttribute: { key, value } });
    }
    assert.deepEqual(await both(id), [false, false]);
    assert.deepEqual(await both(await registered(user, aesKey(Buffer.alloc(16)))), [false, false]);
  });
});

describe('process start and protect stop dates', () => {
  it('can be changed until they are reached', async () => {
    const { node, user } = await opened();
    for (const key of ['ProcessStartDate', 'ProtectStopDate'] as const) {
      node.now = START;
      const id = await newActiveKey(user, START, { key, value: START + 2 });
      const to = (value: number) => ({ uniqueIdentifier: id, newAttribute: { key, value } });
      node.now = START + 1;
      await user.ask(modifyAttribute, to(START + 3));
      node.now = START + 3;
      await user.fails('wrong-state', modifyAttribute, to(START + 9));
    }
  });
});
