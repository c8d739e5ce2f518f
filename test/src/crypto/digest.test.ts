import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { digestOf } from '../../../src/crypto/digest.ts';
import { convertKey } from '../../../src/crypto/formats.ts';
import type { ManagedObjectValue } from '../../../src/kmip/objects.ts';
import {
  CertificateType,
  EncodingOption,
  HashingAlgorithm,
  KeyFormatType,
  ObjectType,
  SecretDataType,
  WrappingMethod,
} from '../../../ttlv/tables/enums.ts';
import { keyValue } from './objects.ts';
import { certificate, rsaPrivate } from './vectors.ts';

const F = KeyFormatType;
const T = ObjectType;

describe('the Digest of an object', () => {
  const pkcs1 = keyValue(T.PrivateKey, F.PKCS_1, rsaPrivate);
  const published: readonly [string, ManagedObjectValue, KeyFormatType, string][] = [
    ['a PKCS#1 key', pkcs1, F.PKCS_1, '11110a01ed4589d9987c9ad60368e2b762f2b20c00946e1932c1605a18172f55'],
    [
      'a certificate',
      { type: T.Certificate, certificateType: CertificateType.X_509, certificateValue: certificate },
      F.Raw,
      'c2afb2c05ca8690d7d9cf753c3cceb758030c29538b730bb23b77dc5ff0bbb36',
    ],
    [
      'secret data',
      {
        type: T.SecretData,
        secretDataType: SecretDataType.Password,
        keyBlock: { keyFormatType: F.Opaque, keyValue: { keyMaterial: Buffer.from('abc') } },
      },
      F.Opaque,
      // FIPS 180-4, of "abc".
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    ],
    [
      'an opaque object',
      { type: T.OpaqueObject, opaqueDataType: 1, opaqueDataValue: Buffer.from('abc') },
      F.Opaque,
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    ],
  ];
  for (const [name, value, keyFormatType, digest] of published) {
    it(`is the published one of ${name}`, () => {
      assert.deepEqual(digestOf(value), {
        hashingAlgorithm: HashingAlgorithm.SHA_256,
        digestValue: Buffer.from(digest, 'hex'),
        keyFormatType,
      });
    });
  }

  it('covers the TTLV encoding of a transparent key (TC_182 has Big Integers with 8 bytes of sign)', () => {
    const converted = convertKey(pkcs1, { format: F.TransparentRSAPrivateKey }, 12);
    assert.equal(
      digestOf(converted)?.digestValue?.toString('hex'),
      'd73bbc51e83332935f912dbfc35c5efc3b7bf8021835ba86b8da4181f74244ac',
    );
  });

  it('is unknown where the material is wrapped or elsewhere', () => {
    const keyWrappingData = {
      wrappingMethod: WrappingMethod.Encrypt,
      encryptionKeyInformation: { uniqueIdentifier: 'kek' },
      encodingOption: EncodingOption.NoEncoding,
    };
    const keyBlock = { keyFormatType: F.Raw, keyValue: Buffer.alloc(24), keyWrappingData };
    assert.equal(digestOf({ type: T.SymmetricKey, keyBlock }), undefined);
    const inStructure = { ...keyBlock, keyValue: { keyMaterial: Buffer.alloc(24) } };
    assert.equal(digestOf({ type: T.SymmetricKey, keyBlock: inStructure }), undefined);
    assert.equal(digestOf({ type: T.SymmetricKey, keyBlock: { keyFormatType: F.Raw } }), undefined);
  });
});
