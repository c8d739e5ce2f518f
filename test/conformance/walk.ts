import { type Item, ItemType } from '../../ttlv/item.ts';
import { attributeNameOf, meaningOf } from '../../ttlv/names.ts';
import { encodeItem } from '../../ttlv/writer.ts';

/** An item within another, and the tag that tells what it is: for an Attribute Value (1.x) that of the attribute. */
export interface Visited {
  readonly item: Item;
  readonly meaning: number;
}

/** The item and all within it, depth first. */
export function* walk(item: Item, attributeName?: string): Generator<Visited> {
  yield { item, meaning: meaningOf(item.tag, attributeName) };
  if (item.type !== ItemType.Structure) return;
  const name = attributeNameOf(item.value);
  for (const child of item.value) yield* walk(child, name);
}

/** The items directly within a structure; none within any other item. */
export function childrenOf(item: Item | undefined): readonly Item[] {
  return item?.type === ItemType.Structure ? item.value : [];
}

/** The first of the items with that tag. */
export function find(items: readonly Item[], tag: number): Item | undefined {
  return items.find((item) => item.tag === tag);
}

/** The first item of that meaning, at any depth. */
export function findDeep(item: Item | undefined, meaning: number): Item | undefined {
  if (item === undefined) return undefined;
  for (const visited of walk(item)) if (visited.meaning === meaning) return visited.item;
  return undefined;
}

/** The text of a Text String, the number of an Enumeration or Integer. */
export function textOf(item: Item | undefined): string | undefined {
  return item?.type === ItemType.TextString ? item.value : undefined;
}

export function numberOf(item: Item | undefined): number | undefined {
  return item?.type === ItemType.Enumeration || item?.type === ItemType.Integer ? item.value : undefined;
}

/** The item as TTLV in hex, to tell equal ones. */
export function fingerprint(item: Item): string {
  return encodeItem(item).toString('hex');
}
