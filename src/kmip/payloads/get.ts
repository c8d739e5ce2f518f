import { enumeration, optional, required, structure, type TypeOf, textString } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { managedObject } from '../objects.ts';
import { keyWrappingSpecification } from '../structures/key-wrapping.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Get (KMIP 2.1, 6.1.19). */
export const getRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  keyFormatType: optional(Tag.KeyFormatType, enumeration(enumInfo.KeyFormatType)),
  keyWrapType: optional(Tag.KeyWrapType, enumeration(enumInfo.KeyWrapType), { since: 14 }),
  keyCompressionType: optional(Tag.KeyCompressionType, enumeration(enumInfo.KeyCompressionType)),
  keyWrappingSpecification: optional(Tag.KeyWrappingSpecification, keyWrappingSpecification),
});
export type GetRequest = TypeOf<typeof getRequest>;

export const getResponse = structure({
  objectType: required(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  object: required(Tag.SymmetricKey, managedObject),
});
