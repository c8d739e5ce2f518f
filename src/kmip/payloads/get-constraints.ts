import { required, structure } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { constraints } from '../structures/rights.ts';

/** Get Constraints (KMIP 2.1, 6.1.22). */
export const getConstraintsRequest = structure({});

export const getConstraintsResponse = structure({
  constraints: required(Tag.Constraints, constraints),
});
