import { dateTime, interval, optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Obtain Lease (KMIP 2.1, 6.1.35). */
export const obtainLeaseRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
});

export const obtainLeaseResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  leaseTime: required(Tag.LeaseTime, interval),
  lastChangeDate: required(Tag.LastChangeDate, dateTime),
});
