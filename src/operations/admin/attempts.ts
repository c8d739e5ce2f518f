import { hash, randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';

/** So many attempts at once, and then one every so many seconds. */
interface Allowance {
  readonly burst: number;
  readonly interval: number;
}

const PEER: Allowance = { burst: 30, interval: 2 };
/** Enough for many people at many places; what it costs at most is 10 lines of the audit file a second. */
const TOTAL: Allowance = { burst: 300, interval: 0.1 };

/** Addresses that fall into one of these share its allowance. Which ones do is not for an attacker to find out. */
const PEERS = 4_096;

/**
 * Counts attempts that fail, for each peer and in total (the generic cell rate algorithm, ITU-T I.371: of every counter one
 * number is kept, the time at which it will be empty). Takes the same memory however many addresses attempt.
 */
export class Attempts {
  readonly #peers = new Float64Array(PEERS);
  readonly #total = new Float64Array(1);
  readonly #key = randomBytes(16).toString('hex');
  readonly #now: () => number;

  /** `now`: seconds since some moment. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts an attempt; false, and not counted, where there were too many. */
  take(address: string): boolean {
    const now = this.#now();
    const peer = this.#peerOf(address);
    if (!hasRoom(this.#peers, peer, PEER, now) || !hasRoom(this.#total, 0, TOTAL, now)) return false;
    add(this.#peers, peer, PEER, now);
    add(this.#total, 0, TOTAL, now);
    return true;
  }

  /** An attempt that was counted did not fail. */
  giveBack(address: string): void {
    const peer = this.#peerOf(address);
    this.#peers[peer] = (this.#peers[peer] ?? 0) - PEER.interval;
    this.#total[0] = (this.#total[0] ?? 0) - TOTAL.interval;
  }

  #peerOf(address: string): number {
    return Number.parseInt(hash('sha256', this.#key + networkOf(address)).slice(0, 8), 16) % PEERS;
  }
}

function hasRoom(cells: Float64Array, at: number, { burst, interval }: Allowance, now: number): boolean {
  return (cells[at] ?? 0) - now < (burst - 0.5) * interval;
}

function add(cells: Float64Array, at: number, { interval }: Allowance, now: number): void {
  cells[at] = Math.max(cells[at] ?? 0, now) + interval;
}

/** Whoever has an IPv6 address has 2^64 of them: the first half of it counts. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [front = [], back = []] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0');
  return [...front, ...zeros, ...back].slice(0, 4).join(':');
}
