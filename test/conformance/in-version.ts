import { tagName } from '../../ttlv/errors.ts';
import { type Item, ItemType } from '../../ttlv/item.ts';
import { tagByName } from '../../ttlv/names.ts';
import { isDefined, type NamedValue } from '../../ttlv/tables/table.ts';
import { enumOfTag, maskOfTag, Tag, tagInfo } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { walk } from './walk.ts';

/**
 * What an answer holds that the version of its message does not define: tags, values of enumerations and attributes.
 * Bits of masks must only not be newer, as TC-CERTATTR-1-20 gives one back that ended with 1.4.
 */
export function undefinedIn(version: Version, answer: Item): readonly string[] {
  const foreign: string[] = [];
  for (const { item, meaning } of walk(answer)) {
    const tag = tagInfo.get(item.tag);
    if (!isIn(version, tag)) foreign.push(`this version has no ${tag?.name}`);
    const value = namedValue(item, meaning);
    if (!isIn(version, value)) foreign.push(`${tagName(meaning)} has no ${value?.name} in this version`);
    const bit = namedBits(item, meaning).find(({ since }) => since > version);
    if (bit !== undefined) foreign.push(`${tagName(meaning)} has no ${bit.name} in this version`);
  }
  return foreign;
}

function isIn(version: Version, value: NamedValue | undefined): boolean {
  return value === undefined || isDefined(value, version);
}

/** The value of an enumeration, or the attribute that is named. */
function namedValue(item: Item, meaning: number): NamedValue | undefined {
  if (item.type === ItemType.TextString) return item.tag === Tag.AttributeName ? attributeInfo(item.value) : undefined;
  if (item.type !== ItemType.Enumeration) return undefined;
  return meaning === Tag.AttributeReference ? tagInfo.get(item.value) : enumOfTag.get(meaning)?.byCode.get(item.value);
}

/** The tag of the attribute with that name, unless it is a custom one. */
function attributeInfo(name: string): NamedValue | undefined {
  const tag = /^[xy]-/.test(name) ? undefined : tagByName(name);
  return tag === undefined ? undefined : tagInfo.get(tag);
}

function namedBits(item: Item, meaning: number): readonly NamedValue[] {
  const table = item.type === ItemType.Integer ? maskOfTag.get(meaning) : undefined;
  return [...(table?.byCode ?? [])].flatMap(([bit, value]) => ((Number(item.value) & bit) === 0 ? [] : [value]));
}
