import assert from 'node:assert/strict';
import { KmipError } from '../../../src/errors.ts';
import type { GivenAttribute } from '../../../src/kmip/attribute-set.ts';
import { getAttributeListResponse } from '../../../src/kmip/payloads/get-attribute-list.ts';
import { getAttributesResponse } from '../../../src/kmip/payloads/get-attributes.ts';
import { RequestDecoder } from '../../../src/kmip/request.ts';
import { type Item, ItemType } from '../../../ttlv/item.ts';
import { CryptographicAlgorithm, LinkType, NameType, ObjectType, Operation } from '../../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../../ttlv/tables/masks.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import type { Version } from '../../../ttlv/tables/versions.ts';
import { Writer } from '../../../ttlv/writer.ts';
import { attribute, bool, code, date, int, itemOf, requestOf, struct, text } from '../../support/items.ts';
import { payloads } from '../../support/payloads.ts';
import { ttlvBytes } from '../../support/ttlv-bytes.ts';

const decoder = new RequestDecoder(payloads, { bytes: 1 << 16, depth: 16, items: 1000, batchCount: 3 });

/** The payload of a request, or the error that it is. */
function decode(version: Version, operation: number, ...payload: Item[]): unknown {
  const [item] = decoder.decode(ttlvBytes(requestOf(version, [itemOf(operation, payload)]))).items;
  if (item === undefined) return assert.fail('no item');
  return item.request instanceof KmipError ? item.request.error : item.request.payload;
}

/** The answer of Get Attributes as the client gets it. */
function answer(version: Version, ...given: GivenAttribute[]): Buffer {
  const writer = new Writer();
  getAttributesResponse.write(writer, Tag.ResponsePayload, { uniqueIdentifier: 'k', attributes: given }, version);
  return writer.finish();
}

const payload = (...items: Item[]): Buffer =>
  ttlvBytes(struct('ResponsePayload', text('UniqueIdentifier', 'k'), ...items));
const name = (value: string): Item => struct('Name', text('NameValue', value), code('NameType', 1));
const nameValue = (value: string) => ({ nameValue: value, nameType: NameType.UninterpretedTextString });

describe('attributes in a request', () => {
  it('are the same values in 1.x and 2.x', () => {
    const old = decode(
      12,
      Operation.Create,
      code('ObjectType', 2),
      struct(
        'TemplateAttribute',
        attribute('Cryptographic Algorithm', code('CryptographicAlgorithm', 3)),
        attribute('Cryptographic Length', int('CryptographicLength', 256)),
        attribute('Name', name('k1')),
        attribute('x-Vendor', text('AttributeValue', 'Acme')),
      ),
    );
    const recent = decode(
      20,
      Operation.Create,
      code('ObjectType', 2),
      struct(
        'Attributes',
        code('CryptographicAlgorithm', 3),
        int('CryptographicLength', 256),
        name('k1'),
        struct(
          'Attribute',
          text('VendorIdentification', 'x'),
          text('AttributeName', 'Vendor'),
          text('AttributeValue', 'Acme'),
        ),
      ),
    );
    assert.deepEqual(old, recent);
    assert.deepEqual(old, {
      objectType: ObjectType.SymmetricKey,
      attributes: [
        { key: 'CryptographicAlgorithm', value: CryptographicAlgorithm.AES },
        { key: 'CryptographicLength', value: 256 },
        { key: 'Name', value: nameValue('k1') },
        { key: 'x:Vendor', value: text('AttributeValue', 'Acme') },
      ],
    });
  });

  it('may have the index before the value, as MySQL Enterprise sends it (59)', () => {
    const swapped = struct(
      'Attribute',
      text('AttributeName', 'Object Group'),
      int('AttributeIndex', 0),
      text('AttributeValue', 'g'),
    );
    assert.deepEqual(decode(11, Operation.AddAttribute, swapped), {
      newAttribute: { key: 'ObjectGroup', index: 0, value: 'g' },
    });
    const turned = struct(
      'Attribute',
      int('AttributeIndex', 2),
      text('AttributeName', 'Object Group'),
      text('AttributeValue', 'g'),
    );
    assert.deepEqual(decode(11, Operation.AddAttribute, turned), {
      newAttribute: { key: 'ObjectGroup', index: 2, value: 'g' },
    });
  });

  it('may be custom ones of any type (30)', () => {
    for (const value of [
      int('AttributeValue', 7),
      bool('AttributeValue', true),
      date('AttributeValue', 9),
      struct('AttributeValue', int('BatchCount', 1)),
    ]) {
      assert.deepEqual(decode(10, Operation.AddAttribute, attribute('y-a:b', value)), {
        newAttribute: { key: 'y:a:b', value },
      });
    }
  });

  it('must be known to the version', () => {
    assert.equal(decode(13, Operation.AddAttribute, attribute('Comment', text('Comment', 'c'))), 'invalid-attribute');
    assert.deepEqual(decode(14, Operation.AddAttribute, attribute('Comment', text('Comment', 'c'))), {
      newAttribute: { key: 'Comment', value: 'c' },
    });
    assert.equal(decode(14, Operation.AddAttribute, attribute('Colour', text('Comment', 'c'))), 'invalid-attribute');
    assert.equal(
      decode(20, Operation.SetAttribute, struct('NewAttribute', text('OperationPolicyName', 'default'))),
      'invalid-attribute',
    );
    assert.equal(
      decode(20, Operation.SetAttribute, struct('NewAttribute', text('Username', 'u'))),
      'invalid-attribute',
    );
  });

  it('must have a value of their type and version', () => {
    assert.equal(
      decode(12, Operation.AddAttribute, attribute('Object Group', int('AttributeValue', 1))),
      'invalid-message',
    );
    assert.equal(decode(12, Operation.AddAttribute, attribute('State', code('State', 77))), 'invalid-field');
    assert.equal(
      decode(20, Operation.SetAttribute, struct('NewAttribute', text('ObjectGroup', 'a'), text('ObjectGroup', 'b'))),
      'invalid-message',
    );
    assert.equal(decode(20, Operation.SetAttribute, struct('NewAttribute')), 'invalid-message');
  });

  it('of a vendor whose name would be taken for another one are refused', () => {
    for (const vendor of ['', 'a:b']) {
      const item = struct(
        'Attribute',
        text('VendorIdentification', vendor),
        text('AttributeName', 'n'),
        int('AttributeValue', 1),
      );
      assert.equal(decode(20, Operation.SetAttribute, struct('NewAttribute', item)), 'invalid-attribute');
    }
  });

  it('may be named without being known: no object has them (33)', () => {
    const names = ['State', 'x-Product_Version', 'Sensitive', 'Colour'].map((one) => text('AttributeName', one));
    assert.deepEqual(decode(12, Operation.GetAttributes, ...names), {
      attributeReferences: ['State', 'x:Product_Version', ':Sensitive', ':Colour'],
    });
    assert.deepEqual(
      decode(
        20,
        Operation.GetAttributes,
        code('AttributeReference', Tag.State),
        struct('AttributeReference', text('VendorIdentification', 'Acme'), text('AttributeName', 'n')),
      ),
      { attributeReferences: ['State', 'Acme:n'] },
    );
    assert.equal(
      decode(20, Operation.GetAttributes, code('AttributeReference', Tag.OperationPolicyName)),
      'invalid-attribute',
    );
  });
});

describe('filters of Locate', () => {
  it('count inside a Template-Attribute too, as FortiGate sends them (58)', () => {
    const filters = [attribute('Name', name('k')), attribute('State', code('State', 2))];
    assert.deepEqual(decode(10, Operation.Locate, int('MaximumItems', 1), struct('TemplateAttribute', ...filters)), {
      maximumItems: 1,
      attributes: [
        { key: 'Name', value: nameValue('k') },
        { key: 'State', value: 2 },
      ],
    });
  });

  it('may be a Storage Status Mask in the form of an attribute, as MySQL Enterprise sends it (59)', () => {
    const mask = attribute('Storage Status Mask', int('StorageStatusMask', 1));
    assert.deepEqual(decode(11, Operation.Locate, attribute('Object Group', text('ObjectGroup', 'g')), mask), {
      storageStatusMask: 1,
      attributes: [{ key: 'ObjectGroup', value: 'g' }],
    });
    assert.equal(decode(11, Operation.AddAttribute, mask), 'invalid-attribute');
  });

  it('are never dropped: one that is not understood fails (14)', () => {
    assert.equal(decode(11, Operation.Locate, attribute('Colour', text('ObjectGroup', 'g'))), 'invalid-attribute');
  });

  it('have Offset Items in every version (39)', () => {
    assert.deepEqual(decode(10, Operation.Locate, int('MaximumItems', 16), int('OffsetItems', 32)), {
      maximumItems: 16,
      offsetItems: 32,
      attributes: [],
    });
  });
});

describe('attributes in an answer', () => {
  const names = [
    { key: 'Name', index: 0, value: nameValue('a') },
    { key: 'Name', index: 3, value: nameValue('b') },
  ] as const;
  const named = (value: string, index?: number) => attribute('Name', name(value), index);

  it('have an index above 0, and 0 where there may be several instances and the version is above 1.0', () => {
    assert.deepEqual(answer(10, ...names), payload(named('a'), named('b', 3)));
    assert.deepEqual(answer(12, ...names), payload(named('a', 0), named('b', 3)));
    assert.deepEqual(answer(12, { key: 'State', index: 0, value: 2 }), payload(attribute('State', code('State', 2))));
    assert.deepEqual(answer(21, ...names), payload(struct('Attributes', name('a'), name('b'))));
  });

  it('are left out if the version does not have them (6)', () => {
    const given: GivenAttribute[] = [
      { key: 'Sensitive', index: 0, value: true },
      { key: 'Fresh', index: 0, value: true },
      { key: 'OperationPolicyName', index: 0, value: 'default' },
      {
        key: 'X_509CertificateSubject',
        index: 0,
        value: { subjectDistinguishedName: Buffer.alloc(2), subjectAlternativeName: [] },
      },
    ];
    assert.deepEqual(
      answer(10, ...given),
      payload(attribute('Operation Policy Name', text('OperationPolicyName', 'default'))),
    );
    assert.deepEqual(
      answer(20, ...given.slice(0, 3)),
      payload(struct('Attributes', bool('Sensitive', true), bool('Fresh', true))),
    );
  });

  it('are left out if the version does not have their value (6)', () => {
    const given: GivenAttribute[] = [
      { key: 'CryptographicAlgorithm', index: 0, value: CryptographicAlgorithm.ChaCha20Poly1305 },
      { key: 'Link', index: 0, value: { linkType: LinkType.PKCS_12CertificateLink, linkedObjectIdentifier: 'x' } },
      { key: 'CryptographicLength', index: 0, value: 256 },
    ];
    assert.deepEqual(answer(12, ...given), payload(attribute('Cryptographic Length', int('CryptographicLength', 256))));
  });

  it('show the bits of a usage mask that the version has (6)', () => {
    const value = CryptographicUsageMask.Encrypt | CryptographicUsageMask.Authenticate | CryptographicUsageMask.Export;
    const shown = (mask: number) => int('CryptographicUsageMask', mask);
    assert.deepEqual(
      answer(14, { key: 'CryptographicUsageMask', index: 0, value }),
      payload(
        attribute('Cryptographic Usage Mask', shown(CryptographicUsageMask.Encrypt | CryptographicUsageMask.Export)),
      ),
    );
    assert.deepEqual(
      answer(21, { key: 'CryptographicUsageMask', index: 0, value }),
      payload(struct('Attributes', shown(CryptographicUsageMask.Encrypt | CryptographicUsageMask.Authenticate))),
    );
  });

  it('of vendors are x- and y- in 1.x, and those of other vendors are not told there', () => {
    const value: Item = { tag: Tag.AttributeValue, type: ItemType.Integer, value: 5 };
    const given: GivenAttribute[] = ['x:a', 'y:b', 'Acme:c'].map((key) => ({ key: key as 'x:a', index: 0, value }));
    assert.deepEqual(answer(10, ...given), payload(attribute('x-a', value), attribute('y-b', value)));
    const vendor = (id: string, of: string) =>
      struct('Attribute', text('VendorIdentification', id), text('AttributeName', of), value);
    assert.deepEqual(
      answer(20, ...given),
      payload(struct('Attributes', vendor('x', 'a'), vendor('y', 'b'), vendor('Acme', 'c'))),
    );
  });

  it('are named in the form of the version, and only those that it has', () => {
    const list = (version: Version): Buffer => {
      const writer = new Writer();
      const attributeReferences = ['State', 'Comment', 'x:a', 'Acme:c'] as const;
      getAttributeListResponse.write(
        writer,
        Tag.ResponsePayload,
        { uniqueIdentifier: 'k', attributeReferences },
        version,
      );
      return writer.finish();
    };
    assert.deepEqual(list(12), payload(text('AttributeName', 'State'), text('AttributeName', 'x-a')));
    const vendor = (id: string, of: string) =>
      struct('AttributeReference', text('VendorIdentification', id), text('AttributeName', of));
    assert.deepEqual(
      list(20),
      payload(
        code('AttributeReference', Tag.State),
        code('AttributeReference', Tag.Comment),
        vendor('x', 'a'),
        vendor('Acme', 'c'),
      ),
    );
  });
});
