import type { Buffer } from 'node:buffer';
import type { GenerationKeys } from '../seal/keys.ts';
import type { Archive, Snapshot } from '../store/archive.ts';
import { BackupError, type Contents } from './format.ts';
import { backupBytes } from './write.ts';

/** What an unsealed node makes a backup of. */
export interface Origin {
  readonly open: () => Promise<Archive>;
  readonly keys: (generation: number) => Promise<GenerationKeys | undefined>;
  /** The version of the program. */
  readonly program: string;
}

/** The bytes of a backup of the database as it is at the first of them; returns what it is of. Throws BackupError. */
export async function* streamBackup({ open, keys, program }: Origin): AsyncGenerator<Buffer, Contents> {
  const archive = await open();
  try {
    const snapshot = await archive.snapshot();
    try {
      const bytes = backupBytes({
        ...(await sourceOf(snapshot, keys)),
        snapshot,
        program,
        now: Math.floor(Date.now() / 1000),
      });
      const { created, tables } = yield* bytes;
      return { created, tables, program };
    } finally {
      await snapshot.end();
    }
  } finally {
    await archive.close();
  }
}

async function sourceOf(
  { foundation }: Snapshot,
  keys: Origin['keys'],
): Promise<{ readonly foundation: NonNullable<Snapshot['foundation']>; readonly keys: GenerationKeys }> {
  const primary = foundation?.keyring.find((row) => row.primary);
  const opened = primary && (await keys(primary.generation));
  if (foundation === undefined || opened === undefined) throw new BackupError('the database has no keyring that opens');
  return { foundation, keys: opened };
}
