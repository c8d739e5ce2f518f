import { generateKeyPairSync } from 'node:crypto';
import type { Item } from '../../ttlv/item.ts';
import { CryptographicAlgorithm, KeyFormatType, SecretDataType } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { code, hex, int, struct } from '../support/items.ts';
import { usage } from './session.ts';

/** What clients create and bring. */

const { AES } = CryptographicAlgorithm;

/** The attributes of a key to be created: algorithm, length and usage mask. */
export function keyOf(algorithm: CryptographicAlgorithm, length: number, mask = encryption): Item[] {
  return [code('CryptographicAlgorithm', algorithm), int('CryptographicLength', length), usage(mask)];
}

export const encryption = CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt;

/** An AES-256 key that encrypts and decrypts. */
export const aes256: readonly Item[] = keyOf(AES, 256);

/** A Key Block; without algorithm and length where none are given. */
export function block(format: KeyFormatType, material: Buffer, algorithm?: number, length?: number): Item {
  return struct(
    'KeyBlock',
    code('KeyFormatType', format),
    struct('KeyValue', hex('KeyMaterial', material.toString('hex'))),
    ...(algorithm === undefined ? [] : [code('CryptographicAlgorithm', algorithm)]),
    ...(length === undefined ? [] : [int('CryptographicLength', length)]),
  );
}

/** A symmetric key in Raw form. */
export function symmetric(material: Buffer, algorithm: number = AES): Item {
  return struct('SymmetricKey', block(KeyFormatType.Raw, material, algorithm, material.length * 8));
}

/** Secret Data as most clients bring it: without algorithm and length. */
export function secret(material: Buffer, format: KeyFormatType = KeyFormatType.Opaque): Item {
  return struct('SecretData', code('SecretDataType', SecretDataType.Password), block(format, material));
}

export function opaque(data: Buffer): Item {
  // The standard defines no type of its own: PyKMIP's is the first of the extensions.
  return struct('OpaqueObject', code('OpaqueDataType', 0x80000000), hex('OpaqueDataValue', data.toString('hex')));
}

/** An RSA key pair in the formats that clients ask for. */
export const rsa = (() => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    privateKey,
    publicKey,
    pkcs1: privateKey.export({ type: 'pkcs1', format: 'der' }),
    pkcs8: privateKey.export({ type: 'pkcs8', format: 'der' }),
    publicPkcs1: publicKey.export({ type: 'pkcs1', format: 'der' }),
    spki: publicKey.export({ type: 'spki', format: 'der' }),
  };
})();

export function rsaPrivate(format: KeyFormatType = KeyFormatType.PKCS_1): Item {
  const material = format === KeyFormatType.PKCS_8 ? rsa.pkcs8 : rsa.pkcs1;
  return struct('PrivateKey', block(format, material, CryptographicAlgorithm.RSA, 2048));
}

export function rsaPublic(format: KeyFormatType = KeyFormatType.X_509): Item {
  const material = format === KeyFormatType.PKCS_1 ? rsa.publicPkcs1 : rsa.spki;
  return struct('PublicKey', block(format, material, CryptographicAlgorithm.RSA, 2048));
}
