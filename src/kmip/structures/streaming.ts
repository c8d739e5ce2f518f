import { boolean, byteString, optional } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** The fields of an operation in several parts (KMIP 2.1, 7.8, 7.17, 7.14). */

/** The value that the server gave to the first part. */
export const correlationValue = optional(Tag.CorrelationValue, byteString, { since: 13 });

export const streaming = {
  correlationValue,
  initIndicator: optional(Tag.InitIndicator, boolean, { since: 13 }),
  finalIndicator: optional(Tag.FinalIndicator, boolean, { since: 13 }),
};
