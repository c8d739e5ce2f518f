import type { Buffer } from 'node:buffer';
import type { BesideChains } from './beside-chains.ts';
import { type Chain, type EncryptionKey, isTooOld, type Limits } from './chain.ts';
import type { ChainKey } from './chain-key.ts';
import { KeyChainError } from './error.ts';
import type { Root } from './root.ts';
import { idText, makeChain, type OpenChain } from './sealed-chain.ts';

/**
 * A chain that lies beside every ciphertext. Nobody can count what others encrypt with it, so nobody else does: each
 * process makes a chain of its own, of one key, when it first encrypts, and a new one instead of rotating it. Chains of
 * others, found beside data, only decrypt.
 */
export class OwnChain implements Chain {
  readonly #root: Root;
  readonly #limits: Limits;
  readonly #beside: BesideChains;
  #chain: OpenChain | undefined;
  #used = 0;
  #making: Promise<void> | undefined;

  constructor(root: Root, limits: Limits, beside: BesideChains) {
    this.#root = root;
    this.#limits = limits;
    this.#beside = beside;
  }

  async forEncryption(): Promise<EncryptionKey> {
    for (;;) {
      const chain = this.#chain;
      if (chain !== undefined && this.#used < this.#limits.encryptions && !isTooOld(chain.primary, this.#limits)) {
        this.#used += 1;
        return { chainId: chain.id, key: chain.primary, beside: chain.sealed };
      }
      await this.rotate();
    }
  }

  async key(chainId: Buffer): Promise<ChainKey> {
    throw new KeyChainError(
      'other-chain',
      `the data was encrypted by the chain ${idText(chainId)}, which does not lie beside it: a store has it`,
    );
  }

  async rotate(): Promise<void> {
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined;
    });
    await this.#making;
  }

  async #make(): Promise<void> {
    this.#chain = await makeChain(this.#root);
    this.#used = 0;
    this.#beside.add(this.#chain);
  }
}
