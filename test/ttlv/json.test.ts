import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { Budget } from '../../ttlv/budget.ts';
import { type Item, ItemType } from '../../ttlv/item.ts';
import { itemFromJson, jsonFromItem } from '../../ttlv/json.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { items } from '../arbitraries/item.ts';
import { assertTtlvError } from '../support/ttlv-errors.ts';

describe('itemFromJson', () => {
  // The examples of KMIP Additional Message Encodings 1.0, 4.1.6.
  const rows: readonly (readonly [string, Item])[] = [
    [
      '{"tag": "0x420001", "type":"DateTime", "value":"2001-01-01T10:00:00+10:00"}',
      { tag: Tag.ActivationDate, type: ItemType.DateTime, value: Date.UTC(2001, 0, 1) / 1000 },
    ],
    [
      '{"tag": "ArchiveDate", "type":"DateTime", "value":"0x000000003a505520"}',
      { tag: Tag.ArchiveDate, type: ItemType.DateTime, value: 0x3a505520 },
    ],
    [
      '{"tag": "0x54FFFF", "name":"SomeExtension", "type":"Integer", "value":"0x00000001"}',
      { tag: 0x54ffff, type: ItemType.Integer, value: 1 },
    ],
    [
      '{"tag": "PrivateKeyTemplateAttribute", "type":"Structure", "value":[]}',
      { tag: Tag.PrivateKeyTemplateAttribute, type: ItemType.Structure, value: [] },
    ],
    ['{"tag": "BatchItem", "value":null}', { tag: Tag.BatchItem, type: ItemType.Structure, value: [] }],
    [
      '{"tag": "ProtocolVersion", "value":[{"tag": "ProtocolVersionMajor", "type":"Integer", "value":1}]}',
      {
        tag: Tag.ProtocolVersion,
        type: ItemType.Structure,
        value: [{ tag: Tag.ProtocolVersionMajor, type: ItemType.Integer, value: 1 }],
      },
    ],
    ['{"tag": "BatchCount", "type":"Integer", "value":10}', { tag: Tag.BatchCount, type: ItemType.Integer, value: 10 }],
    [
      '{"tag": "BatchCount", "type":"Integer", "value":"0x0000000A"}',
      { tag: Tag.BatchCount, type: ItemType.Integer, value: 10 },
    ],
    ...['0x0000100c', 'Encrypt|Decrypt|CertificateSign', 'CertificateSign|0x00000004|0x0000008'].map(
      (value): readonly [string, Item] => [
        `{"tag": "CryptographicUsageMask", "type":"Integer", "value": "${value}"}`,
        { tag: Tag.CryptographicUsageMask, type: ItemType.Integer, value: 0x100c },
      ],
    ),
    [
      '{"tag": "0x540001", "type":"LongInteger", "value":"0xfffffffffffffffe"}',
      { tag: 0x540001, type: ItemType.LongInteger, value: -2n },
    ],
    [
      '{"tag": "0x540001", "type":"LongInteger", "value":-2}',
      { tag: 0x540001, type: ItemType.LongInteger, value: -2n },
    ],
    [
      '{"tag": "UsageLimitsCount", "type":"LongInteger", "value":"0x1000000000000000"}',
      { tag: Tag.UsageLimitsCount, type: ItemType.LongInteger, value: 2n ** 60n },
    ],
    ['{"tag": "X", "type":"BigInteger", "value":0}', { tag: Tag.X, type: ItemType.BigInteger, value: Buffer.alloc(8) }],
    [
      '{"tag": "X", "type":"BigInteger", "value":"0x0000000000000000"}',
      { tag: Tag.X, type: ItemType.BigInteger, value: Buffer.alloc(8) },
    ],
    [
      '{"tag": "0x420057", "type":"Enumeration", "value":2}',
      { tag: Tag.ObjectType, type: ItemType.Enumeration, value: 2 },
    ],
    [
      '{"tag": "ObjectType", "type":"Enumeration", "value":"SymmetricKey"}',
      { tag: Tag.ObjectType, type: ItemType.Enumeration, value: 2 },
    ],
    [
      '{"tag": "BatchOrderOption", "type":"Boolean", "value":true}',
      { tag: Tag.BatchOrderOption, type: ItemType.Boolean, value: true },
    ],
    [
      '{"tag": "BatchOrderOption", "type":"Boolean", "value":"0x0000000000000001"}',
      { tag: Tag.BatchOrderOption, type: ItemType.Boolean, value: true },
    ],
    [
      '{"tag": "AttributeName", "type":"TextString", "value":"Cryptographic Algorithm"}',
      { tag: Tag.AttributeName, type: ItemType.TextString, value: 'Cryptographic Algorithm' },
    ],
    [
      '{"tag": "MACSignature", "type":"ByteString", "value":"C50F77"}',
      { tag: Tag.MACSignature, type: ItemType.ByteString, value: Buffer.from('c50f77', 'hex') },
    ],
    [
      '{"tag": "Offset", "type":"Interval", "value":"0x0000001b"}',
      { tag: Tag.Offset, type: ItemType.Interval, value: 27 },
    ],
  ];
  for (const [text, item] of rows) it(`reads ${text}`, () => assert.deepEqual(itemFromJson(text), item));

  const refusals = [
    ['', 'bad-syntax', []],
    ['{"tag": "BatchItem"', 'bad-syntax', []],
    ['null', 'bad-tag', []],
    ['[]', 'bad-tag', []],
    ['{"tag": "__proto__"}', 'bad-tag', []],
    ['{"tag": "BatchItem", "value": 1}', 'bad-syntax', [Tag.BatchItem]],
    ['{"tag": "BatchItem", "value": [1]}', 'bad-tag', [Tag.BatchItem]],
    ['{"tag": "BatchCount", "type": "Integer"}', 'bad-syntax', [Tag.BatchCount]],
    ['{"tag": "BatchCount", "type": "integer", "value": 1}', 'bad-type', [Tag.BatchCount]],
    ['{"tag": "BatchCount", "type": "Integer", "value": 1.5}', 'invalid-value', [Tag.BatchCount]],
    ['{"tag": "BatchCount", "type": "Integer", "value": true}', 'invalid-value', [Tag.BatchCount]],
    ['{"tag": "0x540001", "type": "LongInteger", "value": 9007199254740993}', 'invalid-value', [0x540001]],
    ['{"tag": "NameValue", "type": "TextString", "value": 1}', 'invalid-value', [Tag.NameValue]],
    ['{"tag": "NameValue", "type": "TextString", "value": "\\ud800"}', 'invalid-value', [Tag.NameValue]],
    ['{"tag": "ObjectType", "type": "Enumeration", "value": -1}', 'unknown-enumeration', [Tag.ObjectType]],
  ] as const;
  for (const [text, code, path] of refusals) {
    it(`refuses ${text}: ${code}`, () => assertTtlvError(() => itemFromJson(text), { code, offset: 0, path }));
  }

  it('keeps to the budget', () => {
    const nested = (depth: number): string => `${'{"tag":"BatchItem","value":['.repeat(depth)}${']}'.repeat(depth)}`;
    itemFromJson(nested(32));
    assertTtlvError(() => itemFromJson(nested(33)), { code: 'too-deep' });
    const limits = new Budget({ bytes: 60, depth: 4, items: 1 });
    assertTtlvError(() => itemFromJson(nested(2), limits), { code: 'too-many-items' });
    assertTtlvError(() => itemFromJson(nested(3), limits), { code: 'too-large' });
  });

  it('does not show the text in its error', () => {
    assert.throws(
      () => itemFromJson('{"password": secret}'),
      (error: Error) => !error.message.includes('secret'),
    );
  });
});

describe('jsonFromItem', () => {
  it('writes names, masks with bars, and numbers that JSON cannot hold in hex', () => {
    const item: Item = {
      tag: Tag.RequestPayload,
      type: ItemType.Structure,
      value: [
        { tag: Tag.CryptographicUsageMask, type: ItemType.Integer, value: 12 },
        { tag: Tag.UsageLimitsCount, type: ItemType.LongInteger, value: 2n ** 52n },
        { tag: 0x540001, type: ItemType.BigInteger, value: Buffer.alloc(8, 1) },
        { tag: Tag.TimeStamp, type: ItemType.DateTime, value: 0 },
      ],
    };
    assert.deepEqual(JSON.parse(jsonFromItem(item)), {
      tag: 'RequestPayload',
      value: [
        { tag: 'CryptographicUsageMask', type: 'Integer', value: 'Encrypt|Decrypt' },
        { tag: 'UsageLimitsCount', type: 'LongInteger', value: '0x0010000000000000' },
        { tag: '0x540001', type: 'BigInteger', value: '0x0101010101010101' },
        { tag: 'TimeStamp', type: 'DateTime', value: '1970-01-01T00:00:00+00:00' },
      ],
    });
  });

  it('gives back any item', () => {
    fc.assert(fc.property(items, (item) => assert.deepEqual(itemFromJson(jsonFromItem(item)), item)));
  });
});
