import { KmipError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { SealState } from '../seal/state.ts';
import { ConflictError, type KeyringRow } from '../store/store.ts';

/** What is read to find what is left to do: everything is in the database, nothing has to be remembered. */
export interface Generations {
  /** All generations, oldest first. */
  keyring(): Promise<readonly Pick<KeyringRow, 'generation' | 'primary'>[]>;
  /** Objects of a generation, by insertion number: at most `limit` of those whose number is above `after`. */
  ofGeneration(
    generation: number,
    after: number,
    limit: number,
  ): Promise<readonly { readonly id: string; readonly sequence: number }[]>;
}

export interface RewrapParts {
  readonly store: Generations;
  /** Seals and tags an object anew under the primary generation. Throws ConflictError where it was changed meanwhile. */
  readonly renew: (id: string) => Promise<void>;
  readonly state: Pick<SealState, 'state'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Milliseconds between two passes. */
  readonly interval?: number;
}

/** Objects renewed at a time: they share a transaction where the database gathers what comes together. */
const BATCH = 16;
/** The shortest pause between batches; a longer batch is followed by a pause as long as itself. */
const LEAST_PAUSE_MS = 20;
const INTERVAL_MS = 60_000;
const PROGRESS_MS = 10_000;

/** What a walk over one generation came to. */
interface Progress {
  renewed: number;
  /** Changed by somebody else at the same moment: the next pass finds those that still are of the generation. */
  passed: number;
  /** They do not open, and an alarm has said so: they keep their generation in the keyring. */
  failed: number;
}

/**
 * The background re-wrap: moves objects of earlier generations to the primary one, a few at a time with pauses, so that
 * clients do not wait. Each object is written at the revision at which it was read, and gets the next one: a pass may be
 * broken off at any point, begun anew, and run by several nodes at once.
 */
export class Rewrap {
  readonly #parts: RewrapParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopping = Promise.withResolvers<void>();
  #stopped = false;

  constructor(parts: RewrapParts) {
    this.#parts = parts;
  }

  /** Makes a pass now, and further ones for as long as the process lives. */
  start(): void {
    this.#running = this.#pass().finally(() => {
      if (!this.#stopped) this.#timer = setTimeout(() => this.start(), this.#parts.interval ?? INTERVAL_MS);
    });
  }

  /** Resolves once nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopping.resolve();
    clearTimeout(this.#timer);
    await this.#running;
  }

  get #mayWork(): boolean {
    return !this.#stopped && this.#parts.state.state === 'unsealed';
  }

  /** A failure, of the database above all, ends this pass only. */
  async #pass(): Promise<void> {
    try {
      if (!this.#mayWork) return;
      const earlier = (await this.#parts.store.keyring()).filter(({ primary }) => !primary);
      for (const { generation } of earlier) await this.#walk(generation);
    } catch (err) {
      if (this.#mayWork) this.#parts.log.warn({ err }, 'objects could not be sealed anew; this is tried again');
    }
  }

  async #walk(generation: number): Promise<void> {
    const { store, log } = this.#parts;
    const progress: Progress = { renewed: 0, passed: 0, failed: 0 };
    let told = performance.now();
    for (let after = 0; this.#mayWork; ) {
      const began = performance.now();
      const batch = await store.ofGeneration(generation, after, BATCH);
      const last = batch.at(-1);
      if (last === undefined) break;
      await Promise.all(batch.map(({ id }) => this.#renew(id, progress)));
      after = last.sequence;
      if (performance.now() - told > PROGRESS_MS) {
        told = performance.now();
        log.info({ generation, ...progress }, 'objects of an earlier generation are being sealed anew');
      }
      await this.#pause(performance.now() - began);
    }
    if (progress.renewed > 0)
      log.info({ generation, ...progress }, 'objects of an earlier generation were sealed anew');
  }

  async #renew(id: string, progress: Progress): Promise<void> {
    try {
      await this.#parts.renew(id);
      progress.renewed += 1;
    } catch (error) {
      if (error instanceof ConflictError) progress.passed += 1;
      else if (error instanceof KmipError && error.error === 'internal') progress.failed += 1;
      else throw error;
    }
  }

  async #pause(worked: number): Promise<void> {
    const pause = Promise.withResolvers<void>();
    const timer = setTimeout(pause.resolve, Math.max(worked, LEAST_PAUSE_MS));
    await Promise.race([pause.promise, this.#stopping.promise]);
    clearTimeout(timer);
  }
}
