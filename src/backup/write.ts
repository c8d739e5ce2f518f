import { Buffer } from 'node:buffer';
import { createHash, randomBytes } from 'node:crypto';
import type { GenerationKeys } from '../seal/keys.ts';
import type { Foundation, Snapshot } from '../store/archive.ts';
import { Chunks } from './chunks.ts';
import {
  encodeHeader,
  encodeManifest,
  encodeObjects,
  FORMAT,
  lengthOf,
  type Manifest,
  SALT_BYTES,
  Tally,
} from './format.ts';
import { NewFile } from './new-file.ts';

/** What a backup is made of. */
export interface Source {
  readonly foundation: Foundation;
  readonly snapshot: Pick<Snapshot, 'schema' | 'objects'>;
  /** Of the primary generation. */
  readonly keys: GenerationKeys;
  /** The version of the program. */
  readonly program: string;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** Writes the bytes of a backup into a new file; answers what they end with once the file is on disk. Throws BackupError. */
export async function writeBackup<Summary>(path: string, bytes: AsyncGenerator<Buffer, Summary>): Promise<Summary> {
  const file = await NewFile.create(path);
  try {
    for (let step = await bytes.next(); ; step = await bytes.next()) {
      if (step.done) {
        await file.complete();
        return step.value;
      }
      await file.write(step.value);
    }
  } finally {
    await file.abandon();
    await bytes[Symbol.asyncDispose]();
  }
}

/** The bytes of a backup, a page of objects at a time. Throws BackupError. */
export async function* backupBytes(source: Source): AsyncGenerator<Buffer, Manifest> {
  const { foundation, snapshot, keys, program, now: created } = source;
  const salt = randomBytes(SALT_BYTES);
  const head = encodeHeader({ format: FORMAT, generation: keys.generation, salt, ...foundation });
  yield head;
  const chunks = new Chunks(keys, salt, head);
  const digest = createHash('sha256');
  const tally = new Tally(foundation);
  let number = 0;
  for await (const page of snapshot.objects()) {
    const contents = encodeObjects(page);
    digest.update(contents);
    const sealed = chunks.seal({ number, last: false }, contents);
    yield Buffer.concat([lengthOf(sealed), sealed]);
    number += 1;
    tally.add(page);
  }
  const manifest = { created, program, schema: snapshot.schema, tables: tally.tables, digest: digest.digest() };
  const sealed = chunks.seal({ number, last: true }, encodeManifest(manifest));
  yield Buffer.concat([lengthOf(sealed), sealed]);
  return manifest;
}
