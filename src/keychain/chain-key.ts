import type { Buffer } from 'node:buffer';
import { createSecretKey, type KeyObject } from 'node:crypto';
import { hkdf } from '../crypto/hkdf.ts';
import type { Secret } from '../crypto/secret.ts';

export const KEY_BYTES = 32;

/** One key of a chain. */
export interface ChainKey {
  /** 1 for the first key of the chain, then counting up. */
  readonly number: number;
  /** When it was made: seconds since 1970. */
  readonly created: number;
  /** The key itself, of which the others are derived. */
  readonly secret: KeyObject;
  /** AES-256-GCM of the keys of data. */
  readonly wrapping: KeyObject;
  /** HMAC-SHA256 of the usage counter. */
  readonly counter: KeyObject;
}

/**
 * A key of the chain `id` from its 32 bytes, which are not kept. What it is used for are keys derived from it:
 * HKDF-SHA256 (RFC 5869), salt: the 16 bytes of the chain's identifier, info: `kleis keychain ` and the purpose.
 */
export function chainKey(id: Buffer, number: number, created: number, bytes: Secret): ChainKey {
  const derived = (purpose: string): KeyObject => {
    using key = hkdf(bytes, id, `kleis keychain ${purpose}`);
    return createSecretKey(key.expose());
  };
  const secret = createSecretKey(bytes.expose());
  return { number, created, secret, wrapping: derived('data keys'), counter: derived('counter') };
}
