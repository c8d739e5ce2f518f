import { Buffer } from 'node:buffer';
import { createPrivateKey, createPublicKey, hash, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { toUnsigned } from '../../ttlv/item.ts';
import { type Curve, explicitParameters, multiplyBasePoint } from './curves.ts';
import { DerTag, derChildren, derUnsigned, writeDer, writeDerBits, writeDerUnsigned } from './der.ts';
import { bitLength, inverse, unsignedBytes } from './modular.ts';
import { curveOfKey, ecPoint, ecScalar } from './transparent.ts';

/**
 * ECDSA over a digest that was made elsewhere (Digested Data, KMIP 1.4 and later). node:crypto only signs messages,
 * which it hashes. What follows changes the base point instead of the digest; all arithmetic on the curve, and the
 * choice of the nonce, remain OpenSSL's.
 *
 * Let G be the base point, n its order, Q = dG, z the digest wanted, and z0 the digest of a message of our own. With
 * c = z / z0 (mod n) and the base point G' = cG, the same Q is (d/c)G'. A signature (r, s) of z0 with G' satisfies
 * r = x((z0/s)G' + (r/s)Q). As (z0/s)G' = (z/s)G, that is just the equation of a signature of z with G.
 */
interface Substitute {
  /** AlgorithmIdentifier: id-ecPublicKey with explicit parameters whose base point is G'. */
  readonly algorithm: Buffer;
  readonly order: bigint;
  readonly factor: bigint;
  readonly message: Buffer;
}

const substituteHash = 'sha256';
const idEcPublicKey = Buffer.from('06072a8648ce3d0201', 'hex');

/** Signs a digest; returns the signature in DER. Undefined where the digest is zero modulo the order of the curve. */
export function signDigest(key: KeyObject, digest: Buffer): Buffer | undefined {
  const curve = curveOfKey(key);
  const base = substitute(curve, digest);
  const reciprocal = base && inverse(base.factor, base.order);
  if (base === undefined || reciprocal === undefined) return undefined;
  const scaled = (toUnsigned(ecScalar(key)) * reciprocal) % base.order;
  const octets = writeDer(DerTag.OctetString, unsignedBytes(scaled, byteLength(base.order)));
  // PrivateKeyInfo (version 0) around an ECPrivateKey (version 1)
  const inner = writeDer(DerTag.Sequence, writeDerUnsigned(Buffer.of(1)), octets);
  const outer = [writeDerUnsigned(Buffer.of(0)), base.algorithm, writeDer(DerTag.OctetString, inner)];
  const pkcs8 = writeDer(DerTag.Sequence, ...outer);
  return sign(substituteHash, base.message, createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
}

/** Whether `signature` (DER) is the key's signature of the digest. */
export function verifyDigest(key: KeyObject, digest: Buffer, signature: Buffer): boolean {
  const base = substitute(curveOfKey(key), digest);
  if (base === undefined) return false;
  const spki = writeDer(DerTag.Sequence, base.algorithm, writeDerBits(ecPoint(key)));
  const substituteKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return verify(substituteHash, base.message, substituteKey, signature);
}

function substitute(curve: Curve, digest: Buffer): Substitute | undefined {
  // ECParameters: SEQUENCE { version, field, curve, base point, order, cofactor }
  const [version, field, coefficients, , order, cofactor] = derChildren(explicitParameters(curve));
  if (!version || !field || !coefficients || !order || !cofactor) throw new Error('ECParameters lack a field');
  const n = toUnsigned(derUnsigned(order));
  // Random, so that who chooses the digest does not choose the factor that meets the private key.
  const message = randomBytes(32);
  const reciprocal = inverse(leftmost(hash(substituteHash, message, 'buffer'), n), n);
  const factor = reciprocal === undefined ? 0n : (leftmost(digest, n) * reciprocal) % n;
  if (factor === 0n) return undefined;
  const point = writeDer(DerTag.OctetString, multiplyBasePoint(curve, unsignedBytes(factor, byteLength(n))));
  const fields = [version.whole, field.whole, coefficients.whole, point, order.whole, cofactor.whole];
  const algorithm = writeDer(DerTag.Sequence, idEcPublicKey, writeDer(DerTag.Sequence, ...fields));
  return { algorithm, order: n, factor, message };
}

/** The leftmost bits of a digest, as many as the order has (FIPS 186-5, 6.4.1). */
function leftmost(digest: Buffer, order: bigint): bigint {
  const surplus = digest.length * 8 - bitLength(order);
  return surplus > 0 ? toUnsigned(digest) >> BigInt(surplus) : toUnsigned(digest);
}

function byteLength(order: bigint): number {
  return Math.ceil(bitLength(order) / 8);
}
