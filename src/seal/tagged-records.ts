import type { AuditWriter } from '../audit/writer.ts';
import { type Awaitable, whenReady } from '../awaitable.ts';
import { KmipError } from '../errors.ts';
import { AttributeSet } from '../kmip/attribute-set.ts';
import type { Log } from '../log.ts';
import { Lru } from '../lru.ts';
import type { ChangeSet, Put } from '../objects/changes.ts';
import { newNames } from '../objects/names.ts';
import type { ManagedObject, Material, Remains } from '../objects/object.ts';
import type { Query } from '../objects/query.ts';
import {
  ConflictError,
  type RowChanges,
  type RowPut,
  StaleGenerationError,
  type Store,
  type StoredObject,
} from '../store/store.ts';
import type { GenerationKeys } from './keys.ts';
import { openMaterial, sealMaterial } from './material.ts';
import type { Records } from './records.ts';
import { hasRowTag } from './row-tags.ts';
import { revisionAfter, toObject, toRowPut } from './rows.ts';
import type { SealState } from './state.ts';

export interface RecordsParts {
  readonly store: Store;
  readonly state: SealState;
  readonly audit: Pick<AuditWriter, 'append'>;
  readonly log: Pick<Log, 'error'>;
  /** Milliseconds for which a remembered object is used without asking the database (setting cacheMaxStaleness). */
  readonly maxStaleness: number;
  /** Whether two living objects of one owner may not have the same Name (setting namesUnique). */
  readonly uniqueNames?: boolean;
}

/** An object that was checked, and when the database last said that it still is the current one. */
interface Known {
  readonly object: ManagedObject;
  /** The store's version then; see `Store.version`. */
  version: number | undefined;
  /** `performance.now()` then. */
  checked: number;
}

/** The sealed part of a row. */
interface Sealed {
  readonly generation: number;
  readonly material: Buffer | null;
}

interface Opened {
  readonly revision: number;
  readonly material: Material | Remains;
  readonly bytes: number;
}

/** What a worker remembers at most: enough for the keys in use, within its memory. */
const mostObjects = { entries: 5_000, bytes: 24 * 1024 * 1024 };
const mostMaterials = { entries: 5_000, bytes: 8 * 1024 * 1024 };
/** What the objects of the runtime cost beside their bytes, about. */
const OVERHEAD = 1_000;

/** How often a commit is sealed anew because another generation became primary meanwhile. */
const ATTEMPTS = 8;

/**
 * Records over a store: every row's tag is checked before anything of it is used. Checked objects and opened materials
 * are remembered, and used while the store says that their revision is still the current one.
 */
export class TaggedRecords implements Records {
  readonly #parts: RecordsParts;
  readonly #objects = new Lru<Known>(mostObjects);
  readonly #materials = new Lru<Opened>(mostMaterials);
  /** What belongs to an object that was read here. */
  readonly #sealed = new WeakMap<ManagedObject, Sealed>();
  /** What the store's version was at the last look, and whether that look still is good enough. */
  #version: number | undefined;
  #looked = false;
  /** What it was when the database was last asked whether all nodes were sealed. */
  #sealVersion: number | undefined;
  /** Whether somebody tells when requests were received. */
  #isTold = false;

  constructor(parts: RecordsParts) {
    this.#parts = parts;
    parts.state.onSeal(() => {
      this.#objects.clear();
      this.#materials.clear();
    });
  }

  received(): void {
    this.#isTold = true;
    this.#looked = false;
  }

  get(id: string): Awaitable<ManagedObject | undefined> {
    const version = this.#look();
    const known = this.#objects.get(id);
    if (version !== undefined && known?.version === version) return known.object;
    return this.#read(id, known, version);
  }

  async #read(id: string, known: Known | undefined, version: number | undefined): Promise<ManagedObject | undefined> {
    if (known !== undefined && (await this.#isCurrent(known, version))) return known.object;
    const stored = await this.#parts.store.read(id);
    this.#heedEpoch();
    if (stored !== undefined) return this.#remember(stored, version);
    this.#objects.delete(id);
    return undefined;
  }

  #look(): number | undefined {
    if (!this.#looked) {
      this.#version = this.#parts.store.version();
      this.#looked = this.#isTold && this.#version !== undefined;
    }
    return this.#version;
  }

  async *find(query: Query): AsyncIterable<ManagedObject> {
    for await (const ids of this.#parts.store.find(query)) yield* await this.#page(ids);
  }

  material(object: ManagedObject): Awaitable<Material> {
    const opened = this.#materials.get(object.id);
    if (opened?.revision === object.revision && opened.material.value !== undefined) return opened.material;
    return this.#openWhole(object);
  }

  async #openWhole(object: ManagedObject): Promise<Material> {
    const material = await this.#open(object);
    if (material.value === undefined) throw new KmipError('destroyed', 'the object has no key material any more');
    return material;
  }

  async secret(object: ManagedObject): Promise<AttributeSet> {
    return (await this.#open(object)).secret;
  }

  async #open(object: ManagedObject): Promise<Material | Remains> {
    const opened = this.#materials.get(object.id);
    if (opened?.revision === object.revision) return opened.material;
    const sealed = await this.#sealedOf(object);
    if (sealed.material === null) return { secret: AttributeSet.empty };
    const keys = await this.#parts.state.keyring.keys(sealed.generation);
    const material = keys && openMaterial(keys, object, sealed.material);
    if (material === undefined) throw this.#alarm(object.id, 'the material does not open');
    this.#keep(object.id, { revision: object.revision, material, bytes: sealed.material.length });
    return material;
  }

  /**
   * Seals and tags an object anew under the primary generation; nothing else of it changes. Throws ConflictError when
   * somebody else changes it meanwhile.
   */
  async renew(id: string): Promise<void> {
    const before = await this.get(id);
    if (before === undefined) return;
    const { material } = await this.#sealedOf(before);
    await this.commit({
      puts: [{ before, after: before, ...(material !== null && { material: await this.#open(before) }) }],
    });
  }

  async commit({ puts }: ChangeSet): Promise<void> {
    // What comes out of it, a conflict above all, must be seen by whoever looks next.
    this.#looked = false;
    const claims = this.#parts.uniqueNames === true ? { claims: newNames(puts) } : {};
    for (let attempt = 1; ; attempt += 1) {
      const { keyring } = this.#parts.state;
      const kept: (Sealed | undefined)[] = [];
      for (const put of puts) kept.push(await this.#kept(put));
      const sealing = puts.filter(hasMaterial).length;
      const anew = () => (sealing > 0 ? keyring.forEncryptions(sealing) : keyring.primary());
      const primary = kept.includes(undefined) ? await anew() : undefined;
      const rows: RowPut[] = [];
      for (const [index, put] of puts.entries()) rows.push(await this.#toRow(put, kept[index], primary));
      try {
        await this.#parts.store.commit({ puts: rows, ...claims, ...this.#unsealed(), ...primaryGeneration(primary) });
        break;
      } catch (error) {
        if (!(error instanceof StaleGenerationError) || primary === undefined || attempt === ATTEMPTS) throw error;
        await this.#askSeal();
        keyring.retire(primary.generation);
      }
    }
    for (const put of puts) this.#written(put);
  }

  heedSeal(since: number): Promise<void> | undefined {
    const { store, state, maxStaleness } = this.#parts;
    const seen = store.seenSealEpoch();
    if (seen === undefined || (seen.asked < since - maxStaleness && !this.#isSealCurrent())) return this.#askSeal();
    state.heed(seen.epoch);
    return undefined;
  }

  /** Whether nothing was committed since the database was asked whether all nodes were sealed. */
  #isSealCurrent(): boolean {
    const version = this.#look();
    return version !== undefined && version === this.#sealVersion;
  }

  async #askSeal(): Promise<void> {
    const version = this.#look();
    this.#parts.state.heed(await this.#parts.store.sealEpoch());
    this.#sealVersion = version;
  }

  /** What a commit demands, so that nothing is written once all nodes were sealed. */
  #unsealed(): Pick<RowChanges, 'sealEpoch'> {
    const { epoch } = this.#parts.state;
    return epoch === undefined ? {} : { sealEpoch: epoch };
  }

  async spend(object: ManagedObject, amount: bigint): Promise<void> {
    if (object.usageLeft === undefined) return;
    this.#looked = false;
    const left = await this.#parts.store.spend(object.id, object.revision, amount);
    if (left === undefined) throw new KmipError('usage-exceeded', 'the Usage Limits of the object are used up');
  }

  /** Objects of a page of candidates, in its order, without those that are gone meanwhile. */
  async #page(ids: readonly string[]): Promise<readonly ManagedObject[]> {
    const version = this.#look();
    const found = new Map<string, ManagedObject>();
    for (const id of ids) {
      const known = this.#objects.get(id);
      if (known !== undefined && (await this.#isCurrent(known, version))) found.set(id, known.object);
    }
    const missing = ids.filter((id) => !found.has(id));
    const read = await this.#parts.store.readMany(missing);
    this.#heedEpoch();
    for (const stored of read) {
      found.set(stored.row.id, await this.#remember(stored, version));
    }
    return ids.map((id) => found.get(id)).filter((object) => object !== undefined);
  }

  /** `version` is the store's, taken after the request came. */
  async #isCurrent(known: Known, version: number | undefined): Promise<boolean> {
    if (version !== undefined && known.version === version) return true;
    const now = performance.now();
    if (now - known.checked < this.#parts.maxStaleness) return true;
    const { id, revision, usageLeft } = known.object;
    // Uses are counted without a new revision.
    if (usageLeft !== undefined) return false;
    const current = await this.#parts.store.validate(id);
    this.#heedEpoch();
    if (current !== revision) return false;
    known.version = version;
    known.checked = now;
    return true;
  }

  async #remember(read: StoredObject, version: number | undefined): Promise<ManagedObject> {
    const stored = await this.#ofKeyring(read);
    const { row } = stored;
    const object = await this.#check(stored);
    this.#sealed.set(object, { generation: row.generation, material: row.material });
    const bytes = 3 * row.attributes.length + (row.material?.length ?? 0) + OVERHEAD;
    this.#objects.set(row.id, { object, version, checked: performance.now() }, bytes);
    return object;
  }

  /** Each read says whether all nodes were sealed meanwhile. */
  #heedEpoch(): void {
    this.#parts.state.heed(this.#parts.store.seenSealEpoch()?.epoch);
  }

  /** The row itself; where its generation was retired since it was read, the row that another node has sealed anew. */
  async #ofKeyring(stored: StoredObject): Promise<StoredObject> {
    const { id, generation } = stored.row;
    if ((await this.#parts.state.keyring.keys(generation)) !== undefined) return stored;
    return (await this.#parts.store.read(id)) ?? stored;
  }

  async #check(stored: StoredObject): Promise<ManagedObject> {
    const { id, generation } = stored.row;
    const keys = await this.#parts.state.keyring.keys(generation);
    if (keys === undefined) throw this.#alarm(id, 'the keyring has no such generation');
    if (!hasRowTag(keys, stored)) throw this.#alarm(id, 'the tag is wrong');
    return toObject(stored);
  }

  /** The sealed part that belongs to an object, at the revision that the object has. */
  async #sealedOf(object: ManagedObject): Promise<Sealed> {
    const known = this.#sealed.get(object);
    if (known !== undefined) return known;
    const current = await this.get(object.id);
    const sealed = current && this.#sealed.get(current);
    if (sealed === undefined || current?.revision !== object.revision) throw new ConflictError(object.id);
    return sealed;
  }

  /** What a put leaves sealed as it is, under the generation that it has. Whatever else is written is under the primary one. */
  #kept({ before, material }: Put): Awaitable<Sealed | undefined> {
    if (before === undefined || material !== undefined) return undefined;
    return this.#sealedOf(before).then((sealed) => (sealed.material === null ? undefined : sealed));
  }

  /** `primary` is there where some put of the change set keeps nothing. */
  #toRow(put: Put, kept: Sealed | undefined, primary: GenerationKeys | undefined): Awaitable<RowPut> {
    return whenReady(kept === undefined ? primary : this.#parts.state.keyring.keys(kept.generation), (keys) => {
      if (keys === undefined) throw this.#alarm(put.after.id, 'the keyring has no such generation');
      const material = hasMaterial(put) ? sealMaterial(keys, put.after, put.material) : (kept?.material ?? null);
      return toRowPut(put, keys, material);
    });
  }

  /** Opened material stays known under the new revision; everything else is read again when it is needed. */
  #written(put: Put): void {
    const { id } = put.after;
    const opened = this.#materials.get(id);
    this.#objects.delete(id);
    this.#materials.delete(id);
    if (put.material !== undefined || opened?.revision !== put.before?.revision) return;
    if (opened !== undefined) this.#keep(id, { ...opened, revision: revisionAfter(put.before) });
  }

  #keep(id: string, opened: Opened): void {
    this.#materials.set(id, opened, 2 * opened.bytes + OVERHEAD);
  }

  /** Somebody has changed the database, or it is damaged: the operator must know, the client learns nothing. */
  #alarm(id: string, what: string): KmipError {
    const correlation = crypto.randomUUID();
    this.#parts.log.error({ alarm: true, table: 'objects', object: id, correlation }, `a row was forged: ${what}`);
    this.#parts.audit.append({
      kind: 'alarm',
      who: undefined,
      from: 'database',
      operation: 'Read',
      object: id,
      result: 'failed',
      reason: 'internal',
      correlation,
    });
    return new KmipError('internal', 'the server failed', { cause: new Error(`row ${id} of objects: ${what}`) });
  }
}

function primaryGeneration(keys: GenerationKeys | undefined): Pick<RowChanges, 'primaryGeneration'> {
  return keys === undefined ? {} : { primaryGeneration: keys.generation };
}

function hasMaterial(put: Put): put is Put & { readonly material: Material | Remains } {
  return put.material !== undefined;
}
