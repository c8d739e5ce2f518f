import type { Secret } from '../crypto/secret.ts';
import type { Foundation } from '../store/archive.ts';
import { checkInstallation } from './installation-row.ts';
import { type BrokenKey, openAll } from './keyring-rows.ts';
import { deriveKeys, type GenerationKeys } from './keys.ts';
import { SealError } from './root-key.ts';

/** The keys of all generations, for commands that read everything. */
export interface OpenedKeyring {
  readonly keys: ReadonlyMap<number, GenerationKeys>;
  /** Those of the primary generation. */
  readonly primary: GenerationKeys;
  /** Keys that do not open. */
  readonly broken: readonly BrokenKey[];
}

/** Opens a keyring with its root key. Throws SealError where the installation row was changed, or no primary generation opens. */
export function openKeyring(rootKey: Secret, foundation: Foundation): OpenedKeyring {
  const { installation, keyring } = foundation;
  checkInstallation(rootKey, installation);
  const { keks, broken } = openAll({ rootKey, installationId: installation.id }, foundation);
  const keys = new Map<number, GenerationKeys>();
  for (const kek of keks) {
    using _ = kek.key;
    keys.set(kek.generation, deriveKeys(installation.id, kek));
  }
  const primary = keys.get(keyring.find((row) => row.primary)?.generation ?? 0);
  if (primary === undefined) throw new SealError('the primary generation of the keyring does not open');
  return { keys, primary, broken };
}
