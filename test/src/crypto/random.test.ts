import { strict as assert } from 'node:assert';
import type { Buffer } from 'node:buffer';
import { publicRandom } from '../../../src/crypto/random.ts';

describe('random bytes from the pool', () => {
  it('are never given out twice, over many pools and odd lengths', () => {
    const seen = new Set<string>();
    const kept: [Buffer, string][] = [];
    for (let count = 0; count < 5000; count++) {
      const bytes = publicRandom(12 + (count % 7));
      kept.push([bytes, bytes.toString('hex')]);
      for (let at = 0; at + 8 <= bytes.length; at += 8) seen.add(bytes.toString('hex', at, at + 8));
    }
    const slices = kept.reduce((sum, [bytes]) => sum + Math.floor(bytes.length / 8), 0);
    assert.equal(seen.size, slices);
    for (const [bytes, text] of kept) assert.equal(bytes.toString('hex'), text, 'a slice changed afterwards');
  });

  it('may be more than a pool holds, or none', () => {
    assert.equal(publicRandom(100_000).length, 100_000);
    assert.equal(publicRandom(0).length, 0);
  });
});
