import type { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BackupError } from './format.ts';

/** A file (mode 0600) that has its name only once it is complete and on disk; what had that name before stays until then. */
export class NewFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;

  /** Throws BackupError where there can be no file. */
  static async create(path: string): Promise<NewFile> {
    const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
    const file = await open(temporary, 'wx', 0o600).catch((error) => {
      throw new BackupError(`${path} cannot be written: ${error.message}`, { cause: error });
    });
    return new NewFile(path, temporary, file);
  }

  private constructor(path: string, temporary: string, file: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  async write(part: Buffer): Promise<void> {
    await this.#file.appendFile(part).catch((error) => this.#refuse(error));
  }

  /** Gives the file its name. */
  async complete(): Promise<void> {
    try {
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#temporary, this.#path);
      await using folder = await open(dirname(this.#path));
      await folder.sync();
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Removes what was written, unless it is complete. Never throws. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.#temporary, { force: true }).catch(() => {});
  }

  #refuse(cause: unknown): never {
    throw new BackupError(`${this.#path} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
