import { dateTime, enumeration, optional, repeated, required, structure } from '../../../ttlv/structure.ts';
import { enumInfo, ObjectType } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { objects } from '../objects.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Validate (KMIP 2.1, 6.1.57). */
export const validateRequest = structure({
  certificate: repeated(Tag.Certificate, objects[ObjectType.Certificate].codec),
  uniqueIdentifier: repeated(Tag.UniqueIdentifier, uniqueIdentifier),
  validityDate: optional(Tag.ValidityDate, dateTime),
});

export const validateResponse = structure({
  validityIndicator: required(Tag.ValidityIndicator, enumeration(enumInfo.ValidityIndicator)),
});
