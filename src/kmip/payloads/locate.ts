import { ItemType } from '../../../ttlv/item.ts';
import {
  changing,
  integer,
  mask,
  optional,
  repeated,
  type StructureCodec,
  structure,
  textString,
} from '../../../ttlv/structure.ts';
import { enumInfo, type ObjectGroupMember } from '../../../ttlv/tables/enums.ts';
import { maskInfo } from '../../../ttlv/tables/masks.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { filters } from '../attribute-codec.ts';
import type { GivenAttribute } from '../attribute-set.ts';
import { legacyFilter, storageStatusOf, templateAttribute } from '../legacy.ts';
import { early } from '../structures/lenient.ts';

/** The fields as they lie in the message. */
const wire = structure({
  maximumItems: optional(Tag.MaximumItems, integer),
  // Percona Server for MySQL and PyKMIP send it in every version, and ask for page after page.
  offsetItems: optional(Tag.OffsetItems, integer, { since: 13, acceptAlways: true }),
  storageStatusMask: optional(Tag.StorageStatusMask, mask(maskInfo.StorageStatusMask)),
  // PyKMIP sends it in every version.
  objectGroupMember: optional(Tag.ObjectGroupMember, early(enumInfo.ObjectGroupMember, 11), {
    since: 11,
    acceptAlways: true,
  }),
  // FortiGate puts its filters inside.
  templateAttribute: optional(Tag.TemplateAttribute, templateAttribute, { until: 14 }),
  // PyKMIP leaves the structure out where it has no filter.
  attributes: changing(20, repeated(Tag.Attribute, legacyFilter), optional(Tag.Attributes, filters)),
});

/** Locate (KMIP 2.1, 6.1.28): all attributes must match; a date given twice is a range. */
export interface LocateRequest {
  readonly maximumItems?: number;
  readonly offsetItems?: number;
  readonly storageStatusMask?: number;
  readonly objectGroupMember?: ObjectGroupMember;
  readonly attributes: readonly GivenAttribute[];
}

export const locateRequest: StructureCodec<LocateRequest> = {
  type: ItemType.Structure,
  fields: wire.fields,
  read: (reader, version) => {
    const { templateAttribute: inTemplate = [], attributes: given = [], ...options } = wire.read(reader, version);
    const filters = [...inTemplate, ...given];
    const storageStatusMask = filters.map(storageStatusOf).find((value) => value !== undefined);
    if (storageStatusMask === undefined) return { ...options, attributes: filters };
    return { storageStatusMask, ...options, attributes: filters.filter((one) => storageStatusOf(one) === undefined) };
  },
  write: (writer, tag, value, version) => wire.write(writer, tag, value, version),
};

export const locateResponse = structure({
  locatedItems: optional(Tag.LocatedItems, integer, { since: 13 }),
  uniqueIdentifier: repeated(Tag.UniqueIdentifier, textString),
});
