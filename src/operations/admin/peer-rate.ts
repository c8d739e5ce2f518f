import { hash, randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';

/** So often at once, and then once every so many seconds. */
export interface Allowance {
  readonly burst: number;
  readonly interval: number;
}

/** Addresses that fall into one of these share its allowance. Which ones do is not for an attacker to find out. */
const CELLS = 4_096;

/**
 * How often each peer does something (the generic cell rate algorithm, ITU-T I.371: the one number that is kept is the time
 * until which the allowance is used up). Takes the same memory however many peers there are.
 */
export class PeerRate {
  readonly #cells = new Float64Array(CELLS);
  readonly #key = randomBytes(16).toString('hex');
  readonly #allowance: Allowance;
  readonly #now: () => number;

  /** `now`: seconds since some moment. */
  constructor(allowance: Allowance, now: () => number) {
    this.#allowance = allowance;
    this.#now = now;
  }

  /** Counts once more; false, and not counted, where it was too often. */
  take(address: string): boolean {
    const { burst, interval } = this.#allowance;
    const now = this.#now();
    const at = this.#cellOf(address);
    const used = Math.max(this.#cells[at] ?? 0, now);
    // Half of one is for what sums of fractions are off.
    if (used - now >= (burst - 0.5) * interval) return false;
    this.#cells[at] = used + interval;
    return true;
  }

  /** Counts once less. */
  giveBack(address: string): void {
    const at = this.#cellOf(address);
    this.#cells[at] = (this.#cells[at] ?? 0) - this.#allowance.interval;
  }

  #cellOf(address: string): number {
    return Number.parseInt(hash('sha256', this.#key + networkOf(address)).slice(0, 8), 16) % CELLS;
  }
}

/** Whoever has an IPv6 address has 2^64 of them: the first half of it counts. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [front = [], back = []] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0');
  return [...front, ...zeros, ...back].slice(0, 4).join(':');
}
