import { enumeration, required, structure, type TypeOf, textString } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** Interop (KMIP 2.1, 6.1.26). */
export const interopRequest = structure({
  interopFunction: required(Tag.InteropFunction, enumeration(enumInfo.InteropFunction)),
  interopIdentifier: required(Tag.InteropIdentifier, textString),
});
export type InteropRequest = TypeOf<typeof interopRequest>;

export const interopResponse = structure({});
export type InteropResponse = TypeOf<typeof interopResponse>;
