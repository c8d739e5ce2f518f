import { dateTime, optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';
import { revocationReason } from '../structures/usage.ts';

/** Revoke (KMIP 2.1, 6.1.44). */
export const revokeRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  revocationReason: required(Tag.RevocationReason, revocationReason),
  compromiseOccurrenceDate: optional(Tag.CompromiseOccurrenceDate, dateTime),
});

export const revokeResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
});
