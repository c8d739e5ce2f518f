import { Buffer } from 'node:buffer';
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { openBytes, sealBytes } from '../crypto/envelope.ts';
import { Secret } from '../crypto/secret.ts';
import { Lru } from '../lru.ts';
import { BesideChains } from './beside-chains.ts';
import type { Chain, Limits } from './chain.ts';
import { type ChainKey, KEY_BYTES } from './chain-key.ts';
import { type EncryptedData, readEncryptedData, writeHeader } from './encrypted-data.ts';
import { KeyChainError } from './error.ts';
import { OwnChain } from './own-chain.ts';
import type { Root } from './root.ts';
import type { ChainStore } from './store.ts';
import { StoredChain } from './stored-chain.ts';

/** How a chain is opened. */
export interface KeyChainOptions {
  /** What the chain is sealed by. */
  readonly root: Root;
  /** Where the chain is kept, for all processes that use it; `beside-ciphertext`: it goes with all data. */
  readonly store: ChainStore | 'beside-ciphertext';
  readonly limits?: Partial<Limits>;
}

/** What goes with the data. */
export interface DataOptions {
  /** Bytes that are not encrypted, but have to be the same again for the data to be decrypted; none by default. */
  readonly associatedData?: Uint8Array;
}

const defaults: Limits = { encryptions: 2 ** 31, days: 90, block: 1024 };
const most: Limits = { encryptions: 2 ** 31, days: 3650, block: 2 ** 21 };

/** Longer data has to be cut by the caller: OpenSSL takes no more at once. */
const MOST_BYTES = 2 ** 31 - 1;

/** How many keys of data are remembered. */
const mostDataKeys = { entries: 4096, bytes: 8 * 2 ** 20 };

const NOTHING = Buffer.alloc(0);

/**
 * Encrypts data, each piece under a key of its own, which goes with the data, encrypted under the primary key of a chain.
 * An external root seals the chain; it is called when the chain is opened and when it rotates, and not for data.
 */
export class KeyChain {
  #chain: Chain | undefined;
  readonly #beside: BesideChains;
  /** By header and wrapped key. */
  readonly #dataKeys = new Lru<KeyObject>(mostDataKeys);

  private constructor(chain: Chain, beside: BesideChains) {
    this.#chain = chain;
    this.#beside = beside;
  }

  /**
   * Opens the chain of a store, and makes it if there is none. A chain beside ciphertext is made with the first encryption.
   * @throws KeyChainError `wrong-root`, `root-unavailable`, `damaged-chain`, `store-unavailable`, `invalid-option`
   */
  static async open({ root, store, limits }: KeyChainOptions): Promise<KeyChain> {
    const checked = checkLimits({ ...defaults, ...limits });
    if (!/^[\x21-\x7e]{1,255}$/.test(root.name)) throw new KeyChainError('invalid-option', 'the root has no name');
    const beside = new BesideChains(root);
    const own = store === 'beside-ciphertext';
    return new KeyChain(
      own ? new OwnChain(root, checked, beside) : await StoredChain.open(root, store, checked),
      beside,
    );
  }

  /**
   * Encrypts at most 2^31 - 1 bytes. The result is 120 bytes longer, and by the sealed chain if that goes with it.
   * @throws KeyChainError `too-large`, `closed`; where encryptions have to be reserved, or the chain rotates, also
   *   `root-unavailable`, `damaged-chain`, `store-unavailable`
   */
  async encrypt(data: Uint8Array, { associatedData }: DataOptions = {}): Promise<Buffer> {
    if (data.length > MOST_BYTES) throw new KeyChainError('too-large', `the data has more than ${MOST_BYTES} bytes`);
    const { chainId, key, beside } = await this.#open().forEncryption();
    const header = writeHeader({ chainId, keyNumber: key.number, length: data.length, beside });
    using dataKey = new Secret(randomBytes(KEY_BYTES));
    const prefix = Buffer.concat([header, sealBytes(key.wrapping, dataKey.expose(), header)]);
    return Buffer.concat([prefix, sealBytes(dataKey.expose(), view(data), withAssociated(prefix, associatedData))]);
  }

  /**
   * The data that `encrypt` was given, here or by another process with the same root and, if it has one, store.
   * @throws KeyChainError `malformed`, `truncated`, `other-chain`, `unknown-key`, `not-authentic`, `closed`; where a chain
   *   has to be read, also `wrong-root`, `root-unavailable`, `damaged-chain`, `store-unavailable`
   */
  async decrypt(encrypted: Uint8Array, { associatedData }: DataOptions = {}): Promise<Buffer> {
    const chain = this.#open();
    const parts = readEncryptedData(view(encrypted));
    const dataKey = await this.#dataKey(chain, parts);
    const data = dataKey && openBytes(dataKey, parts.sealedData, withAssociated(parts.prefix, associatedData));
    if (data !== undefined) return data;
    throw new KeyChainError('not-authentic', 'the encrypted data or its associated data is not what was encrypted');
  }

  /**
   * Makes a new primary key; the older ones still decrypt. Other processes follow within a minute.
   * @throws KeyChainError `root-unavailable`, `wrong-root`, `damaged-chain`, `store-unavailable`, `closed`
   */
  async rotate(): Promise<void> {
    await this.#open().rotate();
  }

  /** Forgets all keys. Every call afterwards fails as `closed`. */
  close(): void {
    this.#chain = undefined;
    this.#beside.clear();
    this.#dataKeys.clear();
  }

  #open(): Chain {
    if (this.#chain === undefined) throw new KeyChainError('closed', 'the key chain was closed');
    return this.#chain;
  }

  /** The key of the data; undefined where it does not open. */
  async #dataKey(chain: Chain, parts: EncryptedData): Promise<KeyObject | undefined> {
    const name = parts.prefix.toString('latin1');
    const known = this.#dataKeys.get(name);
    if (known !== undefined) return known;
    const { wrapping } = await this.#chainKey(chain, parts);
    const bytes = openBytes(wrapping, parts.wrappedKey, parts.header);
    if (bytes === undefined) return undefined;
    const key = createSecretKey(bytes);
    bytes.fill(0);
    if (this.#chain !== undefined) this.#dataKeys.set(name, key, 2 * name.length);
    return key;
  }

  async #chainKey(chain: Chain, { chainId, keyNumber, beside }: EncryptedData): Promise<ChainKey> {
    if (beside.length === 0) return chain.key(chainId, keyNumber);
    const { keys } = await this.#beside.open(chainId, beside);
    const key = keys.get(keyNumber);
    if (key === undefined) throw new KeyChainError('unknown-key', `the chain has no key with the number ${keyNumber}`);
    return key;
  }
}

function checkLimits(limits: Limits): Limits {
  for (const name of ['encryptions', 'days', 'block'] as const) {
    const value = limits[name];
    if (Number.isInteger(value) && value >= 1 && value <= most[name]) continue;
    throw new KeyChainError('invalid-option', `limits.${name} must be a whole number from 1 to ${most[name]}`);
  }
  return { ...limits, block: Math.min(limits.block, limits.encryptions) };
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function withAssociated(prefix: Buffer, associated: Uint8Array = NOTHING): Buffer {
  return associated.length === 0 ? prefix : Buffer.concat([prefix, associated]);
}
