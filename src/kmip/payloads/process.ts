import { structure } from '../../../ttlv/structure.ts';
import { pollRequest } from './poll.ts';

/** Process (KMIP 2.1, 6.1.39). */
export const processRequest = pollRequest;

export const processResponse = structure({});
