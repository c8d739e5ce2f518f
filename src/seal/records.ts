import type { Awaitable } from '../awaitable.ts';
import type { AttributeSet } from '../kmip/attribute-set.ts';
import type { ChangeSet } from '../objects/changes.ts';
import type { ManagedObject, Material } from '../objects/object.ts';
import type { Query } from '../objects/query.ts';

/**
 * Managed objects over the store: rows whose tag was checked, material opened and sealed.
 * Implemented by tagged-records.ts, and by operations/overlay.ts for a batch with Undo (reads see what is staged).
 */
export interface Records {
  /**
   * Requests were received. One look at the database after it, whether anything was committed since, is good for all of
   * them; without a call, each `get` looks.
   */
  received(): void;
  /** The object as committed at a moment after the call; undefined if there is none. A wrong tag throws `internal`. */
  get(id: string): Awaitable<ManagedObject | undefined>;
  /** Candidates of a query, newest first, tags checked. The caller applies the exact filter and the permission. */
  find(query: Query): AsyncIterable<ManagedObject>;
  /** The opened material. Throws `destroyed` when it is gone. */
  material(object: ManagedObject): Awaitable<Material>;
  /** The attributes that lie in the ciphertext, of a destroyed object too. */
  secret(object: ManagedObject): Promise<AttributeSet>;
  /** Writes all or nothing, durable when it resolves. Throws ConflictError (store.ts), `duplicate-name`. */
  commit(changes: ChangeSet): Promise<void>;
  /**
   * Throws `sealed` where all nodes were sealed by a moment after `since` (`performance.now()`). Undefined where that is known
   * without another question, as it is after most reads and commits since.
   */
  heedSeal(since: number): Promise<void> | undefined;
  /** Lowers the usage count before use; throws `usage-exceeded`, ConflictError. Nothing happens for objects without limit. */
  spend(object: ManagedObject, amount: bigint): Promise<void>;
}
