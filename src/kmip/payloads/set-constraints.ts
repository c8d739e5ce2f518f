import { structure, type TypeOf } from '../../../ttlv/structure.ts';
import { constraintsField } from '../structures/rights.ts';

/** Set Constraints (KMIP 2.1, 6.1.52). */
export const setConstraintsRequest = structure({ constraints: constraintsField });
export type SetConstraintsRequest = TypeOf<typeof setConstraintsRequest>;

export const setConstraintsResponse = structure({});
export type SetConstraintsResponse = TypeOf<typeof setConstraintsResponse>;
