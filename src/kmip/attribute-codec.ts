import { tagName } from '../../ttlv/errors.ts';
import { ItemType } from '../../ttlv/item.ts';
import type { Reader } from '../../ttlv/reader.ts';
import { anyItem, type Codec, NotInVersionError, required, structure, textString } from '../../ttlv/structure.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import type { Writer } from '../../ttlv/writer.ts';
import { KmipError } from '../errors.ts';
import { type Attribute, attributeByTag, attributeOf, filterCodecOf, inVersion } from './attribute-lookup.ts';
import type { AttributeKey, GivenAttribute, VendorKey } from './attribute-set.ts';
import type { AttributeName } from './attributes.ts';

/** A vendor's attribute (KMIP 2.1, 4.60). Vendor `x` holds the client's custom attributes of 1.x, `y` the server's. */
const vendorAttribute = structure({
  vendorIdentification: required(Tag.VendorIdentification, textString),
  attributeName: required(Tag.AttributeName, textString),
  attributeValue: required(Tag.AttributeValue, anyItem),
});

const vendorReference = structure({
  vendorIdentification: required(Tag.VendorIdentification, textString),
  attributeName: required(Tag.AttributeName, textString),
});

/** Whether a key names a vendor's (1.x: custom) attribute. */
export function isVendorKey(key: AttributeKey): key is VendorKey {
  return key.includes(':');
}

/** The key of a vendor's attribute. */
export function toVendorKey(vendor: string, name: string): VendorKey {
  return `${vendor}:${name}`;
}

/** Vendor and name of a key. */
export function fromVendorKey(key: VendorKey): { vendor: string; name: string } {
  const colon = key.indexOf(':');
  return { vendor: key.slice(0, colon), name: key.slice(colon + 1) };
}

/** The row of a standard attribute if the version has it. */
export function rowOf(key: AttributeKey, version: Version): Attribute | undefined {
  if (isVendorKey(key)) return undefined;
  const row = attributeOf(key);
  return inVersion(row, version) ? row : undefined;
}

/** Writes an attribute, or nothing if its value is not defined in the version. */
export function writeIfDefined(writer: Writer, write: () => void): void {
  const start = writer.length;
  try {
    write();
  } catch (error) {
    if (!(error instanceof NotInVersionError)) throw error;
    writer.rewind(start);
  }
}

/**
 * The structure Attributes of 2.x, and Common, Private Key and Public Key Attributes (KMIP 2.1, 5.1 to 5.4): any
 * attributes in any order. What the version does not have is refused with `invalid-attribute`, and is not written.
 */
export const attributes: Codec<readonly GivenAttribute[]> = attributesCodec(({ codec }) => codec);

/** The same in a Locate request, where structures may be given in part. */
export const filters: Codec<readonly GivenAttribute[]> = attributesCodec(filterCodecOf);

function attributesCodec(codecOf: (row: Attribute) => Codec<unknown>): Codec<readonly GivenAttribute[]> {
  return {
    type: ItemType.Structure,
    read: (reader, version) => {
      const given: GivenAttribute[] = [];
      reader.enter();
      while (reader.next()) given.push(readAttribute(reader, version, codecOf));
      reader.leave();
      return given;
    },
    write: (writer, tag, given, version) => {
      const start = writer.begin(tag);
      for (const one of given) writeAttribute(writer, one, version);
      writer.end(start);
    },
  };
}

/** Current Attribute and New Attribute (KMIP 2.1, 5.6 and 5.7): exactly one attribute. */
export const oneAttribute: Codec<GivenAttribute> = {
  type: ItemType.Structure,
  read: (reader, version) => {
    reader.enter();
    if (!reader.next()) return reader.failMissing(Tag.Attribute);
    const given = readAttribute(reader, version, ({ codec }) => codec);
    reader.leave();
    return given;
  },
  write: (writer, tag, given, version) => {
    const start = writer.begin(tag);
    writeAttribute(writer, given, version);
    writer.end(start);
  },
};

/** Attribute Reference (KMIP 2.1, 5.5): the tag of an attribute, or vendor and name. */
export const attributeReference: Codec<AttributeKey> = {
  type: undefined,
  read: (reader, version) => {
    if (reader.type === ItemType.Enumeration) return nameByTag(reader.readEnumeration(), version);
    const { vendorIdentification, attributeName } = vendorReference.read(reader, version);
    return checkedVendorKey(vendorIdentification, attributeName);
  },
  write: (writer, tag, key, version) => {
    const row = rowOf(key, version);
    if (row !== undefined) writer.writeEnumeration(tag, row.tag);
    else if (isVendorKey(key)) {
      const { vendor, name } = fromVendorKey(key);
      vendorReference.write(writer, tag, { vendorIdentification: vendor, attributeName: name }, version);
    }
  },
};

function readAttribute(reader: Reader, version: Version, codecOf: (row: Attribute) => Codec<unknown>): GivenAttribute {
  if (reader.tag === Tag.Attribute) {
    const { vendorIdentification, attributeName, attributeValue } = vendorAttribute.read(reader, version);
    return { key: checkedVendorKey(vendorIdentification, attributeName), value: attributeValue };
  }
  const key = nameByTag(reader.tag, version);
  return { key, value: codecOf(attributeOf(key)).read(reader, version) };
}

function writeAttribute(writer: Writer, { key, value }: GivenAttribute, version: Version): void {
  const row = rowOf(key, version);
  if (row !== undefined) writeIfDefined(writer, () => row.codec.write(writer, row.tag, value, version));
  else if (isVendorKey(key)) {
    const { vendor, name } = fromVendorKey(key);
    const start = writer.begin(Tag.Attribute);
    writer.writeTextString(Tag.VendorIdentification, vendor);
    writer.writeTextString(Tag.AttributeName, name);
    anyItem.write(writer, Tag.AttributeValue, value as never, version);
    writer.end(start);
  }
}

function nameByTag(tag: number, version: Version): AttributeName {
  const row = attributeByTag(tag, version);
  if (row === undefined) throw new KmipError('invalid-attribute', `${tagName(tag)} is no attribute of this version`);
  return row.name;
}

/** A colon would make the key name another attribute; the standard allows letters, digits, underscore and period. */
function checkedVendorKey(vendor: string, name: string): AttributeKey {
  if (vendor === '' || vendor.includes(':')) {
    throw new KmipError('invalid-attribute', 'the Vendor Identification is empty or holds a colon');
  }
  return toVendorKey(vendor, name);
}
