import { Buffer } from 'node:buffer';
import type { GenerationKeys } from '../seal/keys.ts';
import type { Archive, Foundation, Snapshot } from '../store/archive.ts';
import { BackupError, type Contents } from './format.ts';
import { type Finding, findingsAmong, findingsIn, type Opened } from './verification.ts';
import { backupBytes } from './write.ts';

/** What an unsealed node looks at, and with which keys. */
export interface Origin {
  readonly open: () => Promise<Archive>;
  /** Undefined where there is no such generation; throws where it does not open. */
  readonly keys: (generation: number) => Promise<GenerationKeys | undefined>;
}

/** How far a verification is: what is found in the next objects. */
export interface Part {
  /** How many these are. */
  readonly objects: number;
  readonly findings: readonly Finding[];
}

/** What was verified. */
export interface Extent {
  readonly objects: number;
  readonly generations: number;
}

/**
 * The bytes of a backup of the database as it is at the first of them; returns what it is of. `program` is the version of the
 * program. Throws BackupError.
 */
export async function* streamBackup(origin: Origin, program: string): AsyncGenerator<Buffer, Contents> {
  return yield* atOneMoment(origin, async function* (snapshot, foundation) {
    const primary = foundation.keyring.find((row) => row.primary);
    const keys = primary && (await origin.keys(primary.generation));
    if (keys === undefined) throw new BackupError('the keyring of the database has no primary generation');
    const now = Math.floor(Date.now() / 1000);
    const { created, tables } = yield* backupBytes({ foundation, snapshot, keys, program, now });
    return { created, tables, program };
  });
}

/**
 * Opens every object of the database as it is at the first part; JSON, a line a `Part`. `broken`: the keys that do not open.
 * Throws BackupError.
 */
export async function* streamVerification(origin: Origin, broken: Opened['broken']): AsyncGenerator<Buffer, Extent> {
  return yield* atOneMoment(origin, async function* (snapshot, { keyring }) {
    const unopened = broken.filter(({ table }) => table === 'keyring').map(({ generation }) => generation);
    const keys = new Map<number, GenerationKeys>();
    for (const { generation } of keyring) {
      const opened = unopened.includes(generation) ? undefined : await origin.keys(generation);
      if (opened !== undefined) keys.set(generation, opened);
    }
    yield lineOf({ objects: 0, findings: findingsIn({ keys, broken }) });
    let objects = 0;
    for await (const page of snapshot.objects()) {
      yield lineOf({ objects: page.length, findings: findingsAmong(page, { keys, broken }) });
      objects += page.length;
    }
    return { objects, generations: keyring.length };
  });
}

async function* atOneMoment<Summary>(
  { open }: Origin,
  use: (snapshot: Snapshot, foundation: Foundation) => AsyncGenerator<Buffer, Summary>,
): AsyncGenerator<Buffer, Summary> {
  const archive = await open();
  try {
    const snapshot = await archive.snapshot();
    try {
      if (snapshot.foundation === undefined) throw new BackupError('the database has no installation any more');
      return yield* use(snapshot, snapshot.foundation);
    } finally {
      await snapshot.end();
    }
  } finally {
    await archive.close();
  }
}

function lineOf(part: Part): Buffer {
  return Buffer.from(`${JSON.stringify(part)}\n`);
}
