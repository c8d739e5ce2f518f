import type { Secret } from '../crypto/secret.ts';
import type { Foundation } from '../store/archive.ts';
import type { AuditKeyRow } from '../store/store.ts';
import { type BrokenKey, checkAuditKey, openGeneration } from './generations.ts';
import { checkInstallation } from './installation-row.ts';
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
export function openKeyring(rootKey: Secret, { installation, keyring, auditKeys }: Foundation): OpenedKeyring {
  checkInstallation(rootKey, installation);
  const keys = new Map<number, GenerationKeys>();
  const broken: BrokenKey[] = [];
  const attempt = (table: 'keyring' | 'audit_keys', { generation }: AuditKeyRow, open: () => void): void => {
    try {
      open();
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      broken.push({ table, generation });
    }
  };
  for (const row of auditKeys) attempt('audit_keys', row, () => checkAuditKey(rootKey, installation.id, row));
  for (const row of keyring) {
    attempt('keyring', row, () => {
      const kek = openGeneration(rootKey, installation.id, row);
      using _ = kek.key;
      keys.set(row.generation, deriveKeys(installation.id, kek));
    });
  }
  const primary = keys.get(keyring.find((row) => row.primary)?.generation ?? 0);
  if (primary === undefined) throw new SealError('the primary generation of the keyring does not open');
  return { keys, primary, broken };
}
