import { tagName } from '../../ttlv/errors.ts';
import { type Item, ItemType } from '../../ttlv/item.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { childrenOf, find, textOf } from './walk.ts';

/**
 * The name by which an item of a Get Attribute List, or of a request for attributes, means an attribute: the text of
 * 1.x, the tag of 2.x, `vendor:name` for a custom one of 2.x. Undefined for other items.
 */
export function nameOf(item: Item): string | undefined {
  if (item.tag === Tag.AttributeName) return textOf(item);
  if (item.tag !== Tag.AttributeReference) return undefined;
  return item.type === ItemType.Enumeration ? tagName(item.value) : customName(item);
}

/** The attributes that a Request Payload names. */
export function namedAttributes(payload: Item | undefined): readonly string[] {
  return childrenOf(payload).flatMap((item) => nameOf(item) ?? []);
}

/** The instances of each attribute, in their order, by the name that `nameOf` gives. */
export function groupByAttribute(items: readonly Item[]): ReadonlyMap<string, readonly Item[]> {
  return Map.groupBy(items, (item) => (item.tag === Tag.Attribute ? customName(item) : tagName(item.tag)));
}

/** What to call a structure in a report: its tag, and for an Attribute its name. */
export function labelOf(item: Item): string {
  return item.tag === Tag.Attribute ? `Attribute ${customName(item)}` : tagName(item.tag);
}

/** The name of an Attribute or an Attribute Reference, after that of its vendor in 2.x. */
function customName(item: Item): string {
  const [vendor, name] = [Tag.VendorIdentification, Tag.AttributeName].map((tag) =>
    textOf(find(childrenOf(item), tag)),
  );
  return vendor === undefined ? (name ?? '') : `${vendor}:${name}`;
}
