import assert from 'node:assert/strict';
import { type Item, ItemType } from '../../../ttlv/item.ts';
import { KeyFormatType, Operation, QueryFunction, State } from '../../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../../ttlv/tables/masks.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { versions } from '../../../ttlv/tables/versions.ts';
import { childrenOf, find } from '../../conformance/walk.ts';
import { bool, code, date, int, protocol, struct, text } from '../../support/items.ts';
import { valueIn } from '../../support/requests.ts';
import { namesOf } from '../answer.ts';
import { aes256, rsaPublic, symmetric } from '../material.ts';
import { identifiersIn, name, served, usage } from '../session.ts';

const { Encrypt, Decrypt, Authenticate, Unrestricted, FPEEncrypt } = CryptographicUsageMask;
const { DiscoverVersions, GetAttributeList, GetAttributes, Query } = Operation;

describe('interop/checklist: versions', () => {
  const { session } = served();

  /** An object with attributes of every version, made in the newest. */
  const laden = () =>
    session(21).create(
      ...aes256.filter(({ tag }) => tag !== Tag.CryptographicUsageMask),
      usage(Encrypt | Decrypt | Authenticate | Unrestricted | FPEEncrypt),
      name('laden'),
      text('ObjectGroup', 'group'),
      text('Comment', 'a comment'),
      text('Description', 'a description'),
      bool('Sensitive', false),
      date('ProtectStopDate', 4_102_444_800),
      struct('AlternativeName', text('AlternativeNameValue', 'other'), code('AlternativeNameType', 1)),
      struct('Attribute', text('VendorIdentification', 'x'), text('AttributeName', 'Own'), {
        tag: Tag.AttributeValue,
        type: ItemType.TextString,
        value: 'custom',
      }),
      struct('Attribute', text('VendorIdentification', 'acme'), text('AttributeName', 'Own'), {
        tag: Tag.AttributeValue,
        type: ItemType.Boolean,
        value: true,
      }),
    );

  /** The first version of some attributes. */
  const gates: Readonly<Record<string, number>> = {
    'Unique Identifier': 10,
    Digest: 10,
    'Lease Time': 10,
    'Operation Policy Name': 10,
    'x-Own': 10,
    Fresh: 11,
    'Alternative Name': 12,
    'Original Creation Date': 12,
    'Random Number Generator': 13,
    Sensitive: 14,
    'Always Sensitive': 14,
    Extractable: 14,
    'Never Extractable': 14,
    Comment: 14,
    Description: 14,
    'Short Unique Identifier': 20,
    'Protection Storage Mask': 20,
    'Key Format Type': 20,
  };

  for (const version of [10, 11, 12, 13, 14] as const) {
    it(`6: ${version} is shown its own attributes of an object made in 2.1, and none that are newer`, async () => {
      const id = await laden();
      // Session looks for tags, enumeration values and mask bits that the version does not define.
      const shown = (await session(version).attributes(id)).map(([key]) => key);
      const list = await session(version).done(GetAttributeList, text('UniqueIdentifier', id));
      const listed = childrenOf(list)
        .slice(1)
        .map(({ value }) => String(value));
      for (const [attribute, since] of Object.entries(gates)) {
        assert.equal(shown.includes(attribute), version >= since, attribute);
        assert.equal(listed.includes(attribute), version >= since, attribute);
      }
      assert.deepEqual([...new Set(shown)], listed);
      for (const newer of Object.keys(gates).filter((one) => (gates[one] ?? 0) > version)) {
        assert.deepEqual(await session(version).attributes(id, newer), []);
      }
    });
  }

  for (const version of [20, 21] as const) {
    it(`6: ${version} is shown neither Operation Policy Name nor what is newer`, async () => {
      const id = await session(10).create(...aes256);
      const [, attributes] = childrenOf(await session(version).done(GetAttributes, text('UniqueIdentifier', id)));
      const shown = namesOf(childrenOf(attributes));
      assert.ok(!shown.includes('OperationPolicyName'));
      assert.ok(shown.includes('KeyFormatType'));
    });
  }

  for (const version of versions) {
    it(`6: every answer to Query in ${version} holds what the version defines only`, async () => {
      for (const wanted of Object.values(QueryFunction)) {
        assert.equal((await session(version).ask(Query, code('QueryFunction', wanted))).result, 'Success');
      }
    });

    it(`12: Discover Versions in ${version} is answered before anything else, with the highest first`, async () => {
      const all = await session(version).done(DiscoverVersions);
      assert.deepEqual(numbersIn(all), [21, 20, 14, 13, 12, 11, 10]);
    });
  }

  it('12: Discover Versions answers exactly [1.4] to [1.4], and the intersection to a longer list', async () => {
    const discover = async (...wanted: [number, number][]) =>
      numbersIn(await session(14).done(DiscoverVersions, ...wanted.map(([major, minor]) => protocol(major, minor))));
    assert.deepEqual(await discover([1, 4]), [14]);
    assert.deepEqual(await discover([1, 2], [1, 4], [1, 3]), [14, 13, 12]);
    assert.deepEqual(await discover([1, 0], [9, 9], [2, 1]), [21, 10]);
    assert.deepEqual(await discover([3, 0]), []);
  });

  it('29: Query of one function is answered with that alone', async () => {
    const answers: Readonly<Record<string, readonly string[]>> = {
      QueryOperations: ['Operation'],
      QueryObjects: ['ObjectType'],
      QueryServerInformation: ['VendorIdentification', 'ServerInformation'],
      QueryApplicationNamespaces: [],
      QueryExtensionList: [],
      QueryExtensionMap: [],
    };
    for (const [wanted, fields] of Object.entries(answers)) {
      const payload = await session(11).done(Query, code('QueryFunction', QueryFunction[wanted as 'QueryObjects']));
      assert.deepEqual([...new Set(namesOf(childrenOf(payload)))], fields);
    }
  });

  it('29: Query passes over the functions of later versions', async () => {
    const functions = Object.values(QueryFunction).map((one) => code('QueryFunction', one));
    const payload = await session(10).done(Query, ...functions);
    assert.deepEqual(
      [...new Set(namesOf(childrenOf(payload)))],
      ['Operation', 'ObjectType', 'VendorIdentification', 'ServerInformation'],
    );
  });

  for (const version of versions) {
    it(`29: Query in ${version} lists what works, and all of it`, async () => {
      const payload = await session(version).done(Query, code('QueryFunction', QueryFunction.QueryOperations));
      const listed = childrenOf(payload).map(({ value }) => value);
      const { ModifyAttribute, AddAttribute, SetAttribute } = Operation;
      assert.ok([ModifyAttribute, AddAttribute].every((one) => listed.includes(one)));
      assert.deepEqual(
        [listed.includes(DiscoverVersions), listed.includes(Operation.Encrypt), listed.includes(SetAttribute)],
        [version >= 11, version >= 12, version >= 20],
      );
      for (const operation of Object.values(Operation)) {
        const { result } = await session(version).ask(operation);
        // Asked in 1.0 by PyKMIP, though 1.0 has no name for it to be listed by.
        if (operation === DiscoverVersions) continue;
        assert.equal(result === 'OperationNotSupported', !listed.includes(operation), `operation ${operation}`);
      }
    });
  }

  it('51: types are as the standard has them', async () => {
    const limits = struct(
      'UsageLimits',
      { tag: Tag.UsageLimitsTotal, type: ItemType.LongInteger, value: 1000n },
      code('UsageLimitsUnit', 1),
    );
    const id = await session(14).create(...aes256, limits);
    const payload = await session(14).done(GetAttributes, text('UniqueIdentifier', id));
    const types = new Map(
      childrenOf(payload)
        .slice(1)
        .map((one) => [String(valueIn(one, Tag.AttributeName)), find(childrenOf(one), Tag.AttributeValue)]),
    );
    assert.equal(types.get('Lease Time')?.type, ItemType.Interval);
    for (const one of ['Initial Date', 'Last Change Date', 'Original Creation Date']) {
      assert.equal(types.get(one)?.type, ItemType.DateTime);
    }
    assert.deepEqual(typesIn(types.get('Usage Limits')), [
      ItemType.LongInteger,
      ItemType.LongInteger,
      ItemType.Enumeration,
    ]);
    const generator = find(childrenOf(types.get('Random Number Generator')), Tag.CryptographicLength);
    assert.equal(generator?.type, ItemType.Integer);
  });

  it('52: one object and one connection are used in every version from message to message', async () => {
    const id = await session(14).register(symmetric(Buffer.alloc(32, 1)), usage(12), name('mixed'));
    await session(10).activate(id);
    for (const version of [...versions, ...[...versions].reverse()]) {
      const payload = await session(version).get(id);
      assert.deepEqual(valueIn(payload, Tag.KeyMaterial), Buffer.alloc(32, 1));
      assert.deepEqual(await session(version).locate([name('mixed')]), [id]);
    }
    assert.deepEqual(await session(11).attributes(id, 'State'), [['State', State.Active]]);
  });

  it('6: a public key made in 2.1 is given to 1.0 without what 1.0 does not know', async () => {
    const id = await session(21).register(rsaPublic(), usage(CryptographicUsageMask.Verify));
    const payload = await session(10).get(id);
    assert.equal(valueIn(payload, Tag.KeyFormatType), KeyFormatType.X_509);
    assert.deepEqual(identifiersIn(payload), [id]);
    assert.ok((await session(10).attributes(id)).length > 5);
    assert.equal(
      await session(10).reason(GetAttributes, text('UniqueIdentifier', id), int('BatchCount', 1)),
      'InvalidField',
    );
  });
});

/** The versions in an answer, 14 for 1.4. */
function numbersIn(payload: Item): number[] {
  return childrenOf(payload).map((one) =>
    Number(
      childrenOf(one)
        .map(({ value }) => value)
        .join(''),
    ),
  );
}

function typesIn(item: Item | undefined): ItemType[] {
  return childrenOf(item).map(({ type }) => type);
}
