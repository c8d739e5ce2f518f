import type { DateAttribute, Query } from '../objects/query.ts';

/** A row of `objects`. Bytes are opaque to the store. */
export interface ObjectRow {
  readonly id: string;
  /** The insertion number: assigned by the database, ascending. */
  readonly sequence: number;
  readonly type: number;
  readonly state: number;
  readonly owner: string;
  readonly revision: number;
  /** The keyring generation that seals `material` and keys `tag`. */
  readonly generation: number;
  readonly attributes: Buffer;
  readonly material: Buffer | null;
  readonly usageLeft: bigint | null;
  readonly tag: Buffer;
}

/** A row of `read_access`. `permissions` is a comma-separated, sorted list. */
export interface GrantRow {
  readonly userid: string;
  readonly permissions: string;
}

/** An object and its grants, as they were committed together. */
export interface StoredObject {
  readonly row: ObjectRow;
  /** Sorted by userid, bytewise. */
  readonly grants: readonly GrantRow[];
}

/** What Locate looks up; derived from the attributes by the caller, replaced as a whole with each write of a row. */
export interface IndexEntries {
  readonly algorithm: number | null;
  readonly length: number | null;
  /** Whole seconds since the epoch. */
  readonly dates: Partial<Readonly<Record<DateAttribute, number>>>;
  /** SHA-256 digests (truncated to 16 bytes) of key and value. */
  readonly values: readonly Buffer[];
}

/** One row of `objects` to be written, with all that hangs on it. */
export interface RowPut {
  /** The revision that was read; absent for an insertion. */
  readonly expected?: number;
  /** `revision` is what the row has afterwards. */
  readonly row: Omit<ObjectRow, 'sequence' | 'material' | 'usageLeft'>;
  /** Absent: what is there stays (insertion: none). */
  readonly material?: Buffer | null;
  /** Absent: what is there stays, so that uses counted meanwhile are not lost (insertion: no limit). */
  readonly usageLeft?: bigint | null;
  readonly grants: readonly GrantRow[];
  readonly index: IndexEntries;
}

/** A Name of an object that is written, which no other living object of its owner shall have. */
export interface NameClaim {
  readonly id: string;
  readonly owner: string;
  /** As in the `values` of its index entries. */
  readonly digest: Buffer;
}

/** Applied whole or not at all. */
export interface RowChanges {
  readonly puts: readonly RowPut[];
  /**
   * Refused as `duplicate-name` where another object has claimed the same, still has the name and the owner, and is not destroyed
   * as the change set leaves it.
   */
  readonly claims?: readonly NameClaim[];
  /** Must still be the primary generation of the keyring at commit, where material was sealed under it. */
  readonly primaryGeneration?: number;
  /**
   * Must still be how often all nodes were sealed at commit, where it is given; else the changes are refused as if generation or
   * revision were others, which a look at `sealEpoch` tells apart.
   */
  readonly sealEpoch?: number;
}

/** How often all nodes were sealed, as the database said at a moment after it was asked (`performance.now()`). */
export interface SeenSealEpoch {
  readonly epoch: number;
  readonly asked: number;
}

/** A generation of the keyring. */
export interface KeyringRow {
  readonly generation: number;
  readonly wrapped: Buffer;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly primary: boolean;
  /** Encryptions reserved so far, by all nodes. */
  readonly reserved: number;
}

/** What stays of a generation that is gone: the key of the audit chains that were made under it. */
export interface AuditKeyRow {
  readonly generation: number;
  readonly wrapped: Buffer;
  /** When the generation was created, seconds since the epoch. */
  readonly created: number;
}

/** The root key as a seal keeps it. */
export interface WrappedRootKey {
  /** JSON, nothing secret. */
  readonly parameters: string;
  readonly wrapped: Buffer;
}

/** The one row of `installation`: which seal, its public parameters, and the wrapped root key. */
export interface InstallationRow extends WrappedRootKey {
  readonly id: string;
  readonly seal: string;
  /** Raised whenever the row is replaced. */
  readonly revision: number;
  /** A digest of the administrator token; null where there is none. */
  readonly adminToken: Buffer | null;
  /** For the recovery shares of a seal that opens by itself. */
  readonly recovery: WrappedRootKey | null;
  /** Covers the row, under the root key; null where nobody has written one. */
  readonly tag: Buffer | null;
}

/** What protects the keyring, replaced as a whole. */
export interface RootChange {
  /** As the row is to be; its revision is one more than that of the row that is replaced. */
  readonly installation: InstallationRow;
  /** Every generation there is, wrapped anew. */
  readonly keyring: readonly Pick<KeyringRow, 'generation' | 'wrapped'>[];
  /** Every audit key of a generation that is gone, wrapped anew. */
  readonly auditKeys: readonly Pick<AuditKeyRow, 'generation' | 'wrapped'>[];
  /** A further generation, the primary one from then on. */
  readonly next?: KeyringRow;
}

/** The row was changed, or a row of the same identifier inserted, by somebody else meanwhile. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

/** The generation is not the primary one (any more), or not in the keyring: seal the material anew. */
export class StaleGenerationError extends Error {
  override readonly name = 'StaleGenerationError';
}

/**
 * The database. Every read answers what is committed at a moment after the call. Identifiers and user names are compared
 * byte by byte. Failures of the database are `KmipError('store-unavailable')`, the driver's error its `cause`; text with a NUL
 * or half a surrogate pair, and text to be written of more than `longestText` bytes, is `invalid-field` (text.ts).
 */
export interface Store {
  /**
   * A number that is another one after anything was committed by anybody; costs half a microsecond, asks the database now.
   * Undefined where no such cheap look exists, or it failed. What was read after a call is still the committed state when a
   * later call answers the same number: take it *before* reading a row, keep it beside the row, and while it stands neither
   * `validate` nor another read is needed.
   */
  version(): number | undefined;
  /** The current revision of an object, or undefined when there is none: cheaper than a read. */
  validate(id: string): Promise<number | undefined>;
  read(id: string): Promise<StoredObject | undefined>;
  /** Those of the objects that exist, in the order of `ids`. */
  readMany(ids: readonly string[]): Promise<readonly StoredObject[]>;
  /** Identifiers of candidates, newest first, none twice, in pages that the store chooses; a page may be empty. */
  find(query: Query): AsyncIterable<readonly string[]>;
  /** Durable when it resolves. Throws ConflictError, StaleGenerationError, `duplicate-name`. */
  commit(changes: RowChanges): Promise<void>;
  /**
   * Lowers `usage_left` by `amount` at the revision given, durable when it resolves; answers what is left, or undefined when
   * less than `amount` was left or the object has no limit (nothing is lowered then). Throws ConflictError when the
   * revision is another one.
   */
  spend(id: string, revision: number, amount: bigint): Promise<bigint | undefined>;

  installation(): Promise<InstallationRow | undefined>;
  /** Writes the installation row and the first generation, once. Throws ConflictError when there is one. */
  initialise(installation: InstallationRow, first: KeyringRow): Promise<void>;
  /** All generations, oldest first. */
  keyring(): Promise<readonly KeyringRow[]>;
  /**
   * Adds a generation and makes it the primary one. Throws ConflictError when the generation exists, or the installation is at
   * another revision than the one given.
   */
  addGeneration(row: KeyringRow, installationRevision?: number): Promise<void>;
  /**
   * Objects that a generation seals or tags, in the order of their insertion numbers: at most `limit` of those whose number is
   * above `after`.
   */
  ofGeneration(
    generation: number,
    after: number,
    limit: number,
  ): Promise<readonly Pick<ObjectRow, 'id' | 'sequence'>[]>;
  /** How many objects each generation seals or tags; those without any are left out. */
  generationSizes(): Promise<ReadonlyMap<number, number>>;
  /**
   * Takes a generation out of the keyring; its audit key is kept in its place. Throws ConflictError or StaleGenerationError where
   * it is the primary one, has objects, or is gone already, and where the installation is at another revision than the one given.
   */
  retireGeneration(auditKey: AuditKeyRow, installationRevision: number): Promise<void>;
  /** The audit keys of generations that are gone, oldest first. */
  auditKeys(): Promise<readonly AuditKeyRow[]>;
  /** Throws ConflictError when the installation was replaced, or a generation added or removed, by somebody else meanwhile. */
  replaceRoot(change: RootChange): Promise<void>;
  /** How often all nodes were sealed. */
  sealEpoch(): Promise<number>;
  /**
   * The same, as it was last found by `sealEpoch`, by `validate`, `read` or `readMany` of an object that there is, or by a `commit`
   * that named it; undefined before the first answer. Asks nothing.
   */
  seenSealEpoch(): SeenSealEpoch | undefined;
  raiseSealEpoch(): Promise<void>;
  /** Reserves encryptions of a generation; answers the new total. Throws StaleGenerationError when it is not primary. */
  reserve(generation: number, encryptions: number): Promise<number>;
  /** The database's clock, seconds since the epoch. */
  clock(): Promise<number>;
  close(): Promise<void>;
}
