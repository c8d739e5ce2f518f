import type { Version } from '../../ttlv/tables/versions.ts';
import type { Principal } from '../access/principal.ts';
import type { Awaitable } from '../awaitable.ts';
import type { Settings } from '../config/settings.ts';
import type { ErrorName } from '../errors.ts';
import type { AttributeSet } from '../kmip/attribute-set.ts';
import type { UniqueIdentifier } from '../kmip/structures/unique-identifier.ts';
import type { ManagedObject, Material } from '../objects/object.ts';
import type { Query } from '../objects/query.ts';
import type { Streams } from './streams.ts';

/** What an operation may use besides its request. One a batch item. */
export interface Context {
  readonly principal: Principal;
  readonly version: Version;
  /** Seconds since the epoch, the same during the whole batch item. */
  readonly now: number;
  readonly settings: OperationSettings;
  /** The operations in several parts that are under way; undefined in a batch with Undo, which cannot have any. */
  readonly streams: Streams | undefined;
  /** A further object (wrapping key, linked key): found, and permitted; `missing` (`not-found`) is thrown where it is not there. */
  object(identifier: UniqueIdentifier, permission: string, missing?: ErrorName): Promise<ManagedObject>;
  /** Whether the principal may do `permission` with the object. */
  permits(object: ManagedObject, permission: string): boolean;
  /** An object that has this identifier, whoever may see it (Import must not overwrite what it may not see). */
  taken(id: string): Promise<ManagedObject | undefined>;
  /** Candidates of a query that the principal may see (permission Locate), newest first. */
  find(query: Query): AsyncIterable<ManagedObject>;
  /** The opened material; throws `destroyed`. */
  material(object: ManagedObject): Awaitable<Material>;
  /** The attributes that tell of the material, of a destroyed object too. */
  secret(object: ManagedObject): Promise<AttributeSet>;
  /** Lowers the usage count before use; throws `usage-exceeded`. */
  spend(object: ManagedObject, amount: bigint): Promise<void>;
  /** The identifier that a request means: itself, or what it refers to in the batch. Throws `not-found` where that is nothing. */
  resolve(identifier: UniqueIdentifier | undefined): string;
  /** A new unique identifier. */
  newIdentifier(): string;
}

/** The settings that operations look at. */
export type OperationSettings = Pick<Settings, 'namesUnique'>;
