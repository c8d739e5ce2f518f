import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt } from 'node:crypto';
import { decrypt, encrypt } from '../../../src/crypto/cipher.ts';
import { hashOf } from '../../../src/crypto/hashes.ts';
import { decodeOaep, encodeOaep } from '../../../src/crypto/rsa-padding.ts';
import type { CryptographicParameters } from '../../../src/kmip/structures/cryptographic.ts';
import { HashingAlgorithm, KeyFormatType, MaskGenerator, PaddingMethod } from '../../../ttlv/tables/enums.ts';
import { failsWith } from './fails.ts';
import { privateKey, publicKey } from './objects.ts';
import { openssl } from './openssl.ts';
import {
  oaep384Ciphertext,
  oaep384Private,
  oaepCiphertext,
  oaepLabelCiphertext,
  oaepMessage,
  oaepPrivate,
  rsaPrivate,
  rsaPublic,
} from './vectors.ts';

const F = KeyFormatType;
const H = HashingAlgorithm;
const P = PaddingMethod;

const secret = privateKey(F.PKCS_1, rsaPrivate);
const open = publicKey(F.PKCS_1, rsaPublic);
const message = Buffer.from('a key to be transported');

const oaep = (
  hashingAlgorithm: HashingAlgorithm,
  mask?: HashingAlgorithm,
  pSource?: Buffer,
): CryptographicParameters => ({
  paddingMethod: P.OAEP,
  hashingAlgorithm,
  maskGenerator: MaskGenerator.MGF1,
  ...(mask !== undefined && { maskGeneratorHashingAlgorithm: mask }),
  ...(pSource !== undefined && { pSource }),
});

describe('RSA decryption', () => {
  const published: readonly [string, Buffer, Buffer, CryptographicParameters][] = [
    ['CS-AC-M-OAEP-4', oaep384Private, oaep384Ciphertext, oaep(H.SHA_384, H.SHA_384)],
    ['CS-AC-M-OAEP-8: two hashes', oaepPrivate, oaepCiphertext, oaep(H.SHA_384, H.SHA_256)],
    [
      'CS-AC-M-OAEP-10: and a label',
      oaepPrivate,
      oaepLabelCiphertext,
      oaep(H.SHA_384, H.SHA_256, Buffer.from('Kilroy was here')),
    ],
  ];
  for (const [name, key, data, parameters] of published) {
    it(`opens the published ciphertext of ${name}`, async () => {
      assert.deepEqual(await decrypt(privateKey(F.PKCS_1, key), { parameters, data }), oaepMessage);
    });
  }

  it('fails in one way, whatever is wrong with an OAEP encoding', async () => {
    const key = privateKey(F.PKCS_1, oaepPrivate);
    const texts = new Set<string>();
    for (const parameters of [
      oaep(H.SHA_384, H.SHA_1),
      oaep(H.SHA_256, H.SHA_256),
      oaep(H.SHA_384, H.SHA_256, Buffer.from('another label')),
      oaep(H.SHA_224),
    ]) {
      for (const data of [oaepCiphertext, oaepCiphertext.subarray(1), Buffer.alloc(0), Buffer.alloc(256, 0xff)]) {
        texts.add((await failsWith('crypto-failed', () => decrypt(key, { parameters, data }))).message);
      }
    }
    assert.equal(texts.size, 1);
  });

  it('answers a wrong PKCS#1 v1.5 encoding with data that looks random, and is the same each time', async () => {
    const parameters = { paddingMethod: P.PKCS1V1_5 };
    const block = Buffer.alloc(256, 1);
    block[0] = 0;
    const data = publicEncrypt({ key: open.object, padding: constants.RSA_NO_PADDING }, block);
    const first = await decrypt(secret, { parameters, data });
    assert.deepEqual(await decrypt(secret, { parameters, data }), first);
    assert.notDeepEqual(first, block);
  });
});

describe('RSA encryption', () => {
  const forms: readonly [string, CryptographicParameters, readonly string[]][] = [
    ['PKCS#1 v1.5', { paddingMethod: P.PKCS1V1_5 }, ['rsa_padding_mode:pkcs1']],
    ['OAEP', { paddingMethod: P.OAEP }, ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha1']],
    ['OAEP with SHA-256', oaep(H.SHA_256), ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha256', 'rsa_mgf1_md:sha256']],
    ['OAEP with SHA-224', oaep(H.SHA_224), ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha224', 'rsa_mgf1_md:sha224']],
    [
      'OAEP with SHA-512, MGF1 with SHA-1 and a label',
      oaep(H.SHA_512, H.SHA_1, Buffer.from('label')),
      ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha512', 'rsa_mgf1_md:sha1', 'rsa_oaep_label:6c6162656c'],
    ],
  ];
  for (const [name, parameters, pkeyOptions] of forms) {
    const options = pkeyOptions.flatMap((option) => ['-pkeyopt', option]);
    const pem = Buffer.from(secret.object.export({ format: 'pem', type: 'pkcs8' }));

    it(`with ${name} is opened by openssl, and openssl's here`, async () => {
      const { data } = await encrypt(open, { parameters, data: message });
      assert.deepEqual(openssl(['pkeyutl', '-decrypt', '-inkey', pem, ...options, '-in', data]), message);
      const theirs = openssl(['pkeyutl', '-encrypt', '-inkey', pem, ...options, '-in', message]);
      assert.deepEqual(await decrypt(secret, { parameters, data: theirs }), message);
    });
  }

  it('refuses data that is too long', async () => {
    for (const parameters of [{ paddingMethod: P.PKCS1V1_5 }, oaep(H.SHA_256), oaep(H.SHA_256, H.SHA_1)]) {
      await failsWith('invalid-field', () => encrypt(open, { parameters, data: Buffer.alloc(246) }));
    }
  });

  it('needs a Padding Method, and one of encryption', async () => {
    await failsWith('bad-parameters', () => encrypt(open, { parameters: {}, data: message }));
    const pss = { paddingMethod: P.PSS };
    await failsWith('unsupported-parameters', () => encrypt(open, { parameters: pss, data: message }));
  });

  it('is for public keys, decryption for private ones, and both for RSA', async () => {
    const parameters = oaep(H.SHA_256);
    await failsWith('wrong-type', () => encrypt(secret, { parameters, data: message }));
    await failsWith('wrong-type', () => decrypt(open, { parameters, data: message }));
    const { publicKey: ec } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = publicKey(F.X_509, ec.export({ format: 'der', type: 'spki' }));
    await failsWith('unsupported-parameters', () => encrypt(key, { parameters, data: message }));
  });
});

describe('OAEP by hand', () => {
  const hashes = { hash: hashOf(H.SHA_256), maskHash: hashOf(H.SHA_1) };
  const label = Buffer.from('label');

  it('decodes what it encoded, of every length that fits', () => {
    for (let length = 0; length <= 128 - 66; length++) {
      const text = Buffer.alloc(length, length);
      const encoded = encodeOaep(text, 128, hashes, label);
      assert.deepEqual(encoded && decodeOaep(encoded, hashes, label), text);
    }
    assert.equal(encodeOaep(Buffer.alloc(63), 128, hashes, label), undefined);
  });

  it('refuses an encoding with any byte changed', () => {
    const encoded = encodeOaep(Buffer.from('text'), 128, hashes, label) ?? Buffer.alloc(0);
    const exact = Buffer.from('text');
    for (let index = 0; index < encoded.length; index++) {
      const changed = Buffer.from(encoded);
      changed[index] = (changed[index] ?? 0) ^ 0x80;
      const decoded = decodeOaep(changed, hashes, label);
      // A change of the text itself cannot be seen: OAEP is no authentication.
      if (index < encoded.length - exact.length) assert.equal(decoded, undefined, `byte ${index}`);
      else assert.notDeepEqual(decoded, exact);
    }
  });

  it('is that of OpenSSL where both hashes are the same', () => {
    const same = { hash: hashOf(H.SHA_256), maskHash: hashOf(H.SHA_256) };
    const encoded = encodeOaep(message, 256, same, label) ?? Buffer.alloc(0);
    const data = publicEncrypt({ key: open.object, padding: constants.RSA_NO_PADDING }, encoded);
    const { RSA_PKCS1_OAEP_PADDING: padding } = constants;
    assert.deepEqual(
      privateDecrypt({ key: secret.object, padding, oaepHash: 'sha256', oaepLabel: label }, data),
      message,
    );
  });
});
