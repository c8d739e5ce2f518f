import { type AutomaticSeal, type RootKeyProvider, SealError } from './root-key.ts';
import type { Shares } from './shares.ts';

/** The seals, as the settings have them. */
export interface Seals {
  readonly shares: Shares;
  /** A seal that opens by itself. Throws SealError where a setting, a file or the HSM is not as it must be. */
  readonly open: (seal: AutomaticSeal) => Promise<RootKeyProvider>;
}

/** The seal that an installation row names, where it opens by itself. Throws as `Seals.open`, and for a name that is none. */
export async function openAutomatic({ open }: Pick<Seals, 'open'>, seal: string): Promise<RootKeyProvider> {
  if (seal === 'passphrase' || seal === 'pkcs11') return open(seal);
  throw new SealError(`the installation has the seal ${seal}, which this program does not know`);
}
