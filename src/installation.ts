import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import type { AuditWriter } from './audit/writer.ts';
import type { Settings } from './config/settings.ts';
import { createLog } from './log.ts';
import { Generations, newInstallation } from './seal/generations.ts';
import { Keyring } from './seal/keyring.ts';
import type { Records } from './seal/records.ts';
import { SealState } from './seal/state.ts';
import { loadCode, openAudit, openRecords, openSeal, openStore, prepareStore } from './server.ts';
import { StartError } from './start-error.ts';
import { ConflictError } from './store/store.ts';

/**
 * Makes a data folder: a passphrase file with a random passphrase, unless there is a file already; the database; the
 * installation with the first generation of its keyring. Throws StartError where the database has an installation.
 */
export async function initialise(settings: Settings): Promise<void> {
  await mkdir(settings.rootDir, { recursive: true, mode: 0o700 });
  await makePassphrase(settings.passphraseFile);
  const seal = await openSeal(settings);
  // The passphrase is stretched in another thread, while this one makes the tables.
  const [made] = await Promise.all([newInstallation(seal, Math.floor(Date.now() / 1000)), prepareStore(settings)]);
  const store = await openStore(settings);
  try {
    await store.initialise(made.installation, made.first);
  } catch (error) {
    if (error instanceof ConflictError) throw new StartError(`${settings.databaseFile} has an installation already`);
    throw error;
  } finally {
    await store.close();
  }
  // The first start then finds everything compiled.
  if (getCompileCacheDir() !== undefined) await Promise.all([loadCode(), import('./primary.ts')]);
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
 * Lets a command work on the objects of an installation, beside a server that may be running. The command opens the seal
 * by itself, and what it does is written to the audit as worker 0.
 */
export async function withRecords<T>(
  settings: Settings,
  use: (records: Records, audit: AuditWriter) => Promise<T>,
): Promise<T> {
  const log = createLog(settings.logLevel, 'command');
  const store = await openStore(settings);
  try {
    const installation = await store.installation();
    if (installation === undefined) throw new StartError('the database has no installation; run `kleis init`');
    const seal = await openSeal(settings);
    const generations = new Generations(store, installation.id, await seal.unwrap(installation));
    const state = new SealState();
    state.unseal(new Keyring(installation.id, generations, store));
    const audit = await openAudit(settings, state, log, 0);
    try {
      return await use(await openRecords({ settings, store, state, audit, log }), audit);
    } finally {
      audit.close();
      generations.close();
    }
  } finally {
    await store.close();
  }
}
