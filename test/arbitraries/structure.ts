import fc from 'fast-check';
import { type Item, ItemType, type ItemValue } from '../../ttlv/item.ts';
import {
  bigInteger,
  boolean,
  byteString,
  type Codec,
  dateTime,
  dateTimeExtended,
  integer,
  interval,
  longInteger,
  optional,
  repeated,
  required,
  type StructureCodec,
  structure,
  textString,
} from '../../ttlv/structure.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { ScalarType } from '../../ttlv/text-values.ts';
import { scalars } from './item.ts';

/** A declared structure, a value of it, and the item that the value is on the wire. */
export interface Declared {
  readonly codec: StructureCodec<object>;
  readonly value: object;
  readonly item: Item;
}

type PlainType = Exclude<ScalarType, typeof ItemType.Enumeration>;

const codecs: { readonly [Type in PlainType]: Codec<unknown> } = {
  [ItemType.Integer]: integer,
  [ItemType.LongInteger]: longInteger,
  [ItemType.BigInteger]: bigInteger,
  [ItemType.Boolean]: boolean,
  [ItemType.TextString]: textString,
  [ItemType.ByteString]: byteString,
  [ItemType.DateTime]: dateTime,
  [ItemType.Interval]: interval,
  [ItemType.DateTimeExtended]: dateTimeExtended,
};

const plainTypes = Object.keys(codecs).map(Number) as PlainType[];

type Kind = 'required' | 'optional' | 'repeated';

const makers = { required, optional, repeated };

/** One field: its kind, its codec, and its value as items; none of them for an optional field that is left out. */
interface FieldCase {
  readonly kind: Kind;
  readonly codec: Codec<unknown>;
  /** Item types and values as they are on the wire. */
  readonly wire: readonly { readonly type: ItemType; readonly value: ItemValue }[];
  /** The same as values of the codec. */
  readonly values: readonly unknown[];
}

const counts: { readonly [K in Kind]: fc.Arbitrary<number> } = {
  required: fc.constant(1),
  optional: fc.nat({ max: 1 }),
  repeated: fc.nat({ max: 3 }),
};

const kinds = fc.constantFrom<Kind>('required', 'optional', 'repeated');

const plainField: fc.Arbitrary<FieldCase> = fc.tuple(kinds, fc.constantFrom(...plainTypes)).chain(([kind, type]) =>
  counts[kind].chain((length) =>
    fc.array<ItemValue>(scalars[type], { minLength: length, maxLength: length }).map((values) => ({
      kind,
      codec: codecs[type],
      wire: values.map((value) => ({ type, value })),
      values,
    })),
  ),
);

function nestedField(declared: Declared, kind: Kind): FieldCase {
  const { codec, value, item } = declared;
  return { kind, codec, wire: [{ type: ItemType.Structure, value: item.value }], values: [value] };
}

function declare(fields: readonly FieldCase[], tagsOfFields: readonly number[]): Declared {
  const rows = fields.map(
    ({ kind, codec }, index) => [`field${index}`, makers[kind](tagsOfFields[index] ?? 0, codec)] as const,
  );
  const values = fields.flatMap(({ kind, values }, index) => {
    if (kind === 'repeated') return [[`field${index}`, values] as const];
    return values.length === 0 ? [] : [[`field${index}`, values[0]] as const];
  });
  const items = fields.flatMap(({ wire }, index) =>
    wire.map((part) => ({ tag: tagsOfFields[index], ...part }) as Item),
  );
  return {
    codec: structure(Object.fromEntries(rows)),
    value: Object.fromEntries(values),
    item: { tag: Tag.RequestPayload, type: ItemType.Structure, value: items },
  };
}

const distinctTags = fc.uniqueArray(fc.constantFrom(...Object.values(Tag)), { minLength: 8, maxLength: 8 });

const flat: fc.Arbitrary<Declared> = fc
  .tuple(fc.array(plainField, { maxLength: 8 }), distinctTags)
  .map(([fields, fieldTags]) => declare(fields, fieldTags));

/** Structures of up to eight fields of every kind and type, some of them structures again. */
export const declaredStructures: fc.Arbitrary<Declared> = fc
  .tuple(
    fc.array(
      fc.oneof(
        plainField,
        fc.tuple(flat, kinds).map(([declared, kind]) => nestedField(declared, kind)),
      ),
      {
        maxLength: 8,
      },
    ),
    distinctTags,
  )
  .map(([fields, fieldTags]) => declare(fields, fieldTags));
