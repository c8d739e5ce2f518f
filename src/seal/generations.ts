import { randomBytes } from 'node:crypto';
import { openBytes, sealBytes } from '../crypto/envelope.ts';
import { ConflictError, type InstallationRow, type KeyringRow, type Store } from '../store/store.ts';
import { context } from './contexts.ts';
import { withTag } from './installation-row.ts';
import type { KekSource } from './keyring.ts';
import type { Kek } from './keys.ts';
import { type RootKeyProvider, SealError } from './root-key.ts';
import { StoredTag } from './stored-tags.ts';

const KEY_BYTES = 32;

/** A new installation, before it is in a database. */
export interface NewInstallation {
  readonly installation: InstallationRow;
  readonly first: KeyringRow;
}

/** What is decided about an installation before it has a root key. */
export interface Identity {
  readonly id: string;
  /** The digest of the administrator token. */
  readonly adminToken: Buffer | null;
}

/**
 * Makes an installation: a random root key, wrapped by the seal, and the first generation of the keyring (created at
 * `now`, seconds since the epoch), wrapped by the root key.
 */
export async function newInstallation(
  seal: RootKeyProvider,
  now: number,
  { id, adminToken }: Identity = { id: crypto.randomUUID(), adminToken: null },
): Promise<NewInstallation> {
  const rootKey = randomBytes(KEY_BYTES);
  const wrapped = await seal.wrap(id, rootKey);
  const row = { id, seal: seal.seal, ...wrapped, revision: 1, adminToken, recovery: null };
  const installation = withTag(rootKey, row);
  const first = newRow(id, rootKey, 1, now);
  rootKey.fill(0);
  return { installation, first };
}

/** The keyring as the primary process sees it: it holds the root key, opens generations and makes new ones. */
export class Generations implements KekSource {
  readonly #store: Store;
  readonly #installationId: string;
  readonly #rootKey: Buffer;

  /** Keeps `rootKey` (32 bytes) until `close`. */
  constructor(store: Store, installationId: string, rootKey: Buffer) {
    this.#store = store;
    this.#installationId = installationId;
    this.#rootKey = rootKey;
  }

  /** Zeroes the root key. Nothing opens afterwards. */
  close(): void {
    this.#rootKey.fill(0);
  }

  /** Checks that every generation opens. Throws SealError that names the one that does not. */
  async check(): Promise<void> {
    for (const row of await this.#store.keyring()) this.#open(row).bytes.fill(0);
    await this.#primaryRow();
  }

  async generation(number: number): Promise<Kek | undefined> {
    const row = (await this.#store.keyring()).find((one) => one.generation === number);
    return row && this.#open(row);
  }

  async primary(spent?: number): Promise<Kek> {
    const row = await this.#primaryRow();
    if (row.generation !== spent) return this.#open(row);
    await this.#makeAfter(row.generation);
    return this.#open(await this.#primaryRow());
  }

  /** Makes a new generation if the primary one is older than so many seconds. */
  async renew(maxAge: number): Promise<void> {
    const { generation, created } = await this.#primaryRow();
    if ((await this.#store.clock()) - created > maxAge) await this.#makeAfter(generation);
  }

  /** Another node may do the same at the same time; whose generation it is does not matter. */
  async #makeAfter(generation: number): Promise<void> {
    const row = newRow(this.#installationId, this.#rootKey, generation + 1, await this.#store.clock());
    try {
      await this.#store.addGeneration(row);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  async #primaryRow(): Promise<KeyringRow> {
    const row = (await this.#store.keyring()).find((one) => one.primary);
    if (row === undefined) throw new SealError('the keyring in the database has no primary generation');
    return row;
  }

  #open(row: KeyringRow): Kek {
    const bytes = openBytes(this.#rootKey, row.wrapped, contextOf(this.#installationId, row.generation, row.created));
    if (bytes?.length === KEY_BYTES) return { generation: row.generation, bytes };
    throw new SealError(
      `generation ${row.generation} of the keyring does not open: its row was changed, or it is of another installation`,
    );
  }
}

function newRow(installationId: string, rootKey: Buffer, generation: number, created: number): KeyringRow {
  const kek = randomBytes(KEY_BYTES);
  const wrapped = sealBytes(rootKey, kek, contextOf(installationId, generation, created));
  kek.fill(0);
  return { generation, wrapped, created, primary: true, reserved: 0 };
}

function contextOf(installationId: string, generation: number, created: number): Buffer {
  return context((writer) => {
    writer.writeTextString(StoredTag.Installation, installationId);
    writer.writeTextString(StoredTag.Role, 'key encryption key');
    writer.writeTextString(StoredTag.Generation, String(generation));
    writer.writeTextString(StoredTag.Created, String(created));
  });
}
