import { enumeration, optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { uniqueIdentifier } from './unique-identifier.ts';

/** Name (KMIP 2.1, 4.32). */
export const name = structure({
  nameValue: required(Tag.NameValue, textString),
  nameType: required(Tag.NameType, enumeration(enumInfo.NameType)),
});

/** Alternative Name (KMIP 2.1, 4.2). */
export const alternativeName = structure({
  alternativeNameValue: required(Tag.AlternativeNameValue, textString),
  alternativeNameType: required(Tag.AlternativeNameType, enumeration(enumInfo.AlternativeNameType)),
});

/** Rotate Name (KMIP 2.1, 4.53). */
export const rotateName = structure({
  rotateNameValue: required(Tag.RotateNameValue, textString),
  rotateNameType: required(Tag.RotateNameType, enumeration(enumInfo.RotateNameType)),
});

/** Application Specific Information (KMIP 2.1, 4.4): the server may make up Application Data that is left out. */
export const applicationSpecificInformation = structure({
  applicationNamespace: required(Tag.ApplicationNamespace, textString),
  applicationData: optional(Tag.ApplicationData, textString),
});

/** Key Value Location (KMIP 2.1, 4.27). */
export const keyValueLocation = structure({
  keyValueLocationValue: required(Tag.KeyValueLocationValue, textString),
  keyValueLocationType: required(Tag.KeyValueLocationType, enumeration(enumInfo.KeyValueLocationType)),
});

/** Link (KMIP 2.1, 4.31). */
export const link = structure({
  linkType: required(Tag.LinkType, enumeration(enumInfo.LinkType)),
  linkedObjectIdentifier: required(Tag.LinkedObjectIdentifier, uniqueIdentifier),
});
