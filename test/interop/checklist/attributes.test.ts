import assert from 'node:assert/strict';
import { type Item, ItemType } from '../../../ttlv/item.ts';
import { Operation, State } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import type { Version } from '../../../ttlv/tables/versions.ts';
import { childrenOf, find } from '../../conformance/walk.ts';
import { attribute, code, date, int, struct, text } from '../../support/items.ts';
import { valueIn } from '../../support/requests.ts';
import { namesOf } from '../answer.ts';
import { aes256 } from '../material.ts';
import { attributeOf, attributesIn, identifierIn, name, type Session, served } from '../session.ts';

const { AddAttribute, DeleteAttribute, GetAttributeList, GetAttributes, ModifyAttribute, ReKey } = Operation;
const legacy: readonly Version[] = [10, 11, 12, 13, 14];

/** One value of every type that a custom attribute can have. */
const custom: Readonly<Record<string, Item>> = {
  'x-Text': text('Name', 'site 1/array 2 {"braces"} Ünïcode'),
  'x-Integer': int('Name', -7),
  'x-Long': { tag: Tag.Name, type: ItemType.LongInteger, value: 1n << 40n },
  'x-Big': { tag: Tag.Name, type: ItemType.BigInteger, value: Buffer.from('0102030405060708', 'hex') },
  'x-Enumeration': code('Name', 3),
  'x-Boolean': { tag: Tag.Name, type: ItemType.Boolean, value: true },
  'x-Bytes': { tag: Tag.Name, type: ItemType.ByteString, value: Buffer.from('00ff', 'hex') },
  'x-Date': date('Name', 1_700_000_000),
  'x-Interval': { tag: Tag.Name, type: ItemType.Interval, value: 60 },
  'x-Structure': struct('Name', text('NameValue', 'inside'), code('NameType', 1)),
};

describe('interop/checklist: attributes', () => {
  const { session } = served();

  const valueNamed = async (one: Session, id: string, wanted: string): Promise<Item | undefined> => {
    const payload = await one.done(GetAttributes, text('UniqueIdentifier', id), text('AttributeName', wanted));
    return find(childrenOf(find(childrenOf(payload), Tag.Attribute)), Tag.AttributeValue);
  };

  for (const version of legacy) {
    it(`30: in ${version} custom attributes of every type are kept with their type, and found`, async () => {
      const one = session(version);
      const given = Object.entries(custom).map(([key, value]) => attribute(key, value));
      const id = await one.create(...aes256, ...given);
      for (const [key, value] of Object.entries(custom)) {
        assert.deepEqual(await valueNamed(one, id, key), { ...value, tag: Tag.AttributeValue });
        const found = await one.done(
          Operation.Locate,
          attribute(key, value),
          attributeOf(text('UniqueIdentifier', id)),
        );
        assert.equal(childrenOf(found).length, 1, key);
        const other = await one.done(Operation.Locate, attribute(key, text('Name', 'another value')));
        assert.equal(childrenOf(other).length, 0, key);
      }
      const list = childrenOf(await one.done(GetAttributeList, text('UniqueIdentifier', id))).map(({ value }) => value);
      for (const key of Object.keys(custom)) assert.ok(list.includes(key));
    });

    it(`33: in ${version} an absent attribute is Success without it, custom or not, the last of the list or the only one`, async () => {
      const one = session(version);
      const id = await one.create(...aes256);
      assert.deepEqual(await one.attributes(id, 'x-Product_Version'), []);
      assert.deepEqual(await one.attributes(id, 'Contact Information'), []);
      assert.deepEqual(await one.attributes(id, 'State', 'x-Nothing', 'Name'), [['State', State.PreActive]]);
      assert.deepEqual(await one.attributes(id, 'Unique Identifier', 'Object Type'), [
        ['Unique Identifier', id],
        ['Object Type', 2],
      ]);
      const all = (await one.attributes(id)).map(([key]) => key);
      for (const key of [
        'Unique Identifier',
        'Object Type',
        'Operation Policy Name',
        'State',
        'Initial Date',
        'Digest',
      ]) {
        assert.ok(all.includes(key), key);
      }
    });

    it(`38: in ${version} any Operation Policy Name is accepted, kept and returned, after Re-key too`, async () => {
      const one = session(version);
      assert.deepEqual(await one.attributes(await one.create(...aes256), 'Operation Policy Name'), [
        ['Operation Policy Name', 'default'],
      ]);
      const id = await one.create(...aes256, text('OperationPolicyName', 'a policy of the client'));
      const replacement = await one.made(ReKey, text('UniqueIdentifier', id));
      for (const key of [id, replacement]) {
        assert.deepEqual(await one.attributes(key, 'Operation Policy Name'), [
          ['Operation Policy Name', 'a policy of the client'],
        ]);
        assert.ok((await one.attributes(key)).some(([, value]) => value === 'a policy of the client'));
      }
    });

    it(`41: in ${version} Add and Modify Attribute return the new value, Delete Attribute the old one`, async () => {
      const one = session(version);
      const id = await one.create(...aes256);
      const on = text('UniqueIdentifier', id);
      const changes: readonly (readonly [Operation, Item[], string])[] = [
        [AddAttribute, [attribute('x-Product', text('Name', 'first'))], 'first'],
        [ModifyAttribute, [attribute('x-Product', text('Name', 'second'))], 'second'],
        [DeleteAttribute, [text('AttributeName', 'x-Product')], 'second'],
        [AddAttribute, [attributeOf(text('ObjectGroup', 'group'))], 'group'],
        [AddAttribute, [attributeOf(text('ContactInformation', 'me'))], 'me'],
      ];
      for (const [operation, payload, value] of changes) {
        const answer = await one.done(operation, on, ...payload);
        assert.deepEqual(namesOf(childrenOf(answer)), ['UniqueIdentifier', 'Attribute']);
        assert.equal(attributesIn(answer)[0]?.[1], value);
      }
      assert.deepEqual(await one.attributes(id, 'x-Product', 'Object Group'), [['Object Group', 'group']]);
    });

    it(`45: in ${version} a Name is modified in any state, with index 0 or without`, async () => {
      const one = session(version);
      const id = await one.create(...aes256, name('first'));
      const rename = (value: string, index?: number) =>
        one.done(ModifyAttribute, text('UniqueIdentifier', id), attribute('Name', name(value), index));
      assert.equal(valueIn(await rename('pre-active', 0), Tag.NameValue), 'pre-active');
      await one.activate(id);
      assert.equal(valueIn(await rename('active'), Tag.NameValue), 'active');
      await one.revoke(id);
      const last = `deactivated in ${version}`;
      assert.equal(valueIn(await rename(last, 0), Tag.NameValue), last);
      assert.deepEqual(await one.locate([name(last)]), [id]);
      assert.deepEqual(await one.locate([name('active')]), []);
    });

    it(`54: in ${version} an Activation Date in the past makes an object Active: Create, Register, Modify Attribute`, async () => {
      const one = session(version);
      const past = date('ActivationDate', 1_600_000_000);
      const created = await one.create(...aes256, past);
      const later = await one.create(...aes256, date('ActivationDate', 4_102_444_800));
      assert.deepEqual(await one.attributes(later, 'State'), [['State', State.PreActive]]);
      await one.done(ModifyAttribute, text('UniqueIdentifier', later), attributeOf(past));
      for (const id of [created, later]) {
        assert.deepEqual(await one.attributes(id, 'State'), [['State', State.Active]]);
      }
    });

    it(`59: in ${version} the members of an Attribute come in any order`, async () => {
      const one = session(version);
      const swapped = (item: Item): Item => {
        const [label, value] = childrenOf(attributeOf(item));
        return struct('Attribute', label ?? assert.fail(), int('AttributeIndex', 0), value ?? assert.fail());
      };
      const id = await one.create(...aes256.map(swapped), swapped(name('MySQL')));
      assert.deepEqual((await one.locate([name('MySQL')]))[0], id);
      const first = struct('Attribute', int('AttributeIndex', 0), ...childrenOf(attributeOf(name('MySQL'))));
      assert.equal(identifierIn(await one.done(Operation.Locate, first)), id);
    });
  }

  it('30: custom attributes of 1.x are vendor attributes of 2.x, and the other way round', async () => {
    const id = await session(14).create(...aes256, attribute('x-Product', text('Name', 'a product')));
    const reference = struct('AttributeReference', text('VendorIdentification', 'x'), text('AttributeName', 'Product'));
    const payload = await session(21).done(GetAttributes, text('UniqueIdentifier', id), reference);
    assert.equal(valueIn(payload, Tag.AttributeValue), 'a product');
    const made = await session(21).create(
      ...aes256,
      struct('Attribute', text('VendorIdentification', 'x'), text('AttributeName', 'Own'), {
        ...text('Name', 'mine'),
        tag: Tag.AttributeValue,
      }),
    );
    assert.deepEqual(await session(10).attributes(made, 'x-Own'), [['x-Own', 'mine']]);
  });
});
