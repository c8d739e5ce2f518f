import type { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyChainError } from '../error.ts';
import type { ChainStore, Stored } from '../store.ts';

const NAME = /^chain\.([1-9][0-9]{0,14})$/;

/** How often to look again when the newest file was replaced between its name and its content. */
const MOST_TRIES = 100;

/**
 * Keeps a chain in a folder of a local or NFS file system, for processes of one or many machines: each revision is a file
 * of its own, `chain.N`, and the highest N counts. A revision appears as a whole, or not at all, by a hard link that
 * only one process can make, after its bytes are on the disk; then the older ones are removed. There is no lock that a
 * crash could leave behind.
 */
export class FileStore implements ChainStore {
  readonly #folder: string;

  /**
   * The folder has to exist: where a volume is not mounted, no new chain shall begin. Who may read it learns nothing, who
   * may write it can put an older chain back.
   */
  constructor(folder: string) {
    this.#folder = folder;
  }

  load(): Promise<Stored | undefined> {
    return this.#reporting('read', () => this.#load());
  }

  save(bytes: Buffer, revision: string | undefined): Promise<boolean> {
    return this.#reporting('written', () => this.#save(bytes, Number(revision ?? 0) + 1));
  }

  async #load(): Promise<Stored | undefined> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const newest = Math.max(0, ...(await this.#revisions()));
      if (newest === 0) return undefined;
      const bytes = await unless('ENOENT', readFile(this.#path(newest)));
      if (bytes !== undefined) return { bytes, revision: String(newest) };
    }
    throw new Error('it is written all the time');
  }

  async #save(bytes: Buffer, revision: number): Promise<boolean> {
    const draft = join(this.#folder, `draft.${randomUUID()}`);
    await writeDurably(draft, bytes);
    try {
      const linked = await unless(
        'EEXIST',
        link(draft, this.#path(revision)).then(() => true),
      );
      return linked === true && (await this.#keep(revision));
    } finally {
      await unlink(draft);
    }
  }

  /**
   * Completes a revision that was linked. If there is a higher one already, the name was free only because its first
   * owner was replaced: the race was lost long ago.
   */
  async #keep(revision: number): Promise<boolean> {
    const revisions = await this.#revisions();
    const isNewest = revision === Math.max(...revisions);
    if (isNewest) await syncFolder(this.#folder);
    const gone = isNewest ? revisions.filter((one) => one < revision) : [revision];
    await Promise.all(gone.map((one) => unless('ENOENT', unlink(this.#path(one)))));
    return isNewest;
  }

  async #revisions(): Promise<number[]> {
    const names = await readdir(this.#folder);
    return names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
  }

  #path(revision: number): string {
    return join(this.#folder, `chain.${revision}`);
  }

  async #reporting<T>(what: string, task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new KeyChainError('store-unavailable', `the chain in ${this.#folder} cannot be ${what}: ${why}`, { cause });
    }
  }
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  await using file: FileHandle = await open(path, 'wx', 0o600);
  await file.writeFile(bytes);
  await file.sync();
}

/** A new name in a folder lasts only once the folder itself is on the disk. */
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

/** What the task gives; undefined where it fails with that code. */
async function unless<T>(code: string, task: Promise<T>): Promise<T | undefined> {
  try {
    return await task;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === code) return undefined;
    throw error;
  }
}
