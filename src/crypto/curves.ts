import type { Buffer } from 'node:buffer';
import { createECDH, generateKeyPairSync } from 'node:crypto';
import { RecommendedCurve } from '../../ttlv/tables/enums.ts';
import { type DerElement, derChildren, readDer } from './der.ts';

/** An elliptic curve in Weierstrass form: the standard's value, OpenSSL's name, the bits of its order. */
export interface Curve {
  readonly recommended: RecommendedCurve;
  readonly name: string;
  readonly bits: number;
  /** Whether keys are made on it; on the others they are only registered and used. */
  readonly create: boolean;
}

const C = RecommendedCurve;

const made = (recommended: RecommendedCurve, name: string, bits: number): Curve => {
  return { recommended, name, bits, create: true };
};
const registered = (recommended: RecommendedCurve, name: string, bits: number): Curve => {
  return { recommended, name, bits, create: false };
};

/** The curves that the server knows. Where a length alone is given, the first one of that length is meant. */
export const curves: readonly Curve[] = [
  made(C.P_224, 'secp224r1', 224),
  made(C.P_256, 'prime256v1', 256),
  made(C.P_384, 'secp384r1', 384),
  made(C.P_521, 'secp521r1', 521),
  made(C.SECP256K1, 'secp256k1', 256),
  made(C.BRAINPOOLP256R1, 'brainpoolP256r1', 256),
  made(C.BRAINPOOLP384R1, 'brainpoolP384r1', 384),
  made(C.BRAINPOOLP512R1, 'brainpoolP512r1', 512),
  registered(C.P_192, 'prime192v1', 192),
  registered(C.SECP192K1, 'secp192k1', 192),
  registered(C.SECP224K1, 'secp224k1', 225),
  registered(C.BRAINPOOLP192R1, 'brainpoolP192r1', 192),
  registered(C.BRAINPOOLP224R1, 'brainpoolP224r1', 224),
  registered(C.BRAINPOOLP320R1, 'brainpoolP320r1', 320),
  registered(C.K_163, 'sect163k1', 163),
  registered(C.B_163, 'sect163r2', 163),
  registered(C.K_233, 'sect233k1', 232),
  registered(C.B_233, 'sect233r1', 233),
  registered(C.K_283, 'sect283k1', 281),
  registered(C.B_283, 'sect283r1', 282),
  registered(C.K_409, 'sect409k1', 407),
  registered(C.B_409, 'sect409r1', 409),
  registered(C.K_571, 'sect571k1', 570),
  registered(C.B_571, 'sect571r1', 570),
];

/** The curve of a Recommended Curve value; undefined: not known here. */
export function curveOf(recommended: RecommendedCurve): Curve | undefined {
  return curves.find((curve) => curve.recommended === recommended);
}

/** The curve that OpenSSL calls `name`, as `asymmetricKeyDetails.namedCurve` does; undefined: not known here. */
export function curveNamed(name: string | undefined): Curve | undefined {
  return curves.find((curve) => curve.name === name);
}

const parameters = new Map<string, DerElement>();

/** The ECParameters of a curve in full (SEC 1, C.2: version, field, curve, base point, order, cofactor), from OpenSSL. */
export function explicitParameters(curve: Curve): DerElement {
  return parametersOf(curve, 'explicit');
}

/** The ECParameters of a curve as its object identifier. */
export function namedParameters(curve: Curve): DerElement {
  return parametersOf(curve, 'named');
}

/** A point of the curve: `scalar` times the base point, uncompressed. `scalar` is 1 to the order less one. */
export function multiplyBasePoint(curve: Curve, scalar: Buffer): Buffer {
  const ecdh = createECDH(curve.name);
  ecdh.setPrivateKey(scalar);
  return ecdh.getPublicKey();
}

function parametersOf(curve: Curve, paramEncoding: 'named' | 'explicit'): DerElement {
  const key = `${paramEncoding} ${curve.name}`;
  let found = parameters.get(key);
  if (found === undefined) {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: curve.name, paramEncoding });
    // SubjectPublicKeyInfo: SEQUENCE { SEQUENCE { id-ecPublicKey, ECParameters }, BIT STRING }
    const [algorithm] = derChildren(readDer(publicKey.export({ format: 'der', type: 'spki' })));
    found = algorithm === undefined ? undefined : derChildren(algorithm)[1];
    if (found === undefined) throw new Error(`OpenSSL has no parameters for ${curve.name}`);
    parameters.set(key, found);
  }
  return found;
}
