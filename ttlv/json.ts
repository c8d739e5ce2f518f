import { Budget } from './budget.ts';
import { TtlvError, tagName } from './errors.ts';
import { type Item, type ItemOf, ItemType, type ItemValues, typeName } from './item.ts';
import { attributeNameOf, meaningOf } from './names.ts';
import { itemFromText, type TextEncoding } from './text-item.ts';
import { enumerationText, hexNumber, maskText, microsecondsText, type ScalarType, secondsText } from './text-values.ts';

/** `{"tag": "ObjectType", "type": "Enumeration", "value": "SymmetricKey"}`; no type means Structure. */
const jsonEncoding: TextEncoding<unknown> = {
  tag: (node) => String(property(node, 'tag')),
  type: (node) => String(property(node, 'type') ?? 'Structure'),
  value: (node) => property(node, 'value') ?? undefined,
  children: (node) => {
    const value = property(node, 'value') ?? [];
    return Array.isArray(value) ? value : undefined;
  },
};

function property(node: unknown, name: string): unknown {
  const isObject = typeof node === 'object' && node !== null && Object.hasOwn(node, name);
  return isObject ? Reflect.get(node, name) : undefined;
}

/**
 * Reads an item from JSON (KMIP Additional Message Encodings 1.0, 4.1).
 * @throws TtlvError with the tag path: `bad-syntax`, `too-large`, and those of `itemFromText`
 */
export function itemFromJson(text: string, budget: Budget = new Budget()): Item {
  if (text.length > budget.bytes) throw new TtlvError('too-large', 0, []);
  return itemFromText(jsonEncoding, parseJson(text), budget);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error of JSON.parse quotes the text, which may hold keys.
    throw new TtlvError('bad-syntax', 0, []);
  }
}

/** The JSON of an item, without blanks. */
export function jsonFromItem(item: Item): string {
  return JSON.stringify(toJson(item, undefined));
}

/** `attributeName` is that of the Attribute around the item. */
function toJson(item: Item, attributeName: string | undefined): object {
  const tag = tagName(item.tag);
  if (item.type === ItemType.Structure) {
    const inner = attributeNameOf(item.value);
    return { tag, value: item.value.map((child) => toJson(child, inner)) };
  }
  return { tag, type: typeName(item.type), value: toScalar(item, meaningOf(item.tag, attributeName)) };
}

type Scalar = string | number | boolean;

type Printers = { readonly [Type in ScalarType]: (value: ItemValues[Type], meaning: number) => Scalar };

/** From here on a number of JSON is not exact everywhere (4.1.6.5). */
const INEXACT = 2n ** 52n;

const printers: Printers = {
  [ItemType.Integer]: (value, meaning) => maskText(value, meaning, '|') ?? value,
  [ItemType.LongInteger]: (value) => (value < INEXACT && value > -INEXACT ? Number(value) : hexNumber(value, 64)),
  [ItemType.BigInteger]: (value) => `0x${value.toString('hex')}`,
  [ItemType.Enumeration]: enumerationText,
  [ItemType.Boolean]: (value) => value,
  [ItemType.TextString]: (value) => value,
  [ItemType.ByteString]: (value) => value.toString('hex'),
  [ItemType.DateTime]: secondsText,
  [ItemType.Interval]: (value) => value,
  [ItemType.DateTimeExtended]: microsecondsText,
};

function toScalar<Type extends ScalarType>(item: ItemOf<Type>, meaning: number): Scalar {
  return printers[item.type](item.value, meaning);
}
