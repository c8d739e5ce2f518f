import { Buffer } from 'node:buffer';
import { type Item, ItemType } from '../../ttlv/item.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';

/** Short forms for items in tests. */
type TagName = keyof typeof Tag;

export const struct = (name: TagName, ...value: Item[]): Item => ({ tag: Tag[name], type: ItemType.Structure, value });
export const text = (name: TagName, value: string): Item => ({ tag: Tag[name], type: ItemType.TextString, value });
export const int = (name: TagName, value: number): Item => ({ tag: Tag[name], type: ItemType.Integer, value });
export const code = (name: TagName, value: number): Item => ({ tag: Tag[name], type: ItemType.Enumeration, value });
export const bool = (name: TagName, value: boolean): Item => ({ tag: Tag[name], type: ItemType.Boolean, value });
export const date = (name: TagName, value: number): Item => ({ tag: Tag[name], type: ItemType.DateTime, value });
export const hex = (name: TagName, value: string): Item => ({
  tag: Tag[name],
  type: ItemType.ByteString,
  value: Buffer.from(value, 'hex'),
});

/** Protocol Version. */
export function protocol(major: number, minor: number): Item {
  return struct('ProtocolVersion', int('ProtocolVersionMajor', major), int('ProtocolVersionMinor', minor));
}

/** A request of the version with the given batch items, and further header fields before Batch Count. */
export function requestOf(version: Version, items: readonly Item[], ...fields: Item[]): Item {
  const header = [protocol(Math.floor(version / 10), version % 10), ...fields, int('BatchCount', items.length)];
  return struct('RequestMessage', struct('RequestHeader', ...header), ...items);
}

/** A batch item of a request. */
export function itemOf(operation: number, payload: readonly Item[], id?: string): Item {
  const ids = id === undefined ? [] : [hex('UniqueBatchItemID', id)];
  return struct('BatchItem', code('Operation', operation), ...ids, struct('RequestPayload', ...payload));
}

/** An Attribute of 1.x. */
export function attribute(name: string, value: Item, index?: number): Item {
  const indexed = index === undefined ? [] : [int('AttributeIndex', index)];
  return struct('Attribute', text('AttributeName', name), ...indexed, { ...value, tag: Tag.AttributeValue });
}
