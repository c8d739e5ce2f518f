import { createHmac, hash, type KeyObject } from 'node:crypto';

/**
 * The link after `previous` in the chain of an audit file: a value over it and over what was written since. Whoever
 * takes a line away, adds one or changes one has to make all later links anew.
 */
export type ChainSigner = (previous: string, written: string | Buffer) => string;

/** Links that only the holder of the key can make: HMAC-SHA256, base64url. */
export function hmacChain(key: KeyObject): ChainSigner {
  return (previous, written) =>
    createHmac('sha256', key).update(previous).update('\n').update(written).digest('base64url');
}

/** Links for a node that is sealed and has no key: SHA-256, base64url. They tell of damage, not of forgery. */
export function plainChain(previous: string, written: string | Buffer): string {
  const bytes = typeof written === 'string' ? Buffer.from(written) : written;
  return hash('sha256', Buffer.concat([Buffer.from(`${previous}\n`), bytes]), 'base64url');
}
