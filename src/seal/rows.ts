import type { ObjectType, State } from '../../ttlv/tables/enums.ts';
import type { AttributeSet } from '../kmip/attribute-set.ts';
import { decodeValue, encodeValue } from '../objects/canonical.ts';
import type { Put } from '../objects/changes.ts';
import { indexEntries } from '../objects/index-entries.ts';
import type { Grant, ManagedObject } from '../objects/object.ts';
import type { GrantRow, RowPut, StoredObject } from '../store/store.ts';
import type { GenerationKeys } from './keys.ts';
import { rowTag } from './row-tags.ts';

/** The object that a row with its grants stands for. The row's tag was checked before. */
export function toObject({ row, grants }: StoredObject): ManagedObject {
  return {
    id: row.id,
    sequence: row.sequence,
    type: row.type as ObjectType,
    state: row.state as State,
    owner: row.owner,
    revision: row.revision,
    attributes: decodeValue(row.attributes) as AttributeSet,
    grants: grants.map(({ userid, permissions }) => ({ userid, permissions: permissions.split(',') })),
    usageLeft: row.usageLeft ?? undefined,
  };
}

/**
 * The row of an object that is to be written, tagged. `sealed` is the material that the row has afterwards; it is
 * written only where the put replaces or removes it.
 */
export function toRowPut({ before, after, material }: Put, keys: GenerationKeys, sealed: Buffer | null): RowPut {
  const grants = toGrantRows(after.grants);
  const row = {
    id: after.id,
    type: after.type,
    state: after.state,
    owner: after.owner,
    revision: revisionAfter(before),
    generation: keys.generation,
    attributes: encodeValue(after.attributes),
  };
  const tag = rowTag(keys, row, { material: sealed, limited: after.usageLeft !== undefined, grants });
  return {
    ...(before !== undefined && { expected: before.revision }),
    row: { ...row, tag },
    ...(material !== undefined && { material: sealed }),
    ...(before?.usageLeft !== after.usageLeft && { usageLeft: after.usageLeft ?? null }),
    grants,
    index: indexEntries(after),
  };
}

/** The revision that an object has once it is written. */
export function revisionAfter(before: ManagedObject | undefined): number {
  return before === undefined ? 1 : before.revision + 1;
}

/** Sorted as the store gives them back, so that their digest is the same. */
function toGrantRows(grants: readonly Grant[]): readonly GrantRow[] {
  return grants
    .map(({ userid, permissions }) => ({ userid, permissions: [...permissions].sort().join(',') }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.userid), Buffer.from(b.userid)));
}
