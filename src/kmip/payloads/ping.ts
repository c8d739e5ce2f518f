import { structure, type TypeOf } from '../../../ttlv/structure.ts';

/** Ping (KMIP 2.1, 6.1.36). */
export const pingRequest = structure({});
export type PingRequest = TypeOf<typeof pingRequest>;

export const pingResponse = structure({});
export type PingResponse = TypeOf<typeof pingResponse>;
