import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { Writer } from '../../ttlv/writer.ts';
import type { GrantRow, ObjectRow, StoredObject } from '../store/store.ts';
import type { GenerationKeys } from './keys.ts';
import { StoredTag } from './stored-tags.ts';

const writer = new Writer();

/** What a tag covers beside the columns that are written with it. */
export interface Covered {
  /** The sealed material, null where there is none. */
  readonly material: Buffer | null;
  /** Whether the object has a usage limit; how much is left of it is not covered. */
  readonly limited: boolean;
  /** In the store's order: sorted by user id, bytewise. */
  readonly grants: readonly GrantRow[];
}

type Columns = Omit<ObjectRow, 'sequence' | 'material' | 'usageLeft' | 'tag'>;

/** The tag of a row: HMAC-SHA256 (32 bytes) under the key of its generation over everything that decides about the object. */
export function rowTag(keys: GenerationKeys, row: Columns, covered: Covered): Buffer {
  const grantsDigest = covered.grants.length === 0 ? noGrants : digest(encodeGrants(covered.grants));
  writer.reset();
  const start = writer.begin(StoredTag.Context);
  writer.writeTextString(StoredTag.Generation, String(row.generation));
  writer.writeTextString(StoredTag.Id, row.id);
  writer.writeTextString(StoredTag.Revision, String(row.revision));
  writer.writeTextString(StoredTag.ObjectType, String(row.type));
  writer.writeTextString(StoredTag.State, String(row.state));
  writer.writeTextString(StoredTag.Owner, row.owner);
  writer.writeByteString(StoredTag.Attributes, row.attributes);
  if (covered.material !== null) writer.writeByteString(StoredTag.MaterialDigest, digest(covered.material));
  writer.writeByteString(StoredTag.GrantsDigest, grantsDigest);
  writer.writeBoolean(StoredTag.Limited, covered.limited);
  writer.end(start);
  return createHmac('sha256', keys.tags).update(writer.finish()).digest();
}

/** Whether a row and its grants are as they were written. */
export function hasRowTag(keys: GenerationKeys, { row, grants }: StoredObject): boolean {
  try {
    const expected = rowTag(keys, row, { material: row.material, limited: row.usageLeft !== null, grants });
    return row.tag.length === expected.length && timingSafeEqual(row.tag, expected);
  } catch {
    // Columns of SQLite hold what they are given: a forged row may have values of types that cannot be.
    return false;
  }
}

function encodeGrants(grants: readonly GrantRow[]): Buffer {
  writer.reset();
  for (const { userid, permissions } of grants) {
    const start = writer.begin(StoredTag.Grants);
    writer.writeTextString(StoredTag.UserId, userid);
    writer.writeTextString(StoredTag.Permissions, permissions);
    writer.end(start);
  }
  return writer.finish();
}

function digest(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer');
}

const noGrants = digest(encodeGrants([]));
