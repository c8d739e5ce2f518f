/**
 * What the compiler must infer from declared structures. There is nothing to run: a wrong type is an error of `tsc`.
 */
import type { Buffer } from 'node:buffer';
import type { Item } from '../../ttlv/item.ts';
import { ItemType } from '../../ttlv/item.ts';
import {
  anyItem,
  byteString,
  type Codec,
  dependent,
  enumeration,
  integer,
  longInteger,
  mask,
  oneOf,
  optional,
  repeated,
  required,
  structure,
  type TypeOf,
  textString,
} from '../../ttlv/structure.ts';
import { enumInfo, type ObjectType, type UniqueIdentifier } from '../../ttlv/tables/enums.ts';
import { maskInfo } from '../../ttlv/tables/masks.ts';
import { Tag } from '../../ttlv/tables/tags.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Expect<T extends true> = T;

const identifier = oneOf({
  [ItemType.TextString]: textString,
  [ItemType.Enumeration]: enumeration(enumInfo.UniqueIdentifier),
  [ItemType.Integer]: integer,
});

const inner = structure({ name: required(Tag.NameValue, textString) });

const outer = structure({
  type: required(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
  id: required(Tag.UniqueIdentifier, identifier),
  old: required(Tag.TemplateAttribute, inner, { until: 14 }),
  usage: optional(Tag.CryptographicUsageMask, mask(maskInfo.CryptographicUsageMask)),
  data: optional(Tag.Data, byteString, { since: 12 }),
  names: repeated(Tag.Name, inner),
  extra: repeated(Tag.VendorExtension, anyItem, { min: 1 }),
  material: dependent(Tag.KeyMaterial, (sofar: { readonly type?: ObjectType }) =>
    sofar.type === 2 ? byteString : longInteger,
  ),
  value: dependent(Tag.AttributeValue, (_sofar: object): Codec<string> => textString, { optional: true }),
});

type Outer = TypeOf<typeof outer>;

export type Checks = [
  Expect<
    Equal<
      Outer,
      {
        type: ObjectType;
        id:
          | { readonly type: 7; readonly value: string }
          | { readonly type: 5; readonly value: UniqueIdentifier }
          | { readonly type: 2; readonly value: number };
        names: readonly { name: string }[];
        extra: readonly Item[];
        material: Buffer | bigint;
        old?: { name: string };
        usage?: number;
        data?: Buffer;
        value?: string;
      }
    >
  >,
  Expect<Equal<Outer['type'], ObjectType>>,
];

const value: Outer = {
  type: 2,
  id: { type: ItemType.TextString, value: 'id' },
  names: [],
  extra: [],
  material: 1n,
};

// @ts-expect-error: 99 is no Object Type
export const wrongEnumeration: Outer = { ...value, type: 99 };

// @ts-expect-error: an optional field is left out, not undefined
export const undefinedField: Outer = { ...value, data: undefined };

// @ts-expect-error: the value must fit the type beside it
export const wrongChoice: Outer = { ...value, id: { type: ItemType.TextString, value: 1 } };
