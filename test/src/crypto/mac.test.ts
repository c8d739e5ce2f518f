import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mac, sameMac, startMac } from '../../../src/crypto/mac.ts';
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  HashingAlgorithm,
  KeyFormatType,
} from '../../../ttlv/tables/enums.ts';
import { failsWith } from './fails.ts';
import { publicKey, symmetric } from './objects.ts';
import { openssl } from './openssl.ts';

const A = CryptographicAlgorithm;
const data = Buffer.from('01020304050607080910111213141516', 'hex');

describe('MACs', () => {
  const names: readonly [CryptographicAlgorithm, string][] = [
    [A.HMAC_MD5, 'MD5'],
    [A.HMAC_SHA1, 'SHA1'],
    [A.HMAC_SHA224, 'SHA224'],
    [A.HMAC_SHA256, 'SHA256'],
    [A.HMAC_SHA384, 'SHA384'],
    [A.HMAC_SHA512, 'SHA512'],
    [A.HMAC_SHA3_224, 'SHA3-224'],
    [A.HMAC_SHA3_256, 'SHA3-256'],
    [A.HMAC_SHA3_384, 'SHA3-384'],
    [A.HMAC_SHA3_512, 'SHA3-512'],
  ];
  for (const [algorithm, name] of names) {
    it(`of a key for HMAC with ${name} are those of openssl`, () => {
      const key = randomBytes(24);
      const expected = openssl([
        'mac',
        '-digest',
        name,
        '-macopt',
        `hexkey:${key.toString('hex')}`,
        '-binary',
        '-in',
        data,
        'HMAC',
      ]);
      assert.deepEqual(mac(symmetric(algorithm, key), {}, data), expected);
    });
  }

  it('are those of RFC 4231 (4.3)', () => {
    const key = symmetric(A.HMAC_SHA256, Buffer.from('Jefe'));
    assert.equal(
      mac(key, {}, Buffer.from('what do ya want for nothing?')).toString('hex'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it("take the algorithm of the parameters before the key's (TC-STREAM-MAC-1)", () => {
    const key = symmetric(A.AES, Buffer.from('0123456789abcdef0123456789abcdef', 'hex'));
    const parameters = { cryptographicAlgorithm: A.HMAC_SHA256 };
    const expected = 'c911e78196d64c30f631bb079ea37b97a95936d4da764d6a171df030c895ecf9';
    assert.equal(mac(key, parameters, data).toString('hex'), expected);
    const parts = startMac(key, parameters).update(data.subarray(0, 2)).update(data.subarray(2));
    assert.equal(parts.digest('hex'), expected);
    assert.equal(mac(key, { hashingAlgorithm: HashingAlgorithm.SHA_256 }, data).toString('hex'), expected);
  });

  it('need an algorithm, HMAC, and a secret key', async () => {
    const key = symmetric(A.AES, Buffer.alloc(16));
    await failsWith('bad-parameters', () => mac(key, {}, data));
    await failsWith('unsupported-parameters', () => mac(key, { blockCipherMode: BlockCipherMode.CMAC }, data));
    await failsWith('unsupported-parameters', () => mac(key, { hashingAlgorithm: HashingAlgorithm.MD2 }, data));
    const { publicKey: open } = generateKeyPairSync('ed25519');
    const handle = publicKey(KeyFormatType.X_509, open.export({ format: 'der', type: 'spki' }));
    await failsWith('wrong-type', () => mac(handle, {}, data));
  });

  it('are the same only as a whole', () => {
    const one = mac(symmetric(A.HMAC_SHA256, Buffer.alloc(32)), {}, data);
    assert.equal(sameMac(one, Buffer.from(one)), true);
    assert.equal(sameMac(one, one.subarray(0, 16)), false);
    assert.equal(sameMac(one, Buffer.alloc(0)), false);
    assert.equal(sameMac(one, Buffer.alloc(32)), false);
  });
});
