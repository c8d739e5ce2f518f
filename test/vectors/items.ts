import { Buffer } from 'node:buffer';
import { fromBigInt, type Item, ItemType } from '../../ttlv/item.ts';

/** An encoding, written out by hand as tag | type | length | value and padding, and the item that it stands for. */
export interface ItemVector {
  readonly name: string;
  readonly hex: string;
  readonly item: Item;
}

/** A tag that the examples of the standard use (KMIP 1.4, 9.1.2). */
const tag = 0x420020;

/** The examples of KMIP 1.4, 9.1.2, word for word. */
const standardExamples: readonly ItemVector[] = [
  {
    name: 'Integer 8',
    hex: '42 00 20 | 02 | 00 00 00 04 | 00 00 00 08 00 00 00 00',
    item: { tag, type: ItemType.Integer, value: 8 },
  },
  {
    name: 'Long Integer 123456789000000000',
    hex: '42 00 20 | 03 | 00 00 00 08 | 01 B6 9B 4B A5 74 92 00',
    item: { tag, type: ItemType.LongInteger, value: 123456789000000000n },
  },
  {
    name: 'Big Integer 1234567890000000000000000000',
    hex: '42 00 20 | 04 | 00 00 00 10 | 00 00 00 00 03 FD 35 EB 6B C2 DF 46 18 08 00 00',
    item: { tag, type: ItemType.BigInteger, value: fromBigInt(1234567890000000000000000000n) },
  },
  {
    name: 'Enumeration 255',
    hex: '42 00 20 | 05 | 00 00 00 04 | 00 00 00 FF 00 00 00 00',
    item: { tag, type: ItemType.Enumeration, value: 255 },
  },
  {
    name: 'Boolean True',
    hex: '42 00 20 | 06 | 00 00 00 08 | 00 00 00 00 00 00 00 01',
    item: { tag, type: ItemType.Boolean, value: true },
  },
  {
    name: 'Text String Hello World',
    hex: '42 00 20 | 07 | 00 00 00 0B | 48 65 6C 6C 6F 20 57 6F 72 6C 64 00 00 00 00 00',
    item: { tag, type: ItemType.TextString, value: 'Hello World' },
  },
  {
    name: 'Byte String 01 02 03',
    hex: '42 00 20 | 08 | 00 00 00 03 | 01 02 03 00 00 00 00 00',
    item: { tag, type: ItemType.ByteString, value: Buffer.of(1, 2, 3) },
  },
  {
    name: 'Date-Time 2008-03-14 11:56:40',
    hex: '42 00 20 | 09 | 00 00 00 08 | 00 00 00 00 47 DA 67 F8',
    item: { tag, type: ItemType.DateTime, value: Date.parse('2008-03-14T11:56:40Z') / 1000 },
  },
  {
    name: 'Interval of 10 days',
    hex: '42 00 20 | 0A | 00 00 00 04 | 00 0D 2F 00 00 00 00 00',
    item: { tag, type: ItemType.Interval, value: 10 * 24 * 3600 },
  },
  {
    name: 'Structure of an Enumeration and an Integer',
    hex: `42 00 20 | 01 | 00 00 00 20 | 42 00 04 | 05 | 00 00 00 04 | 00 00 00 FE 00 00 00 00
                                      | 42 00 05 | 02 | 00 00 00 04 | 00 00 00 FF 00 00 00 00`,
    item: {
      tag,
      type: ItemType.Structure,
      value: [
        { tag: 0x420004, type: ItemType.Enumeration, value: 254 },
        { tag: 0x420005, type: ItemType.Integer, value: 255 },
      ],
    },
  },
];

/** The edges of each type, by the rules of KMIP 2.1, 10.1. */
const edges: readonly ItemVector[] = [
  {
    name: 'Integer -1',
    hex: '42 00 20 | 02 | 00 00 00 04 | FF FF FF FF 00 00 00 00',
    item: { tag, type: ItemType.Integer, value: -1 },
  },
  {
    name: 'the least Integer',
    hex: '42 00 20 | 02 | 00 00 00 04 | 80 00 00 00 00 00 00 00',
    item: { tag, type: ItemType.Integer, value: -2147483648 },
  },
  {
    name: 'the greatest Integer',
    hex: '42 00 20 | 02 | 00 00 00 04 | 7F FF FF FF 00 00 00 00',
    item: { tag, type: ItemType.Integer, value: 2147483647 },
  },
  {
    name: 'Long Integer -2',
    hex: '42 00 20 | 03 | 00 00 00 08 | FF FF FF FF FF FF FF FE',
    item: { tag, type: ItemType.LongInteger, value: -2n },
  },
  {
    name: 'the least Long Integer',
    hex: '42 00 20 | 03 | 00 00 00 08 | 80 00 00 00 00 00 00 00',
    item: { tag, type: ItemType.LongInteger, value: -(2n ** 63n) },
  },
  {
    name: 'Big Integer 0',
    hex: '42 00 20 | 04 | 00 00 00 08 | 00 00 00 00 00 00 00 00',
    item: { tag, type: ItemType.BigInteger, value: fromBigInt(0n) },
  },
  {
    name: 'Big Integer -1',
    hex: '42 00 20 | 04 | 00 00 00 08 | FF FF FF FF FF FF FF FF',
    item: { tag, type: ItemType.BigInteger, value: fromBigInt(-1n) },
  },
  {
    name: 'Big Integer 2^63, which needs a byte for its sign',
    hex: '42 00 20 | 04 | 00 00 00 10 | 00 00 00 00 00 00 00 00 80 00 00 00 00 00 00 00',
    item: { tag, type: ItemType.BigInteger, value: fromBigInt(2n ** 63n) },
  },
  {
    name: 'Big Integer 1 in more bytes than it needs',
    hex: '42 00 20 | 04 | 00 00 00 10 | 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01',
    item: { tag, type: ItemType.BigInteger, value: Buffer.from('00000000000000000000000000000001', 'hex') },
  },
  {
    name: 'Enumeration of an extension',
    hex: '42 00 20 | 05 | 00 00 00 04 | 80 00 00 01 00 00 00 00',
    item: { tag, type: ItemType.Enumeration, value: 0x80000001 },
  },
  {
    name: 'Boolean False',
    hex: '42 00 20 | 06 | 00 00 00 08 | 00 00 00 00 00 00 00 00',
    item: { tag, type: ItemType.Boolean, value: false },
  },
  {
    name: 'empty Text String',
    hex: '42 00 20 | 07 | 00 00 00 00 |',
    item: { tag, type: ItemType.TextString, value: '' },
  },
  {
    name: 'Text String without padding',
    hex: '42 00 20 | 07 | 00 00 00 08 | 61 62 63 64 65 66 67 68',
    item: { tag, type: ItemType.TextString, value: 'abcdefgh' },
  },
  {
    name: 'Text String of 2, 3 and 4 byte characters',
    hex: '42 00 20 | 07 | 00 00 00 09 | CE 91 E2 82 AC F0 9F 94 91 00 00 00 00 00 00 00',
    item: { tag, type: ItemType.TextString, value: '\u0391\u20ac\u{1f511}' },
  },
  {
    name: 'Text String of U+007F and U+0080, where one byte becomes two',
    hex: '42 00 20 | 07 | 00 00 00 03 | 7F C2 80 00 00 00 00 00',
    item: { tag, type: ItemType.TextString, value: '\u007f\u0080' },
  },
  {
    name: 'Text String with a byte order mark and a NUL, both kept',
    hex: '42 00 20 | 07 | 00 00 00 05 | EF BB BF 00 61 00 00 00',
    item: { tag, type: ItemType.TextString, value: '\ufeff\0a' },
  },
  {
    name: 'Text String of 49 characters',
    hex: `42 00 20 | 07 | 00 00 00 31 | ${'61 '.repeat(49)} 00 00 00 00 00 00 00`,
    item: { tag, type: ItemType.TextString, value: 'a'.repeat(49) },
  },
  {
    name: 'Text String of 60 bytes that ends in a character of two',
    hex: `42 00 20 | 07 | 00 00 00 3C | ${'61 '.repeat(58)} C3 A9 00 00 00 00`,
    item: { tag, type: ItemType.TextString, value: `${'a'.repeat(58)}\u00e9` },
  },
  {
    name: 'empty Byte String',
    hex: '42 00 20 | 08 | 00 00 00 00 |',
    item: { tag, type: ItemType.ByteString, value: Buffer.alloc(0) },
  },
  {
    name: 'Date-Time before 1970',
    hex: '42 00 20 | 09 | 00 00 00 08 | FF FF FF FF FF FF FF FF',
    item: { tag, type: ItemType.DateTime, value: -1 },
  },
  {
    name: 'Date-Time beyond 32 bits',
    hex: '42 00 20 | 09 | 00 00 00 08 | 00 00 00 01 00 00 00 00',
    item: { tag, type: ItemType.DateTime, value: 4294967296 },
  },
  {
    name: 'the greatest Interval',
    hex: '42 00 20 | 0A | 00 00 00 04 | FF FF FF FF 00 00 00 00',
    item: { tag, type: ItemType.Interval, value: 4294967295 },
  },
  {
    name: 'Date-Time Extended, one microsecond after 1970',
    hex: '42 00 20 | 0B | 00 00 00 08 | 00 00 00 00 00 00 00 01',
    item: { tag, type: ItemType.DateTimeExtended, value: 1n },
  },
  {
    name: 'Date-Time Extended before 1970',
    hex: '42 00 20 | 0B | 00 00 00 08 | FF FF FF FF FF FF FF FE',
    item: { tag, type: ItemType.DateTimeExtended, value: -2n },
  },
  {
    name: 'empty Structure',
    hex: '42 00 20 | 01 | 00 00 00 00 |',
    item: { tag, type: ItemType.Structure, value: [] },
  },
  {
    name: 'Structure in a Structure, and an item after it',
    hex: `42 00 20 | 01 | 00 00 00 20 | 42 00 04 | 01 | 00 00 00 10 | 54 00 01 | 06 | 00 00 00 08 | 00 00 00 00 00 00 00 01
                                      | 42 00 05 | 08 | 00 00 00 00 |`,
    item: {
      tag,
      type: ItemType.Structure,
      value: [
        {
          tag: 0x420004,
          type: ItemType.Structure,
          value: [{ tag: 0x540001, type: ItemType.Boolean, value: true }],
        },
        { tag: 0x420005, type: ItemType.ByteString, value: Buffer.alloc(0) },
      ],
    },
  },
];

export const itemVectors: readonly ItemVector[] = [...standardExamples, ...edges];
