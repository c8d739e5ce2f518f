import { KmipError } from '../errors.ts';
import type { AttributeSet } from '../kmip/attribute-set.ts';
import type { ChangeSet, Put } from '../objects/changes.ts';
import type { ManagedObject, Material, Remains } from '../objects/object.ts';
import type { Query } from '../objects/query.ts';
import type { Records } from '../seal/records.ts';
import { ConflictError } from '../store/store.ts';

/** How often a use is given back again because somebody changed the object meanwhile. */
const ATTEMPTS = 8;

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
  readonly #spent: { id: string; amount: bigint }[] = [];

  constructor(base: Records) {
    this.#base = base;
  }

  received(): void {
    this.#base.received();
  }

  heedSeal(since: number): Promise<void> | undefined {
    return this.#base.heedSeal(since);
  }

  async get(id: string): Promise<ManagedObject | undefined> {
    const staged = this.#staged.get(id);
    return staged === undefined ? this.#base.get(id) : this.#counted(staged);
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

  /** A staged object with the count of uses as it is now: others go on using the key. */
  async #counted({ before, object }: Staged): Promise<ManagedObject> {
    if (before === undefined || object.usageLeft === undefined || hasNewLimits(before, object)) return object;
    const current = await this.#base.get(object.id);
    return { ...object, usageLeft: current?.usageLeft ?? object.usageLeft };
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
      // What others have used meanwhile is in the count that was read, and not a change of this batch.
      const usageLeft = before?.usageLeft === after.usageLeft ? staged.object.usageLeft : after.usageLeft;
      staged.object = { ...after, sequence: staged.object.sequence, usageLeft };
      if (material !== undefined) staged.material = material;
      return;
    }
    if (before === undefined && (await this.#base.get(after.id)) !== undefined) throw new ConflictError(after.id);
    this.#staged.set(after.id, { before, object: after, material });
  }

  async spend(object: ManagedObject, amount: bigint): Promise<void> {
    const staged = this.#staged.get(object.id);
    if (staged !== undefined && (staged.before === undefined || hasNewLimits(staged.before, staged.object))) {
      staged.object = { ...staged.object, usageLeft: lowered(staged.object.usageLeft, amount) };
      return;
    }
    await this.#base.spend(this.#stored(object), amount);
    this.#spent.push({ id: object.id, amount });
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

  /** Gives back what was spent, since the uses are undone. What cannot be given back stays counted: the safe side. */
  async undo(): Promise<void> {
    for (const { id, amount } of this.#spent.splice(0)) await this.#giveBack(id, amount).catch(() => {});
  }

  async #giveBack(id: string, amount: bigint): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const object = await this.#base.get(id);
      if (object === undefined) return;
      try {
        return await this.#base.spend(object, -amount);
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
      }
    }
  }
}

function hasNewLimits(before: ManagedObject, object: ManagedObject): boolean {
  return before.usageLeft !== object.usageLeft;
}

function lowered(left: bigint | undefined, amount: bigint): bigint | undefined {
  if (left === undefined) return undefined;
  if (left < amount) throw new KmipError('usage-exceeded', 'the Usage Limits of the object are used up');
  return left - amount;
}
