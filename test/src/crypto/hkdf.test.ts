import assert from 'node:assert/strict';
import { hkdf } from '../../../src/crypto/hkdf.ts';
import { Secret } from '../../../src/crypto/secret.ts';

describe('hkdf', () => {
  // RFC 5869, A.1 (without what is beyond 32 bytes) and A.3, whose salt and info are empty.
  for (const [salt, info, expected] of [
    [
      Buffer.from('000102030405060708090a0b0c', 'hex'),
      Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex'),
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf',
    ],
    ['', '', '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d'],
  ] as const) {
    it(`derives what the RFC derives: ${info.length} bytes of info`, () => {
      const secret = new Secret(Buffer.alloc(22, 0x0b));
      assert.equal(hkdf(secret, salt, info).expose().toString('hex'), expected);
      assert.deepEqual(secret.expose(), Buffer.alloc(22, 0x0b));
    });
  }
});
