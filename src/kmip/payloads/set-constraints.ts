import { optional, structure } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { constraints } from '../structures/rights.ts';

/** Set Constraints (KMIP 2.1, 6.1.52). The table asks for Constraints; TC-MD-24-21 takes them away by leaving them out. */
export const setConstraintsRequest = structure({
  constraints: optional(Tag.Constraints, constraints),
});

export const setConstraintsResponse = structure({});
