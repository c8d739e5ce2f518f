import {
  CryptographicAlgorithm,
  DigitalSignatureAlgorithm,
  HashingAlgorithm,
  PaddingMethod,
} from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import type { CryptographicParameters } from '../kmip/structures/cryptographic.ts';
import { type HashRow, hashOf } from './hashes.ts';
import { factsOf, type KeyHandle } from './keys.ts';

/** How a key signs. */
export interface SignatureScheme {
  readonly kind: 'PKCS#1 v1.5' | 'PSS' | 'ECDSA' | 'DSA' | 'EdDSA';
  readonly hash: HashRow;
  /** Whether the parameters name the hash; else it is the default. */
  readonly hashGiven: boolean;
  /** PSS only: the hash of the mask generator. */
  readonly maskHash: HashRow;
  /** PSS only: the bytes of the salt, where the parameters tell. */
  readonly saltLength: number | undefined;
}

const D = DigitalSignatureAlgorithm;
const H = HashingAlgorithm;
const A = CryptographicAlgorithm;

interface SignatureRow {
  readonly family: 'rsa' | 'dsa' | 'ec';
  /** Undefined: the Hashing Algorithm tells. */
  readonly hash?: HashingAlgorithm;
  readonly padding?: PaddingMethod;
}

const pkcs1 = (hash: HashingAlgorithm): SignatureRow => ({ family: 'rsa', hash, padding: PaddingMethod.PKCS1V1_5 });

const signatureAlgorithms = new Map<DigitalSignatureAlgorithm, SignatureRow>([
  [D.MD5WithRSAEncryption, pkcs1(H.MD5)],
  [D.SHA_1WithRSAEncryption, pkcs1(H.SHA_1)],
  [D.SHA_224WithRSAEncryption, pkcs1(H.SHA_224)],
  [D.SHA_256WithRSAEncryption, pkcs1(H.SHA_256)],
  [D.SHA_384WithRSAEncryption, pkcs1(H.SHA_384)],
  [D.SHA_512WithRSAEncryption, pkcs1(H.SHA_512)],
  [D.SHA3_256WithRSAEncryption, pkcs1(H.SHA3_256)],
  [D.SHA3_384WithRSAEncryption, pkcs1(H.SHA3_384)],
  [D.SHA3_512WithRSAEncryption, pkcs1(H.SHA3_512)],
  [D.RSASSA_PSS, { family: 'rsa', padding: PaddingMethod.PSS }],
  [D.DSAWithSHA_1, { family: 'dsa', hash: H.SHA_1 }],
  [D.DSAWithSHA224, { family: 'dsa', hash: H.SHA_224 }],
  [D.DSAWithSHA256, { family: 'dsa', hash: H.SHA_256 }],
  [D.ECDSAWithSHA_1, { family: 'ec', hash: H.SHA_1 }],
  [D.ECDSAWithSHA224, { family: 'ec', hash: H.SHA_224 }],
  [D.ECDSAWithSHA256, { family: 'ec', hash: H.SHA_256 }],
  [D.ECDSAWithSHA384, { family: 'ec', hash: H.SHA_384 }],
  [D.ECDSAWithSHA512, { family: 'ec', hash: H.SHA_512 }],
]);

/**
 * The scheme of a key under the effective parameters: its kind follows from the key, hash and padding from Digital
 * Signature Algorithm, else from Hashing Algorithm and Padding Method. Parameters that do not concern the key's kind are
 * ignored (published case CS-AC-M-3-ECC verifies with an EC key and says RSA with PSS). Defaults: PKCS#1 v1.5; SHA-256,
 * or for longer curves the hash of their strength. Throws `bad-parameters` or `unsupported-parameters`.
 */
export function signatureScheme(key: KeyHandle, parameters: CryptographicParameters): SignatureScheme {
  const kind = key.object.asymmetricKeyType ?? 'secret';
  const row = rowOf(kind, parameters.digitalSignatureAlgorithm);
  const given = row?.hash ?? parameters.hashingAlgorithm;
  const hash = hashOf(given ?? defaultHash(key));
  const common = { hash, hashGiven: given !== undefined, maskHash: hash, saltLength: undefined };
  if (kind === 'ec') return { kind: 'ECDSA', ...common };
  if (kind === 'dsa') return { kind: 'DSA', ...common };
  if (kind === 'ed25519' || kind === 'ed448') return { kind: 'EdDSA', ...common };
  if (kind !== 'rsa') throw new KmipError('unsupported-parameters', 'keys of this algorithm do not sign');
  const padding = row?.padding ?? parameters.paddingMethod ?? PaddingMethod.PKCS1V1_5;
  if (padding === PaddingMethod.PKCS1V1_5) return { kind: 'PKCS#1 v1.5', ...common };
  if (padding !== PaddingMethod.PSS) {
    throw new KmipError('unsupported-parameters', 'the Padding Method is not one of RSA signatures');
  }
  const { maskGeneratorHashingAlgorithm: mask, saltLength } = parameters;
  if (saltLength !== undefined && saltLength < 0) throw new KmipError('bad-parameters', 'the Salt Length is negative');
  // The mask generator has the same hash as the message, as published case CS-AC-M-2 wants it.
  return { kind: 'PSS', ...common, maskHash: mask === undefined ? hash : hashOf(mask), saltLength };
}

function rowOf(kind: string, algorithm: DigitalSignatureAlgorithm | undefined): SignatureRow | undefined {
  if (algorithm === undefined) return undefined;
  const row = signatureAlgorithms.get(algorithm);
  if (row === undefined) {
    throw new KmipError('unsupported-parameters', 'the Digital Signature Algorithm is not supported');
  }
  if (row.family !== kind) throw new KmipError('bad-parameters', "the Digital Signature Algorithm is not the key's");
  return row;
}

function defaultHash(key: KeyHandle): HashingAlgorithm {
  if (key.object.asymmetricKeyType !== 'ec') return H.SHA_256;
  const { algorithm, length } = factsOf(key.object);
  if (algorithm !== A.EC || length <= 320) return H.SHA_256;
  return length <= 409 ? H.SHA_384 : H.SHA_512;
}
