import { mkdir } from 'node:fs/promises';
import type { Manifest } from './backup/format.ts';
import { BackupFile } from './backup/read.ts';
import { type Finding, findingsAmong, findingsIn, withIndex } from './backup/verification.ts';
import { backupBytes, writeBackup } from './backup/write.ts';
import { audited } from './command-audit.ts';
import type { Settings } from './config/settings.ts';
import { openRootKey, type ShareGiver } from './root-key.ts';
import { noInstallation, requireWhole } from './seal/installation-row.ts';
import type { GenerationKeys } from './seal/keys.ts';
import { type OpenedKeyring, openKeyring } from './seal/opened-keyring.ts';
import { SealError } from './seal/root-key.ts';
import { openArchive, prepareStore, requireEmpty } from './server/store.ts';
import type { Archive, Foundation, RestoredObject, Snapshot } from './store/archive.ts';
import type { StoredObject } from './store/store.ts';

/** What a command has to know and to say. */
export interface ArchiveCommand extends ShareGiver {
  readonly settings: Settings;
  /** The version of the program. */
  readonly program: string;
  /** How many objects were looked at so far. */
  readonly progress: (objects: number) => void;
}

/** What was found of a database or of a backup. */
export interface Verified {
  readonly objects: number;
  readonly generations: number;
  readonly findings: readonly Finding[];
  /** That of a backup. */
  readonly manifest?: Manifest;
}

/** Writes all of the database as it is at this moment into a file, also beside nodes that serve. Throws in words. */
export async function backup(command: ArchiveCommand, path: string): Promise<Manifest> {
  return withSnapshot(command, ({ snapshot, foundation, keyring }) =>
    audited(command.settings, keyring.primary, 'Backup', () =>
      writeBackup(
        path,
        backupBytes({
          foundation,
          snapshot: { schema: snapshot.schema, objects: () => counted(snapshot.objects(), command.progress) },
          keys: keyring.primary,
          program: command.program,
          now: Math.floor(Date.now() / 1000),
        }),
      ),
    ),
  );
}

/** Opens every object of the database, also beside nodes that serve. Throws in words. */
export async function verifyDatabase(command: ArchiveCommand): Promise<Verified> {
  return withSnapshot(command, async ({ snapshot, foundation, keyring }) => {
    const inspection = new Inspection(foundation, keyring, command.progress);
    for await (const page of snapshot.objects()) inspection.look(page);
    return inspection.result;
  });
}

/** Reads all of a backup, and opens every object in it. Throws BackupError where it is not as it was written; in words. */
export async function verifyBackup(command: ArchiveCommand, path: string): Promise<Verified> {
  return withBackup(command, path, async (_opened, verified) => verified);
}

/**
 * Writes a backup into an empty database, which is made if there is none. The whole backup is read and verified before;
 * objects that do not open were so in the database that it is of, and are restored as they are. Throws in words.
 */
export async function restore(command: ArchiveCommand, path: string): Promise<Verified> {
  return withBackup(command, path, async ({ file, keys, keyring }, verified) => {
    const [broken] = keyring.broken;
    if (broken !== undefined)
      throw new SealError(`generation ${broken.generation} of the keyring in the backup does not open`);
    await requireEmpty(command.settings);
    await mkdir(command.settings.rootDir, { recursive: true, mode: 0o700 });
    await prepareStore(command.settings);
    const archive = await openArchive(command.settings);
    try {
      const objects = counted(file.objects(keys), command.progress);
      await audited(command.settings, keyring.primary, 'Restore', () => archive.restore(file.header, indexed(objects)));
    } finally {
      await archive.close();
    }
    return verified;
  });
}

interface OpenedSnapshot {
  readonly snapshot: Snapshot;
  readonly foundation: Foundation;
  readonly keyring: OpenedKeyring;
}

async function withSnapshot<T>(command: ArchiveCommand, use: (opened: OpenedSnapshot) => Promise<T>): Promise<T> {
  const archive = await openArchive(command.settings);
  try {
    const { installation } = await atOneMoment(archive, async (_snapshot, foundation) => foundation);
    using rootKey = await openRootKey(command.settings, installation, command);
    // People may have taken minutes to open the seal: the moment that is looked at comes after that.
    return await atOneMoment(archive, async (snapshot, foundation) => {
      const keyring = openKeyring(rootKey, foundation);
      rootKey.wipe();
      return use({ snapshot, foundation, keyring });
    });
  } finally {
    await archive.close();
  }
}

async function atOneMoment<T>(
  archive: Archive,
  use: (snapshot: Snapshot, foundation: Foundation) => Promise<T>,
): Promise<T> {
  const snapshot = await archive.snapshot();
  try {
    return await use(snapshot, foundationOf(snapshot));
  } finally {
    await snapshot.end();
  }
}

function foundationOf({ foundation }: Snapshot): Foundation {
  if (foundation === undefined) throw noInstallation();
  requireWhole(foundation.installation);
  return foundation;
}

/** A backup whose keyring has opened. */
interface OpenedBackup {
  readonly file: BackupFile;
  readonly keyring: OpenedKeyring;
  /** Of the generation that the file is encrypted under. */
  readonly keys: GenerationKeys;
}

type UseBackup<T> = (opened: OpenedBackup, verified: Verified) => Promise<T>;

async function withBackup<T>(command: ArchiveCommand, path: string, use: UseBackup<T>): Promise<T> {
  const file = await BackupFile.open(path);
  try {
    const { header } = file;
    using rootKey = await openRootKey(command.settings, header.installation, command);
    const keyring = openKeyring(rootKey, header);
    rootKey.wipe();
    const inspection = new Inspection(header, keyring, command.progress);
    const keys = keyring.keys.get(header.generation);
    if (keys === undefined)
      throw new SealError(`generation ${header.generation} of the keyring in the backup does not open`);
    const manifest = await file.check(keys, (page) => inspection.look(page));
    return await use({ file, keys, keyring }, { ...inspection.result, manifest });
  } finally {
    await file.close();
  }
}

/** Gathers what does not open. */
class Inspection {
  readonly #keyring: OpenedKeyring;
  readonly #generations: number;
  readonly #progress: ArchiveCommand['progress'];
  readonly #findings: Finding[];
  #objects = 0;

  constructor({ keyring }: Foundation, opened: OpenedKeyring, progress: ArchiveCommand['progress']) {
    this.#keyring = opened;
    this.#generations = keyring.length;
    this.#progress = progress;
    this.#findings = [...findingsIn(opened)];
  }

  look(page: readonly StoredObject[]): void {
    this.#findings.push(...findingsAmong(page, this.#keyring));
    this.#objects += page.length;
    this.#progress(this.#objects);
  }

  get result(): Verified {
    return { objects: this.#objects, generations: this.#generations, findings: this.#findings };
  }
}

async function* counted(
  pages: AsyncIterable<readonly StoredObject[]>,
  progress: ArchiveCommand['progress'],
): AsyncIterable<readonly StoredObject[]> {
  let objects = 0;
  for await (const page of pages) {
    yield page;
    objects += page.length;
    progress(objects);
  }
}

async function* indexed(pages: AsyncIterable<readonly StoredObject[]>): AsyncIterable<readonly RestoredObject[]> {
  for await (const page of pages) yield page.map(withIndex);
}
