import type { ManagedObject, Material } from './object.ts';

/**
 * One object to be written. `after.revision` and `after.sequence` are ignored: the store assigns them.
 * - created: `before` is undefined, `material` given (or null for an object without any).
 * - changed: `before` is what was read; the commit fails with a conflict if the row has another revision by then.
 * - `material`: undefined keeps what is there, null takes it away (Destroy), else it replaces.
 */
export interface Put {
  readonly before?: ManagedObject;
  readonly after: ManagedObject;
  readonly material?: Material | null;
}

/** What an operation wants written: all of it, or nothing. */
export interface ChangeSet {
  readonly puts: readonly Put[];
}
