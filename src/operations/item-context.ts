import { enumInfo } from '../../ttlv/tables/enums.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { permit, sees } from '../access/permit.ts';
import { type Principal, useridsOf } from '../access/principal.ts';
import type { Awaitable } from '../awaitable.ts';
import { type ErrorName, KmipError } from '../errors.ts';
import type { AttributeSet } from '../kmip/attribute-set.ts';
import { hasObjectType } from '../kmip/objects.ts';
import type { UniqueIdentifier } from '../kmip/structures/unique-identifier.ts';
import type { ManagedObject, Material } from '../objects/object.ts';
import type { Query } from '../objects/query.ts';
import type { Records } from '../seal/records.ts';
import type { Context, OperationSettings } from './context.ts';
import { Denied } from './denied.ts';
import { newIdentifier } from './identifiers.ts';
import type { Streams } from './streams.ts';

/** The same text whether the object is not there or may not be seen. */
const NO_SUCH_OBJECT = 'there is no such object';

/** What the items of one batch share. */
export interface BatchState {
  readonly principal: Principal;
  readonly version: Version;
  readonly records: Records;
  readonly settings: OperationSettings;
  readonly streams: Streams | undefined;
  /** Whether later items may refer to earlier ones (Batch Order Option). */
  readonly ordered: boolean;
  /** The ID Placeholder (KMIP 2.1, 9.3): set by one item for the next. */
  placeholder: string | undefined;
  /** What the items of the batch answered so far; undefined where no other item could refer to it. */
  readonly answered: Answered | undefined;
}

/** Identifiers that were answered. */
export interface Answered {
  /** In order: what a Unique Identifier of type Integer counts in. */
  readonly identifiers: string[];
  /** The last one of each operation, by the names of the enumeration Unique Identifier. */
  readonly results: Map<string, string>;
}

/** The context of one batch item: every object that leaves here was found and permitted. */
export class ItemContext implements Context {
  readonly now: number;
  readonly #batch: BatchState;

  constructor(batch: BatchState, now: number) {
    this.#batch = batch;
    this.now = now;
  }

  get principal(): Principal {
    return this.#batch.principal;
  }

  get version(): Version {
    return this.#batch.version;
  }

  get settings(): OperationSettings {
    return this.#batch.settings;
  }

  get streams(): Streams | undefined {
    return this.#batch.streams;
  }

  async object(identifier: UniqueIdentifier, permission: string, missing?: ErrorName): Promise<ManagedObject> {
    return this.permitted(await this.#batch.records.get(this.resolve(identifier)), permission, missing);
  }

  /**
   * The object that was found, if it is permitted. What the principal may not see answers exactly as what does not exist:
   * with `missing`; so does an object of a type that the version does not have, such as a template in 2.x.
   */
  permitted(
    object: ManagedObject | undefined,
    permission: string | undefined,
    missing: ErrorName = 'not-found',
  ): ManagedObject {
    if (object === undefined || !hasObjectType(this.version, object.type)) throw new KmipError(missing, NO_SUCH_OBJECT);
    if (!sees(this.principal, object)) throw new Denied(missing, NO_SUCH_OBJECT);
    if (!permit(this.principal, object, permission)) {
      throw new Denied('not-permitted', 'the user may not do this with the object');
    }
    return object;
  }

  permits(object: ManagedObject, permission: string): boolean {
    return hasObjectType(this.version, object.type) && permit(this.principal, object, permission);
  }

  async taken(id: string): Promise<ManagedObject | undefined> {
    return this.#batch.records.get(id);
  }

  async *find(query: Query): AsyncIterable<ManagedObject> {
    const visibleTo = { owner: this.principal.name, userids: useridsOf(this.principal) };
    for await (const object of this.#batch.records.find({ ...query, visibleTo })) {
      if (this.permits(object, 'Locate')) yield object;
    }
  }

  material(object: ManagedObject): Awaitable<Material> {
    return this.#batch.records.material(object);
  }

  secret(object: ManagedObject): Promise<AttributeSet> {
    return this.#batch.records.secret(object);
  }

  spend(object: ManagedObject, amount: bigint): Promise<void> {
    return this.#batch.records.spend(object, amount);
  }

  newIdentifier(): string {
    return newIdentifier(this.now * 1000);
  }

  resolve(identifier: UniqueIdentifier | undefined): string {
    if (typeof identifier === 'string') return identifier;
    const found = this.#batch.ordered ? this.#referred(identifier) : undefined;
    if (found === undefined) {
      throw new KmipError('not-found', 'the Unique Identifier is missing, or refers to nothing in this batch');
    }
    return found;
  }

  #referred(reference: Exclude<UniqueIdentifier, string> | undefined): string | undefined {
    const { placeholder, answered } = this.#batch;
    if (reference === undefined) return placeholder;
    if ('integer' in reference) return answered?.identifiers.at(reference.integer);
    const name = enumInfo.UniqueIdentifier.byCode.get(reference.enumeration)?.name ?? '';
    return name === 'IDPlaceholder' ? placeholder : answered?.results.get(name);
  }
}
