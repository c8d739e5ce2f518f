import { type Codec, partial } from '../../ttlv/structure.ts';
import type { ObjectType } from '../../ttlv/tables/enums.ts';
import { Tag, tagInfo } from '../../ttlv/tables/tags.ts';
import { LATEST, type Version } from '../../ttlv/tables/versions.ts';
import type { AttributeRow, AttributeRules } from './attribute-rules.ts';
import { type AttributeName, attributes } from './attributes.ts';

/** A row together with its names. */
export interface Attribute extends AttributeRow<unknown> {
  readonly name: AttributeName;
  readonly tag: number;
  /** The name of the specification's text, which KMIP 1.x uses on the wire. */
  readonly text: string;
}

/** All attributes in the order of the table. */
export const attributeList: readonly Attribute[] = Object.entries(attributes).map(([key, rules]) => {
  const attributeName = key as AttributeName;
  const tag = Tag[attributeName];
  return { ...rules, name: attributeName, tag, text: tagInfo.get(tag)?.text ?? attributeName };
});

const byName = new Map(attributeList.map((one) => [one.name, one]));
const byTag = new Map(attributeList.map((one) => [one.tag, one]));
const byText = new Map(attributeList.map((one) => [one.text, one]));

/** The row of an attribute. */
export function attributeOf(attributeName: AttributeName): Attribute {
  const found = byName.get(attributeName);
  if (found === undefined) throw new Error(`no attribute ${attributeName}`);
  return found;
}

/** The attribute with this tag, if the version has it. */
export function attributeByTag(tag: number, version: Version): Attribute | undefined {
  const found = byTag.get(tag);
  return found !== undefined && inVersion(found, version) ? found : undefined;
}

/** The attribute that 1.x calls by this text, if the version has it. */
export function attributeByText(text: string, version: Version): Attribute | undefined {
  const found = byText.get(text);
  return found !== undefined && inVersion(found, version) ? found : undefined;
}

const partialCodecs = new Map(attributeList.map((one) => [one.name, partial(one.codec)]));

/** The codec of an attribute's value in a filter of Locate: fields of structures may be left out (KMIP 2.1, 6.1.28). */
export function filterCodecOf({ name, codec }: Attribute): Codec<unknown> {
  return partialCodecs.get(name) ?? codec;
}

/** Whether the version has the attribute. */
export function inVersion({ since = 10, until = LATEST }: AttributeRules, version: Version): boolean {
  return version >= since && version <= until;
}

/** Whether an object of the type can have the attribute, as the version sees it. */
export function appliesTo(attribute: AttributeRules, type: ObjectType, version: Version): boolean {
  return (attribute.widened === true && version >= 20) || attribute.appliesTo.includes(type);
}
