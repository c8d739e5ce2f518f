import { Buffer } from 'node:buffer';
import { createSecretKey, hash, hkdfSync, type KeyObject } from 'node:crypto';
import { openBytes, sealBytes } from '../crypto/envelope.ts';
import { context } from '../seal/contexts.ts';
import type { GenerationKeys } from '../seal/keys.ts';
import { StoredTag } from '../seal/stored-tags.ts';

/** Where a chunk stands in its file. */
interface Place {
  /** From 0. */
  readonly number: number;
  readonly last: boolean;
}

/** Encrypts and opens the chunks of one backup file (see format.ts). */
export class Chunks {
  readonly #key: KeyObject;

  /** `head` is everything before the first chunk. */
  constructor({ backup }: GenerationKeys, salt: Buffer, head: Buffer) {
    const info = Buffer.concat([Buffer.from('kleis backup file'), hash('sha256', head, 'buffer')]);
    const bytes = Buffer.from(hkdfSync('sha256', backup, salt, info, 32));
    this.#key = createSecretKey(bytes);
    bytes.fill(0);
  }

  seal(place: Place, contents: Buffer): Buffer {
    return sealBytes(this.#key, contents, contextOf(place));
  }

  /** Undefined where it is not this file's chunk of that place, or was changed. */
  open(place: Place, sealed: Buffer): Buffer | undefined {
    return openBytes(this.#key, sealed, contextOf(place));
  }
}

function contextOf({ number, last }: Place): Buffer {
  return context((writer) => {
    writer.writeTextString(StoredTag.Role, 'backup chunk');
    writer.writeTextString(StoredTag.Chunk, String(number));
    writer.writeBoolean(StoredTag.Last, last);
  });
}
