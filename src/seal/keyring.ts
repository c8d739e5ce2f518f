import { StaleGenerationError, type Store } from '../store/store.ts';
import { deriveKeys, type GenerationKeys, type Kek } from './keys.ts';

/** Where a worker gets key encryption keys from: the primary process. */
export interface KekSource {
  /** The generation, if the keyring in the database has it. */
  generation(number: number): Promise<Kek | undefined>;
  /** The primary generation; where that is still `spent`, a new one is made first. */
  primary(spent?: number): Promise<Kek>;
}

/** How many encryptions are reserved at a time, and how many a generation may have in all. */
export interface EncryptionLimits {
  readonly block: number;
  readonly most: number;
}

/** What a database can hold as a number of a generation. */
const LAST_GENERATION = 2 ** 31 - 1;

/** Random 96-bit nonces are good for 2^32 encryptions under one key; a new key is made long before. */
const standardLimits: EncryptionLimits = { block: 4096, most: 2 ** 31 };

/**
 * The keys of an unsealed worker. Encryptions under the primary generation are counted: a block of them is reserved in
 * the database, for all nodes together, before the first is used.
 */
export class Keyring {
  readonly #installationId: string;
  readonly #source: KekSource;
  readonly #store: Pick<Store, 'reserve'>;
  readonly #limits: EncryptionLimits;
  readonly #generations = new Map<number, GenerationKeys>();
  #primary: GenerationKeys | undefined;
  /** Encryptions left of the block. */
  #left = 0;
  #reserving: Promise<void> | undefined;

  constructor(installationId: string, source: KekSource, store: Pick<Store, 'reserve'>, limits = standardLimits) {
    this.#installationId = installationId;
    this.#source = source;
    this.#store = store;
    this.#limits = limits;
  }

  /** The keys of a generation; undefined where the keyring in the database has none. */
  async keys(generation: number): Promise<GenerationKeys | undefined> {
    const known = this.#generations.get(generation);
    if (known !== undefined) return known;
    if (!Number.isInteger(generation) || generation < 1 || generation > LAST_GENERATION) return undefined;
    const kek = await this.#source.generation(generation);
    return kek && this.#add(kek);
  }

  /** The keys of the primary generation, for so many encryptions of material. */
  async forEncryptions(count: number): Promise<GenerationKeys> {
    for (;;) {
      if (this.#primary !== undefined && this.#left >= count) {
        this.#left -= count;
        return this.#primary;
      }
      this.#reserving ??= this.#reserve(Math.max(count, this.#limits.block)).finally(() => {
        this.#reserving = undefined;
      });
      await this.#reserving;
    }
  }

  /** The keys of the primary generation, for what is no encryption. */
  async primary(): Promise<GenerationKeys> {
    this.#primary ??= this.#add(await this.#source.primary());
    return this.#primary;
  }

  /** The generation is no longer primary: its block is dropped, and the next encryption asks which one is. */
  retire(generation: number): void {
    if (this.#primary?.generation !== generation) return;
    this.#primary = undefined;
    this.#left = 0;
  }

  async #reserve(count: number): Promise<void> {
    const { generation } = await this.primary();
    try {
      const total = await this.#store.reserve(generation, count);
      if (this.#primary?.generation !== generation) return;
      if (total <= this.#limits.most) this.#left = count;
      else this.#primary = this.#add(await this.#source.primary(generation));
    } catch (error) {
      if (!(error instanceof StaleGenerationError)) throw error;
      this.retire(generation);
    }
  }

  #add(kek: Kek): GenerationKeys {
    using _ = kek.key;
    const keys = deriveKeys(this.#installationId, kek);
    this.#generations.set(kek.generation, keys);
    return keys;
  }
}
