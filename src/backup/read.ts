import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { GenerationKeys } from '../seal/keys.ts';
import type { StoredObject } from '../store/store.ts';
import { Chunks } from './chunks.ts';
import {
  BackupError,
  decodeHeader,
  decodeManifest,
  decodeObjects,
  FORMAT,
  type Header,
  LENGTH_BYTES,
  MAGIC,
  type Manifest,
  MOST_HEADER_BYTES,
  Tally,
} from './format.ts';

/** What a chunk holds. */
type Part = { readonly objects: readonly StoredObject[]; readonly contents: Buffer } | { readonly manifest: Manifest };

const damaged = 'the backup file was cut off, changed, or put together from several files';

/** A backup file that is open for reading, several times if need be. Throws BackupError wherever it is not as it was written. */
export class BackupFile {
  /** Nothing of it is to be trusted before a chunk has opened. */
  readonly header: Header;
  readonly #file: FileHandle;
  /** Everything before the first chunk. */
  readonly #head: Buffer;
  readonly #size: number;

  static async open(path: string): Promise<BackupFile> {
    const file = await open(path).catch((error) => {
      throw new BackupError(`${path} cannot be read: ${error.message}`, { cause: error });
    });
    try {
      const { size } = await file.stat();
      const head = await readHead(file, size);
      return new BackupFile(file, head, size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  private constructor(file: FileHandle, head: Buffer, size: number) {
    this.#file = file;
    this.#head = head;
    this.#size = size;
    this.header = decodeHeader(head.subarray(MAGIC.length + LENGTH_BYTES));
    if (this.header.format > FORMAT) throw new BackupError('the backup file was written by a newer program');
  }

  /** Reads all of the file, and answers what it is of. `keys`: those of the header's generation. */
  async check(keys: GenerationKeys, look: (objects: readonly StoredObject[]) => void): Promise<Manifest> {
    const digest = createHash('sha256');
    const tally = new Tally(this.header);
    for await (const part of this.#parts(keys)) {
      if ('manifest' in part) {
        const { manifest } = part;
        if (!isDeepStrictEqual([manifest.tables, manifest.digest], [tally.tables, digest.digest()])) {
          throw new BackupError(damaged);
        }
        return manifest;
      }
      digest.update(part.contents);
      tally.add(part.objects);
      look(part.objects);
    }
    throw new BackupError(damaged);
  }

  /** The objects, once the file was checked. */
  async *objects(keys: GenerationKeys): AsyncIterable<readonly StoredObject[]> {
    for await (const part of this.#parts(keys)) if ('objects' in part) yield part.objects;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** All chunks, whose last one is the manifest. */
  async *#parts(keys: GenerationKeys): AsyncIterable<Part> {
    const chunks = new Chunks(keys, this.header.salt, this.#head);
    let at = this.#head.length;
    for (let number = 0; at < this.#size || number === 0; number += 1) {
      const sealed = await readBlock(this.#file, at, this.#size);
      at += LENGTH_BYTES + sealed.length;
      const last = at === this.#size;
      const contents = chunks.open({ number, last }, sealed);
      if (contents === undefined) throw new BackupError(damaged);
      yield last ? { manifest: decodeManifest(contents) } : { objects: decodeObjects(contents), contents };
    }
  }
}

async function readHead(file: FileHandle, size: number): Promise<Buffer> {
  const start = size < MAGIC.length ? undefined : await readAt(file, 0, MAGIC.length);
  if (start === undefined || !start.equals(MAGIC)) throw new BackupError('the file is not a backup of Kleis');
  const header = await readBlock(file, MAGIC.length, Math.min(size, MOST_HEADER_BYTES));
  return readAt(file, 0, MAGIC.length + LENGTH_BYTES + header.length);
}

/** What stands at a place of the file, after its length; `end` is where the file ends. */
async function readBlock(file: FileHandle, at: number, end: number): Promise<Buffer> {
  if (at + LENGTH_BYTES > end) throw new BackupError(damaged);
  const length = (await readAt(file, at, LENGTH_BYTES)).readUInt32BE();
  if (at + LENGTH_BYTES + length > end) throw new BackupError(damaged);
  return readAt(file, at + LENGTH_BYTES, length);
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done).catch((cause) => {
      throw new BackupError(`the backup file cannot be read: ${cause.message}`, { cause });
    });
    if (bytesRead === 0) throw new BackupError(damaged);
    done += bytesRead;
  }
  return bytes;
}
