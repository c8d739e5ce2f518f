import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { Budget } from '../../ttlv/budget.ts';
import { ItemType } from '../../ttlv/item.ts';
import { Reader } from '../../ttlv/reader.ts';
import {
  anyItem,
  boolean,
  byteString,
  type Codec,
  changing,
  dependent,
  enumeration,
  integer,
  mask,
  oneOf,
  optional,
  repeated,
  required,
  structure,
  type TypeOf,
  textString,
} from '../../ttlv/structure.ts';
import { enumInfo, ObjectType } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask, maskInfo } from '../../ttlv/tables/masks.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { Writer } from '../../ttlv/writer.ts';
import { declaredStructures } from '../arbitraries/structure.ts';
import { ttlvBytes } from '../support/ttlv-bytes.ts';
import { assertTtlvError } from '../support/ttlv-errors.ts';
import { hex } from '../vectors/hex.ts';

function decode<T>(codec: Codec<T>, message: Buffer, version: Version = 21): T {
  const reader = new Reader(message, new Budget());
  reader.next();
  const value = codec.read(reader, version);
  reader.finish();
  return value;
}

function encode<T>(codec: Codec<T>, value: T, version: Version = 21): Buffer {
  const writer = new Writer();
  codec.write(writer, Tag.RequestPayload, value, version);
  return writer.finish();
}

/** A Request Payload of the given items, each written as hex. */
function payload(...items: readonly string[]): Buffer {
  const inside = Buffer.concat(items.map(hex));
  const header = hex('42 00 79 | 01 | 00 00 00 00');
  header.writeUInt32BE(inside.length, 4);
  return Buffer.concat([header, inside]);
}

const nameA = '42 00 55 | 07 | 00 00 00 01 | 41 00 00 00 00 00 00 00';
const nameB = '42 00 55 | 07 | 00 00 00 01 | 42 00 00 00 00 00 00 00';
const typeOne = '42 00 57 | 05 | 00 00 00 04 | 00 00 00 01 00 00 00 00';
const yes = '42 00 10 | 06 | 00 00 00 08 | 00 00 00 00 00 00 00 01';
const vendor = '54 00 01 | 02 | 00 00 00 04 | 00 00 00 07 00 00 00 00';
const root = Tag.RequestPayload;

const sample = structure({
  type: required(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
  names: repeated(Tag.NameValue, textString),
  order: optional(Tag.BatchOrderOption, boolean),
});

describe('structure', () => {
  it('reads and writes its fields in their order', () => {
    const message = payload(typeOne, nameA, nameB, yes);
    const value = { type: ObjectType.Certificate, names: ['A', 'B'], order: true };
    assert.deepEqual(decode(sample, message), value);
    assert.deepEqual(encode(sample, value), message);
  });

  it('leaves out what is optional, and reads no repeated item as an empty list', () => {
    const message = payload(typeOne);
    const value = { type: ObjectType.Certificate, names: [] };
    assert.deepEqual(decode(sample, message), value);
    assert.deepEqual(encode(sample, value), message);
  });

  it('reads and writes any declared structure as the item that it is', () => {
    fc.assert(
      fc.property(declaredStructures, ({ codec, value, item }) => {
        const message = ttlvBytes({ ...item, tag: root });
        assert.deepEqual(encode(codec, value), message);
        assert.deepEqual(decode(codec, message), value);
      }),
    );
  });

  it('describes its fields', () => {
    const { fields } = structure({
      a: required(Tag.NameValue, textString, { until: 14 }),
      b: repeated(Tag.Data, byteString, { since: 12, min: 1 }),
    });
    assert.partialDeepStrictEqual(fields, [
      { name: 'a', tag: Tag.NameValue, since: 10, until: 14, optional: false, repeated: false },
      { name: 'b', tag: Tag.Data, since: 12, until: 21, optional: false, repeated: true },
    ]);
  });

  const refusals = [
    ['nothing', [], 'missing-field', 0, Tag.ObjectType],
    ['no required field before others', [nameA], 'missing-field', 8, Tag.ObjectType],
    ['items out of order', [typeOne, yes, nameA], 'unexpected-tag', 40, Tag.NameValue],
    ['a field given twice', [typeOne, typeOne], 'unexpected-tag', 24, Tag.ObjectType],
    ['a repeated field in two places', [typeOne, nameA, yes, nameB], 'unexpected-tag', 56, Tag.NameValue],
    ['a tag that it does not declare', [typeOne, vendor], 'unknown-tag', 24, 0x540001],
    ['a field of another type', [typeOne.replace('57 | 05', '57 | 02')], 'wrong-type', 8, Tag.ObjectType],
  ] as const;
  for (const [name, items, code, offset, tag] of refusals) {
    it(`refuses ${name}: ${code}`, () => {
      assertTtlvError(() => decode(sample, payload(...items)), { code, offset, path: [root, tag] });
    });
  }

  it('skips unknown items if it is told to, but not known ones that are out of place', () => {
    const lenient = structure({ names: repeated(Tag.NameValue, textString) }, { unknown: 'skip' });
    assert.deepEqual(decode(lenient, payload(vendor, nameA, vendor)), { names: ['A'] });
    assertTtlvError(() => decode(lenient, payload(nameA, vendor, nameB)), { code: 'unexpected-tag' });
  });

  it('accepts any order if it is told to, and writes its own', () => {
    const free = structure(
      {
        type: required(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
        names: repeated(Tag.NameValue, textString),
        order: optional(Tag.BatchOrderOption, boolean),
      },
      { anyOrder: true },
    );
    const value = decode(free, payload(nameA, yes, nameB, typeOne));
    assert.deepEqual(value, { type: ObjectType.Certificate, names: ['A', 'B'], order: true });
    assert.deepEqual(encode(free, value), payload(typeOne, nameA, nameB, yes));
    assertTtlvError(() => decode(free, payload(yes, typeOne, yes)), { code: 'unexpected-tag', offset: 40 });
    assertTtlvError(() => decode(free, payload(yes)), { code: 'missing-field', path: [root, Tag.ObjectType] });
    assertTtlvError(() => decode(free, payload(typeOne, vendor)), { code: 'unknown-tag', offset: 24 });
  });

  it('does not write a value without a required field', () => {
    const broken: Partial<TypeOf<typeof sample>> = { names: [] };
    assert.throws(() => encode(sample, broken as TypeOf<typeof sample>), /type \(ObjectType\) is required/);
    const listed = structure({ names: repeated(Tag.NameValue, textString, { min: 1 }) });
    assert.throws(() => encode(listed, { names: [] }), /names \(NameValue\) is required/);
    assertTtlvError(() => decode(listed, payload()), { code: 'missing-field', path: [root, Tag.NameValue] });
  });

  it('tells the whole path of tags to an error deep inside', () => {
    const outer = structure({ a: required(Tag.Attribute, structure({ b: required(Tag.Name, sample) })) });
    const message = payload(
      `42 00 08 | 01 | 00 00 00 18 | 42 00 53 | 01 | 00 00 00 10 | ${typeOne.replace('00 00 00 01 00', '00 00 00 63 00')}`,
    );
    const path = [root, Tag.Attribute, Tag.Name, Tag.ObjectType];
    assertTtlvError(() => decode(outer, message), { code: 'unknown-enumeration', offset: 24, path });
  });
});

describe('fields with versions', () => {
  const versioned = structure({
    old: required(Tag.NameValue, textString, { until: 14 }),
    young: required(Tag.ObjectType, enumeration(enumInfo.ObjectType), { since: 20 }),
    lenient: required(Tag.BatchOrderOption, boolean, { since: 13, acceptAlways: true }),
  });
  const value = { old: 'A', young: ObjectType.Certificate, lenient: true };

  it('are written in their versions only', () => {
    assert.deepEqual(encode(versioned, value, 10), payload(nameA));
    assert.deepEqual(encode(versioned, value, 13), payload(nameA, yes));
    assert.deepEqual(encode(versioned, value, 20), payload(typeOne, yes));
  });

  it('are required and known in their versions only', () => {
    assert.deepEqual(decode(versioned, payload(nameA, yes), 14), { old: 'A', lenient: true });
    assert.deepEqual(decode(versioned, payload(typeOne, yes), 20), { young: ObjectType.Certificate, lenient: true });
    assertTtlvError(() => decode(versioned, payload(nameA), 14), { code: 'missing-field' });
    assertTtlvError(() => decode(versioned, payload(), 14), { code: 'missing-field', path: [root, Tag.NameValue] });
    assertTtlvError(() => decode(versioned, payload(nameA, typeOne), 14), { code: 'unknown-tag', offset: 24 });
    assertTtlvError(() => decode(versioned, payload(nameA), 20), { code: 'unknown-tag', offset: 8 });
  });

  it('are read elsewhere too where a client is known to send them', () => {
    assert.deepEqual(decode(versioned, payload(nameA, yes), 10), { old: 'A', lenient: true });
    assert.deepEqual(decode(versioned, payload(nameA), 10), { old: 'A' });
  });
});

describe('fields that a version replaced', () => {
  const replaced = structure({
    value: changing(20, required(Tag.NameValue, textString), optional(Tag.BatchOrderOption, boolean)),
    type: optional(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
  });

  it('have one name, and the form of the version', () => {
    for (const version of [10, 14] as const) {
      assert.deepEqual(decode(replaced, payload(nameA), version), { value: 'A' });
      assert.deepEqual(encode(replaced, { value: 'A' }, version), payload(nameA));
      assertTtlvError(() => decode(replaced, payload(), version), { code: 'missing-field' });
      assertTtlvError(() => decode(replaced, payload(yes), version), { code: 'unknown-tag' });
    }
    assert.deepEqual(decode(replaced, payload(yes), 20), { value: true });
    assert.deepEqual(encode(replaced, { value: true }, 21), payload(yes));
    assert.deepEqual(decode(replaced, payload(), 20), {});
    assertTtlvError(() => decode(replaced, payload(nameA), 20), { code: 'unknown-tag' });
  });

  it('are two rows of the description', () => {
    assert.deepEqual(
      replaced.fields.map(({ name, tag, since, until }) => [name, tag, since, until]),
      [
        ['value', Tag.NameValue, 10, 14],
        ['value', Tag.BatchOrderOption, 20, 21],
        ['type', Tag.ObjectType, 10, 21],
      ],
    );
  });
});

describe('fields of several tags', () => {
  /** A name or a type, under the tag of either. */
  const either: Codec<string | number> = {
    type: undefined,
    tags: [Tag.NameValue, Tag.ObjectType],
    read: (reader) => (reader.tag === Tag.NameValue ? reader.readTextString() : reader.readEnumeration()),
    write: (writer, _tag, value) => {
      if (typeof value === 'string') writer.writeTextString(Tag.NameValue, value);
      else writer.writeEnumeration(Tag.ObjectType, value);
    },
  };

  for (const anyOrder of [false, true]) {
    it(`take any of them${anyOrder ? ', in any order' : ''}`, () => {
      const fields = { order: optional(Tag.BatchOrderOption, boolean), either: required(Tag.NameValue, either) };
      const codec = structure(fields, anyOrder ? { anyOrder } : {});
      for (const [digits, value] of [
        [nameA, 'A'],
        [typeOne, 1],
      ] as const) {
        assert.deepEqual(decode(codec, payload(yes, digits)), { order: true, either: value });
        assert.deepEqual(encode(codec, { order: true, either: value }), payload(yes, digits));
      }
      assertTtlvError(() => decode(codec, payload(nameA, typeOne)), { code: 'unexpected-tag', offset: 24 });
      assertTtlvError(() => decode(codec, payload(yes)), { code: 'missing-field' });
    });
  }
});

describe('dependent fields', () => {
  const chosen = structure({
    type: required(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
    value: dependent(Tag.AttributeValue, (sofar: { readonly type?: ObjectType }, version) =>
      sofar.type === ObjectType.Certificate && version >= 12 ? boolean : textString,
    ),
  });

  const asBoolean = payload(typeOne, '42 00 0B | 06 | 00 00 00 08 | 00 00 00 00 00 00 00 01');
  const asText = payload(typeOne, '42 00 0B | 07 | 00 00 00 01 | 41 00 00 00 00 00 00 00');

  it('take the codec that the fields before them and the version call for, in both directions', () => {
    assert.deepEqual(decode(chosen, asBoolean, 12), { type: 1, value: true });
    assert.deepEqual(decode(chosen, asText, 11), { type: 1, value: 'A' });
    assert.deepEqual(encode(chosen, { type: 1, value: true }, 12), asBoolean);
    assert.deepEqual(encode(chosen, { type: 1, value: 'A' }, 11), asText);
    assertTtlvError(() => decode(chosen, asText, 12), { code: 'wrong-type', path: [root, Tag.AttributeValue] });
  });

  it('are required unless they are said to be optional', () => {
    assertTtlvError(() => decode(chosen, payload(typeOne)), {
      code: 'missing-field',
      path: [root, Tag.AttributeValue],
    });
    const lenient = structure({
      value: dependent(Tag.AttributeValue, (_sofar: object) => boolean, { optional: true }),
    });
    assert.deepEqual(decode(lenient, payload()), {});
  });
});

describe('codecs of several types', () => {
  it('oneOf keeps the type beside the value', () => {
    const id = structure({
      id: required(
        Tag.UniqueIdentifier,
        oneOf({
          [ItemType.TextString]: textString,
          [ItemType.Enumeration]: enumeration(enumInfo.UniqueIdentifier),
          [ItemType.Integer]: integer,
        }),
      ),
    });
    const rows = [
      ['42 00 94 | 07 | 00 00 00 01 | 41 00 00 00 00 00 00 00', { type: ItemType.TextString, value: 'A' }],
      ['42 00 94 | 05 | 00 00 00 04 | 00 00 00 01 00 00 00 00', { type: ItemType.Enumeration, value: 1 }],
      ['42 00 94 | 02 | 00 00 00 04 | FF FF FF FF 00 00 00 00', { type: ItemType.Integer, value: -1 }],
    ] as const;
    for (const [digits, choice] of rows) {
      assert.deepEqual(decode(id, payload(digits)), { id: choice });
      assert.deepEqual(encode(id, { id: choice }), payload(digits));
    }
    const bytes = payload('42 00 94 | 08 | 00 00 00 00');
    assertTtlvError(() => decode(id, bytes), { code: 'wrong-type', offset: 8, path: [root, Tag.UniqueIdentifier] });
  });

  it('anyItem keeps what came and writes it under the tag of the field', () => {
    const any = structure({ value: required(Tag.AttributeValue, anyItem) });
    const item = { tag: Tag.NameValue, type: ItemType.Integer, value: 7 } as const;
    const message = payload('42 00 0B | 02 | 00 00 00 04 | 00 00 00 07 00 00 00 00');
    assert.deepEqual(encode(any, { value: item }), message);
    assert.deepEqual(decode(any, message), { value: { ...item, tag: Tag.AttributeValue } });
  });
});

describe('enumerations and masks', () => {
  const codec = structure({ type: required(Tag.ObjectType, enumeration(enumInfo.ObjectType)) });
  const withType = (digits: string): Buffer => payload(`42 00 57 | 05 | 00 00 00 04 | ${digits} 00 00 00 00`);

  it('take the values of the version only', () => {
    // Template is 1.0 to 1.4, PGP Key is from 1.2.
    assert.deepEqual(decode(codec, withType('00 00 00 06'), 14), { type: ObjectType.Template });
    assert.deepEqual(decode(codec, withType('00 00 00 09'), 12), { type: ObjectType.PGPKey });
    for (const [digits, version] of [
      ['00 00 00 06', 20],
      ['00 00 00 09', 11],
      ['00 00 00 00', 21],
      ['80 00 00 01', 21],
    ] as const) {
      assertTtlvError(() => decode(codec, withType(digits), version), {
        code: 'unknown-enumeration',
        offset: 8,
        path: [root, Tag.ObjectType],
      });
    }
    assert.throws(() => encode(codec, { type: ObjectType.PGPKey }, 11), { name: 'NotInVersionError' });
  });

  it('take the bits of the version only', () => {
    const usage = structure({ mask: required(Tag.CryptographicUsageMask, mask(maskInfo.CryptographicUsageMask)) });
    const withMask = (digits: string): Buffer => payload(`42 00 2C | 02 | 00 00 00 04 | ${digits} 00 00 00 00`);
    const both = CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt;
    assert.deepEqual(decode(usage, withMask('00 00 00 0C'), 10), { mask: both });
    assert.deepEqual(encode(usage, { mask: both }, 10), withMask('00 00 00 0C'));
    // Export (0x40) ends with 1.4, Authenticate (0x100000) begins with 2.0.
    for (const [digits, version] of [
      ['00 00 00 40', 20],
      ['00 10 00 00', 14],
      ['80 00 00 00', 21],
    ] as const) {
      assertTtlvError(() => decode(usage, withMask(digits), version), { code: 'unknown-mask-bit', offset: 8 });
    }
    assert.throws(() => encode(usage, { mask: 0x100000 }, 14), { name: 'NotInVersionError' });
  });
});
