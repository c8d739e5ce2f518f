import { enumeration, required, structure, textString } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** Interop (KMIP 2.1, 6.1.26). */
export const interopRequest = structure({
  interopFunction: required(Tag.InteropFunction, enumeration(enumInfo.InteropFunction)),
  interopIdentifier: required(Tag.InteropIdentifier, textString),
});

export const interopResponse = structure({});
