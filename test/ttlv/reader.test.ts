import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { Budget, defaultLimits } from '../../ttlv/budget.ts';
import { ItemType } from '../../ttlv/item.ts';
import { checkWellFormed, decodeItem, Reader } from '../../ttlv/reader.ts';
import { assertTtlvError } from '../support/ttlv-errors.ts';
import { hex } from '../vectors/hex.ts';
import { itemVectors } from '../vectors/items.ts';
import { malformedVectors } from '../vectors/malformed.ts';

const unlimited = (): Budget => new Budget(defaultLimits);

describe('decodeItem', () => {
  for (const { name, hex: digits, item } of itemVectors) {
    it(`reads ${name}`, () => {
      assert.deepEqual(decodeItem(hex(digits), unlimited()), item);
      checkWellFormed(hex(digits), unlimited());
    });

    it(`refuses ${name} cut at any byte`, () => {
      const whole = hex(digits);
      for (let length = 0; length < whole.length; length += 1) {
        assertTtlvError(() => decodeItem(whole.subarray(0, length), unlimited()), { code: 'truncated' });
        assertTtlvError(() => checkWellFormed(whole.subarray(0, length), unlimited()), { code: 'truncated' });
      }
    });
  }

  for (const { name, hex: digits, ...expected } of malformedVectors) {
    it(`refuses ${name}`, () => {
      assertTtlvError(() => decodeItem(hex(digits), unlimited()), expected);
      assertTtlvError(() => checkWellFormed(hex(digits), unlimited()), expected);
    });
  }

  it('gives Byte Strings and Big Integers as views of the message', () => {
    for (const digits of ['42 00 20 | 08 | 00 00 00 08 |', '42 00 20 | 04 | 00 00 00 08 |']) {
      const message = hex(`${digits} 01 02 03 04 05 06 07 08`);
      const { value } = decodeItem(message, unlimited());
      assert.ok(Buffer.isBuffer(value));
      assert.equal(value.buffer, message.buffer);
    }
  });

  it('reads a message that lies anywhere in its buffer', () => {
    const message = hex('42 00 20 | 02 | 00 00 00 04 | 00 00 00 08 00 00 00 00');
    const shifted = Buffer.concat([Buffer.from('abc'), message]).subarray(3);
    assert.deepEqual(decodeItem(shifted, unlimited()), { tag: 0x420020, type: ItemType.Integer, value: 8 });
  });
});

describe('the budget of a message', () => {
  /** `depth` empty structures within one another. */
  function nested(depth: number): Buffer {
    let message = Buffer.alloc(0);
    for (let level = 0; level < depth; level += 1) {
      const header = hex('42 00 20 | 01 | 00 00 00 00');
      header.writeUInt32BE(message.length, 4);
      message = Buffer.concat([header, message]);
    }
    return message;
  }

  /** A structure with `count` Byte Strings in it. */
  function wide(count: number): Buffer {
    const header = hex('42 00 20 | 01 | 00 00 00 00');
    header.writeUInt32BE(count * 8, 4);
    return Buffer.concat([header, ...new Array<Buffer>(count).fill(hex('42 00 04 | 08 | 00 00 00 00'))]);
  }

  it('takes 32 levels and no more', () => {
    decodeItem(nested(32), unlimited());
    const path = new Array<number>(33).fill(0x420020);
    assertTtlvError(() => decodeItem(nested(33), unlimited()), { code: 'too-deep', offset: 32 * 8, path });
    assertTtlvError(() => checkWellFormed(nested(33), unlimited()), { code: 'too-deep', offset: 32 * 8, path });
  });

  it('takes 100 000 items and no more', () => {
    decodeItem(wide(99_999), unlimited());
    const expected = { code: 'too-many-items', offset: 100_000 * 8, path: [0x420020, 0x420004] } as const;
    assertTtlvError(() => decodeItem(wide(100_000), unlimited()), expected);
    assertTtlvError(() => checkWellFormed(wide(100_000), unlimited()), expected);
  });

  it('takes 8 MiB and no more', () => {
    const message = Buffer.alloc(8 * 1024 * 1024);
    hex('42 00 20 | 08 | 00 7F FF F8').copy(message);
    checkWellFormed(message, unlimited());
    const larger = Buffer.concat([message, Buffer.alloc(8)]);
    assertTtlvError(() => checkWellFormed(larger, unlimited()), { code: 'too-large', offset: 0, path: [] });
    assertTtlvError(() => decodeItem(larger, unlimited()), { code: 'too-large', offset: 0, path: [] });
  });

  it('is spent by all readers of one message together, and not by checkWellFormed', () => {
    const budget = new Budget({ bytes: 1000, depth: 3, items: 5 });
    checkWellFormed(wide(3), budget);
    decodeItem(wide(3), budget);
    assertTtlvError(() => decodeItem(wide(3), budget), { code: 'too-many-items' });
  });
});

describe('Reader', () => {
  const message =
    hex(`42 00 78 | 01 | 00 00 00 30 | 42 00 0F | 01 | 00 00 00 18 | 42 00 5C | 05 | 00 00 00 04 | 00 00 00 01 00 00 00 00
                                                                                 | 42 00 93 | 08 | 00 00 00 00 |
                                                   | 42 00 0D | 02 | 00 00 00 04 | 00 00 00 02 00 00 00 00`);

  function opened(): Reader {
    const reader = new Reader(message, unlimited());
    reader.next();
    reader.enter();
    reader.next();
    return reader;
  }

  it('takes a value of another type than it asks for as wrong-type, with the offset of the item', () => {
    const reader = opened();
    reader.enter();
    reader.next();
    const expected = { code: 'wrong-type', offset: 16, path: [0x420078, 0x42000f, 0x42005c] } as const;
    for (const read of [
      () => reader.enter(),
      () => reader.readInteger(),
      () => reader.readLongInteger(),
      () => reader.readBigInteger(),
      () => reader.readBoolean(),
      () => reader.readTextString(),
      () => reader.readByteString(),
      () => reader.readDateTime(),
      () => reader.readInterval(),
      () => reader.readDateTimeExtended(),
    ]) {
      assertTtlvError(read, expected);
    }
    assert.equal(reader.readEnumeration(), 1);
    assert.throws(() => opened().readEnumeration(), { code: 'wrong-type' });
  });

  it('does not leave a structure with items in it', () => {
    const reader = opened();
    reader.enter();
    assertTtlvError(() => reader.leave(), { code: 'unexpected-tag', offset: 16, path: [0x420078, 0x42000f, 0x42005c] });
  });

  it('goes on behind a structure that was abandoned', () => {
    const reader = opened();
    const { depth } = reader;
    reader.enter();
    reader.next();
    assert.throws(() => reader.readInteger());
    reader.abandon(depth);
    assert.equal(reader.next(), true);
    assert.equal(reader.tag, 0x42000d);
    assert.equal(reader.readInteger(), 2);
    assert.equal(reader.next(), false);
    reader.leave();
    reader.finish();
  });

  it('steps over items that nobody takes', () => {
    const reader = opened();
    assert.equal(reader.next(), true);
    assert.equal(reader.readInteger(), 2);
  });

  it('checks what it skips', () => {
    const broken = Buffer.from(message);
    broken.writeUInt8(1, 31);
    const reader = new Reader(broken, unlimited());
    reader.next();
    assertTtlvError(() => reader.skip(), { code: 'bad-padding', offset: 16 });
  });
});
