import type { ObjectType, State } from '../../ttlv/tables/enums.ts';
import type { AttributeSet } from '../kmip/attribute-set.ts';
import type { ManagedObjectValue } from '../kmip/objects.ts';

/** A row of `read_access`: what somebody who is not the owner may do with an object. */
export interface Grant {
  /** A principal's name, `group:NAME`, or `*` for everyone. */
  readonly userid: string;
  /** Names of operations (`Get`, `Encrypt`, `Rekey`, ...), sorted. */
  readonly permissions: readonly string[];
}

/**
 * A managed object as stored, but for its material. Everything here was covered by the row's tag; `usageLeft` alone
 * was not. `attributes` has no Unique Identifier, Object Type and State (they are fields here) and none of the
 * attributes that tell of the material (see `Material.secret`).
 */
export interface ManagedObject {
  readonly id: string;
  /** The insertion number: larger is newer. 0 until committed. */
  readonly sequence: number;
  readonly type: ObjectType;
  /** The last *written* state; the effective one is `effectiveState` of lifecycle.ts. */
  readonly state: State;
  readonly owner: string;
  /** 0 until committed, then 1, 2, ... */
  readonly revision: number;
  readonly attributes: AttributeSet;
  readonly grants: readonly Grant[];
  /** What is left of the Usage Limits Total, in its unit; undefined where the object has no limit. */
  readonly usageLeft: bigint | undefined;
}

/** The opened secret part of an object. Lives in memory only; never printed. */
export interface Material {
  readonly value: ManagedObjectValue;
  /** Attributes that tell of the material: Digest, and what else must lie inside the ciphertext. */
  readonly secret: AttributeSet;
}

/** What is left of a material once it is destroyed: the attributes that told of it. */
export interface Remains {
  readonly value?: undefined;
  readonly secret: AttributeSet;
}
