import { PeerRate } from './peer-rate.ts';

const PEER = { burst: 30, interval: 2 };
/** Enough for many people at many places; what it costs at most is 10 lines of the audit file a second. */
const TOTAL = { burst: 300, interval: 0.1 };
const EVERYBODY = 'everybody';

/** Counts attempts that fail, for each peer and in total. */
export class Attempts {
  readonly #peers: PeerRate;
  readonly #total: PeerRate;

  /** `now`: seconds since some moment. */
  constructor(now: () => number) {
    this.#peers = new PeerRate(PEER, now);
    this.#total = new PeerRate(TOTAL, now);
  }

  /** Counts an attempt; false, and not counted, where there were too many. */
  take(address: string): boolean {
    if (!this.#peers.take(address)) return false;
    if (this.#total.take(EVERYBODY)) return true;
    this.#peers.giveBack(address);
    return false;
  }

  /** An attempt that was counted did not fail. */
  giveBack(address: string): void {
    this.#peers.giveBack(address);
    this.#total.giveBack(EVERYBODY);
  }
}
