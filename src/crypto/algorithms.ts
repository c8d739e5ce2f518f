import { CryptographicAlgorithm, RecommendedCurve } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import { type Curve, curveOf, curves } from './curves.ts';

/** Lengths in bits: a list, or all from..to in steps. */
export type Lengths = readonly number[] | { readonly from: number; readonly to: number; readonly step: number };

/**
 * What a key of the algorithm is for: `cipher` and `mac` keys are used, `kept` ones are only stored; `rsa`, `ec`,
 * `edwards` and `dsa` are the kinds of key pairs.
 */
type AlgorithmKind = 'cipher' | 'mac' | 'kept' | 'rsa' | 'ec' | 'edwards' | 'dsa';

/** What the server can do with one Cryptographic Algorithm. Lengths are those of the Cryptographic Length attribute. */
export interface AlgorithmRow {
  readonly algorithm: CryptographicAlgorithm;
  readonly kind: AlgorithmKind;
  /** Lengths of keys that are made here; undefined: none are. */
  readonly create: Lengths | undefined;
  /** Lengths of keys that come from outside. */
  readonly register: Lengths;
  /** The length of a key that is made when none is asked for. */
  readonly defaultLength: number;
}

const A = CryptographicAlgorithm;
const bytes = (from: number, to: number): Lengths => ({ from: from * 8, to: to * 8, step: 8 });
const row = (algorithm: CryptographicAlgorithm, kind: AlgorithmKind, lengths: Lengths, defaultLength: number) => {
  return { algorithm, kind, create: lengths, register: lengths, defaultLength } satisfies AlgorithmRow;
};
const hmac = (algorithm: CryptographicAlgorithm, defaultLength: number): AlgorithmRow => {
  return { algorithm, kind: 'mac', create: bytes(14, 512), register: bytes(1, 8192), defaultLength };
};
const pair = (algorithm: CryptographicAlgorithm): AlgorithmRow => row(algorithm, 'ec', ecLengths(), 256);

/** The algorithms of the standard that the server knows. */
export const algorithms: readonly AlgorithmRow[] = [
  // Clients register AES keys of 160 and 512 bits (bases of derivation; 256 and 512 are also the lengths of XTS keys).
  { ...row(A.AES, 'cipher', [128, 192, 256], 256), register: [128, 160, 192, 256, 512] },
  // With and without the parity bits: 112 or 128, and 168 or 192.
  row(A.DES3, 'cipher', [112, 128, 168, 192], 168),
  row(A.ChaCha20, 'cipher', [256], 256),
  row(A.ChaCha20Poly1305, 'cipher', [256], 256),
  row(A.Camellia, 'cipher', [128, 192, 256], 256),
  row(A.ARIA, 'cipher', [128, 192, 256], 256),
  row(A.SM4, 'cipher', [128], 128),
  hmac(A.HMAC_SHA1, 160),
  hmac(A.HMAC_SHA224, 224),
  hmac(A.HMAC_SHA256, 256),
  hmac(A.HMAC_SHA384, 384),
  hmac(A.HMAC_SHA512, 512),
  hmac(A.HMAC_MD5, 128),
  hmac(A.HMAC_SHA3_224, 224),
  hmac(A.HMAC_SHA3_256, 256),
  hmac(A.HMAC_SHA3_384, 384),
  hmac(A.HMAC_SHA3_512, 512),
  row(A.DES, 'kept', [56, 64], 56),
  row(A.Blowfish, 'kept', bytes(4, 56), 128),
  row(A.CAST5, 'kept', bytes(5, 16), 128),
  row(A.IDEA, 'kept', [128], 128),
  row(A.RC2, 'kept', bytes(5, 128), 128),
  row(A.RC4, 'kept', bytes(5, 256), 128),
  row(A.RC5, 'kept', bytes(5, 255), 128),
  row(A.SEED, 'kept', [128], 128),
  row(A.SKIPJACK, 'kept', [80], 80),
  row(A.Twofish, 'kept', [128, 192, 256], 256),
  { ...row(A.RSA, 'rsa', [2048, 3072, 4096], 2048), register: { from: 1024, to: 8192, step: 1 } },
  pair(A.EC),
  pair(A.ECDSA),
  pair(A.ECDH),
  pair(A.ECMQV),
  row(A.Ed25519, 'edwards', [255, 256], 256),
  row(A.Ed448, 'edwards', [448, 456], 448),
  { ...row(A.DSA, 'dsa', [], 2048), create: undefined, register: { from: 512, to: 8192, step: 1 } },
];

const byAlgorithm = new Map(algorithms.map((one) => [one.algorithm, one]));

/** The row of an algorithm; undefined: the server does not know it. */
export function algorithmRow(algorithm: CryptographicAlgorithm): AlgorithmRow | undefined {
  return byAlgorithm.get(algorithm);
}

/** Whether keys of the algorithm consist of one string of random bytes. */
export function isSymmetric(row: AlgorithmRow): boolean {
  return row.kind === 'cipher' || row.kind === 'mac' || row.kind === 'kept';
}

/** Whether a length is among `lengths`. */
export function includesLength(lengths: Lengths, length: number): boolean {
  if ('from' in lengths) {
    return length >= lengths.from && length <= lengths.to && (length - lengths.from) % lengths.step === 0;
  }
  return lengths.includes(length);
}

/**
 * The bytes of a symmetric key of a Cryptographic Length. The standard counts the bits of a DES key with or without
 * its parity bits (one in eight); the key material always has them.
 */
export function keyBytes(algorithm: CryptographicAlgorithm, length: number): number {
  const withoutParity = (algorithm === A.DES || algorithm === A.DES3) && length % 56 === 0;
  return withoutParity ? length / 7 : length / 8;
}

/** What Create makes: the algorithm's row, and the length or its default. */
export interface SymmetricChoice {
  readonly algorithm: CryptographicAlgorithm;
  readonly length: number;
}

/** Checks what Create asks for: a symmetric algorithm and one of its lengths; else `invalid-attribute-value`. */
export function chooseSymmetric(algorithm: CryptographicAlgorithm, length: number | undefined): SymmetricChoice {
  const found = algorithmRow(algorithm);
  if (found?.create === undefined || !isSymmetric(found))
    throw impossible('no symmetric key of this algorithm is made');
  return { algorithm, length: checkedLength(found, length) };
}

/** What Create Key Pair makes. */
export type PairChoice =
  | { readonly kind: 'rsa'; readonly algorithm: CryptographicAlgorithm; readonly length: number }
  | { readonly kind: 'ec'; readonly algorithm: CryptographicAlgorithm; readonly length: number; readonly curve: Curve }
  | {
      readonly kind: 'ed25519' | 'ed448' | 'x25519' | 'x448';
      readonly algorithm: CryptographicAlgorithm;
      readonly length: number;
    };

/** A key pair as a client asks for it; curve or length may be missing. */
export interface PairRequest {
  readonly algorithm: CryptographicAlgorithm;
  readonly length?: number | undefined;
  readonly curve?: RecommendedCurve | undefined;
}

const keyAgreement: readonly CryptographicAlgorithm[] = [A.EC, A.ECDH];

const montgomery = new Map<RecommendedCurve | undefined, { kind: 'x25519' | 'x448'; length: number }>([
  [RecommendedCurve.CURVE25519, { kind: 'x25519', length: 256 }],
  [RecommendedCurve.CURVE448, { kind: 'x448', length: 448 }],
]);

/**
 * Checks what Create Key Pair asks for; `invalid-attribute-value` where no such pair is made. A curve is named, or
 * follows from the length: 224, 256, 384 and 521 are NIST's. CURVE25519 with EC or ECDH is X25519.
 */
export function choosePair(request: PairRequest): PairChoice {
  const { algorithm, length, curve } = request;
  const found = algorithmRow(algorithm);
  if (found?.create === undefined || isSymmetric(found)) throw impossible('no key pair of this algorithm is made');
  if (found.kind === 'rsa') return { kind: 'rsa', algorithm, length: checkedLength(found, length) };
  if (found.kind === 'edwards') return chooseEdwards(found, request);
  const agreement = montgomery.get(curve);
  if (agreement === undefined) return { kind: 'ec', algorithm, ...chooseCurve(length, curve) };
  if (!keyAgreement.includes(algorithm)) throw impossible('the Recommended Curve is for key agreement only');
  return { algorithm, ...agreement };
}

function chooseEdwards(row: AlgorithmRow, { algorithm, length, curve }: PairRequest): PairChoice {
  const kind = algorithm === A.Ed25519 ? 'ed25519' : 'ed448';
  const itsCurve = kind === 'ed25519' ? RecommendedCurve.CURVE25519 : RecommendedCurve.CURVE448;
  if (curve !== undefined && curve !== itsCurve) throw impossible('the algorithm has another Recommended Curve');
  return { kind, algorithm, length: checkedLength(row, length) };
}

function chooseCurve(length: number | undefined, recommended: RecommendedCurve | undefined) {
  if (recommended === undefined) {
    const bits = length ?? 256;
    const found = curves.find((one) => one.create && one.bits === bits);
    if (found === undefined) throw impossible('no curve of this Cryptographic Length is known');
    return { curve: found, length: bits };
  }
  const curve = curveOf(recommended);
  if (curve?.create !== true) throw impossible('no keys are made on this Recommended Curve');
  if (length !== undefined && length !== curve.bits) throw impossible('the Recommended Curve has another length');
  return { curve, length: curve.bits };
}

function checkedLength(row: AlgorithmRow, length: number | undefined): number {
  if (length === undefined) return row.defaultLength;
  if (row.create === undefined || !includesLength(row.create, length)) {
    throw impossible('the algorithm has no keys of this Cryptographic Length');
  }
  return length;
}

/** All lengths of the curves, for registration; which ones are made is told by the curve. */
function ecLengths(): number[] {
  return [...new Set(curves.map((curve) => curve.bits)), 448].sort((a, b) => a - b);
}

function impossible(message: string): KmipError {
  return new KmipError('invalid-attribute-value', message);
}
