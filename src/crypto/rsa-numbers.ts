import { bitLength, divisor, inverse, power } from './modular.ts';

/** The numbers of an RSA private key (RFC 8017, 3.2), all of them. */
export interface RsaNumbers {
  readonly modulus: bigint;
  readonly publicExponent: bigint;
  readonly privateExponent: bigint;
  readonly p: bigint;
  readonly q: bigint;
  readonly primeExponentP: bigint;
  readonly primeExponentQ: bigint;
  readonly crtCoefficient: bigint;
}

/** What a Transparent RSA Private Key has to tell (KMIP 2.1, 3.7). */
export type GivenRsaNumbers = Pick<RsaNumbers, 'modulus'> & Partial<RsaNumbers>;

/** Where the public exponent is neither given nor follows from the others. */
const usualPublicExponent = 65537n;

/** Factoring with a known exponent takes 50 ms for 4096 bits, on the event loop. */
const largestToFactor = 4096;

/**
 * Completes the numbers of an RSA private key: from the private exponent, the primes or the prime exponents, with or
 * without the rest. Returns undefined where they are no key: a product, an exponent or a coefficient that is wrong.
 */
export function completeRsa(given: GivenRsaNumbers): RsaNumbers | undefined {
  const primes = primesOf(given);
  if (primes === undefined) return undefined;
  const { p, q } = primes;
  const modulus = given.modulus;
  const common = ((p - 1n) * (q - 1n)) / divisor(p - 1n, q - 1n);
  const publicExponent = given.publicExponent ?? publicExponentOf(given, common);
  const privateExponent = given.privateExponent ?? inverse(publicExponent, common);
  const crtCoefficient = inverse(q, p);
  if (privateExponent === undefined || crtCoefficient === undefined) return undefined;
  if ((publicExponent * privateExponent) % common !== 1n || publicExponent < 3n) return undefined;
  const primeExponentP = privateExponent % (p - 1n);
  const primeExponentQ = privateExponent % (q - 1n);
  const all = { modulus, publicExponent, privateExponent, p, q, primeExponentP, primeExponentQ, crtCoefficient };
  return agrees(given, all) ? all : undefined;
}

function publicExponentOf(given: GivenRsaNumbers, common: bigint): bigint {
  if (given.privateExponent === undefined) return usualPublicExponent;
  return inverse(given.privateExponent, common) ?? usualPublicExponent;
}

function primesOf(given: GivenRsaNumbers): { p: bigint; q: bigint } | undefined {
  const { modulus } = given;
  const p = given.p ?? (given.q === undefined ? factor(given) : modulus / (given.q || 1n));
  if (p === undefined || p < 3n) return undefined;
  const q = given.q ?? modulus / p;
  if (q < 3n || p === q || p * q !== modulus) return undefined;
  // Where the client named neither, the larger prime comes first, as is usual.
  return given.p === undefined && given.q === undefined && p < q ? { p: q, q: p } : { p, q };
}

/** One prime of the modulus, from an exponent that undoes the public one. */
function factor(given: GivenRsaNumbers): bigint | undefined {
  if (bitLength(given.modulus) > largestToFactor || given.modulus < 9n) return undefined;
  const publicExponent = given.publicExponent ?? usualPublicExponent;
  if (given.privateExponent !== undefined) {
    return factorByExponent(given.modulus, publicExponent * given.privateExponent - 1n);
  }
  if (given.primeExponentP === undefined) return undefined;
  // 2^(e * dP) equals 2 modulo p, but not modulo n.
  const power2 = power(2n, publicExponent * given.primeExponentP, given.modulus);
  return properDivisor(power2 - 2n, given.modulus);
}

/** Finds a square root of 1 that is neither 1 nor -1 (SP 800-56B, C.1); `multiple` is a multiple of lambda(n). */
function factorByExponent(modulus: bigint, multiple: bigint): bigint | undefined {
  if (multiple <= 0n || bitLength(multiple) > 2 * largestToFactor) return undefined;
  let odd = multiple;
  while ((odd & 1n) === 0n) odd >>= 1n;
  for (let base = 2n; base < 100n; base++) {
    let root = power(base, odd, modulus);
    for (let exponent = odd; exponent < multiple && root !== 1n && root !== modulus - 1n; exponent <<= 1n) {
      const square = (root * root) % modulus;
      if (square === 1n) return properDivisor(root - 1n, modulus);
      root = square;
    }
  }
  return undefined;
}

function properDivisor(value: bigint, modulus: bigint): bigint | undefined {
  const found = divisor(((value % modulus) + modulus) % modulus, modulus);
  return found > 1n && found < modulus ? found : undefined;
}

function agrees(given: GivenRsaNumbers, all: RsaNumbers): boolean {
  const { primeExponentP, primeExponentQ, crtCoefficient } = given;
  return (
    (primeExponentP ?? all.primeExponentP) === all.primeExponentP &&
    (primeExponentQ ?? all.primeExponentQ) === all.primeExponentQ &&
    (crtCoefficient ?? all.crtCoefficient) === all.crtCoefficient
  );
}
