import { enumeration, longInteger, optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** Usage Limits (KMIP 2.1, 4.59): clients give no Usage Limits Count. */
export const usageLimits = structure({
  usageLimitsTotal: required(Tag.UsageLimitsTotal, longInteger),
  usageLimitsCount: optional(Tag.UsageLimitsCount, longInteger),
  usageLimitsUnit: required(Tag.UsageLimitsUnit, enumeration(enumInfo.UsageLimitsUnit)),
});

/** Revocation Reason (KMIP 2.1, 4.47). */
export const revocationReason = structure({
  revocationReasonCode: required(Tag.RevocationReasonCode, enumeration(enumInfo.RevocationReasonCode)),
  revocationMessage: optional(Tag.RevocationMessage, textString),
});
