import { longInteger, optional, required, structure, type TypeOf, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Get Usage Allocation (KMIP 2.1, 6.1.23). */
export const getUsageAllocationRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  usageLimitsCount: required(Tag.UsageLimitsCount, longInteger),
});
export type GetUsageAllocationRequest = TypeOf<typeof getUsageAllocationRequest>;

export const getUsageAllocationResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
});
export type GetUsageAllocationResponse = TypeOf<typeof getUsageAllocationResponse>;
