import { randomBytes, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Secret } from '../crypto/secret.ts';
import type { Foundation } from '../store/archive.ts';
import {
  ConflictError,
  type InstallationRow,
  type KeyringRow,
  type RootChange,
  StaleGenerationError,
  type Store,
} from '../store/store.ts';
import { checkInstallation, withTag } from './installation-row.ts';
import type { KekSource } from './keyring.ts';
import {
  type BrokenKey,
  newGeneration,
  openAll,
  openAuditKey,
  openGeneration,
  type Root,
  rewrapAll,
  toAuditKey,
} from './keyring-rows.ts';
import { auditKeyOf, type Kek } from './keys.ts';
import { type RootKeyProvider, SealError } from './root-key.ts';
import { ROOT_KEY_BYTES } from './wrapped-root-key.ts';

/** How often, and how far apart, the database is asked what became of a change. */
const ASKED = 60;
const PAUSE_MS = 1000;

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
  using rootKey = new Secret(randomBytes(ROOT_KEY_BYTES));
  const wrapped = await seal.wrap(id, rootKey);
  const row = { id, seal: seal.seal, ...wrapped, revision: 1, adminToken, recovery: null };
  return { installation: withTag(rootKey, row), first: newGeneration({ rootKey, installationId: id }, 1, now) };
}

/** The keyring as the primary process sees it: it holds the root key, opens generations and makes new ones. */
export class Generations implements KekSource {
  readonly #store: Store;
  #installation: InstallationRow;
  #rootKey: Secret;

  /** Keeps `rootKey` (32 bytes) until `close`. */
  constructor(store: Store, installation: InstallationRow, rootKey: Secret) {
    this.#store = store;
    this.#installation = installation;
    this.#rootKey = rootKey;
  }

  /** The row that the root key belongs to. */
  get installation(): InstallationRow {
    return this.#installation;
  }

  /**
   * Looks at the row again, which others may have replaced. Throws SealError where it is not of this root key: that was
   * replaced, or the row was changed.
   */
  async refresh(): Promise<void> {
    const row = await this.#store.installation();
    if (row?.id !== this.#installation.id || (row.tag === null && this.#installation.tag !== null)) {
      throw new SealError('the database does not have the installation row of this root key any more');
    }
    checkInstallation(this.#root.rootKey, row);
    this.#installation = row;
  }

  /** Whether it is the root key in use. */
  hasRootKey(rootKey: Secret): boolean {
    const [given, used] = [rootKey.expose(), this.#root.rootKey.expose()];
    return given.length === used.length && timingSafeEqual(given, used);
  }

  /** Wipes the root key. Nothing opens afterwards. */
  close(): void {
    this.#rootKey.wipe();
  }

  /** Throws SealError once it was wiped: who waited for the database meanwhile finds that the seal has changed. */
  get #root(): Root {
    if (this.#rootKey.isWiped) throw new SealError('the root key was forgotten');
    return { rootKey: this.#rootKey, installationId: this.#installation.id };
  }

  /**
   * Makes a new root key, and wraps every generation under it. `seal` gives the installation row for the new key; with
   * `another`, there is a new generation too. Throws ConflictError when somebody else changed the keyring meanwhile.
   */
  async replaceRoot(
    seal: (rootKey: Secret) => Promise<Omit<InstallationRow, 'tag'>>,
    { another }: { readonly another: boolean },
  ): Promise<void> {
    const rootKey = new Secret(randomBytes(ROOT_KEY_BYTES));
    try {
      const installation = withTag(rootKey, await seal(rootKey));
      await this.#commit(await this.#changeTo(rootKey, installation, another));
      this.#rootKey.wipe();
      this.#rootKey = rootKey;
      this.#installation = installation;
    } finally {
      if (this.#rootKey !== rootKey) rootKey.wipe();
    }
  }

  /** Every key, wrapped under the new root key. */
  async #changeTo(rootKey: Secret, installation: InstallationRow, another: boolean): Promise<RootChange> {
    const rows = await this.#rows();
    const rewrapped = rewrapAll(this.#root, rootKey, rows);
    if (!another) return { installation, ...rewrapped };
    const last = rows.keyring.at(-1)?.generation ?? 0;
    const root = { rootKey, installationId: installation.id };
    return { installation, ...rewrapped, next: newGeneration(root, last + 1, await this.#store.clock()) };
  }

  async #rows(): Promise<Pick<Foundation, 'keyring' | 'auditKeys'>> {
    const [keyring, auditKeys] = await Promise.all([this.#store.keyring(), this.#store.auditKeys()]);
    return { keyring, auditKeys };
  }

  /** Replaces the digest of the administrator token, and nothing else. Throws as `refresh` and `replaceRoot`. */
  async replaceAdminToken(adminToken: Buffer): Promise<void> {
    await this.refresh();
    const row = { ...this.#installation, revision: this.#installation.revision + 1, adminToken };
    const installation = withTag(this.#root.rootKey, row);
    await this.#commit({ installation, ...(await this.#rows()) });
    this.#installation = installation;
  }

  /** Where the database does not tell whether it has committed, it is asked until it does. */
  async #commit(change: RootChange): Promise<void> {
    try {
      await this.#store.replaceRoot(change);
    } catch (error) {
      if (error instanceof ConflictError || !(await this.#hasCommitted(change.installation))) throw error;
    }
  }

  async #hasCommitted({ id, tag }: InstallationRow): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const row = await this.#store.installation();
        return row?.id === id && row.tag !== null && tag !== null && row.tag.equals(tag);
      } catch (error) {
        if (attempt === ASKED) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }

  /** Checks that every key opens. Throws SealError that names the generation of one that does not. */
  async check(): Promise<void> {
    for (const row of await this.#store.keyring()) openGeneration(this.#root, row).key.wipe();
    for (const row of await this.#store.auditKeys()) openAuditKey(this.#root, row).wipe();
    await this.#primaryRow();
  }

  /** The rows of wrapped keys that do not open. */
  async broken(): Promise<readonly BrokenKey[]> {
    const { keks, broken } = openAll(this.#root, await this.#rows());
    for (const { key } of keks) key.wipe();
    return broken;
  }

  async generation(number: number): Promise<Kek | undefined> {
    const row = (await this.#store.keyring()).find((one) => one.generation === number);
    return row && openGeneration(this.#root, row);
  }

  /** The key that chains audit files under a generation, also of a retired one: 32 bytes, for the caller to wipe. */
  async auditKey(number: number): Promise<Secret | undefined> {
    const kek = await this.generation(number);
    if (kek === undefined) {
      const row = (await this.#store.auditKeys()).find(({ generation }) => generation === number);
      return row && openAuditKey(this.#root, row);
    }
    using _ = kek.key;
    return auditKeyOf(this.#installation.id, kek);
  }

  async primary(spent?: number): Promise<Kek> {
    const row = await this.#primaryRow();
    if (row.generation !== spent) return openGeneration(this.#root, row);
    await this.#makeAfter(row.generation);
    return openGeneration(this.#root, await this.#primaryRow());
  }

  /** Makes a new generation if the primary one is older than so many seconds. */
  async renew(maxAge: number): Promise<void> {
    const { generation, created } = await this.#primaryRow();
    if ((await this.#store.clock()) - created > maxAge) await this.#makeAfter(generation);
  }

  /** Makes a new generation. */
  async rotate(): Promise<void> {
    await this.#makeAfter((await this.#primaryRow()).generation);
  }

  /**
   * Removes earlier generations that no object is of any more; answers their numbers. Their audit keys stay, so that audit
   * files remain verifiable. Where another node does the same, or still writes, nothing happens.
   */
  async retire(): Promise<readonly number[]> {
    await this.refresh();
    const retired: number[] = [];
    for (const row of await this.#store.keyring()) {
      const { generation, primary } = row;
      if (primary || (await this.#store.ofGeneration(generation, 0, 1)).length > 0) continue;
      if (await this.#retire(row)) retired.push(generation);
    }
    return retired;
  }

  async #retire(row: KeyringRow): Promise<boolean> {
    try {
      await this.#store.retireGeneration(toAuditKey(this.#root, row), this.#installation.revision);
      return true;
    } catch (error) {
      if (error instanceof ConflictError || error instanceof StaleGenerationError) return false;
      throw error;
    }
  }

  /** Another node may do the same at the same time; whose generation it is does not matter. */
  async #makeAfter(generation: number): Promise<void> {
    await this.refresh();
    const { revision } = this.#installation;
    const row = newGeneration(this.#root, generation + 1, await this.#store.clock());
    try {
      await this.#store.addGeneration(row, revision);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  async #primaryRow(): Promise<KeyringRow> {
    const row = (await this.#store.keyring()).find((one) => one.primary);
    if (row === undefined) throw new SealError('the keyring in the database has no primary generation');
    return row;
  }
}
