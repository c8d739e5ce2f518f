import type { Item } from './item.ts';
import type { EnumTable } from './tables/table.ts';
import { enumOfTag, maskOfTag, Tag, tagInfo } from './tables/tags.ts';

/**
 * The normalised form of a name of the specification: `Re-key Key Pair` is `ReKeyKeyPair`, `X.509` is `X_509`
 * (KMIP Additional Message Encodings 1.0, 6.1.3, whose steps these are).
 */
export function normalizeName(text: string): string {
  const words = text
    .replace(/[()]/g, ' ')
    .replace(/\W([A-Za-z][a-z])/g, ' $1')
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/\W/g, '_'));
  const first = words[0]?.replace(/^(\d+)(.*)$/, '$2$1') ?? '';
  return [first, ...words.slice(1)].map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

const tagsByName: ReadonlyMap<string, number> = new Map(Object.entries(Tag));

/** The number of a tag by its normalised name, its text in the specification, or its number in hex (0x420008). */
export function tagByName(name: string): number | undefined {
  if (/^0x[0-9a-f]{6}$/i.test(name)) return Number(name);
  return tagsByName.get(name) ?? tagsByName.get(normalizeName(name));
}

/**
 * The tag whose enumeration or mask tells what the value of `tag` means: the tag itself, but for an Attribute Value the
 * tag of the attribute that its structure names (1.x).
 */
export function meaningOf(tag: number, attributeName: string | undefined): number {
  if (tag !== Tag.AttributeValue || attributeName === undefined) return tag;
  return tagByName(attributeName) ?? tag;
}

/** The Attribute Name among the items of an Attribute. */
export function attributeNameOf(items: readonly Item[]): string | undefined {
  const value = items.find((item) => item.tag === Tag.AttributeName)?.value;
  return typeof value === 'string' ? value : undefined;
}

/** Tags whose enumeration is that of the tags themselves. */
const tagValued: ReadonlySet<number> = new Set([Tag.AttributeReference, Tag.Tag]);

/** The name of an enumeration's value under the tag `meaning`; undefined if there is none, as for extensions. */
export function enumerationName(meaning: number, code: number): string | undefined {
  if (tagValued.has(meaning)) return tagInfo.get(code)?.name;
  return enumOfTag.get(meaning)?.byCode.get(code)?.name;
}

/** The code of an enumeration's value by its name, which may be an alias or the text of the specification. */
export function enumerationCode(meaning: number, name: string): number | undefined {
  if (tagValued.has(meaning)) return tagByName(name);
  return codeIn(enumOfTag.get(meaning), name);
}

/** The names of the bits of a mask, lowest first, and the rest of the bits. */
export function maskNames(meaning: number, value: number): { names: readonly string[]; rest: number } {
  const names: string[] = [];
  let rest = value;
  for (const [bit, named] of maskOfTag.get(meaning)?.byCode ?? []) {
    if ((value & bit) === 0) continue;
    names.push(named.name);
    rest &= ~bit;
  }
  return { names, rest };
}

/** The bit of a mask by its name. */
export function maskBit(meaning: number, name: string): number | undefined {
  return codeIn(maskOfTag.get(meaning), name);
}

function codeIn(table: EnumTable | undefined, name: string): number | undefined {
  return table?.byName.get(name) ?? table?.byName.get(normalizeName(name));
}
