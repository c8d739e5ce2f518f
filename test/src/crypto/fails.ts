import { strict as assert } from 'node:assert';
import { KmipError } from '../../../src/errors.ts';

/** Asserts that `run` throws, or rejects with, the error of this name, and gives it back. */
export async function failsWith(error: string, run: () => Promise<unknown> | unknown): Promise<KmipError> {
  let caught: unknown;
  try {
    await run();
  } catch (thrown) {
    caught = thrown;
  }
  assert.ok(caught instanceof KmipError, `expected ${error}, got ${String(caught)}`);
  assert.equal(caught.error, error);
  return caught;
}
