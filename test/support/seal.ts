import { Secret } from '../../src/crypto/secret.ts';
import { Generations, newInstallation } from '../../src/seal/generations.ts';
import type { RootKeyProvider } from '../../src/seal/root-key.ts';
import type { InstallationRow, Store } from '../../src/store/store.ts';

/** A seal without a lock: the root key lies open in the installation row. For tests of what it protects. */
export const openSeal: RootKeyProvider = {
  seal: 'passphrase',
  wrap: async (_installation, rootKey) => ({ parameters: '{}', wrapped: Buffer.from(rootKey.expose()) }),
  unwrap: async (row) => new Secret(Buffer.from(row.wrapped)),
  close: () => {},
};

/** Makes an installation with that seal in an empty store. */
export async function install(store: Store): Promise<InstallationRow> {
  const { installation, first } = await newInstallation(openSeal, 1_700_000_000);
  await store.initialise(installation, first);
  return installation;
}

/** Its keyring, as a primary has it. */
export async function generationsOf(store: Store, installation: InstallationRow): Promise<Generations> {
  return new Generations(store, installation, await openSeal.unwrap(installation));
}
