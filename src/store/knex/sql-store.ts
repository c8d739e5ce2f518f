import type { Query } from '../../objects/query.ts';
import type { Connection, Dialect, Row, Value } from '../dialects/abilities.ts';
import {
  type AuditKeyRow,
  ConflictError,
  type InstallationRow,
  type KeyringRow,
  type RootChange,
  type RowChanges,
  type SeenSealEpoch,
  type Store,
  type StoredObject,
} from '../store.ts';
import { checkPut, checkText } from '../text.ts';
import { claimSteps } from './claims.ts';
import { Gathering } from './gathering.ts';
import {
  generationSteps,
  initialiseSteps,
  installationStep,
  raiseSealEpochStep,
  readAuditKeys,
  readGenerationObjects,
  readGenerationSizes,
  readInstallation,
  readKeyring,
  readSealEpoch,
  reserveSteps,
  retirementSteps,
  rootSteps,
} from './keyring.ts';
import { locate } from './locate.ts';
import { changeSteps, readObject, readObjects, readRevision } from './objects.ts';
import { revisionsOver } from './revisions.ts';
import { auditKeyRow, installationRow, keyringRow, storedObjects } from './rows.ts';
import { Spending } from './spending.ts';

/** Objects read with one statement. */
const chunk = 256;

/** Who asks for the seal's epoch at the same time, and gets one answer. */
const asking = 100_000;

/** The column `usage_left` holds no more. */
const largestCount = 2n ** 63n - 1n;

/** The store of a database whose schema `migrate` has brought up to date. */
export async function openStore(dialect: Dialect): Promise<Store> {
  return new SqlStore(await dialect.open(), dialect);
}

class SqlStore implements Store {
  readonly #connection: Connection;
  readonly #dialect: Dialect;
  /** There where a statement of its own for each question would cost too much. */
  readonly #revisions: Gathering<string, number | undefined> | undefined;
  readonly #spending: Spending;
  readonly #sealEpochs: Gathering<undefined, number>;
  #seenSealEpoch: SeenSealEpoch | undefined;

  constructor(connection: Connection, dialect: Dialect) {
    this.#connection = connection;
    this.#dialect = dialect;
    this.#spending = new Spending(connection);
    const reading = { rows: (sql: string, parameters: readonly Value[]) => this.#rows(sql, parameters) };
    this.#revisions = dialect.roundTrips ? revisionsOver(reading) : undefined;
    this.#sealEpochs = new Gathering(asking, async (all) => Array(all.length).fill(await this.#readSealEpoch()));
  }

  version(): number | undefined {
    return this.#connection.version();
  }

  async validate(id: string): Promise<number | undefined> {
    checkText(id);
    if (this.#revisions !== undefined) return this.#revisions.ask(id);
    const [row] = await this.#rows(readRevision, [id]);
    return row && Number(row['revision']);
  }

  async read(id: string): Promise<StoredObject | undefined> {
    checkText(id);
    return storedObjects(await this.#rows(readObject, [id])).get(id);
  }

  async readMany(ids: readonly string[]): Promise<readonly StoredObject[]> {
    ids.forEach(checkText);
    const found: StoredObject[] = [];
    for (let i = 0; i < ids.length; i += chunk) found.push(...(await this.#readChunk(ids.slice(i, i + chunk))));
    return found;
  }

  find(query: Query): AsyncIterable<readonly string[]> {
    if (query.visibleTo !== undefined) [query.visibleTo.owner, ...query.visibleTo.userids].forEach(checkText);
    return locate(this.#connection, query);
  }

  async commit(changes: RowChanges): Promise<void> {
    changes.puts.forEach(checkPut);
    const asked = performance.now();
    const claims = claimSteps(changes.claims ?? [], this.#dialect);
    await this.#connection.write([...changeSteps(changes, this.#dialect.lockForShare), ...claims]);
    if (changes.sealEpoch !== undefined) this.#seen(changes.sealEpoch, asked);
  }

  async spend(id: string, revision: number, amount: bigint): Promise<bigint | undefined> {
    checkText(id);
    if (amount > largestCount) return undefined;
    const spent = await this.#spending.spend(id, { revision, amount });
    if (spent === 'conflict') throw new ConflictError('the object was changed meanwhile');
    return spent;
  }

  async installation(): Promise<InstallationRow | undefined> {
    const [row] = await this.#connection.rows(readInstallation, []);
    return row && installationRow(row);
  }

  async initialise(installation: InstallationRow, first: KeyringRow): Promise<void> {
    await this.#connection.write(initialiseSteps(installation, first));
  }

  async keyring(): Promise<readonly KeyringRow[]> {
    return (await this.#connection.rows(readKeyring, [])).map(keyringRow);
  }

  async addGeneration(row: KeyringRow, installationRevision?: number): Promise<void> {
    const { lockForShare } = this.#dialect;
    const first = installationRevision === undefined ? [] : [installationStep(installationRevision, lockForShare)];
    await this.#connection.write([...first, ...generationSteps(row)]);
  }

  async ofGeneration(
    generation: number,
    after: number,
    limit: number,
  ): Promise<readonly { id: string; sequence: number }[]> {
    const rows = await this.#connection.rows(readGenerationObjects, [generation, after, limit]);
    return rows.map(({ id, sequence }) => ({ id: id as string, sequence: Number(sequence) }));
  }

  async generationSizes(): Promise<ReadonlyMap<number, number>> {
    const rows = await this.#connection.rows(readGenerationSizes, []);
    return new Map(rows.map(({ generation, size }) => [Number(generation), Number(size)]));
  }

  async retireGeneration(auditKey: AuditKeyRow, installationRevision: number): Promise<void> {
    const first = installationStep(installationRevision, this.#dialect.lockForShare);
    await this.#connection.write([first, ...retirementSteps(auditKey)]);
  }

  async auditKeys(): Promise<readonly AuditKeyRow[]> {
    return (await this.#connection.rows(readAuditKeys, [])).map(auditKeyRow);
  }

  async replaceRoot(change: RootChange): Promise<void> {
    await this.#connection.write(rootSteps(change));
  }

  sealEpoch(): Promise<number> {
    return this.#sealEpochs.ask(undefined);
  }

  seenSealEpoch(): SeenSealEpoch | undefined {
    return this.#seenSealEpoch;
  }

  async raiseSealEpoch(): Promise<void> {
    await this.#connection.write([raiseSealEpochStep]);
  }

  async reserve(generation: number, encryptions: number): Promise<number> {
    const [, row] = await this.#connection.write(reserveSteps(generation, encryptions));
    return Number((row as Row)['reserved']);
  }

  async clock(): Promise<number> {
    const [row] = await this.#connection.rows(`SELECT ${this.#dialect.clock} AS now`, []);
    return Number((row as Row)['now']);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Rows with the column of the seal's epoch. */
  async #rows(sql: string, parameters: readonly Value[]): Promise<readonly Row[]> {
    const asked = performance.now();
    const rows = await this.#connection.rows(sql, parameters);
    const [row] = rows;
    if (row !== undefined) this.#seen(Number(row['seal_epoch']), asked);
    return rows;
  }

  async #readSealEpoch(): Promise<number> {
    const [row] = await this.#rows(readSealEpoch, []);
    return row === undefined ? 0 : Number(row['seal_epoch']);
  }

  /** It only grows, and answers may overtake one another. */
  #seen(epoch: number, asked: number): void {
    const { epoch: highest = 0, asked: latest = 0 } = this.#seenSealEpoch ?? {};
    this.#seenSealEpoch = { epoch: Math.max(epoch, highest), asked: Math.max(asked, latest) };
  }

  /** Asks for a power of two of identifiers, the last one repeated, so that few statements serve all numbers. */
  async #readChunk(ids: readonly string[]): Promise<readonly StoredObject[]> {
    const count = 2 ** Math.ceil(Math.log2(ids.length));
    const padded = [...ids, ...Array<string>(count - ids.length).fill(ids.at(-1) ?? '')];
    const found = storedObjects(await this.#rows(readObjects(count), padded));
    return ids.flatMap((id) => found.get(id) ?? []);
  }
}
