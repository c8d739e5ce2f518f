import type { ManagedObject, Material, Remains } from './object.ts';

/**
 * One object to be written. `after.revision` and `after.sequence` are ignored: the store assigns them.
 * - created: `before` is undefined, `material` given.
 * - changed: `before` is what was read; the commit fails with a conflict if the row has another revision by then.
 * - `material`: undefined keeps what is there, else it replaces; Destroy leaves remains.
 */
export interface Put {
  readonly before?: ManagedObject;
  readonly after: ManagedObject;
  readonly material?: Material | Remains;
}

/** What an operation wants written: all of it, or nothing. */
export interface ChangeSet {
  readonly puts: readonly Put[];
}

/** The change set of one object that was changed. */
export function changed(before: ManagedObject, after: ManagedObject): ChangeSet {
  return { puts: [{ before, after }] };
}
