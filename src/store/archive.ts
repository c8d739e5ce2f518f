import type { AuditKeyRow, IndexEntries, InstallationRow, KeyringRow, StoredObject } from './store.ts';

/** What objects stand on. */
export interface Foundation {
  readonly installation: InstallationRow;
  /** All generations, oldest first. */
  readonly keyring: readonly KeyringRow[];
  /** What stays of generations that are gone. */
  readonly auditKeys: readonly AuditKeyRow[];
}

/** A database as it was at one moment, whatever is written to it meanwhile. */
export interface Snapshot {
  /** Undefined where there was no installation. */
  readonly foundation: Foundation | undefined;
  /** The name of the last migration of the schema. */
  readonly schema: string;
  /** Every object, oldest first, in pages of a bounded number of bytes (or one object). */
  objects(): AsyncIterable<readonly StoredObject[]>;
  /** Must be called in the end: until then, the database keeps what was changed since. Never throws. */
  end(): Promise<void>;
}

/** An object to be restored. */
export interface RestoredObject extends StoredObject {
  /** Derived from the attributes anew, so that a later program's Locate finds what an earlier one has written. */
  readonly index: IndexEntries;
}

/** The database is not an empty one; the message says why in an operator's words. */
export class NotEmptyError extends Error {
  override readonly name = 'NotEmptyError';
}

/** The `seal` of the installation row while a database is being restored: that of no installation. */
export const RESTORING = 'restoring';

/** A database as a whole. Failures of the database are `store-unavailable`. */
export interface Archive {
  snapshot(): Promise<Snapshot>;
  /**
   * Writes everything into an empty database: identifiers, insertion numbers, revisions, tags and counts as they were. How
   * often nodes were sealed is not part of it: it matters to nodes that run. Until the end, the installation row has the
   * seal `RESTORING` and no key, so that nobody takes a half restored database for a whole one.
   * Throws NotEmptyError before anything is written, ConflictError where somebody else writes to the database.
   */
  restore(foundation: Foundation, objects: AsyncIterable<readonly RestoredObject[]>): Promise<void>;
  close(): Promise<void>;
}
