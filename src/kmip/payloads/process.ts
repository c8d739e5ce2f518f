import { structure, type TypeOf } from '../../../ttlv/structure.ts';
import { pollRequest } from './poll.ts';

/** Process (KMIP 2.1, 6.1.39). */
export const processRequest = pollRequest;
export type ProcessRequest = TypeOf<typeof processRequest>;

export const processResponse = structure({});
export type ProcessResponse = TypeOf<typeof processResponse>;
