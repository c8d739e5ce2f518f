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

/** Writes a backup file, a page of objects at a time; answers its manifest once the file is on disk. Throws BackupError. */
export async function writeBackup(path: string, source: Source): Promise<Manifest> {
  const file = await NewFile.create(path);
  try {
    const manifest = await writeParts(file, source);
    await file.complete();
    return manifest;
  } finally {
    await file.abandon();
  }
}

async function writeParts(file: NewFile, source: Source): Promise<Manifest> {
  const { foundation, snapshot, keys, program, now: created } = source;
  const salt = randomBytes(SALT_BYTES);
  const head = encodeHeader({ format: FORMAT, generation: keys.generation, salt, ...foundation });
  await file.write(head);
  const chunks = new Chunks(keys, salt, head);
  const digest = createHash('sha256');
  const tally = new Tally(foundation);
  let number = 0;
  for await (const page of snapshot.objects()) {
    const contents = encodeObjects(page);
    digest.update(contents);
    const sealed = chunks.seal({ number, last: false }, contents);
    await file.write(lengthOf(sealed), sealed);
    number += 1;
    tally.add(page);
  }
  const manifest = { created, program, schema: snapshot.schema, tables: tally.tables, digest: digest.digest() };
  const sealed = chunks.seal({ number, last: true }, encodeManifest(manifest));
  await file.write(lengthOf(sealed), sealed);
  return manifest;
}
