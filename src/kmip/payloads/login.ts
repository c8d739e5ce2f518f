import { integer, interval, optional, required, structure } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { ticket } from '../structures/credentials.ts';
import { usageLimits } from '../structures/usage.ts';

/** How long, and for how much, a ticket is wanted. */
export const ticketLimits = {
  leaseTime: optional(Tag.LeaseTime, interval),
  requestCount: optional(Tag.RequestCount, integer),
  usageLimits: optional(Tag.UsageLimits, usageLimits),
};

/** Login (KMIP 2.1, 6.1.30). */
export const loginRequest = structure(ticketLimits);

export const loginResponse = structure({
  ticket: required(Tag.Ticket, ticket),
});
