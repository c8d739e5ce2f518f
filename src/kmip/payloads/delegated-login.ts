import { required, structure } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { rights } from '../structures/rights.ts';
import { loginResponse, ticketLimits } from './login.ts';

/** Delegated Login (KMIP 2.1, 6.1.12). */
export const delegatedLoginRequest = structure({
  ...ticketLimits,
  rights: required(Tag.Rights, rights),
});

export const delegatedLoginResponse = loginResponse;
