import type { X509Certificate } from 'node:crypto';
import type { Awaitable } from '../awaitable.ts';
import type { Credential } from '../kmip/structures/credentials.ts';
import type { Principal } from './principal.ts';

/** The other end of a connection, as the transport knows it. */
export interface Peer {
  readonly address: string;
  /** The certificate that TLS has verified; undefined when there is none. */
  readonly certificate: X509Certificate | undefined;
}

/**
 * Answers who asks, per message.
 * Throws, or rejects with, `KmipError('not-authenticated')` where a credential does not verify or nobody can be named.
 */
export interface Authenticator {
  authenticate(peer: Peer, credentials: readonly Credential[]): Awaitable<Principal>;
}
