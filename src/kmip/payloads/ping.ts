import { structure } from '../../../ttlv/structure.ts';

/** Ping (KMIP 2.1, 6.1.36). */
export const pingRequest = structure({});

export const pingResponse = structure({});
