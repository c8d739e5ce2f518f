import assert from 'node:assert/strict';
import { AttributeSet } from '../../../src/kmip/attribute-set.ts';
import { indexEntries, valueDigest } from '../../../src/objects/index-entries.ts';
import type { ManagedObject } from '../../../src/objects/object.ts';
import { ObjectType, State } from '../../../ttlv/tables/enums.ts';

function objectWith(attributes: AttributeSet): ManagedObject {
  return {
    id: '1',
    sequence: 1,
    type: ObjectType.SymmetricKey,
    state: State.Active,
    owner: 'alice',
    revision: 1,
    attributes,
    grants: [],
    usageLeft: undefined,
  };
}

const valuesOf = (attributes: AttributeSet) =>
  indexEntries(objectWith(attributes)).values.map((one) => one.toString('hex'));

describe('index entries', () => {
  it('have the dates, the algorithm and the length', () => {
    const set = AttributeSet.empty
      .with('ActivationDate', 5)
      .with('LastChangeDate', 0)
      .with('CryptographicAlgorithm', 3)
      .with('CryptographicLength', 256);
    assert.deepEqual(indexEntries(objectWith(set)), {
      algorithm: 3,
      length: 256,
      dates: { ActivationDate: 5, LastChangeDate: 0 },
      values: [],
    });
  });

  it('have no algorithm and no length where the object has none', () => {
    assert.deepEqual(indexEntries(objectWith(AttributeSet.empty)), {
      algorithm: null,
      length: null,
      dates: {},
      values: [],
    });
  });

  it('have each name, group, link and vendor attribute, and nothing else, by digest', () => {
    const name = { nameValue: 'key 1', nameType: 1 };
    const link = { linkType: 0x102, linkedObjectIdentifier: 'other' };
    const item = { tag: 0x42000b, type: 7, value: 'text' };
    const set = AttributeSet.empty
      .adding('Name', name)
      .adding('Name', { ...name, nameValue: 'key 2' })
      .adding('ObjectGroup', 'group')
      .adding('Link', link)
      .adding('x:purpose', item)
      .with('ContactInformation', 'no index');
    assert.deepEqual(
      valuesOf(set),
      [
        valueDigest('Name', name),
        valueDigest('Name', { ...name, nameValue: 'key 2' }),
        valueDigest('ObjectGroup', 'group'),
        valueDigest('Link', link),
        valueDigest('x:purpose', item),
      ].map((one) => one.toString('hex')),
    );
  });

  it('find application specific information with and without its data', () => {
    const whole = { applicationNamespace: 'ssl', applicationData: 'www.example.com' };
    const values = valuesOf(AttributeSet.empty.adding('ApplicationSpecificInformation', whole));
    for (const looked of [whole, { applicationNamespace: 'ssl' }]) {
      assert(values.includes(valueDigest('ApplicationSpecificInformation', looked).toString('hex')));
    }
  });

  // SHA-256 by Python's hashlib over TTLV put together by hand, the first 16 bytes.
  it('have the digests that lie in databases', () => {
    assert.equal(
      valueDigest('Name', { nameValue: 'key 1', nameType: 1 }).toString('hex'),
      '1ab94fc893e110eb1521a35bcf1dba4c',
    );
  });
});
