import { Buffer } from 'node:buffer';
import { Lru } from '../lru.ts';
import { KeyChainError } from './error.ts';
import type { Root } from './root.ts';
import { chainIdOf, type OpenChain, openChain } from './sealed-chain.ts';

/** How many chains are remembered. */
const MOST = { entries: 1024, bytes: 4 * 2 ** 20 };

/** The chains that lie beside data. One that is not remembered costs a call to the root. */
export class BesideChains {
  readonly #root: Root;
  readonly #known = new Lru<Promise<OpenChain>>(MOST);

  constructor(root: Root) {
    this.#root = root;
  }

  /** A chain that is about to be put beside data. */
  add(chain: OpenChain): void {
    this.#remember(nameOf(chain.sealed), Promise.resolve(chain));
  }

  /**
   * The chain that was sealed to these bytes, where it is the one of the identifier.
   * @throws KeyChainError `other-chain`, and what `openChain` throws
   */
  async open(id: Buffer, sealed: Buffer): Promise<OpenChain> {
    if (!chainIdOf(sealed).equals(id)) {
      throw new KeyChainError('other-chain', 'the chain beside the data is not the one that encrypted it');
    }
    const name = nameOf(sealed);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    // A copy: what is remembered must not hold on to the data.
    const opening = openChain(this.#root, Buffer.from(sealed));
    this.#remember(name, opening);
    opening.catch(() => this.#known.delete(name));
    return opening;
  }

  clear(): void {
    this.#known.clear();
  }

  #remember(name: string, chain: Promise<OpenChain>): void {
    this.#known.set(name, chain, 4 * name.length);
  }
}

function nameOf(sealed: Buffer): string {
  return sealed.toString('latin1');
}
