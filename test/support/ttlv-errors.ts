import assert from 'node:assert/strict';
import { type TtlvCode, TtlvError } from '../../ttlv/errors.ts';

/** What a test expects of a `TtlvError`. */
interface Expected {
  readonly code: TtlvCode;
  readonly offset?: number;
  readonly path?: readonly number[];
}

/** Runs `action` and checks that it throws the `TtlvError` that is expected. */
export function assertTtlvError(action: () => unknown, expected: Expected): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof TtlvError, `not a TtlvError: ${error}`);
    const { code, offset, path } = error;
    assert.deepEqual({ code, ...('offset' in expected && { offset }), ...('path' in expected && { path }) }, expected);
    return true;
  });
}
