import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { Framer } from '../../ttlv/framer.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { assertTtlvError } from '../support/ttlv-errors.ts';
import { hex } from '../vectors/hex.ts';

/** A Request Message with one Byte String of `size` bytes `fill` in it. */
function message(size: number, fill = 0x61): Buffer {
  const padded = Math.ceil(size / 8) * 8;
  const bytes = Buffer.alloc(16 + padded);
  hex('42 00 78 | 01 | 00 00 00 00 | 42 00 C2 | 08 | 00 00 00 00').copy(bytes);
  bytes.writeUInt32BE(8 + padded, 4);
  bytes.writeUInt32BE(size, 12);
  return bytes.fill(fill, 16, 16 + size);
}

function drain(framer: Framer): Buffer[] {
  const messages: Buffer[] = [];
  for (let next = framer.next(); next !== undefined; next = framer.next()) messages.push(next);
  return messages;
}

const newFramer = (maxBytes = 100_000): Framer => new Framer(Tag.RequestMessage, maxBytes);

describe('Framer', () => {
  const stream = [message(5, 1), message(0), message(300, 2), message(16, 3)];
  const bytes = Buffer.concat(stream);

  it('cuts several messages out of one chunk', () => {
    const framer = newFramer();
    framer.push(bytes);
    assert.deepEqual(drain(framer), stream);
    assert.equal(framer.pending, 0);
  });

  it('puts messages together that come byte by byte', () => {
    const framer = newFramer();
    const got: Buffer[] = [];
    for (const byte of bytes) {
      framer.push(Buffer.of(byte));
      got.push(...drain(framer));
    }
    assert.deepEqual(got, stream);
  });

  it('puts messages together that are cut at any byte', () => {
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const framer = newFramer();
      framer.push(bytes.subarray(0, cut));
      const got = drain(framer);
      framer.push(bytes.subarray(cut));
      got.push(...drain(framer));
      assert.deepEqual(got, stream, `cut at ${cut}`);
    }
  });

  it('gives the same messages however the stream is cut and whenever it is asked', () => {
    const sizes = fc.array(fc.nat({ max: 700 }), { maxLength: 6 });
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.boolean()), { maxLength: 30 });
    fc.assert(
      fc.property(sizes, steps, (lengths, cuts) => {
        const sent = lengths.map((length, index) => message(length, index + 1));
        const all = Buffer.concat(sent);
        const framer = newFramer();
        const got: Buffer[] = [];
        let at = 0;
        for (const [length, ask] of cuts) {
          framer.push(all.subarray(at, at + length));
          at = Math.min(all.length, at + length);
          if (ask) got.push(...drain(framer));
        }
        framer.push(all.subarray(at));
        got.push(...drain(framer));
        assert.deepEqual(got, sent);
        assert.equal(framer.pending, 0);
      }),
    );
  });

  it('does not write to a message it gave, whatever comes afterwards', () => {
    const framer = newFramer();
    framer.push(bytes.subarray(0, 3));
    framer.push(bytes.subarray(3, 40));
    const [first] = drain(framer);
    const copy = Buffer.from(first ?? '');
    for (const byte of bytes.subarray(40)) framer.push(Buffer.of(byte));
    drain(framer);
    assert.deepEqual(first, copy);
  });

  it('leaves the chunks of others as they are', () => {
    const chunk = Buffer.alloc(64, 0x7e);
    bytes.copy(chunk, 0, 0, 20);
    const framer = newFramer();
    framer.push(chunk.subarray(0, 20));
    framer.push(bytes.subarray(20));
    assert.deepEqual(drain(framer), stream);
    assert.deepEqual(chunk.subarray(20), Buffer.alloc(44, 0x7e));
  });

  it('takes a message of exactly the limit', () => {
    const framer = newFramer(message(64).length);
    framer.push(message(64));
    assert.equal(drain(framer).length, 1);
  });

  const refused = [
    ['a message above the limit', '42 00 78 | 01 | 00 01 86 A0', 'too-large', [0x420078]],
    ['an announcement of 4 GiB', '42 00 78 | 01 | FF FF FF F8', 'too-large', [0x420078]],
    ['a length that is no multiple of 8', '42 00 78 | 01 | 00 00 00 09', 'bad-length', [0x420078]],
    ['another tag', '42 00 7B | 01 | 00 00 00 08', 'bad-tag', []],
    ['another type', '42 00 78 | 08 | 00 00 00 08', 'bad-type', [0x420078]],
    ['a request of HTTP', '47 45 54 20 2F 20 48 54', 'bad-tag', []],
    ['a TLS record', '16 03 01 02 00 01 00 01', 'bad-tag', []],
  ] as const;
  for (const [name, header, code, path] of refused) {
    it(`refuses ${name} by its header, before the rest has come`, () => {
      const framer = newFramer();
      framer.push(hex(header));
      assertTtlvError(() => framer.next(), { code, offset: 0, path });
    });

    it(`refuses ${name} behind a good message, which it still gives`, () => {
      const framer = newFramer();
      framer.push(Buffer.concat([message(5), hex(header).subarray(0, 3)]));
      assert.deepEqual(framer.next(), message(5));
      assert.equal(framer.next(), undefined);
      framer.push(hex(header).subarray(3));
      assertTtlvError(() => framer.next(), { code });
    });
  }
});
