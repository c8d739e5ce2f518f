import { Buffer } from 'node:buffer';
import { randomFillSync } from 'node:crypto';

const poolBytes = 16 * 1024;

let pool = Buffer.alloc(0);
let used = 0;

/**
 * `length` random bytes for values that become public: initialisation vectors, nonces, identifiers. They are a slice of
 * a pool that is filled at once (one `randomBytes(12)` costs as much as the whole encryption of a small message). A
 * used-up pool is left to its slices and a new one made, so that no byte is ever given out twice.
 * Keys do not come from here: what is still to be given out lies in memory.
 */
export function publicRandom(length: number): Buffer {
  if (used + length > pool.length) {
    pool = randomFillSync(Buffer.allocUnsafeSlow(Math.max(poolBytes, length)));
    used = 0;
  }
  used += length;
  return pool.subarray(used - length, used);
}
