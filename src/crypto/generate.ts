import type { Buffer } from 'node:buffer';
import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { CryptographicAlgorithm, KeyFormatType } from '../../ttlv/tables/enums.ts';
import type { KeyBlock } from '../kmip/structures/key-block.ts';
import { keyBytes, type PairChoice, type SymmetricChoice } from './algorithms.ts';
import { inThreadPool } from './pool.ts';

/** The Key Blocks of a new pair. */
export interface GeneratedPair {
  readonly privateKey: KeyBlock;
  readonly publicKey: KeyBlock;
}

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const generate = promisify(generateKeyPair);

/** A new symmetric key, Raw, from OpenSSL's generator for private values. DES keys have odd parity. */
export function generateSymmetric({ algorithm, length }: SymmetricChoice): KeyBlock {
  const keyMaterial = randomBytes(keyBytes(algorithm, length));
  if (algorithm === CryptographicAlgorithm.DES3 || algorithm === CryptographicAlgorithm.DES) setParity(keyMaterial);
  return {
    keyFormatType: KeyFormatType.Raw,
    keyValue: { keyMaterial },
    cryptographicAlgorithm: algorithm,
    cryptographicLength: length,
  };
}

/** A new key pair: RSA as PKCS#1, all others as PKCS#8 and X.509. Made in the thread pool. */
export async function generatePair(choice: PairChoice): Promise<GeneratedPair> {
  const { privateKey, publicKey } = await inThreadPool(() => makers[choice.kind](choice as never));
  const isRsa = choice.kind === 'rsa';
  const block = (keyFormatType: KeyFormatType, keyMaterial: Buffer): KeyBlock => ({
    keyFormatType,
    keyValue: { keyMaterial },
    cryptographicAlgorithm: choice.algorithm,
    cryptographicLength: choice.length,
  });
  return isRsa
    ? {
        privateKey: block(KeyFormatType.PKCS_1, privateKey.export({ format: 'der', type: 'pkcs1' })),
        publicKey: block(KeyFormatType.PKCS_1, publicKey.export({ format: 'der', type: 'pkcs1' })),
      }
    : {
        privateKey: block(KeyFormatType.PKCS_8, privateKey.export({ format: 'der', type: 'pkcs8' })),
        publicKey: block(KeyFormatType.X_509, publicKey.export({ format: 'der', type: 'spki' })),
      };
}

const makers: {
  readonly [K in PairChoice['kind']]: (choice: Extract<PairChoice, { kind: K }>) => Promise<Pair>;
} = {
  rsa: ({ length }) => generate('rsa', { modulusLength: length, publicExponent: 65537 }),
  ec: ({ curve }) => generate('ec', { namedCurve: curve.name }),
  ed25519: () => generate('ed25519'),
  ed448: () => generate('ed448'),
  x25519: () => generate('x25519'),
  x448: () => generate('x448'),
};

/** Makes the number of set bits in each byte odd (FIPS 46-3). */
function setParity(key: Buffer): void {
  for (const [index, byte] of key.entries()) {
    let bits = byte >> 1;
    bits ^= bits >> 4;
    bits ^= bits >> 2;
    bits ^= bits >> 1;
    key[index] = (byte & 0xfe) | (~bits & 1);
  }
}
