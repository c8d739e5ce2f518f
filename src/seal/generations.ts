import { randomBytes, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBytes, sealBytes } from '../crypto/envelope.ts';
import { Secret } from '../crypto/secret.ts';
import {
  type AuditKeyRow,
  ConflictError,
  type InstallationRow,
  type KeyringRow,
  type RootChange,
  StaleGenerationError,
  type Store,
} from '../store/store.ts';
import { context } from './contexts.ts';
import { checkInstallation, withTag } from './installation-row.ts';
import type { KekSource } from './keyring.ts';
import { auditKeyOf, type Kek } from './keys.ts';
import { type RootKeyProvider, SealError } from './root-key.ts';
import { StoredTag } from './stored-tags.ts';

const KEY_BYTES = 32;
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
  using rootKey = new Secret(randomBytes(KEY_BYTES));
  const wrapped = await seal.wrap(id, rootKey);
  const row = { id, seal: seal.seal, ...wrapped, revision: 1, adminToken, recovery: null };
  return { installation: withTag(rootKey, row), first: newRow(id, rootKey, 1, now) };
}

/** A row of a wrapped key that was changed, or is of another installation. */
export interface BrokenKey {
  readonly table: 'keyring' | 'audit_keys';
  readonly generation: number;
}

const brokenIn =
  (table: BrokenKey['table']) =>
  ({ generation }: AuditKeyRow): BrokenKey => ({ table, generation });

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
    checkInstallation(this.#root(), row);
    this.#installation = row;
  }

  /** Whether it is the root key in use. */
  hasRootKey(rootKey: Secret): boolean {
    const [given, used] = [rootKey.expose(), this.#root().expose()];
    return given.length === used.length && timingSafeEqual(given, used);
  }

  /** Wipes the root key. Nothing opens afterwards. */
  close(): void {
    this.#rootKey.wipe();
  }

  /** Throws SealError once it was wiped: who waited for the database meanwhile finds that the seal has changed. */
  #root(): Secret {
    if (this.#rootKey.isWiped) throw new SealError('the root key was forgotten');
    return this.#rootKey;
  }

  /**
   * Makes a new root key, and wraps every generation under it. `seal` gives the installation row for the new key; with
   * `another`, there is a new generation too. Throws ConflictError when somebody else changed the keyring meanwhile.
   */
  async replaceRoot(
    seal: (rootKey: Secret) => Promise<Omit<InstallationRow, 'tag'>>,
    { another }: { readonly another: boolean },
  ): Promise<void> {
    const rootKey = new Secret(randomBytes(KEY_BYTES));
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

  /** Every generation, wrapped under the new root key. */
  async #changeTo(rootKey: Secret, installation: InstallationRow, another: boolean): Promise<RootChange> {
    const rows = await this.#store.keyring();
    const keyring = rows.map((row) => this.#rewrap(row, Role.Kek, rootKey));
    const auditKeys = (await this.#store.auditKeys()).map((row) => this.#rewrap(row, Role.Audit, rootKey));
    const last = rows.at(-1)?.generation ?? 0;
    const next = another ? newRow(installation.id, rootKey, last + 1, await this.#store.clock()) : undefined;
    return { installation, keyring, auditKeys, ...(next && { next }) };
  }

  /** Replaces the digest of the administrator token, and nothing else. Throws as `refresh` and `replaceRoot`. */
  async replaceAdminToken(adminToken: Buffer): Promise<void> {
    await this.refresh();
    const row = { ...this.#installation, revision: this.#installation.revision + 1, adminToken };
    const installation = withTag(this.#root(), row);
    const [keyring, auditKeys] = await Promise.all([this.#store.keyring(), this.#store.auditKeys()]);
    await this.#commit({ installation, keyring, auditKeys });
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

  /** Checks that every generation opens. Throws SealError that names the one that does not. */
  async check(): Promise<void> {
    for (const row of await this.#store.keyring()) this.#open(row).key.wipe();
    for (const row of await this.#store.auditKeys()) this.#unwrap(row, Role.Audit).wipe();
    await this.#primaryRow();
  }

  /** The rows of wrapped keys that do not open. */
  async broken(): Promise<readonly BrokenKey[]> {
    const [auditKeys, keyring] = [await this.#store.auditKeys(), await this.#store.keyring()];
    return [
      ...auditKeys.filter((row) => !this.#opens(row, Role.Audit)).map(brokenIn('audit_keys')),
      ...keyring.filter((row) => !this.#opens(row, Role.Kek)).map(brokenIn('keyring')),
    ];
  }

  #opens(row: AuditKeyRow, role: Role): boolean {
    try {
      this.#unwrap(row, role).wipe();
      return true;
    } catch (error) {
      if (error instanceof SealError) return false;
      throw error;
    }
  }

  async generation(number: number): Promise<Kek | undefined> {
    const row = (await this.#store.keyring()).find((one) => one.generation === number);
    return row && this.#open(row);
  }

  /** The key that chains audit files under a generation, also of a retired one: 32 bytes, for the caller to wipe. */
  async auditKey(number: number): Promise<Secret | undefined> {
    const kek = await this.generation(number);
    if (kek === undefined) {
      const row = (await this.#store.auditKeys()).find(({ generation }) => generation === number);
      return row && this.#unwrap(row, Role.Audit);
    }
    using _ = kek.key;
    return auditKeyOf(this.#installation.id, kek);
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
    const { revision } = this.#installation;
    const { generation, created } = row;
    const wrapped = this.#wrapAuditKey(row);
    try {
      await this.#store.retireGeneration({ generation, created, wrapped }, revision);
      return true;
    } catch (error) {
      if (error instanceof ConflictError || error instanceof StaleGenerationError) return false;
      throw error;
    }
  }

  #wrapAuditKey(row: KeyringRow): Buffer {
    const { id } = this.#installation;
    const kek = this.#open(row);
    using _ = kek.key;
    using key = auditKeyOf(id, kek);
    return sealBytes(this.#root().expose(), key.expose(), contextOf(id, Role.Audit, row));
  }

  /** Another node may do the same at the same time; whose generation it is does not matter. */
  async #makeAfter(generation: number): Promise<void> {
    await this.refresh();
    const { id, revision } = this.#installation;
    const row = newRow(id, this.#root(), generation + 1, await this.#store.clock());
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

  #rewrap(row: AuditKeyRow, role: Role, rootKey: Secret): Pick<KeyringRow, 'generation' | 'wrapped'> {
    using key = this.#unwrap(row, role);
    const wrapped = sealBytes(rootKey.expose(), key.expose(), contextOf(this.#installation.id, role, row));
    return { generation: row.generation, wrapped };
  }

  #open(row: KeyringRow): Kek {
    return openGeneration(this.#root(), this.#installation.id, row);
  }

  #unwrap(row: AuditKeyRow, role: Role): Secret {
    return unwrap(this.#root(), this.#installation.id, role, row);
  }
}

/** Unwraps a row of the keyring; the caller wipes the key. Throws SealError that names the generation. */
export function openGeneration(rootKey: Secret, installationId: string, row: KeyringRow): Kek {
  return { generation: row.generation, key: unwrap(rootKey, installationId, Role.Kek, row) };
}

/** Throws SealError where the audit key of a generation that is gone does not open. */
export function checkAuditKey(rootKey: Secret, installationId: string, row: AuditKeyRow): void {
  unwrap(rootKey, installationId, Role.Audit, row).wipe();
}

function unwrap(rootKey: Secret, installationId: string, role: Role, row: AuditKeyRow): Secret {
  const bytes = openBytes(rootKey.expose(), row.wrapped, contextOf(installationId, role, row));
  if (bytes?.length === KEY_BYTES) return new Secret(bytes);
  throw new SealError(
    `generation ${row.generation} of the keyring does not open: its row was changed, or it is of another installation`,
  );
}

function newRow(installationId: string, rootKey: Secret, generation: number, created: number): KeyringRow {
  using kek = new Secret(randomBytes(KEY_BYTES));
  const context = contextOf(installationId, Role.Kek, { generation, created });
  const wrapped = sealBytes(rootKey.expose(), kek.expose(), context);
  return { generation, wrapped, created, primary: true, reserved: 0 };
}

/** What a wrapped key is for. */
const Role = { Kek: 'key encryption key', Audit: 'audit key of a retired generation' } as const;

type Role = (typeof Role)[keyof typeof Role];

/** Of the row of a wrapped key. */
function contextOf(
  installationId: string,
  role: Role,
  { generation, created }: Pick<KeyringRow, 'generation' | 'created'>,
): Buffer {
  return context((writer) => {
    writer.writeTextString(StoredTag.Installation, installationId);
    writer.writeTextString(StoredTag.Role, role);
    writer.writeTextString(StoredTag.Generation, String(generation));
    writer.writeTextString(StoredTag.Created, String(created));
  });
}
