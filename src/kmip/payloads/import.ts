import {
  boolean,
  enumeration,
  optional,
  required,
  structure,
  type TypeOf,
  textString,
} from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { listedAttributes } from '../attribute-fields.ts';
import { managedObject } from '../objects.ts';

/** Import (KMIP 2.1, 6.1.25): the identifier is the one that the object is to have. */
export const importRequest = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  objectType: required(Tag.ObjectType, enumeration(enumInfo.ObjectType), { since: 20 }),
  replaceExisting: optional(Tag.ReplaceExisting, boolean),
  keyWrapType: optional(Tag.KeyWrapType, enumeration(enumInfo.KeyWrapType)),
  attributes: listedAttributes,
  object: required(Tag.SymmetricKey, managedObject),
});
export type ImportRequest = TypeOf<typeof importRequest>;

export const importResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
});
