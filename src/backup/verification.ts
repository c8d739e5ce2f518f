import { indexEntries } from '../objects/index-entries.ts';
import type { ManagedObject } from '../objects/object.ts';
import type { GenerationKeys } from '../seal/keys.ts';
import { openMaterial } from '../seal/material.ts';
import { hasRowTag } from '../seal/row-tags.ts';
import { toObject } from '../seal/rows.ts';
import type { RestoredObject } from '../store/archive.ts';
import type { StoredObject } from '../store/store.ts';

/** A row that does not open, and why. */
export interface Finding {
  readonly table: 'keyring' | 'audit_keys' | 'objects';
  readonly row: string;
  readonly problem: string;
}

/** What is wrong with a row and its grants, in an operator's words; undefined where everything of it opens. */
export function problemOf(keyring: ReadonlyMap<number, GenerationKeys>, stored: StoredObject): string | undefined {
  const { row } = stored;
  const keys = keyring.get(row.generation);
  if (keys === undefined) return `the keyring has no generation ${row.generation} that opens`;
  if (!hasRowTag(keys, stored)) return 'the tag is wrong: the row or its grants were changed';
  if (row.material !== null && openMaterial(keys, row, row.material) === undefined) return 'the material does not open';
  return objectOf(stored) === undefined ? 'the attributes cannot be read' : undefined;
}

/** A keyring of which some keys may not have opened. */
export interface Opened {
  readonly keys: ReadonlyMap<number, GenerationKeys>;
  readonly broken: readonly { readonly table: 'keyring' | 'audit_keys'; readonly generation: number }[];
}

/** What is to be said of keys that do not open. */
export function findingsIn({ broken }: Opened): readonly Finding[] {
  const problem = 'the key does not open: the row was changed, or it is of another installation';
  return broken.map(({ table, generation }) => ({ table, row: String(generation), problem }));
}

/** What is to be said of objects. */
export function findingsAmong(page: readonly StoredObject[], { keys }: Opened): readonly Finding[] {
  return page.flatMap((stored) => {
    const problem = problemOf(keys, stored);
    return problem === undefined ? [] : [{ table: 'objects', row: stored.row.id, problem }];
  });
}

/** The object with what Locate looks up; nothing, where its attributes cannot be read. */
export function withIndex(stored: StoredObject): RestoredObject {
  const object = objectOf(stored);
  const index = object ? indexEntries(object) : { algorithm: null, length: null, dates: {}, values: [] };
  return { ...stored, index };
}

function objectOf(stored: StoredObject): ManagedObject | undefined {
  try {
    return toObject(stored);
  } catch {
    return undefined;
  }
}
