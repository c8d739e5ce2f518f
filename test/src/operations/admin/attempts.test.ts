import assert from 'node:assert/strict';
import { Attempts } from '../../../../src/operations/admin/attempts.ts';

describe('operations/admin/attempts', () => {
  let now = 1_000;
  let attempts: Attempts;
  beforeEach(() => {
    attempts = new Attempts(() => now);
  });

  /** How many of these attempts are let through. */
  const taken = (count: number, address: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => attempts.take(address(index))).filter(Boolean).length;

  it('lets a peer fail 30 times at once, and then every other second', () => {
    assert.equal(
      taken(100, () => '192.0.2.1'),
      30,
    );
    now += 20;
    assert.equal(
      taken(100, () => '192.0.2.1'),
      10,
    );
    now += 3_600;
    assert.equal(
      taken(100, () => '192.0.2.1'),
      30,
    );
  });

  it('lets all peers together fail 300 times at once, and then 10 times a second', () => {
    const somebody = (index: number) => `198.51.${index >> 8}.${index & 255}`;
    assert.equal(taken(10_000, somebody), 300);
    now += 5;
    assert.equal(taken(10_000, somebody), 50);
  });

  it('takes all addresses of an IPv6 network for one peer', () => {
    assert.equal(
      taken(100, (index) => `2001:db8:0:7:${index}::1`),
      30,
    );
    assert.ok(!attempts.take('2001:db8::7:0:0:0:1'));
    // Any two can share an allowance by chance, but hardly all.
    assert.ok(['2001:db8:0:8::1', '2001:db8:1:7::1', '::1'].some((address) => attempts.take(address)));
  });

  it('forgets an attempt that is given back', () => {
    for (let count = 0; count < 1_000; count++) {
      assert.ok(attempts.take('192.0.2.1'));
      attempts.giveBack('192.0.2.1');
    }
  });
});
