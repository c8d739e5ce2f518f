import type { Buffer } from 'node:buffer';
import type { ChainKey } from './chain-key.ts';

/** When a chain gets a new primary key, and how it counts. */
export interface Limits {
  /**
   * Encryptions under one key at most. Random 96-bit nonces are good for 2^32 of them (NIST SP 800-38D, 8.3); 2^31 is
   * the default and the most that can be asked for.
   */
  readonly encryptions: number;
  /** Days after which a key encrypts no more; 90 by default. */
  readonly days: number;
  /** How many encryptions a process reserves in the store at a time; 1 024 by default. */
  readonly block: number;
}

/** What encrypts one piece of data. */
export interface EncryptionKey {
  /** Identifier of the chain, 16 bytes. */
  readonly chainId: Buffer;
  readonly key: ChainKey;
  /** The sealed chain that goes with the data; empty where a store keeps it. */
  readonly beside: Buffer;
}

/** The chain that a process encrypts with. */
export interface Chain {
  /** The primary key for one encryption, which has been counted before. */
  forEncryption(): Promise<EncryptionKey>;
  /**
   * The key that encrypted data names.
   * @throws KeyChainError `other-chain`, `unknown-key`
   */
  key(chainId: Buffer, number: number): Promise<ChainKey>;
  /** Makes a new primary key. Settles once no further encryption of this process uses an older one. */
  rotate(): Promise<void>;
}

/** Whether a key has had its days. */
export function isTooOld(key: ChainKey, { days }: Limits): boolean {
  return Date.now() / 1000 >= key.created + days * 86_400;
}
