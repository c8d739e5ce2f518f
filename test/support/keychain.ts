import { Buffer } from 'node:buffer';
import { createSecretKey, type KeyObject } from 'node:crypto';
import { openBytes, sealBytes } from '../../src/crypto/envelope.ts';
import { KeyChainError, type KeyChainErrorCode } from '../../src/keychain/error.ts';
import type { Root } from '../../src/keychain/root.ts';
import type { ChainStore, Stored } from '../../src/keychain/store.ts';

/** A store in memory: what every chain store is to be. */
export class MemoryChainStore implements ChainStore {
  bytes: Buffer | undefined;
  loads = 0;
  saves = 0;
  #revision = 0;

  constructor(bytes?: Buffer) {
    this.bytes = bytes;
  }

  async load(): Promise<Stored | undefined> {
    this.loads += 1;
    return this.bytes && { bytes: this.bytes, revision: String(this.#revision) };
  }

  async save(bytes: Buffer, revision: string | undefined): Promise<boolean> {
    this.saves += 1;
    const current = this.bytes && String(this.#revision);
    if (revision !== current) return false;
    this.bytes = Buffer.from(bytes);
    this.#revision += 1;
    return true;
  }
}

/** A root that costs nothing, and counts its calls. */
export class MemoryRoot implements Root {
  readonly name = 'memory';
  calls = 0;
  /** Set, every call fails with it. */
  failure: Error | undefined;
  readonly #key: KeyObject;

  /** Roots with the same number open each other's chains. */
  constructor(number = 1) {
    this.#key = createSecretKey(Buffer.alloc(32, number));
  }

  async wrap(key: Buffer, context: Buffer): Promise<Buffer> {
    this.#call();
    return sealBytes(this.#key, key, context);
  }

  async unwrap(wrapped: Buffer, context: Buffer): Promise<Buffer> {
    this.#call();
    const key = openBytes(this.#key, wrapped, context);
    if (key === undefined) throw new KeyChainError('wrong-root', 'it is another one');
    return key;
  }

  #call(): void {
    this.calls += 1;
    if (this.failure !== undefined) throw this.failure;
  }
}

/** For `assert.rejects`: a KeyChainError with this code. */
export function failing(code: KeyChainErrorCode): (error: unknown) => boolean {
  return (error) => {
    if (error instanceof KeyChainError && error.code === code) return true;
    throw error;
  };
}

/** The number of the chain's key that encrypted the data. */
export const keyNumberOf = (encrypted: Buffer): number => encrypted.readUInt32BE(20);
