import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import {
  algorithms,
  choosePair,
  chooseSymmetric,
  includesLength,
  isSymmetric,
  keyBytes,
  type PairRequest,
} from '../../../src/crypto/algorithms.ts';
import { curves } from '../../../src/crypto/curves.ts';
import { generatePair, generateSymmetric } from '../../../src/crypto/generate.ts';
import { checkKey, openKey } from '../../../src/crypto/keys.ts';
import type { KeyBlock } from '../../../src/kmip/structures/key-block.ts';
import { CryptographicAlgorithm, KeyFormatType, ObjectType, RecommendedCurve } from '../../../ttlv/tables/enums.ts';
import { failsWith } from './fails.ts';
import { openssl } from './openssl.ts';

const A = CryptographicAlgorithm;
const C = RecommendedCurve;
const F = KeyFormatType;

function materialOf({ keyValue }: KeyBlock): Buffer {
  assert.ok(keyValue !== undefined && !Buffer.isBuffer(keyValue) && Buffer.isBuffer(keyValue.keyMaterial));
  return keyValue.keyMaterial;
}

describe('symmetric keys that are made', () => {
  const made: readonly [string, CryptographicAlgorithm, number | undefined, number, number][] = [
    ['AES of 128 bits', A.AES, 128, 128, 16],
    ['AES of no stated length', A.AES, undefined, 256, 32],
    ['3DES with two keys', A.DES3, 112, 112, 16],
    ['3DES with three keys', A.DES3, 168, 168, 24],
    ['3DES with three keys, parity counted', A.DES3, 192, 192, 24],
    ['HMAC-SHA1 of no stated length', A.HMAC_SHA1, undefined, 160, 20],
    ['HMAC-SHA512 of 1024 bits', A.HMAC_SHA512, 1024, 1024, 128],
    ['Blowfish', A.Blowfish, 128, 128, 16],
    ['SKIPJACK (SKFF-O-2)', A.SKIPJACK, 80, 80, 10],
  ];
  for (const [name, algorithm, wanted, length, bytes] of made) {
    it(`can be ${name}`, () => {
      const block = generateSymmetric(chooseSymmetric(algorithm, wanted));
      assert.equal(block.keyFormatType, F.Raw);
      assert.equal(block.cryptographicAlgorithm, algorithm);
      assert.equal(block.cryptographicLength, length);
      assert.equal(materialOf(block).length, bytes);
    });
  }

  it('have odd parity if they are DES keys', () => {
    for (const byte of materialOf(generateSymmetric(chooseSymmetric(A.DES3, 168)))) {
      const bits = byte.toString(2).replaceAll('0', '').length;
      assert.equal(bits % 2, 1);
    }
  });

  const refused: readonly [string, CryptographicAlgorithm, number][] = [
    ['AES of 160 bits', A.AES, 160],
    ['AES of 0 bits', A.AES, 0],
    ['AES of 2^31 - 1 bits', A.AES, 2 ** 31 - 1],
    ['3DES of 256 bits', A.DES3, 256],
    ['HMAC of 12 bits', A.HMAC_SHA256, 12],
    ['RSA', A.RSA, 2048],
    ['MARS, which is unknown here', A.MARS, 128],
  ];
  for (const [name, algorithm, length] of refused) {
    it(`are not ${name}`, async () => {
      await failsWith('invalid-attribute-value', () => chooseSymmetric(algorithm, length));
    });
  }

  it('are of every symmetric algorithm of the table, and fit to be registered again', () => {
    for (const row of algorithms.filter(isSymmetric)) {
      const keyBlock = generateSymmetric(chooseSymmetric(row.algorithm, undefined));
      const facts = checkKey({ type: ObjectType.SymmetricKey, keyBlock }, {});
      assert.deepEqual(facts, { algorithm: row.algorithm, length: row.defaultLength });
      assert.equal(materialOf(keyBlock).length, keyBytes(row.algorithm, row.defaultLength));
      assert.ok(row.create !== undefined && includesLength(row.create, row.defaultLength));
    }
  });
});

describe('key pairs that are made', () => {
  const made: readonly [string, PairRequest, { length: number; text: RegExp }][] = [
    ['RSA of no stated length', { algorithm: A.RSA }, { length: 2048, text: /2048 bit/ }],
    ['RSA of 3072 bits', { algorithm: A.RSA, length: 3072 }, { length: 3072, text: /3072 bit/ }],
    ['EC of no stated curve', { algorithm: A.EC }, { length: 256, text: /prime256v1/ }],
    ['ECDSA of 521 bits', { algorithm: A.ECDSA, length: 521 }, { length: 521, text: /secp521r1/ }],
    ['Ed25519', { algorithm: A.Ed25519, curve: C.CURVE25519 }, { length: 256, text: /ED25519/ }],
    ['Ed448', { algorithm: A.Ed448 }, { length: 448, text: /ED448/ }],
    ['X25519', { algorithm: A.ECDH, curve: C.CURVE25519 }, { length: 256, text: /X25519/ }],
    ['X448', { algorithm: A.EC, curve: C.CURVE448 }, { length: 448, text: /X448/ }],
    ...curves
      .filter((curve) => curve.create)
      .map(({ recommended, name, bits }): [string, PairRequest, { length: number; text: RegExp }] => [
        name,
        { algorithm: A.ECDH, curve: recommended },
        { length: bits, text: new RegExp(name) },
      ]),
  ];
  for (const [name, request, { length, text }] of made) {
    it(`can be ${name}, which openssl can read`, async () => {
      const { privateKey, publicKey } = await generatePair(choosePair(request));
      const isRsa = request.algorithm === A.RSA;
      assert.equal(privateKey.keyFormatType, isRsa ? F.PKCS_1 : F.PKCS_8);
      assert.equal(publicKey.keyFormatType, isRsa ? F.PKCS_1 : F.X_509);
      for (const block of [privateKey, publicKey]) {
        assert.equal(block.cryptographicAlgorithm, request.algorithm);
        assert.equal(block.cryptographicLength, length);
      }
      const key = materialOf(privateKey);
      const shown = openssl(['pkey', '-inform', 'DER', '-noout', '-text'], key).toString();
      assert.match(shown, text);
      const theirs = openssl(['pkey', '-inform', 'DER', '-pubout', '-outform', 'DER'], key);
      const { object } = openKey({ type: ObjectType.PublicKey, keyBlock: publicKey });
      assert.deepEqual(object.export({ format: 'der', type: 'spki' }), theirs);
      for (const [type, keyBlock] of [
        [ObjectType.PrivateKey, privateKey],
        [ObjectType.PublicKey, publicKey],
      ] as const) {
        assert.deepEqual(checkKey({ type, keyBlock }, {}), { algorithm: request.algorithm, length });
      }
    });
  }

  const refused: readonly [string, PairRequest][] = [
    ['RSA of 1024 bits', { algorithm: A.RSA, length: 1024 }],
    ['RSA of 2049 bits', { algorithm: A.RSA, length: 2049 }],
    ['EC of 192 bits', { algorithm: A.EC, length: 192 }],
    ['a curve that is only registered', { algorithm: A.EC, curve: C.P_192 }],
    ['a curve of another length', { algorithm: A.EC, length: 384, curve: C.P_256 }],
    ['a curve that is unknown here', { algorithm: A.EC, curve: C.SECP112R1 }],
    ['ECDSA on the curve of X25519', { algorithm: A.ECDSA, curve: C.CURVE25519 }],
    ['Ed25519 on another curve', { algorithm: A.Ed25519, curve: C.P_256 }],
    ['AES', { algorithm: A.AES, length: 256 }],
    ['DSA', { algorithm: A.DSA, length: 2048 }],
  ];
  for (const [name, request] of refused) {
    it(`are not ${name}`, async () => {
      await failsWith('invalid-attribute-value', () => choosePair(request));
    });
  }
});
