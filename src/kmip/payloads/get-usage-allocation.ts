import { longInteger, optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Get Usage Allocation (KMIP 2.1, 6.1.23). */
export const getUsageAllocationRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  usageLimitsCount: required(Tag.UsageLimitsCount, longInteger),
});

export const getUsageAllocationResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
});
