import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { Budget, type Limits } from '../../ttlv/budget.ts';
import { TtlvError } from '../../ttlv/errors.ts';
import { type Item, ItemType } from '../../ttlv/item.ts';
import { itemFromJson } from '../../ttlv/json.ts';
import { checkWellFormed, decodeItem, Reader } from '../../ttlv/reader.ts';
import type { Codec } from '../../ttlv/structure.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { encodeItem, Writer } from '../../ttlv/writer.ts';
import { itemFromXml, parseXml } from '../../ttlv/xml.ts';
import { items } from '../arbitraries/item.ts';
import { mutated } from '../arbitraries/mutation.ts';
import { declaredStructures } from '../arbitraries/structure.ts';
import { publishedVectors } from '../support/published.ts';
import { ttlvBytes } from '../support/ttlv-bytes.ts';

/*
 * The oracle: bytes that decode encode to the same bytes; bytes that do not decode raise a TtlvError, with an offset
 * inside the message and a tag path, and nothing else; in both cases no more is read than the budget allows.
 */

/** Small enough that the generated messages reach every limit. */
const limits: Limits = { bytes: 2048, depth: 5, items: 60 };

/** The result of `action`, or the TtlvError that it throws; any other error fails the test. */
function attempt<T>(action: () => T): T | TtlvError {
  try {
    return action();
  } catch (error) {
    if (error instanceof TtlvError) return error;
    throw error;
  }
}

function checkError(error: TtlvError, bytes: Buffer): void {
  assert.ok(error.offset >= 0 && error.offset <= bytes.length, `offset ${error.offset}`);
  assert.ok(error.path.length <= limits.depth + 1);
  const atTop = ['truncated', 'too-large', 'trailing-bytes'].includes(error.code);
  assert.ok(error.path.length > 0 || atTop, `no path for ${error.code}`);
}

/** What an item needs of the budget: items, and levels of structures. */
function cost(item: Item): { items: number; depth: number } {
  if (item.type !== ItemType.Structure) return { items: 1, depth: 0 };
  const inside = item.value.map(cost);
  return {
    items: inside.reduce((sum, { items: count }) => sum + count, 1),
    depth: 1 + Math.max(0, ...inside.map(({ depth }) => depth)),
  };
}

function checkDecoding(bytes: Buffer): void {
  const budget = new Budget(limits);
  const item = attempt(() => decodeItem(bytes, budget));
  const walked = attempt(() => checkWellFormed(bytes, new Budget(limits)));
  assert.ok(budget.items >= -1);
  if (item instanceof TtlvError) {
    checkError(item, bytes);
    assert.equal(item.malformed, true);
    assert.deepEqual(walked, item);
    return;
  }
  assert.equal(walked, undefined);
  assert.deepEqual(encodeItem(item), bytes);
  const { items: count, depth } = cost(item);
  assert.equal(budget.items, limits.items - count);
  assert.ok(bytes.length <= limits.bytes && depth <= limits.depth);
}

function checkStructure(codec: Codec<object>, bytes: Buffer): void {
  const value = attempt(() => {
    const reader = new Reader(bytes, new Budget(limits));
    if (!reader.next()) throw new TtlvError('truncated', 0, []);
    const read = codec.read(reader, 21);
    reader.finish();
    return read;
  });
  if (value instanceof TtlvError) {
    checkError(value, bytes);
    return;
  }
  const writer = new Writer();
  codec.write(writer, bytes.readUIntBE(0, 3), value, 21);
  assert.deepEqual(writer.finish(), bytes);
}

describe('the strong oracle of decoding', () => {
  it('holds for random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => checkDecoding(Buffer.from(bytes))));
  });

  it('holds for messages of any items', () => {
    fc.assert(fc.property(items, (item) => checkDecoding(ttlvBytes(item))));
  });

  it('holds for messages with changes in them', () => {
    fc.assert(fc.property(mutated(items.map(ttlvBytes)), checkDecoding));
  });

  it('holds for published messages with changes in them', function () {
    const vectors = publishedVectors();
    if (vectors === undefined) this.skip();
    const messages = fc.constantFrom(...vectors.map(({ ttlv }) => Buffer.from(ttlv, 'hex')));
    fc.assert(fc.property(mutated(messages), checkDecoding));
  });

  it('holds for declared structures with changes in their bytes', () => {
    const cases = declaredStructures.chain(({ codec, item }) =>
      mutated(fc.constant(ttlvBytes({ ...item, tag: Tag.RequestPayload }))).map((bytes) => ({ codec, bytes })),
    );
    fc.assert(fc.property(cases, ({ codec, bytes }) => checkStructure(codec, bytes)));
  });
});

describe('the decoders of text', () => {
  const words = fc.constantFrom(
    ...['<', '>', '/', '"', '&', ';', '=', '{', '}', '[', ']', ':', ',', '<!--', '-->', '<![CDATA[', ']]>', '<?', '?>'],
    ...['BatchItem', 'TTLV', 'tag', 'type', 'value', 'Integer', 'Structure', 'ObjectType', 'Enumeration', '0x420001'],
    ...[
      ' ',
      '\n',
      '1',
      '-1',
      'null',
      'true',
      '#x41',
      '&amp',
      '<BatchItem>',
      '</BatchItem>',
      '__proto__',
      '\0',
      '\u20ac',
    ],
  );
  const anyText = fc.array(fc.oneof(words, fc.string()), { maxLength: 40 }).map((parts) => parts.join(''));

  it('throw nothing but TtlvError for any XML', () => {
    fc.assert(fc.property(anyText, (text) => void attempt(() => itemFromXml(parseXml(text)))));
  });

  it('throw nothing but TtlvError for any JSON', () => {
    fc.assert(fc.property(fc.oneof(anyText, fc.json()), (text) => void attempt(() => itemFromJson(text))));
  });
});
