import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

/** Dates decide about keys: the seconds by which the database's clock and this machine's may differ. */
const MOST_SKEW_SECONDS = 2;

/** In words, that the two clocks do not agree; undefined where they do. Throws what `Store.clock` throws. */
export async function clocksDiffer(store: Pick<Store, 'clock'>): Promise<string | undefined> {
  const asked = seconds();
  const theirs = await store.clock();
  // The database looked at its clock at some moment between the two looks at this one.
  const skew = Math.max(asked - theirs, theirs - seconds());
  if (skew <= MOST_SKEW_SECONDS) return undefined;
  return `the clock of this machine and that of the database differ by ${skew} s`;
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

export interface ClockWatchParts {
  readonly store: Pick<Store, 'clock'>;
  readonly log: Pick<Log, 'info' | 'error'>;
  /** Told of each other complaint, and when there is none any more. */
  readonly changed: (complaint: string | undefined) => void;
}

/** Compares the clocks again and again: either of them may be set, or drift, while a node serves. */
export class ClockWatch {
  readonly #parts: ClockWatchParts;
  #complaint: string | undefined;
  #looking = false;

  constructor(parts: ClockWatchParts) {
    this.#parts = parts;
  }

  /** What the last look that the database answered came to. */
  get complaint(): string | undefined {
    return this.#complaint;
  }

  /** Throws what `Store.clock` throws. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      this.#found(await clocksDiffer(this.#parts.store));
    } finally {
      this.#looking = false;
    }
  }

  #found(complaint: string | undefined): void {
    const before = this.#complaint;
    if (complaint === before) return;
    this.#complaint = complaint;
    const { log, changed } = this.#parts;
    if (complaint === undefined) log.info({}, 'the clocks of this machine and of the database agree again');
    else if (before === undefined) log.error({ alarm: true }, `${complaint}: nothing is answered until they agree`);
    changed(complaint);
  }
}
