import type { State } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import { isDestroyed, stateAt } from '../objects/lifecycle.ts';
import type { Condition, Query } from '../objects/query.ts';
import {
  type AuditKeyRow,
  ConflictError,
  type GrantRow,
  type IndexEntries,
  type InstallationRow,
  type KeyringRow,
  type NameClaim,
  type RootChange,
  type RowChanges,
  type RowPut,
  type SeenSealEpoch,
  StaleGenerationError,
  type Store,
  type StoredObject,
} from './store.ts';
import { checkPut, checkText } from './text.ts';

/** Small, so that whoever reads pages meets several. */
const pageSize = 3;

interface Entry extends StoredObject {
  readonly index: IndexEntries;
}

/** The store without a database: for tests, and as the model of the contract. Nothing outlives the process. */
export class MemoryStore implements Store {
  #objects = new Map<string, Entry>();
  /** Who has claimed a name: identifiers, by owner and digest. */
  #claims: ReadonlyMap<string, string> = new Map();
  #keyring: readonly KeyringRow[] = [];
  #auditKeys: readonly AuditKeyRow[] = [];
  #installation: InstallationRow | undefined;
  #sealEpoch = 0;
  #version = 0;
  #sequence = 0;

  version(): number {
    return this.#version;
  }

  async validate(id: string): Promise<number | undefined> {
    checkText(id);
    return this.#objects.get(id)?.row.revision;
  }

  async read(id: string): Promise<StoredObject | undefined> {
    checkText(id);
    const found = this.#objects.get(id);
    return found && { row: found.row, grants: found.grants };
  }

  async readMany(ids: readonly string[]): Promise<readonly StoredObject[]> {
    const found = await Promise.all(ids.map((id) => this.read(id)));
    return found.filter((one) => one !== undefined);
  }

  async *find(query: Query): AsyncIterable<readonly string[]> {
    if (query.visibleTo !== undefined) [query.visibleTo.owner, ...query.visibleTo.userids].forEach(checkText);
    const found = [...this.#objects.values()]
      .filter((entry) => isVisible(entry, query.visibleTo))
      .filter((entry) => query.conditions.every((condition) => holds(entry, condition)))
      .sort((a, b) => b.row.sequence - a.row.sequence);
    for (let i = 0; i < found.length; i += pageSize) yield found.slice(i, i + pageSize).map(({ row }) => row.id);
  }

  async commit({ puts, claims = [], primaryGeneration, sealEpoch }: RowChanges): Promise<void> {
    puts.forEach(checkPut);
    if (sealEpoch !== undefined && sealEpoch !== this.#sealEpoch) throw new ConflictError('all nodes were sealed');
    if (primaryGeneration !== undefined && this.#primary()?.generation !== primaryGeneration) {
      throw new StaleGenerationError('the generation is not the primary one');
    }
    const staged = new Map(this.#objects);
    for (const put of puts) staged.set(put.row.id, this.#entry(put, staged.get(put.row.id)));
    const claimed = new Map(this.#claims);
    for (const claim of claims) claimName(claim, claimed, staged);
    this.#objects = staged;
    this.#claims = claimed;
    this.#version++;
  }

  async spend(id: string, revision: number, amount: bigint): Promise<bigint | undefined> {
    checkText(id);
    const found = this.#objects.get(id);
    if (found?.row.revision !== revision) throw new ConflictError('the object was changed meanwhile');
    const { usageLeft } = found.row;
    if (usageLeft === null || usageLeft < amount) return undefined;
    this.#objects.set(id, { ...found, row: { ...found.row, usageLeft: usageLeft - amount } });
    this.#version++;
    return usageLeft - amount;
  }

  async installation(): Promise<InstallationRow | undefined> {
    return this.#installation;
  }

  async initialise(installation: InstallationRow, first: KeyringRow): Promise<void> {
    if (this.#installation !== undefined) throw new ConflictError('the database is initialised');
    this.#installation = installation;
    await this.addGeneration(first);
  }

  async keyring(): Promise<readonly KeyringRow[]> {
    return this.#keyring;
  }

  async addGeneration(row: KeyringRow, installationRevision?: number): Promise<void> {
    if ((installationRevision ?? this.#installation?.revision) !== this.#installation?.revision) {
      throw new ConflictError('the installation was replaced');
    }
    if (this.#hasGeneration(row.generation)) throw new ConflictError('the generation exists');
    const others = this.#keyring.map((one) => ({ ...one, primary: false }));
    this.#keyring = [...others, { ...row, primary: true }].sort((a, b) => a.generation - b.generation);
    this.#version++;
  }

  async ofGeneration(
    generation: number,
    after: number,
    limit: number,
  ): Promise<readonly { id: string; sequence: number }[]> {
    return [...this.#objects.values()]
      .map(({ row }) => row)
      .filter((row) => row.generation === generation && row.sequence > after)
      .sort((a, b) => a.sequence - b.sequence)
      .slice(0, limit)
      .map(({ id, sequence }) => ({ id, sequence }));
  }

  async generationSizes(): Promise<ReadonlyMap<number, number>> {
    const sizes = new Map<number, number>();
    for (const { row } of this.#objects.values()) sizes.set(row.generation, (sizes.get(row.generation) ?? 0) + 1);
    return sizes;
  }

  async retireGeneration(auditKey: AuditKeyRow, installationRevision: number): Promise<void> {
    const { generation } = auditKey;
    if (installationRevision !== this.#installation?.revision) throw new ConflictError('the installation was replaced');
    const isUsed = [...this.#objects.values()].some(({ row }) => row.generation === generation);
    if (isUsed || !this.#keyring.some((one) => one.generation === generation && !one.primary)) {
      throw new ConflictError('the generation is in use');
    }
    this.#keyring = this.#keyring.filter((one) => one.generation !== generation);
    this.#auditKeys = [...this.#auditKeys, auditKey].sort((a, b) => a.generation - b.generation);
    this.#version++;
  }

  async auditKeys(): Promise<readonly AuditKeyRow[]> {
    return this.#auditKeys;
  }

  async replaceRoot({ installation, keyring, auditKeys, next }: RootChange): Promise<void> {
    const known = keyring.filter(({ generation }) => this.#hasGeneration(generation)).length;
    const current =
      installation.id === this.#installation?.id && installation.revision === this.#installation.revision + 1;
    const isWhole = known === keyring.length && known === this.#keyring.length;
    if (!current || !isWhole || auditKeys.length !== this.#auditKeys.length) {
      throw new ConflictError('the installation or its keyring was changed meanwhile');
    }
    if (next !== undefined && this.#hasGeneration(next.generation)) throw new ConflictError('the generation exists');
    const wrapped = new Map([...keyring, ...auditKeys].map((one) => [one.generation, one.wrapped]));
    this.#keyring = this.#keyring.map((row) => ({ ...row, wrapped: wrapped.get(row.generation) ?? row.wrapped }));
    this.#auditKeys = this.#auditKeys.map((row) => ({ ...row, wrapped: wrapped.get(row.generation) ?? row.wrapped }));
    this.#installation = installation;
    this.#version++;
    if (next !== undefined) await this.addGeneration(next);
  }

  async sealEpoch(): Promise<number> {
    return this.#sealEpoch;
  }

  seenSealEpoch(): SeenSealEpoch {
    return { epoch: this.#sealEpoch, asked: performance.now() };
  }

  async raiseSealEpoch(): Promise<void> {
    this.#sealEpoch++;
    this.#version++;
  }

  async reserve(generation: number, encryptions: number): Promise<number> {
    const primary = this.#primary();
    if (primary?.generation !== generation) throw new StaleGenerationError('the generation is not the primary one');
    const reserved = primary.reserved + encryptions;
    this.#keyring = this.#keyring.map((one) => (one.primary ? { ...one, reserved } : one));
    this.#version++;
    return reserved;
  }

  async clock(): Promise<number> {
    return Math.floor(Date.now() / 1000);
  }

  async close(): Promise<void> {}

  #primary(): KeyringRow | undefined {
    return this.#keyring.find((one) => one.primary);
  }

  #hasGeneration(generation: number): boolean {
    return this.#keyring.some((one) => one.generation === generation);
  }

  #entry(put: RowPut, before: Entry | undefined): Entry {
    if (before?.row.revision !== put.expected) throw new ConflictError('the object was changed meanwhile');
    if (!this.#hasGeneration(put.row.generation)) throw new StaleGenerationError('the keyring has no such generation');
    const row = {
      ...put.row,
      sequence: before?.row.sequence ?? ++this.#sequence,
      material: put.material === undefined ? (before?.row.material ?? null) : put.material,
      usageLeft: put.usageLeft === undefined ? (before?.row.usageLeft ?? null) : put.usageLeft,
    };
    return { row, grants: [...put.grants].sort(byUserid), index: put.index };
  }
}

/** Throws `duplicate-name` where another object holds the claim. */
function claimName(claim: NameClaim, claimed: Map<string, string>, objects: ReadonlyMap<string, Entry>): void {
  const { id, owner, digest } = claim;
  const key = `${digest.toString('hex')} ${owner}`;
  const holder = objects.get(claimed.get(key) ?? '');
  if (holder !== undefined && holder.row.id !== id && holdsClaim(holder, claim)) {
    throw new KmipError('duplicate-name', 'another object has this Name');
  }
  claimed.set(key, id);
}

function holdsClaim({ row, index }: Entry, { owner, digest }: NameClaim): boolean {
  if (row.owner !== owner || isDestroyed(row.state as State)) return false;
  return index.values.some((one) => one.equals(digest));
}

function byUserid(a: GrantRow, b: GrantRow): number {
  return Buffer.compare(Buffer.from(a.userid), Buffer.from(b.userid));
}

function isVisible({ row, grants }: Entry, visibleTo: Query['visibleTo']): boolean {
  if (visibleTo === undefined) return true;
  return row.owner === visibleTo.owner || grants.some(({ userid }) => visibleTo.userids.includes(userid));
}

function holds(entry: Entry, condition: Condition): boolean {
  const { row, index } = entry;
  switch (condition.kind) {
    case 'type':
      return row.type === condition.type;
    case 'algorithm':
      return index.algorithm === condition.algorithm;
    case 'length':
      return index.length === condition.length;
    case 'state':
      return condition.states.includes(effectiveState(entry, condition.now));
    case 'date':
      return inRange(index.dates[condition.attribute], condition);
    case 'value':
      return index.values.some((digest) => digest.equals(condition.digest));
  }
}

function effectiveState({ row, index: { dates } }: Entry, now: number): State {
  const moves = { activation: dates.ActivationDate, deactivation: dates.DeactivationDate };
  return stateAt(row.state as State, moves, now);
}

function inRange(date: number | undefined, { from, to }: { from: number; to: number }): boolean {
  return date !== undefined && date >= from && date <= to;
}
