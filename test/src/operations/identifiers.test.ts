import assert from 'node:assert/strict';
import { newIdentifier } from '../../../src/operations/identifiers.ts';

describe('unique identifiers', () => {
  it('are UUIDs of version 7 with the time in front (RFC 9562, appendix A.6)', () => {
    assert.match(newIdentifier(0x017f22e279b0), /^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('differ though they are of the same millisecond', () => {
    const made = Array.from({ length: 10_000 }, () => newIdentifier(1));
    assert.equal(new Set(made).size, made.length);
  });
});
