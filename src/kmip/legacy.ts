import { ItemType } from '../../ttlv/item.ts';
import {
  anyItem,
  type Codec,
  dependent,
  integer,
  optional,
  required,
  structure,
  textString,
} from '../../ttlv/structure.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { KmipError } from '../errors.ts';
import { fromVendorKey, isVendorKey, rowOf, toVendorKey, writeIfDefined } from './attribute-codec.ts';
import { type Attribute, attributeByText, attributeOf, filterCodecOf } from './attribute-lookup.ts';
import type { AttributeKey, GivenAttribute } from './attribute-set.ts';
import type { AttributeValue } from './attributes.ts';
import { name } from './structures/naming.ts';

/**
 * The forms of KMIP 1.x for what 2.x says otherwise: attributes under their English names with an index, Template-
 * Attribute around them, custom attributes named x-... or y-.... Nothing but this file and attribute-fields.ts knows them.
 */

type Name = AttributeValue<'Name'>;

/** Custom attributes of 1.x begin with these (KMIP 1.4, 3.39): made by clients, made by servers. */
const customName = /^([xy])-(.*)$/s;

/** An attribute as it lies in the message: the value's codec comes from the name. */
interface Wire {
  readonly attributeName: string;
  readonly attributeIndex?: number;
  readonly attributeValue: unknown;
}

type ValueCodec = (attributeName: string, version: Version) => Codec<unknown>;

// MySQL Enterprise sends Attribute Index before Attribute Value; the standard's order is what is written.
function wireCodec(valueCodec: ValueCodec): Codec<Wire> {
  return structure(
    {
      attributeName: required(Tag.AttributeName, textString),
      attributeIndex: optional(Tag.AttributeIndex, integer),
      attributeValue: dependent(Tag.AttributeValue, (sofar: Pick<Wire, 'attributeName'>, version) =>
        valueCodec(sofar.attributeName, version),
      ),
    },
    { anyOrder: true },
  );
}

const wireAttribute = wireCodec((text, version) => valueCodec(text, version));

/** An Attribute of a request (KMIP 1.4, 2.1.1), with the index if the client gave one. */
export const legacyAttribute: Codec<GivenAttribute> = attributeCodec(({ index }) => index);

/**
 * An Attribute of an answer. Index 0 is the default and is left out, as in the published cases; but PyKMIP's users
 * look for it where an attribute can have several instances, and from 1.1 on the profiles permit it.
 */
export const legacyAnswer: Codec<GivenAttribute> = attributeCodec(({ key, index }, version) => {
  const severalInstances = isVendorKey(key) || attributeOf(key).multiple === true;
  return index !== 0 || (severalInstances && version >= 11) ? index : undefined;
});

/** The name of an attribute; one that the version does not have becomes a key that no object has. */
export const attributeName: Codec<AttributeKey> = {
  type: ItemType.TextString,
  read: (reader, version) => {
    const text = reader.readTextString();
    return keyOf(text, version) ?? toVendorKey('', text);
  },
  write: (writer, tag, key, version) => {
    const text = textOf(key, version);
    if (text !== undefined) writer.writeTextString(tag, text);
  },
};

const storageStatus = 'Storage Status Mask';
const storageStatusKey = toVendorKey('', storageStatus);
const wireFilter = wireCodec((text, version) =>
  text === storageStatus ? integer : valueCodec(text, version, filterCodecOf),
);

/**
 * An Attribute in a Locate request; structures may be given in part. MySQL Enterprise sends Storage Status Mask as if it were an attribute: see
 * `storageStatusOf`.
 */
export const legacyFilter: Codec<GivenAttribute> = {
  ...legacyAttribute,
  read: (reader, version) => {
    const wire = wireFilter.read(reader, version);
    if (wire.attributeName !== storageStatus) return fromWire(wire, version);
    return { key: storageStatusKey, value: wire.attributeValue };
  },
};

/** The mask, if the filter is one. */
export function storageStatusOf({ key, value }: GivenAttribute): number | undefined {
  return key === storageStatusKey ? Number(value) : undefined;
}

const templateKey = toVendorKey('', 'Template');

/** The name of a template whose attributes are to stand in the place of this one, if it is one: see `templateAttribute`. */
export function templateNameOf({ key, value }: GivenAttribute): Name | undefined {
  return key === templateKey ? (value as Name) : undefined;
}

/**
 * Template-Attribute and its variants for key pairs (KMIP 1.4, 2.1.8), as the attributes in it. The name of a template is
 * one of them, under a key that no object has, and is told by `templateNameOf`.
 */
export const templateAttribute: Codec<readonly GivenAttribute[]> = {
  type: ItemType.Structure,
  read: (reader, version) => {
    const given: GivenAttribute[] = [];
    reader.enter();
    while (reader.next()) {
      if (reader.tag === Tag.Name) given.push({ key: templateKey, value: name.read(reader, version) });
      else if (reader.tag === Tag.Attribute) given.push(legacyAttribute.read(reader, version));
      else reader.fail('unknown-tag');
    }
    reader.leave();
    return given;
  },
  write: (writer, tag, given, version) => {
    const start = writer.begin(tag);
    for (const one of given) {
      const template = templateNameOf(one);
      if (template === undefined) legacyAttribute.write(writer, Tag.Attribute, one, version);
      else name.write(writer, Tag.Name, template, version);
    }
    writer.end(start);
  },
};

function attributeCodec(
  indexOf: (given: GivenAttribute, version: Version) => number | undefined,
): Codec<GivenAttribute> {
  return {
    type: ItemType.Structure,
    read: (reader, version) => fromWire(wireAttribute.read(reader, version), version),
    write: (writer, tag, given, version) => {
      const text = textOf(given.key, version);
      if (text === undefined) return;
      const index = indexOf(given, version);
      const named = { attributeName: text, attributeValue: given.value };
      const wire = index === undefined ? named : { ...named, attributeIndex: index };
      writeIfDefined(writer, () => wireAttribute.write(writer, tag, wire, version));
    },
  };
}

function fromWire(
  { attributeName: text, attributeIndex: index, attributeValue: value }: Wire,
  version: Version,
): GivenAttribute {
  const key = keyOf(text, version) ?? unknownName();
  return index === undefined ? { key, value } : { key, index, value };
}

function valueCodec(
  text: string,
  version: Version,
  codecOf: (row: Attribute) => Codec<unknown> = ({ codec }) => codec,
): Codec<unknown> {
  const row = attributeByText(text, version);
  if (row !== undefined) return codecOf(row);
  return customName.test(text) ? anyItem : unknownName();
}

function keyOf(text: string, version: Version): AttributeKey | undefined {
  const custom = customName.exec(text);
  if (custom !== null) return toVendorKey(custom[1] ?? '', custom[2] ?? '');
  return attributeByText(text, version)?.name;
}

/** The name of an attribute in 1.x; undefined if it cannot be told there. */
function textOf(key: AttributeKey, version: Version): string | undefined {
  if (!isVendorKey(key)) return rowOf(key, version)?.text;
  const { vendor, name } = fromVendorKey(key);
  if (vendor === '') return name;
  return vendor === 'x' || vendor === 'y' ? `${vendor}-${name}` : undefined;
}

function unknownName(): never {
  throw new KmipError('invalid-attribute', 'an Attribute Name is unknown to this version and not a custom one (x-...)');
}
