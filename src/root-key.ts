import type { Settings } from './config/settings.ts';
import type { Secret } from './crypto/secret.ts';
import { sharedRootKey } from './seal/installation-row.ts';
import type { RootKeyProvider } from './seal/root-key.ts';
import { openAutomatic } from './seal/seals.ts';
import { refusalTexts, type ShareSet } from './seal/shares.ts';
import { openSeals } from './server/seals.ts';
import { StartError } from './start-error.ts';
import type { InstallationRow, WrappedRootKey } from './store/store.ts';

/** Shares of an installation (ASCII), in portions, until there are enough; they are wiped. */
export type ShareSource = () => AsyncIterable<readonly Secret[]>;

/** Where a command gets shares from, if it needs some. */
export interface ShareGiver {
  readonly shares: ShareSource | undefined;
  /** Whether they are to open a seal that opens by itself: those of its recovery. */
  readonly recovery?: boolean;
}

/**
 * The root key (32 bytes; the caller wipes it) of an installation whose row may be from anywhere, for a command that opens
 * the seal by itself. Throws SealError and StartError in words.
 */
export async function openRootKey(
  settings: Settings,
  row: InstallationRow,
  { shares, recovery = false }: ShareGiver,
): Promise<Secret> {
  const seals = await openSeals(settings);
  const shared = row.seal === 'shamir' || recovery;
  const { parameters, wrapped } = shared ? sharedOf(row) : row;
  const sealed = { id: row.id, parameters, wrapped };
  const provider = await (shared ? openByShares(seals.shares.collect(sealed), shares) : openAutomatic(seals, row.seal));
  try {
    return await provider.unwrap(sealed);
  } finally {
    provider.close();
  }
}

function sharedOf(row: InstallationRow): WrappedRootKey {
  const shared = sharedRootKey(row);
  if (shared === undefined) throw new StartError(`the installation has the seal ${row.seal}, and no recovery shares`);
  return shared;
}

async function openByShares(set: ShareSet, shares: ShareSource | undefined): Promise<RootKeyProvider> {
  if (shares === undefined) {
    throw new StartError('the installation is sealed with shares: only an unsealed server can do this');
  }
  try {
    for await (const portion of shares()) {
      for (const share of portion) take(set, share);
      if (set.isComplete) return await set.combine();
    }
    throw new StartError(`these are ${set.count} of ${set.required} shares`);
  } finally {
    set.forget();
  }
}

/** Wipes the share. Throws StartError where it is not taken. */
function take(set: ShareSet, share: Secret): void {
  using text = share;
  const refusal = set.isComplete ? undefined : set.take(text);
  if (refusal !== undefined) throw new StartError(`a share was not taken: ${refusalTexts[refusal]}`);
}
