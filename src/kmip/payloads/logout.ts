import { required, structure } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { ticket } from '../structures/credentials.ts';

/** Logout (KMIP 2.1, 6.1.31). */
export const logoutRequest = structure({
  ticket: required(Tag.Ticket, ticket),
});

export const logoutResponse = structure({});
