import { enumeration, required, structure, textString } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { answeredAttributes } from '../attribute-fields.ts';
import { managedObject } from '../objects.ts';
import { getRequest } from './get.ts';

/** Export (KMIP 2.1, 6.1.18). */
export const exportRequest = getRequest;

export const exportResponse = structure({
  objectType: required(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  attributes: answeredAttributes,
  object: required(Tag.SymmetricKey, managedObject),
});
