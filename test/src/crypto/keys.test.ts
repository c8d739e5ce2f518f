import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { checkKey, completeKey, type KeyFacts, openKey } from '../../../src/crypto/keys.ts';
import type { ManagedObjectValue } from '../../../src/kmip/objects.ts';
import type { KeyBlock, KeyMaterial } from '../../../src/kmip/structures/key-block.ts';
import { fromBigInt, toBigInt } from '../../../ttlv/item.ts';
import {
  CertificateType,
  CryptographicAlgorithm,
  EncodingOption,
  KeyFormatType,
  ObjectType,
  RecommendedCurve,
  SecretDataType,
  WrappingMethod,
} from '../../../ttlv/tables/enums.ts';
import { failsWith } from './fails.ts';
import { keyValue } from './objects.ts';
import { certificate, ecPrivate, ecPublic, rsaPrivate, rsaPublic } from './vectors.ts';

const F = KeyFormatType;
const A = CryptographicAlgorithm;
const T = ObjectType;

function symmetricKey(bytes: number, algorithm?: CryptographicAlgorithm, length?: number): ManagedObjectValue {
  const keyBlock: KeyBlock = {
    keyFormatType: F.Raw,
    keyValue: { keyMaterial: Buffer.alloc(bytes, 7) },
    ...(algorithm !== undefined && { cryptographicAlgorithm: algorithm }),
    ...(length !== undefined && { cryptographicLength: length }),
  };
  return { type: T.SymmetricKey, keyBlock };
}

const der = (key: KeyObject): Buffer =>
  key.type === 'private' ? key.export({ format: 'der', type: 'pkcs8' }) : key.export({ format: 'der', type: 'spki' });

describe('symmetric keys that are registered', () => {
  const taken: readonly [string, CryptographicAlgorithm, number, number][] = [
    ['AES of 128 bits', A.AES, 16, 128],
    ['AES of 160 bits, as PyKMIP registers', A.AES, 20, 160],
    ['AES of 512 bits', A.AES, 64, 512],
    ['3DES with two keys, parity not counted', A.DES3, 16, 112],
    ['3DES with two keys, parity counted', A.DES3, 16, 128],
    ['3DES with three keys, parity not counted', A.DES3, 24, 168],
    ['3DES with three keys, parity counted (Barbican)', A.DES3, 24, 192],
    ['HMAC-SHA256 of 160 bits', A.HMAC_SHA256, 20, 160],
    ['Blowfish', A.Blowfish, 16, 128],
    ['IDEA', A.IDEA, 16, 128],
    ['SKIPJACK', A.SKIPJACK, 10, 80],
  ];
  for (const [name, algorithm, bytes, length] of taken) {
    it(`can be ${name}`, () => {
      assert.deepEqual(checkKey(symmetricKey(bytes, algorithm, length), {}), { algorithm, length });
    });
  }

  const refused: readonly [string, ManagedObjectValue, Partial<KeyFacts>][] = [
    ['of another length than they say', symmetricKey(16, A.AES, 256), {}],
    ['of a length that the algorithm has not', symmetricKey(15, A.AES, 120), {}],
    ['empty', symmetricKey(0, A.AES, 0), {}],
    ['without an algorithm', symmetricKey(16), {}],
    ['with an algorithm of key pairs', symmetricKey(128, A.RSA, 1024), {}],
    ['with another algorithm in the attributes', symmetricKey(16, A.AES, 128), { algorithm: A.Camellia }],
    ['with another length in the attributes', symmetricKey(16, A.AES, 128), { length: 192 }],
  ];
  for (const [name, value, given] of refused) {
    it(`are refused ${name}`, async () => {
      await failsWith('invalid-field', () => checkKey(value, given));
    });
  }

  it('take algorithm and length from the attributes where the Key Block has none', () => {
    assert.deepEqual(checkKey(symmetricKey(16), { algorithm: A.AES, length: 128 }), { algorithm: A.AES, length: 128 });
    assert.deepEqual(checkKey(symmetricKey(24), { algorithm: A.AES }), { algorithm: A.AES, length: 192 });
  });

  it('say in their Key Block what only the attributes said (NooBaa), and can be used then', () => {
    const value = symmetricKey(16);
    const completed = completeKey(value, checkKey(value, { algorithm: A.AES }));
    assert.ok(completed.type === T.SymmetricKey);
    assert.equal(completed.keyBlock.cryptographicAlgorithm, A.AES);
    assert.equal(completed.keyBlock.cryptographicLength, 128);
    assert.equal(openKey(completed).algorithm, A.AES);
    const whole = symmetricKey(16, A.AES, 128);
    assert.equal(completeKey(whole, checkKey(whole, {})), whole);
  });

  it('of an algorithm that is unknown here are not supported', async () => {
    await failsWith('feature-not-supported', () => checkKey(symmetricKey(16, A.MARS, 128), {}));
  });

  it('are believed while they are wrapped', () => {
    const wrapped: ManagedObjectValue = {
      type: T.SymmetricKey,
      keyBlock: {
        keyFormatType: F.Raw,
        keyValue: Buffer.alloc(24),
        cryptographicAlgorithm: A.AES,
        cryptographicLength: 128,
        keyWrappingData: {
          wrappingMethod: WrappingMethod.Encrypt,
          encryptionKeyInformation: { uniqueIdentifier: 'kek' },
          encodingOption: EncodingOption.NoEncoding,
        },
      },
    };
    assert.deepEqual(checkKey(wrapped, {}), { algorithm: A.AES, length: 128 });
  });

  it('come from the transparent form too', () => {
    const value = keyValue(T.SymmetricKey, F.TransparentSymmetricKey, { key: Buffer.alloc(32, 1) });
    assert.deepEqual(openKey(value).object.export(), Buffer.alloc(32, 1));
  });
});

describe('secret data', () => {
  const secret = (bytes: Buffer): ManagedObjectValue => ({
    type: T.SecretData,
    secretDataType: SecretDataType.Password,
    keyBlock: { keyFormatType: F.Opaque, keyValue: { keyMaterial: bytes } },
  });

  it('needs neither algorithm nor length (Synology, libmongocrypt)', () => {
    assert.deepEqual(checkKey(secret(Buffer.from('password')), {}), {});
  });

  it('is not empty', async () => {
    await failsWith('invalid-field', () => checkKey(secret(Buffer.alloc(0)), {}));
  });
});

describe('key pairs that are registered', () => {
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed25519 = generateKeyPairSync('ed25519');
  const x25519 = generateKeyPairSync('x25519');
  const dsa = {
    p: fromBigInt(
      0xfca682ce8e12caba26efccf7110e526db078b05edecbcd1eb4a208f3ae1617ae01f35b91a47e6df63413c5e12ed0899bcd132acd50d99151bdc43ee737592e17n,
    ),
    q: fromBigInt(0x962eddcc369cba8ebb260ee6b6a126d9346e38c5n),
    g: fromBigInt(
      0x678471b27a9cf44ee91a49c5147db1a9aaf244f05a434d6486931d2d14271b9e35030b71fd73da179069b32e2935630e1c2062354d0da20a6c416e50be794ca4n,
    ),
    y: fromBigInt(
      0xb3cb74d988dea7160a64a4edbb7f70404fa4c08a4208c19d76357a6a9df200cce79faecb22e3419be9b01128cbd998a2d9307101705e4a952462f34728ac5fcfn,
    ),
  };

  const taken: readonly [string, ManagedObjectValue, KeyFacts][] = [
    ['RSA private, PKCS#1', keyValue(T.PrivateKey, F.PKCS_1, rsaPrivate), { algorithm: A.RSA, length: 2048 }],
    ['RSA public, PKCS#1', keyValue(T.PublicKey, F.PKCS_1, rsaPublic), { algorithm: A.RSA, length: 2048 }],
    ['EC private, SEC 1', keyValue(T.PrivateKey, F.ECPrivateKey, ecPrivate), { algorithm: A.EC, length: 256 }],
    ['EC public, X.509', keyValue(T.PublicKey, F.X_509, ecPublic), { algorithm: A.EC, length: 256 }],
    ['EC private, PKCS#8', keyValue(T.PrivateKey, F.PKCS_8, der(p256.privateKey)), { algorithm: A.EC, length: 256 }],
    [
      'Ed25519 private',
      keyValue(T.PrivateKey, F.PKCS_8, der(ed25519.privateKey)),
      { algorithm: A.Ed25519, length: 256 },
    ],
    ['X25519 public', keyValue(T.PublicKey, F.X_509, der(x25519.publicKey)), { algorithm: A.EC, length: 256 }],
    [
      'DSA public, transparent (BL-M-12)',
      keyValue(T.PublicKey, F.TransparentDSAPublicKey, dsa),
      { algorithm: A.DSA, length: 512 },
    ],
  ];
  for (const [name, value, facts] of taken) {
    it(`can be ${name}`, () => {
      assert.deepEqual(checkKey(value, {}), facts);
    });
  }

  it('are made ready once', () => {
    const value = keyValue(T.PrivateKey, F.PKCS_1, rsaPrivate);
    assert.equal(openKey(value), openKey(value));
  });

  it('on a curve may be called EC, ECDSA or ECDH', async () => {
    const value = keyValue(T.PublicKey, F.X_509, ecPublic);
    assert.deepEqual(checkKey(value, { algorithm: A.ECDSA, length: 256 }), { algorithm: A.ECDSA, length: 256 });
    await failsWith('invalid-field', () => checkKey(value, { algorithm: A.RSA }));
    await failsWith('invalid-field', () => checkKey(value, { algorithm: A.Ed25519 }));
    await failsWith('invalid-field', () => checkKey(value, { length: 384 }));
  });

  const changed = (bytes: Buffer, index: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[index] = (copy[index] ?? 0) ^ 1;
    return copy;
  };
  const otherPoint = Buffer.concat([
    ecPrivate.subarray(0, ecPrivate.length - 65),
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
      .publicKey.export({ format: 'der', type: 'spki' })
      .subarray(-65),
  ]);
  const pkcs8Rsa = der(openKey(keyValue(T.PrivateKey, F.PKCS_1, rsaPrivate)).object);
  const smallRsa = generateKeyPairSync('rsa', { modulusLength: 512 });

  type PairType = typeof T.PrivateKey | typeof T.PublicKey;
  const refused: readonly [string, PairType, KeyFormatType, KeyMaterial][] = [
    ['garbage as a private key', T.PrivateKey, F.PKCS_1, Buffer.from('no key at all')],
    ['nothing', T.PrivateKey, F.PKCS_8, Buffer.alloc(0)],
    ['a key with bytes behind it', T.PrivateKey, F.PKCS_1, Buffer.concat([rsaPrivate, Buffer.of(0)])],
    ['a key that was cut short', T.PrivateKey, F.PKCS_1, rsaPrivate.subarray(0, -1)],
    ['an RSA key with a wrong modulus', T.PrivateKey, F.PKCS_1, changed(rsaPrivate, 100)],
    ['an RSA key with a wrong coefficient', T.PrivateKey, F.PKCS_1, changed(rsaPrivate, rsaPrivate.length - 1)],
    ['an RSA key with a wrong modulus in PKCS#8', T.PrivateKey, F.PKCS_8, changed(pkcs8Rsa, 126)],
    ['an EC key with the public half of another', T.PrivateKey, F.ECPrivateKey, otherPoint],
    ['an EC key under the name of PKCS#1', T.PrivateKey, F.PKCS_1, ecPrivate],
    ['an RSA key under the name of PKCS#8', T.PrivateKey, F.PKCS_8, rsaPrivate],
    ['a private key as a public one', T.PublicKey, F.PKCS_1, rsaPrivate],
    ['a public key as a private one', T.PrivateKey, F.PKCS_1, rsaPublic],
    ['a point that is not on the curve', T.PublicKey, F.X_509, changed(ecPublic, ecPublic.length - 1)],
    ['an RSA key of 512 bits', T.PublicKey, F.X_509, der(smallRsa.publicKey)],
    [
      'a negative modulus',
      T.PublicKey,
      F.TransparentRSAPublicKey,
      { modulus: fromBigInt(-5n), publicExponent: fromBigInt(3n) },
    ],
    [
      'RSA numbers that do not belong together',
      T.PrivateKey,
      F.TransparentRSAPrivateKey,
      { modulus: fromBigInt(2n ** 1024n + 1n), privateExponent: fromBigInt(12345n) },
    ],
    [
      'a curve that is not supported',
      T.PrivateKey,
      F.TransparentECPrivateKey,
      { recommendedCurve: RecommendedCurve.SECP112R1, d: fromBigInt(5n) },
    ],
    [
      'a private number of zero',
      T.PrivateKey,
      F.TransparentECPrivateKey,
      { recommendedCurve: RecommendedCurve.P_256, d: fromBigInt(0n) },
    ],
    [
      'a private number that is too large',
      T.PrivateKey,
      F.TransparentECPrivateKey,
      { recommendedCurve: RecommendedCurve.P_256, d: fromBigInt(2n ** 256n - 1n) },
    ],
    [
      'a transparent point that is none',
      T.PublicKey,
      F.TransparentECPublicKey,
      { recommendedCurve: RecommendedCurve.P_256, qString: Buffer.alloc(65, 4) },
    ],
  ];
  for (const [name, type, format, material] of refused) {
    it(`are not ${name}`, async () => {
      await failsWith('invalid-field', () => checkKey(keyValue(type, format, material), {}));
    });
  }

  it('may be PKCS#8 that a password encrypts: believed, since nobody can look inside', () => {
    const cipher = { cipher: 'aes-128-cbc', passphrase: 'secret' } as const;
    const encrypted = p256.privateKey.export({ format: 'der', type: 'pkcs8', ...cipher });
    assert.deepEqual(checkKey(keyValue(T.PrivateKey, F.PKCS_8, encrypted), {}), {});
  });

  it('have a format that is read here, or are kept as they are', async () => {
    await failsWith('key-format-not-supported', () => checkKey(keyValue(T.PublicKey, F.Raw, Buffer.alloc(65)), {}));
    assert.deepEqual(checkKey(keyValue(T.PublicKey, F.Opaque, Buffer.alloc(65)), {}), {});
  });

  it('do not show what OpenSSL says of them', async () => {
    const garbage = keyValue(T.PrivateKey, F.PKCS_8, Buffer.from('3003020100', 'hex'));
    const error = await failsWith('invalid-field', () => checkKey(garbage, {}));
    assert.doesNotMatch(error.message, /openssl|routines|asn1/i);
  });
});

describe('transparent RSA private keys', () => {
  const jwk = openKey(keyValue(T.PrivateKey, F.PKCS_1, rsaPrivate)).object.export({ format: 'jwk' });
  const number = (text: string | undefined): Buffer =>
    fromBigInt(BigInt(`0x${Buffer.from(text ?? '', 'base64url').toString('hex')}`));
  const all = {
    modulus: number(jwk.n),
    privateExponent: number(jwk.d),
    publicExponent: number(jwk.e),
    p: number(jwk.p),
    q: number(jwk.q),
    primeExponentP: number(jwk.dp),
    primeExponentQ: number(jwk.dq),
    crtCoefficient: number(jwk.qi),
  };
  const { modulus, privateExponent, publicExponent, p, q, primeExponentP, primeExponentQ } = all;
  // The three ways of KMIP 2.1, 3.7, with and without the public exponent.
  const ways: readonly [string, KeyMaterial][] = [
    ['everything', all],
    ['the private exponent', { modulus, privateExponent }],
    ['both exponents', { modulus, privateExponent, publicExponent }],
    ['the primes', { modulus, p, q }],
    ['one prime', { modulus, q, publicExponent }],
    ['the prime exponents', { modulus, primeExponentP, primeExponentQ }],
  ];
  for (const [name, material] of ways) {
    it(`are completed from ${name}`, () => {
      const { object } = openKey(keyValue(T.PrivateKey, F.TransparentRSAPrivateKey, material));
      assert.deepEqual(object.export({ format: 'der', type: 'pkcs1' }), rsaPrivate);
    });
  }

  for (const name of ['privateExponent', 'publicExponent', 'p', 'q', 'primeExponentP', 'crtCoefficient'] as const) {
    it(`are refused with a wrong ${name}`, async () => {
      const material = { ...all, [name]: fromBigInt(toBigInt(all[name]) + 2n) };
      await failsWith('invalid-field', () => openKey(keyValue(T.PrivateKey, F.TransparentRSAPrivateKey, material)));
    });
  }

  it('are refused without any private number', async () => {
    const material = { modulus, publicExponent };
    await failsWith('invalid-field', () => openKey(keyValue(T.PrivateKey, F.TransparentRSAPrivateKey, material)));
  });
});

describe('other objects', () => {
  it('have the public key of an X.509 certificate', async () => {
    const value: ManagedObjectValue = {
      type: T.Certificate,
      certificateType: CertificateType.X_509,
      certificateValue: certificate,
    };
    assert.deepEqual(checkKey(value, {}), { algorithm: A.RSA, length: 1024 });
    assert.equal(openKey(value).object.type, 'public');
    const garbage = { ...value, certificateValue: Buffer.from('no certificate') };
    await failsWith('invalid-field', () => checkKey(garbage, {}));
  });

  it('are no keys', async () => {
    const value: ManagedObjectValue = { type: T.OpaqueObject, opaqueDataType: 1, opaqueDataValue: Buffer.alloc(3) };
    await failsWith('wrong-type', () => openKey(value));
    assert.deepEqual(checkKey(value, {}), {});
  });

  it('without a key value cannot be used', async () => {
    const value: ManagedObjectValue = { type: T.SymmetricKey, keyBlock: { keyFormatType: F.Raw } };
    await failsWith('key-value-not-present', () => openKey(value));
  });
});
