import { type Item, ItemType } from '../../ttlv/item.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { childrenOf } from './walk.ts';

/*
 * How the tests of the runner make a server answer wrongly: functions that change the items to which a path of tags
 * leads from the message on.
 */

/** Makes one answer of another. */
export type Change = (message: Item) => Item;

export const structure = (tag: number, ...value: readonly Item[]): Item => ({ tag, type: ItemType.Structure, value });
export const enumeration = (tag: number, value: number): Item => ({ tag, type: ItemType.Enumeration, value });
export const integer = (tag: number, value: number): Item => ({ tag, type: ItemType.Integer, value });
export const text = (tag: number, value: string): Item => ({ tag, type: ItemType.TextString, value });

export function bytes(tag: number, hex: string): Item {
  return { tag, type: ItemType.ByteString, value: Buffer.from(hex, 'hex') };
}

/** An attribute of 1.x with the value of that item. */
export function attribute(name: string, value: Item): Item {
  return structure(Tag.Attribute, text(Tag.AttributeName, name), { ...value, tag: Tag.AttributeValue });
}

/** Puts none, one or several items in the place of each that the path leads to. */
export function at(path: readonly number[], change: (item: Item) => readonly Item[]): Change {
  return (message) => {
    const [tag, ...rest] = path;
    const value = childrenOf(message).flatMap((child) => {
      if (child.tag !== tag) return [child];
      return rest.length === 0 ? change(child) : [at(rest, change)(child)];
    });
    return structure(message.tag, ...value);
  };
}

/** Adds an item at the end of the structure. */
export function add(path: readonly number[], item: Item): Change {
  return at(path, (parent) => [structure(parent.tag, ...childrenOf(parent), item)]);
}

export function reverse(path: readonly number[]): Change {
  return at(path, (parent) => [structure(parent.tag, ...childrenOf(parent).toReversed())]);
}

/** Removes the items, or those of them that `which` is true of. */
export function remove(path: readonly number[], which: (item: Item) => boolean = () => true): Change {
  return at(path, (item) => (which(item) ? [] : [item]));
}

export function replace(path: readonly number[], item: Item): Change {
  return at(path, () => [item]);
}
