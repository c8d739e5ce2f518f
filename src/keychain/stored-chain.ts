import { Buffer } from 'node:buffer';
import { Limiter } from '../crypto/pool.ts';
import { type Chain, type EncryptionKey, isTooOld, type Limits } from './chain.ts';
import type { ChainKey } from './chain-key.ts';
import { KeyChainError } from './error.ts';
import { reservedOf, sealedOf, writeRecord } from './record.ts';
import type { Root } from './root.ts';
import { extendChain, idText, makeChain, type OpenChain, openChain } from './sealed-chain.ts';
import type { ChainStore } from './store.ts';

/** Milliseconds after which a process looks whether another one has rotated the chain. */
const LOOK_AFTER = 60_000;

/** How often to begin again when another process was first. One of them succeeds each time. */
const MOST_TRIES = 100;

const NOTHING = Buffer.alloc(0);

/** The counter of the stored chain, and the revision that it was read at. */
interface Seen {
  readonly reserved: number;
  readonly revision: string;
}

/**
 * A chain that any number of processes share through a store. Encryptions under the primary key are counted: a block of
 * them is reserved in the store before the first one is used, so that the counter is never understated. What a process
 * does not use of its block, or reserved when it crashed, is lost.
 */
export class StoredChain implements Chain {
  readonly #root: Root;
  readonly #store: ChainStore;
  readonly #limits: Limits;
  /** One reads or writes the store at a time. */
  readonly #turn = new Limiter(1);
  #chain: OpenChain;
  /** The highest counter that was seen of the primary key. */
  #reserved = 0;
  /** Encryptions left of the block. */
  #left = 0;
  #lookedAt = performance.now();
  #renewing: Promise<void> | undefined;
  /** What is to follow a chain. */
  #next: { readonly of: OpenChain; readonly chain: OpenChain } | undefined;

  private constructor(root: Root, store: ChainStore, limits: Limits, chain: OpenChain) {
    this.#root = root;
    this.#store = store;
    this.#limits = limits;
    this.#chain = chain;
  }

  /** Opens the chain of the store, or makes it. Calls the root once; twice where another process makes it just now. */
  static async open(root: Root, store: ChainStore, limits: Limits): Promise<StoredChain> {
    const stored = await store.load();
    if (stored !== undefined) {
      const chain = await openChain(root, sealedOf(stored.bytes));
      reservedOf(chain, stored.bytes);
      return new StoredChain(root, store, limits, chain);
    }
    const chain = await makeChain(root);
    if (await store.save(writeRecord(chain, 0), undefined)) return new StoredChain(root, store, limits, chain);
    return StoredChain.open(root, store, limits);
  }

  async forEncryption(): Promise<EncryptionKey> {
    while (!this.#mayEncrypt()) {
      this.#renewing ??= this.#turn
        .run(() => this.#renew())
        .finally(() => {
          this.#renewing = undefined;
        });
      await this.#renewing;
    }
    this.#left -= 1;
    return { chainId: this.#chain.id, key: this.#chain.primary, beside: NOTHING };
  }

  async key(chainId: Buffer, number: number): Promise<ChainKey> {
    if (!chainId.equals(this.#chain.id)) {
      const [theirs, ours] = [idText(chainId), idText(this.#chain.id)];
      throw new KeyChainError('other-chain', `the data was encrypted by the chain ${theirs}, this one is ${ours}`);
    }
    if (!this.#chain.keys.has(number)) await this.#turn.run(() => this.#look());
    const key = this.#chain.keys.get(number);
    if (key === undefined) throw new KeyChainError('unknown-key', `the chain has no key with the number ${number}`);
    return key;
  }

  async rotate(): Promise<void> {
    const { number } = this.#chain.primary;
    await this.#turn.run(() => this.#renew(number));
  }

  #mayEncrypt(): boolean {
    if (this.#left === 0 || performance.now() - this.#lookedAt >= LOOK_AFTER) return false;
    return !isTooOld(this.#chain.primary, this.#limits);
  }

  /** Sees to it that encryptions are reserved, under a primary key that is not `spent`. */
  async #renew(spent?: number): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const { reserved, revision } = await this.#look();
      const isSpent = this.#chain.primary.number === spent;
      if (!isSpent && this.#mayEncrypt()) return;
      const done =
        isSpent || this.#isUsedUp(reserved)
          ? await this.#save(await this.#successor(), 0, revision)
          : await this.#save(this.#chain, reserved, revision);
      if (done) return;
    }
    throw new KeyChainError('store-unavailable', 'other processes keep changing the stored chain');
  }

  /** The chain with a new primary key. It is kept over a lost race: the root may be slower than others' reservations. */
  async #successor(): Promise<OpenChain> {
    if (this.#next?.of !== this.#chain)
      this.#next = { of: this.#chain, chain: await extendChain(this.#root, this.#chain) };
    return this.#next.chain;
  }

  #isUsedUp(reserved: number): boolean {
    return reserved + this.#limits.block > this.#limits.encryptions || isTooOld(this.#chain.primary, this.#limits);
  }

  /** Reserves a block behind those that are `reserved`. False if another process has changed the store. */
  async #save(chain: OpenChain, reserved: number, revision: string): Promise<boolean> {
    const { block } = this.#limits;
    if (!(await this.#store.save(writeRecord(chain, reserved + block), revision))) return false;
    this.#chain = chain;
    this.#next = undefined;
    this.#reserved = reserved + block;
    this.#left = block;
    return true;
  }

  /** Reads the store, and takes over what another process has made of the chain. */
  async #look(): Promise<Seen> {
    const stored = await this.#store.load();
    if (stored === undefined) throw new KeyChainError('damaged-chain', 'the chain is gone from the store');
    const sealed = sealedOf(stored.bytes);
    const chain = sealed.equals(this.#chain.sealed) ? this.#chain : await openChain(this.#root, sealed);
    const reserved = reservedOf(chain, stored.bytes);
    this.#refuseOlder(chain, reserved);
    if (chain !== this.#chain) this.#left = 0;
    this.#chain = chain;
    this.#reserved = reserved;
    this.#lookedAt = performance.now();
    return { reserved, revision: stored.revision };
  }

  /** An older chain, put back into the store, would count some encryptions twice. */
  #refuseOlder(chain: OpenChain, reserved: number): void {
    const { id, primary } = this.#chain;
    const older = chain.primary.number === primary.number ? reserved < this.#reserved : !chain.keys.has(primary.number);
    if (!older && chain.id.equals(id)) return;
    throw new KeyChainError('damaged-chain', 'the store holds an older chain than before, or another one');
  }
}
