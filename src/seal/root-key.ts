import type { Secret } from '../crypto/secret.ts';
import type { InstallationRow, WrappedRootKey } from '../store/store.ts';

/** The root key of an installation, as its seal or its recovery shares keep it. */
export type SealedRootKey = Pick<InstallationRow, 'id'> & WrappedRootKey;

/** What protects the root key. One implementation a seal: passphrase, shamir, pkcs11. */
export interface RootKeyProvider {
  readonly seal: 'passphrase' | 'shamir' | 'pkcs11';
  /** Wraps a new 32-byte root key: the public parameters (JSON) and the wrapped bytes for the installation row. */
  wrap(installationId: string, rootKey: Secret): Promise<WrappedRootKey>;
  /** The root key (32 bytes; the caller wipes it). Throws SealError in words: wrong passphrase, another installation's row. */
  unwrap(row: SealedRootKey): Promise<Secret>;
  /** Wipes what opens the seal. */
  close(): void;
}

/** A seal that opens by itself, as settings, files and the HSM are. */
export type AutomaticSeal = Exclude<RootKeyProvider['seal'], 'shamir'>;

/** The seal cannot be opened; the message says why in an operator's words and holds nothing secret. */
export class SealError extends Error {
  override readonly name = 'SealError';
}
