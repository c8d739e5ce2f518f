/** A value, or the promise of one: what is on the path of every request is mostly there already. */
export type Awaitable<T> = T | Promise<T>;

/**
 * What `next` makes of a value: at once where the value is there, since each async function on the path of a request leaves
 * some 500 bytes to be collected. What `next` throws is thrown, or rejects the promise; `failed` is for a promise that rejects.
 */
export function whenReady<T, U>(
  value: Awaitable<T>,
  next: (value: T) => Awaitable<U>,
  failed?: (error: unknown) => Awaitable<U>,
): Awaitable<U> {
  return value instanceof Promise ? value.then(next, failed) : next(value);
}
