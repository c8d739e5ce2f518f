import { enumeration, optional, repeated, structure } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { attributes } from '../attribute-codec.ts';
import { objectGroups, objectTypes } from './server-information.ts';
import { uniqueIdentifier } from './unique-identifier.ts';
import { usageLimits } from './usage.ts';

/** Operations (KMIP 2.1, 7.25). */
export const operations = structure({
  operation: repeated(Tag.Operation, enumeration(enumInfo.Operation)),
});

const objects = structure({
  uniqueIdentifier: repeated(Tag.UniqueIdentifier, uniqueIdentifier),
});

const right = structure({
  usageLimits: optional(Tag.UsageLimits, usageLimits),
  operations: optional(Tag.Operations, operations),
  objects: optional(Tag.Objects, objects),
  objectGroups: optional(Tag.ObjectGroups, objectGroups, { since: 21 }),
});

/** Rights (KMIP 2.1, 7.35). */
export const rights = structure({
  right: repeated(Tag.Right, right),
});

const constraint = structure({
  objectTypes: optional(Tag.ObjectTypes, objectTypes),
  objectGroups: optional(Tag.ObjectGroups, objectGroups),
  attributes: optional(Tag.Attributes, attributes),
});

/** Constraints (KMIP 2.1, 7.7). */
export const constraints = structure({
  constraint: repeated(Tag.Constraint, constraint),
});
