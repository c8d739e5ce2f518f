import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { fromBigInt, type Item, ItemType, type ItemValues } from '../../ttlv/item.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { ScalarType } from '../../ttlv/text-values.ts';

/** Tags of the standard and of vendors' extensions. */
const tags: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...Object.values(Tag)) },
  { weight: 1, arbitrary: fc.integer({ min: 0x540000, max: 0x54ffff }) },
);

/** Any text that can be encoded, with lengths around those where the codec changes its way. */
const texts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

const bytes: fc.Arbitrary<Buffer> = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint32 = fc.nat({ max: 0xffff_ffff });

/** Values of each type but Structure. */
export const scalars: { readonly [Type in ScalarType]: fc.Arbitrary<ItemValues[Type]> } = {
  [ItemType.Integer]: fc.integer(),
  [ItemType.LongInteger]: long,
  [ItemType.BigInteger]: fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }).map(fromBigInt),
  [ItemType.Enumeration]: uint32,
  [ItemType.Boolean]: fc.boolean(),
  [ItemType.TextString]: texts,
  [ItemType.ByteString]: bytes,
  [ItemType.DateTime]: fc.maxSafeInteger(),
  [ItemType.Interval]: uint32,
  [ItemType.DateTimeExtended]: long,
};

function scalarItem<Type extends ScalarType>(type: Type): fc.Arbitrary<Item> {
  return fc.record({ tag: tags, value: scalars[type] }).map(({ tag, value }) => ({ tag, type, value }) as Item);
}

const anyScalar = fc.oneof(...(Object.keys(scalars).map(Number) as ScalarType[]).map((type) => scalarItem(type)));

/** Items of every type, structures up to five levels deep. */
export const items: fc.Arbitrary<Item> = fc.letrec<{ item: Item; structure: Item }>((tie) => ({
  item: fc.oneof({ maxDepth: 4 }, anyScalar, tie('structure')),
  structure: fc.record({ tag: tags, value: fc.array(tie('item'), { maxLength: 5 }) }).map(({ tag, value }) => ({
    tag,
    type: ItemType.Structure,
    value,
  })),
})).item;
