import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { AuditVerifier } from './audit/verify.ts';
import { audited } from './command-audit.ts';
import type { Settings } from './config/settings.ts';
import type { Secret } from './crypto/secret.ts';
import { openRootKey, type ShareSource } from './root-key.ts';
import { adminTokenDigest, newAdminToken } from './seal/admin-token.ts';
import type { SealName, Split } from './seal/control.ts';
import { Generations, type Identity, type NewInstallation, newInstallation } from './seal/generations.ts';
import { checkInstallation, requireWhole } from './seal/installation-row.ts';
import { Keyring } from './seal/keyring.ts';
import type { GenerationKeys } from './seal/keys.ts';
import { checkSplit, encryptShares } from './seal/new-shares.ts';
import { PROMPT } from './seal/prompt.ts';
import type { RootKeyProvider } from './seal/root-key.ts';
import { loadCode } from './server/code.ts';
import { openSeals } from './server/seals.ts';
import { databaseName, openStore, prepareStore, requireInstallation } from './server/store.ts';
import { StartError } from './start-error.ts';
import { ConflictError, type InstallationRow, type KeyringRow, type Store } from './store/store.ts';

/** How a new installation is to be sealed; `split` belongs to the seal shamir. */
export interface NewSeal {
  readonly seal: SealName;
  readonly split?: Split;
}

/** What is shown once, and kept nowhere. */
export interface Initialised {
  /** The database in an operator's words. */
  readonly database: string;
  /** Encrypted to their owners, where there are public keys; empty where the seal has none. */
  readonly shares: readonly Secret[];
  readonly adminToken: Secret;
}

/**
 * Makes a data folder: for the seal passphrase, a file with a random passphrase, unless there is a file already; the
 * database; the installation with the first generation of its keyring. Throws StartError where the database has an installation.
 */
export async function initialise(settings: Settings, { seal, split }: NewSeal): Promise<Initialised> {
  await mkdir(settings.rootDir, { recursive: true, mode: 0o700 });
  if (seal === 'passphrase' && settings.passphraseFile !== PROMPT) await makePassphrase(settings.passphraseFile);
  const id = crypto.randomUUID();
  const adminToken = newAdminToken();
  const { provider, shares } = await newSealOf(settings, id, { seal, ...(split && { split }) });
  const identity = { id, adminToken: adminTokenDigest(id, adminToken) };
  const made = await sealedInstallation(settings, provider, identity);
  const store = await openStore(settings);
  try {
    await store.initialise(made.installation, made.first);
  } catch (error) {
    if (error instanceof ConflictError) throw new StartError(`${databaseName(settings)} has an installation already`);
    throw error;
  } finally {
    await store.close();
  }
  // The first start then finds everything compiled.
  if (getCompileCacheDir() !== undefined) await Promise.all([loadCode(), import('./primary.ts')]);
  return { database: databaseName(settings), shares, adminToken };
}

/** Closes the seal. */
async function sealedInstallation(
  settings: Settings,
  seal: RootKeyProvider,
  identity: Identity,
): Promise<NewInstallation> {
  try {
    const now = Math.floor(Date.now() / 1000);
    // A passphrase is stretched in another thread, while this one makes the tables.
    const [made] = await Promise.all([newInstallation(seal, now, identity), prepareStore(settings)]);
    return made;
  } finally {
    seal.close();
  }
}

/** Brings the schema of a database up to date; answers what was lacking. Throws StartError, SchemaError. */
export async function migrateDatabase(settings: Settings): Promise<readonly string[]> {
  await requireInstallation(settings);
  return prepareStore(settings);
}

async function newSealOf(
  settings: Settings,
  installationId: string,
  { seal, split }: NewSeal,
): Promise<{ readonly provider: RootKeyProvider; readonly shares: readonly Secret[] }> {
  const seals = await openSeals(settings);
  if (seal !== 'shamir') return { provider: await seals.open(seal), shares: [] };
  if (split === undefined) throw new StartError('the seal shamir needs a number of shares and a threshold');
  await checkSplit(split);
  const made = await seals.shares.split(installationId, 1, split);
  return { provider: made.seal, shares: await encryptShares(made.shares, split.recipients) };
}

/** 256 random bits, as text. A file that is there already is left as it is. */
async function makePassphrase(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await writeFile(path, `${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o400, flush: true });
    // The umask can only have taken bits away.
    await chmod(path, 0o400);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/**
 * Checks audit files of one writer, oldest first; asks for shares where these are the seal. Rejects with the system's error
 * where a file cannot be read.
 */
export async function verifyAudit(
  settings: Settings,
  files: readonly string[],
  shares: ShareSource,
): Promise<AuditVerifier> {
  const verify = async ({ generations }: Opened): Promise<AuditVerifier> => {
    const verifier = new AuditVerifier(async (generation) => keyOf(await generations.auditKey(generation)));
    for (const file of files) await verifier.check(file);
    return verifier;
  };
  return withKeyring(settings, verify, shares);
}

/** Wipes the secret. */
function keyOf(secret: Secret | undefined): KeyObject | undefined {
  using _ = secret;
  return secret && createSecretKey(secret.expose());
}

/** A generation of the keyring, and how many objects there are of it. */
export interface GenerationReport extends Omit<KeyringRow, 'wrapped'> {
  readonly objects: number;
}

/** All generations of the keyring, oldest first. Needs no key. */
export async function reportKeyring(settings: Settings): Promise<readonly GenerationReport[]> {
  const store = await openStore(settings);
  try {
    const [keyring, sizes] = await Promise.all([store.keyring(), store.generationSizes()]);
    return keyring.map(({ wrapped: _, ...row }) => ({ ...row, objects: sizes.get(row.generation) ?? 0 }));
  } finally {
    await store.close();
  }
}

/**
 * Makes a new generation of the keyring; asks for shares where these are the seal. Servers that run take it with their
 * next write, without a pause.
 */
export function rotateKeyring(settings: Settings, shares: ShareSource): Promise<void> {
  return withKeyring(
    settings,
    async (opened) => audited(settings, await primaryOf(opened), 'RotateKeyring', () => opened.generations.rotate()),
    shares,
  );
}

/** An installation whose seal was opened. */
export interface Opened {
  readonly store: Store;
  readonly installation: InstallationRow;
  readonly generations: Generations;
}

/** The keys of the primary generation. */
export function primaryOf({ store, installation, generations }: Opened): Promise<GenerationKeys> {
  return new Keyring(installation.id, generations, store).primary();
}

/** Opens the seal and its keyring. Without a source of shares, throws StartError where these are the seal. */
export async function withKeyring<T>(
  settings: Settings,
  use: (opened: Opened) => Promise<T>,
  shares?: ShareSource,
): Promise<T> {
  const store = await openStore(settings);
  try {
    const installation = requireWhole(await store.installation());
    using rootKey = await openRootKey(settings, installation, { shares });
    checkInstallation(rootKey, installation);
    const generations = new Generations(store, installation, rootKey);
    try {
      return await use({ store, installation, generations });
    } finally {
      generations.close();
    }
  } finally {
    await store.close();
  }
}
