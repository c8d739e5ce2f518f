import { interval, longInteger, optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { usageMask } from '../structures/lenient.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

const uses = {
  usageLimitsCount: optional(Tag.UsageLimitsCount, longInteger),
  cryptographicUsageMask: optional(Tag.CryptographicUsageMask, usageMask),
  leaseTime: optional(Tag.LeaseTime, interval),
};

/** Check (KMIP 2.1, 6.1.7). */
export const checkRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  ...uses,
});

/** The answer repeats those values for which the use is not allowed. */
export const checkResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  ...uses,
});
