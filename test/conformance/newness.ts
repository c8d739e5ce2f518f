import { tagName } from '../../ttlv/errors.ts';
import { type Item, ItemType } from '../../ttlv/item.ts';
import { tagByName } from '../../ttlv/names.ts';
import type { NamedValue } from '../../ttlv/tables/table.ts';
import { enumOfTag, maskOfTag, Tag, tagInfo } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { walk } from './walk.ts';

/** What an answer holds that began after the version of its message: tags, values of enumerations, bits, attributes. */
export function newerThan(version: Version, answer: Item): readonly string[] {
  const newer: string[] = [];
  const check = (what: string, known: NamedValue | undefined): void => {
    if (known !== undefined && known.since > version) newer.push(`${what} ${known.name} is newer than the message`);
  };
  for (const { item, meaning } of walk(answer)) {
    check('the item', tagInfo.get(item.tag));
    for (const value of namedValues(item, meaning)) check(`within ${tagName(meaning)},`, value);
  }
  return newer;
}

function namedValues(item: Item, meaning: number): readonly (NamedValue | undefined)[] {
  if (item.type === ItemType.TextString && item.tag === Tag.AttributeName) return [attributeInfo(item.value)];
  if (item.type === ItemType.Enumeration && meaning === Tag.AttributeReference) return [tagInfo.get(item.value)];
  if (item.type === ItemType.Enumeration) return [enumOfTag.get(meaning)?.byCode.get(item.value)];
  if (item.type !== ItemType.Integer) return [];
  const bits = maskOfTag.get(meaning)?.byCode ?? [];
  return [...bits].flatMap(([bit, value]) => ((item.value & bit) === 0 ? [] : [value]));
}

/** The tag of the attribute with that name, unless it is a custom one. */
function attributeInfo(name: string): NamedValue | undefined {
  const tag = /^[xy]-/.test(name) ? undefined : tagByName(name);
  return tag === undefined ? undefined : tagInfo.get(tag);
}
