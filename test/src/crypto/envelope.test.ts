import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { openBytes, sealBytes } from '../../../src/crypto/envelope.ts';

describe('envelope', () => {
  const key = Buffer.from('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308', 'hex');

  it('opens what others sealed: test case 16 of the GCM specification', () => {
    const sealed = Buffer.from(
      'cafebabefacedbaddecaf888' +
        '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662' +
        '76fc6ece0f4e1768cddf8853bb2d551b',
      'hex',
    );
    const context = Buffer.from('feedfacedeadbeeffeedfacedeadbeefabaddad2', 'hex');
    assert.equal(
      openBytes(key, sealed, context)?.toString('hex'),
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    );
  });

  it('opens nothing that differs in one bit, in the context, or in the key', () => {
    const context = Buffer.from('place');
    const sealed = sealBytes(key, Buffer.from('secret'), context);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      assert.equal(openBytes(key, changed, context), undefined);
    }
    assert.equal(openBytes(key, sealed, Buffer.from('placf')), undefined);
    assert.equal(openBytes(randomBytes(32), sealed, context), undefined);
    assert.equal(openBytes(key, sealed.subarray(0, 27), context), undefined);
    assert.equal(openBytes(key, sealed, context)?.toString(), 'secret');
  });

  it('never uses a nonce twice', () => {
    const nonces = new Set<string>();
    for (let round = 0; round < 5000; round += 1) {
      nonces.add(sealBytes(key, Buffer.alloc(0), Buffer.alloc(0)).toString('hex', 0, 12));
    }
    assert.equal(nonces.size, 5000);
  });
});
