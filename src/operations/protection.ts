import { CryptographicAlgorithm as A } from '../../ttlv/tables/enums.ts';
import { ProtectionStorageMask } from '../../ttlv/tables/masks.ts';
import { KmipError } from '../errors.ts';
import type { AttributeSet } from '../kmip/attribute-set.ts';
import type { ProtectionStorageMasks } from '../kmip/structures/protection-storage.ts';

/** The least bits of a symmetric key against Grover's algorithm (half of them count). */
const QUANTUM_SAFE_BITS = 256;
/** Shor's algorithm breaks these, however long the key. */
const brokenByShor: readonly A[] = [A.RSA, A.DSA, A.DH, A.EC, A.ECDSA, A.ECDH, A.ECMQV, A.Ed25519, A.Ed448];

/**
 * Throws `not-quantum-safe` where Quantum Safe is asked for and cannot be met (KMIP 2.1, 4.45), and `no-such-storage`
 * where the client allows none but other storage than the software's (KMIP 2.1, 4.44).
 */
export function checkProtection(attributes: AttributeSet, masks: ProtectionStorageMasks | undefined): void {
  if (attributes.get('QuantumSafe') === true && !isQuantumSafe(attributes)) {
    throw new KmipError('not-quantum-safe', 'the algorithm and length are not Quantum Safe');
  }
  const allowed = masks?.protectionStorageMask ?? [];
  if (allowed.length > 0 && !allowed.some((mask) => (mask & ProtectionStorageMask.Software) !== 0)) {
    throw new KmipError('no-such-storage', 'keys are kept in software storage only');
  }
}

function isQuantumSafe(attributes: AttributeSet): boolean {
  const algorithm = attributes.get('CryptographicAlgorithm');
  if (algorithm !== undefined && brokenByShor.includes(algorithm)) return false;
  return (attributes.get('CryptographicLength') ?? 0) >= QUANTUM_SAFE_BITS;
}
