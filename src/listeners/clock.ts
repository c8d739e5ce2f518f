/** Time in whole and broken seconds since some moment, as of the last look: a field costs less than a call. */
export interface Clock {
  now: number;
}

export function seconds(): number {
  return performance.now() / 1000;
}
