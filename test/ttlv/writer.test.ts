import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { Budget } from '../../ttlv/budget.ts';
import { ItemType } from '../../ttlv/item.ts';
import { decodeItem } from '../../ttlv/reader.ts';
import { encodeItem, Writer } from '../../ttlv/writer.ts';
import { items } from '../arbitraries/item.ts';
import { ttlvBytes } from '../support/ttlv-bytes.ts';
import { hex } from '../vectors/hex.ts';
import { itemVectors } from '../vectors/items.ts';

describe('encodeItem', () => {
  for (const { name, hex: digits, item } of itemVectors) {
    it(`writes ${name}`, () => assert.deepEqual(encodeItem(item), hex(digits)));
  }

  it('makes the same bytes as another encoder, and they decode to the same item', () => {
    fc.assert(
      fc.property(items, (item) => {
        const bytes = encodeItem(item);
        assert.deepEqual(bytes, ttlvBytes(item));
        assert.deepEqual(decodeItem(bytes, new Budget()), item);
      }),
    );
  });
});

describe('Writer', () => {
  const tag = 0x420020;

  it('refuses values that the type cannot hold', () => {
    const writer = new Writer();
    for (const value of [2 ** 31, -(2 ** 31) - 1, 0.5, Number.NaN]) {
      assert.throws(() => writer.writeInteger(tag, value), RangeError);
    }
    for (const value of [2 ** 32, -1, 0.5, Number.NaN]) {
      assert.throws(() => writer.writeEnumeration(tag, value), RangeError);
      assert.throws(() => writer.writeInterval(tag, value), RangeError);
    }
    for (const value of [2n ** 63n, -(2n ** 63n) - 1n]) {
      assert.throws(() => writer.writeLongInteger(tag, value), RangeError);
      assert.throws(() => writer.writeDateTimeExtended(tag, value), RangeError);
    }
    for (const value of [0.5, 2 ** 53, Number.NaN]) assert.throws(() => writer.writeDateTime(tag, value), RangeError);
    for (const length of [0, 4, 9]) {
      assert.throws(() => writer.writeBigInteger(tag, Buffer.alloc(length)), RangeError);
    }
    assert.throws(() => writer.writeTextString(tag, '\ud800'), RangeError);
    assert.throws(() => writer.writeTextString(tag, `${'a'.repeat(100)}\udfff`), RangeError);
  });

  it('holds nothing of the message before after a reset', () => {
    const writer = new Writer();
    for (const size of [1000, 5, 100_000, 3]) {
      writer.reset();
      writer.writeByteString(tag, Buffer.alloc(size, 0xff));
      const start = writer.begin(tag);
      writer.writeTextString(tag, 'a');
      writer.writeInteger(tag, 1);
      writer.end(start);
      const value = Buffer.alloc(size, 0xff);
      const parts = [
        { tag, type: ItemType.ByteString, value },
        {
          tag,
          type: ItemType.Structure,
          value: [
            { tag, type: ItemType.TextString, value: 'a' },
            { tag, type: ItemType.Integer, value: 1 },
          ],
        },
      ] as const;
      assert.deepEqual(writer.finish(), Buffer.concat(parts.map(ttlvBytes)));
    }
  });

  it('gives a message that later ones do not change', () => {
    const writer = new Writer();
    writer.writeInteger(tag, 1);
    const first = writer.finish();
    writer.reset();
    writer.writeInteger(tag, 2);
    writer.finish();
    assert.deepEqual(first, hex('42 00 20 | 02 | 00 00 00 04 | 00 00 00 01 00 00 00 00'));
  });

  it('takes back what was written after a length', () => {
    const writer = new Writer();
    const start = writer.begin(tag);
    const { length } = writer;
    writer.writeTextString(tag, 'taken back');
    writer.rewind(length);
    writer.writeBoolean(tag, true);
    writer.end(start);
    assert.deepEqual(
      writer.finish(),
      hex('42 00 20 | 01 | 00 00 00 10 | 42 00 20 | 06 | 00 00 00 08 | 00 00 00 00 00 00 00 01'),
    );
  });
});
