import { KmipError } from '../errors.ts';
import type { AttributeSet } from '../kmip/attribute-set.ts';
import type { ChangeSet, Put } from '../objects/changes.ts';
import type { ManagedObject, Material, Remains } from '../objects/object.ts';
import type { Query } from '../objects/query.ts';
import type { Records } from '../seal/records.ts';
import { ConflictError } from '../store/store.ts';

interface Staged {
  readonly before: ManagedObject | undefined;
  object: ManagedObject;
  material: Material | Remains | undefined;
}

/**
 * Records as one batch with Undo sees them: its own changes are staged here, read back by its later items, and written
 * by `write` all at once, or never. Nothing of it is visible to anybody else before.
 */
export class Overlay implements Records {
  readonly #base: Records;
  readonly #staged = new Map<string, Staged>();
  readonly #spent: { object: ManagedObject; amount: bigint }[] = [];

  constructor(base: Records) {
    this.#base = base;
  }

  async get(id: string): Promise<ManagedObject | undefined> {
    return this.#staged.get(id)?.object ?? this.#base.get(id);
  }

  /** Staged objects first (the newest ones, or their new form), whether or not they fit: the caller filters. */
  async *find(query: Query): AsyncIterable<ManagedObject> {
    for (const { before, object } of [...this.#staged.values()].reverse()) if (before === undefined) yield object;
    const changed = [...this.#staged.values()].filter((one) => one.before !== undefined).map((one) => one.object);
    changed.sort((a, b) => b.sequence - a.sequence);
    for await (const object of this.#base.find(query)) {
      if (this.#staged.has(object.id)) continue;
      while ((changed[0]?.sequence ?? 0) > object.sequence) yield changed.shift() as ManagedObject;
      yield object;
    }
    yield* changed;
  }

  async material(object: ManagedObject): Promise<Material> {
    const material = this.#staged.get(object.id)?.material;
    if (material === undefined) return this.#base.material(this.#stored(object));
    if (material.value === undefined) throw new KmipError('destroyed', 'the object has been destroyed');
    return material;
  }

  async secret(object: ManagedObject): Promise<AttributeSet> {
    return this.#staged.get(object.id)?.material?.secret ?? this.#base.secret(this.#stored(object));
  }

  /** The object as the base knows it. */
  #stored(object: ManagedObject): ManagedObject {
    return this.#staged.get(object.id)?.before ?? object;
  }

  /** Stages. Throws ConflictError where a created identifier is there already or a changed object is gone on meanwhile. */
  async commit(changes: ChangeSet): Promise<void> {
    for (const put of changes.puts) await this.#stage(put);
  }

  async #stage({ before, after, material }: Put): Promise<void> {
    const staged = this.#staged.get(after.id);
    if (staged !== undefined) {
      staged.object = { ...after, sequence: staged.object.sequence };
      if (material !== undefined) staged.material = material;
      return;
    }
    if (before === undefined && (await this.#base.get(after.id)) !== undefined) throw new ConflictError(after.id);
    this.#staged.set(after.id, { before, object: after, material });
  }

  async spend(object: ManagedObject, amount: bigint): Promise<void> {
    const staged = this.#staged.get(object.id);
    if (staged !== undefined && staged.before === undefined) {
      staged.object = { ...staged.object, usageLeft: lowered(staged.object.usageLeft, amount) };
      return;
    }
    await this.#base.spend(this.#stored(object), amount);
    this.#spent.push({ object, amount });
  }

  /** Writes everything staged, whole or not at all. Throws ConflictError. */
  async write(): Promise<void> {
    const puts = [...this.#staged.values()].map(({ before, object, material }) => ({
      ...(before !== undefined && { before }),
      after: object,
      ...(material !== undefined && { material }),
    }));
    if (puts.length > 0) await this.#base.commit({ puts });
  }

  /** Gives back what was spent, since the uses are undone. */
  async undo(): Promise<void> {
    for (const { object, amount } of this.#spent.splice(0)) await this.#base.spend(object, -amount);
  }
}

function lowered(left: bigint | undefined, amount: bigint): bigint | undefined {
  if (left === undefined) return undefined;
  if (left < amount) throw new KmipError('usage-exceeded', 'the Usage Limits of the object are used up');
  return left - amount;
}
