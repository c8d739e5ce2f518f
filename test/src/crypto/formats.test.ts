import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { convertKey, formatIn } from '../../../src/crypto/formats.ts';
import type { ManagedObjectValue } from '../../../src/kmip/objects.ts';
import type { KeyMaterial } from '../../../src/kmip/structures/key-block.ts';
import {
  CertificateType,
  KeyCompressionType,
  KeyFormatType,
  ObjectType,
  RecommendedCurve,
} from '../../../ttlv/tables/enums.ts';
import { failsWith } from './fails.ts';
import { keyValue } from './objects.ts';
import { openssl } from './openssl.ts';
import { certificate, ecPrivate, ecPublic, rsaPrivate, rsaPublic } from './vectors.ts';

const F = KeyFormatType;
const T = ObjectType;
const K = KeyCompressionType;

function converted(value: ManagedObjectValue, format?: KeyFormatType, compression?: KeyCompressionType): KeyMaterial {
  const result = convertKey(value, { format, compression }, 21);
  assert.ok('keyBlock' in result);
  const { keyValue: inside, keyFormatType, keyCompressionType } = result.keyBlock;
  if (format !== undefined) assert.equal(keyFormatType, format);
  if (compression !== undefined) assert.equal(keyCompressionType, compression);
  assert.ok(inside !== undefined && !Buffer.isBuffer(inside));
  return inside.keyMaterial;
}

describe('formats of RSA keys', () => {
  const secret = keyValue(T.PrivateKey, F.PKCS_1, rsaPrivate);
  const open = keyValue(T.PublicKey, F.PKCS_1, rsaPublic);
  const pkcs8 = openssl(['pkcs8', '-topk8', '-nocrypt', '-inform', 'DER', '-outform', 'DER'], rsaPrivate);
  const spki = openssl(['rsa', '-inform', 'DER', '-RSAPublicKey_in', '-outform', 'DER', '-pubout'], rsaPublic);

  it('are those of openssl', () => {
    assert.deepEqual(converted(secret, F.PKCS_8), pkcs8);
    assert.deepEqual(converted(open, F.X_509), spki);
    assert.deepEqual(converted(keyValue(T.PrivateKey, F.PKCS_8, pkcs8), F.PKCS_1), rsaPrivate);
    assert.deepEqual(converted(keyValue(T.PublicKey, F.X_509, spki), F.PKCS_1), rsaPublic);
  });

  it('go to the transparent form and back', () => {
    const numbers = converted(secret, F.TransparentRSAPrivateKey);
    assert.ok('modulus' in numbers);
    // 2048 bits with the highest one set need a sign, and Big Integers come in eights.
    assert.equal(numbers.modulus.length, 264);
    assert.equal(numbers.modulus.subarray(0, 8).toString('hex'), '0000000000000000');
    assert.deepEqual(numbers.modulus.subarray(8), rsaPublic.subarray(9, 265));
    const back = keyValue(T.PrivateKey, F.TransparentRSAPrivateKey, numbers);
    assert.deepEqual(converted(back, F.PKCS_1), rsaPrivate);
    const publicNumbers = converted(open, F.TransparentRSAPublicKey);
    const publicBack = keyValue(T.PublicKey, F.TransparentRSAPublicKey, publicNumbers);
    assert.deepEqual(converted(publicBack, F.PKCS_1), rsaPublic);
  });

  it('are no others', async () => {
    for (const format of [F.Raw, F.X_509, F.ECPrivateKey, F.TransparentECPrivateKey, F.PKCS_12]) {
      await failsWith('key-format-not-supported', () => converted(secret, format));
    }
    for (const format of [F.PKCS_8, F.TransparentECPublicKey, F.Raw]) {
      await failsWith('key-format-not-supported', () => converted(open, format));
    }
    await failsWith('key-compression-not-supported', () =>
      converted(open, F.X_509, K.ECPublicKeyTypeX9_62CompressedPrime),
    );
  });
});

describe('formats of EC keys', () => {
  const secret = keyValue(T.PrivateKey, F.ECPrivateKey, ecPrivate);
  const open = keyValue(T.PublicKey, F.X_509, ecPublic);
  const pkcs8 = openssl(['pkcs8', '-topk8', '-nocrypt', '-inform', 'DER', '-outform', 'DER'], ecPrivate);

  it('are those of openssl', () => {
    assert.deepEqual(converted(secret, F.PKCS_8), pkcs8);
    assert.deepEqual(converted(keyValue(T.PrivateKey, F.PKCS_8, pkcs8), F.ECPrivateKey), ecPrivate);
  });

  it('go to the transparent form and back', () => {
    const numbers = converted(secret, F.TransparentECPrivateKey);
    assert.ok('recommendedCurve' in numbers && 'd' in numbers);
    assert.equal(numbers.recommendedCurve, RecommendedCurve.SECP256K1);
    assert.deepEqual(numbers.d.subarray(-32), ecPrivate.subarray(7, 39));
    assert.deepEqual(converted(keyValue(T.PrivateKey, F.TransparentECPrivateKey, numbers), F.ECPrivateKey), ecPrivate);
    const point = converted(open, F.TransparentECPublicKey);
    assert.ok('qString' in point);
    assert.deepEqual(point.qString, ecPublic.subarray(-65));
    assert.deepEqual(converted(keyValue(T.PublicKey, F.TransparentECDSAPublicKey, point), F.X_509), ecPublic);
  });

  it('have points in the forms of openssl', () => {
    const forms: readonly [KeyCompressionType, string][] = [
      [K.ECPublicKeyTypeX9_62CompressedPrime, 'compressed'],
      [K.ECPublicKeyTypeX9_62Hybrid, 'hybrid'],
      [K.ECPublicKeyTypeUncompressed, 'uncompressed'],
    ];
    for (const [compression, form] of forms) {
      const expected = openssl(
        ['ec', '-pubin', '-inform', 'DER', '-outform', 'DER', '-conv_form', form, '-pubout'],
        ecPublic,
      );
      assert.deepEqual(converted(open, undefined, compression), expected);
      const transparent = converted(open, F.TransparentECPublicKey, compression);
      assert.ok('qString' in transparent);
      assert.deepEqual(transparent.qString, expected.subarray(-transparent.qString.length));
      const registered = keyValue(T.PublicKey, F.X_509, expected);
      assert.deepEqual(converted(registered, F.X_509, K.ECPublicKeyTypeUncompressed), ecPublic);
    }
  });

  it('have the compressed form of their own kind of field', async () => {
    await failsWith('key-compression-not-supported', () =>
      converted(open, F.X_509, K.ECPublicKeyTypeX9_62CompressedChar2),
    );
    await failsWith('key-compression-not-supported', () =>
      converted(secret, F.PKCS_8, K.ECPublicKeyTypeX9_62CompressedPrime),
    );
  });

  it('are no others', async () => {
    for (const format of [F.PKCS_1, F.Raw, F.TransparentRSAPrivateKey]) {
      await failsWith('key-format-not-supported', () => converted(secret, format));
    }
  });
});

describe('formats of Ed25519 keys', () => {
  const pair = generateKeyPairSync('ed25519');
  const pkcs8 = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'pkcs8' });

  it('are PKCS#8 and X.509 only', async () => {
    const value = keyValue(T.PrivateKey, F.PKCS_8, pkcs8(pair.privateKey));
    assert.deepEqual(converted(value, F.PKCS_8), pkcs8(pair.privateKey));
    for (const format of [F.ECPrivateKey, F.TransparentECPrivateKey, F.PKCS_1]) {
      await failsWith('key-format-not-supported', () => converted(value, format));
    }
  });
});

describe('formats of symmetric keys', () => {
  const raw = keyValue(T.SymmetricKey, F.Raw, Buffer.alloc(16, 5));

  it('are Raw, Opaque (as a SAN array asks) and transparent', async () => {
    assert.deepEqual(converted(raw, F.Opaque), Buffer.alloc(16, 5));
    const transparent = converted(raw, F.TransparentSymmetricKey);
    assert.deepEqual(transparent, { key: Buffer.alloc(16, 5) });
    assert.deepEqual(
      converted(keyValue(T.SymmetricKey, F.TransparentSymmetricKey, transparent), F.Raw),
      Buffer.alloc(16, 5),
    );
    await failsWith('key-format-not-supported', () => converted(raw, F.PKCS_8));
  });
});

describe('an object whose format is as wanted', () => {
  it('leaves as it came, byte for byte', () => {
    const odd = keyValue(T.PublicKey, F.PKCS_1, rsaPublic);
    assert.equal(convertKey(odd, {}, 21), odd);
    assert.equal(convertKey(odd, { format: F.PKCS_1 }, 10), odd);
    // Kept without a look inside: no conversion is needed, so nothing fails.
    const opaque = keyValue(T.PrivateKey, F.Opaque, Buffer.from('anything'));
    assert.equal(convertKey(opaque, {}, 14), opaque);
  });

  it('may be a certificate, which has only one', async () => {
    const value: ManagedObjectValue = {
      type: T.Certificate,
      certificateType: CertificateType.X_509,
      certificateValue: certificate,
    };
    assert.equal(convertKey(value, { format: F.X_509 }, 21), value);
    await failsWith('key-format-not-supported', () => convertKey(value, { format: F.PKCS_8 }, 21));
  });

  it('has the name that the version has for the transparent EC forms', () => {
    assert.equal(formatIn(20, F.TransparentECDSAPrivateKey), F.TransparentECPrivateKey);
    assert.equal(formatIn(21, F.TransparentECMQVPublicKey), F.TransparentECPublicKey);
    assert.equal(formatIn(14, F.TransparentECDHPublicKey), F.TransparentECDHPublicKey);
    assert.equal(formatIn(12, F.TransparentECPrivateKey), F.TransparentECDSAPrivateKey);
    assert.equal(formatIn(12, F.TransparentECPublicKey), F.TransparentECDSAPublicKey);
    assert.equal(formatIn(13, F.TransparentECPublicKey), F.TransparentECPublicKey);
  });
});
