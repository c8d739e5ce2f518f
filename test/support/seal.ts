import { Secret } from '../../src/crypto/secret.ts';
import type { RootKeyProvider } from '../../src/seal/root-key.ts';

/** A seal without a lock: the root key lies open in the installation row. For tests of what it protects. */
export const openSeal: RootKeyProvider = {
  seal: 'passphrase',
  wrap: async (_installation, rootKey) => ({ parameters: '{}', wrapped: Buffer.from(rootKey.expose()) }),
  unwrap: async (row) => new Secret(Buffer.from(row.wrapped)),
  close: () => {},
};
