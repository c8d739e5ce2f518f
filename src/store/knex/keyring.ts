import type { Step } from '../dialects/abilities.ts';
import type { InstallationRow, KeyringRow } from '../store.ts';

export const readInstallation = 'SELECT id, seal, parameters, wrapped FROM installation';

export const readKeyring = 'SELECT generation, wrapped, created, is_primary, reserved FROM keyring ORDER BY generation';

/** Writes the one installation row and the first generation. */
export function initialiseSteps(installation: InstallationRow, first: KeyringRow): readonly Step[] {
  const { id, seal, parameters, wrapped } = installation;
  return [
    {
      sql: 'INSERT INTO installation (slot, id, seal, parameters, wrapped) VALUES (1, ?, ?, ?, ?)',
      parameters: [id, seal, parameters, wrapped],
      otherwise: 'conflict',
    },
    ...generationSteps(first),
  ];
}

/** Adds a generation, and makes it the only primary one. */
export function generationSteps({ generation, wrapped, created, reserved }: KeyringRow): readonly Step[] {
  return [
    { sql: 'UPDATE keyring SET is_primary = 0 WHERE is_primary = 1', parameters: [] },
    {
      sql: 'INSERT INTO keyring (generation, wrapped, created, is_primary, reserved) VALUES (?, ?, ?, 1, ?)',
      parameters: [generation, wrapped, created, reserved],
      otherwise: 'conflict',
    },
  ];
}

/** Reserves encryptions of the primary generation, and reads how many are reserved then. */
export function reserveSteps(generation: number, encryptions: number): readonly Step[] {
  return [
    {
      sql: 'UPDATE keyring SET reserved = reserved + ? WHERE generation = ? AND is_primary = 1',
      parameters: [encryptions, generation],
      otherwise: 'stale-generation',
    },
    { sql: 'SELECT reserved FROM keyring WHERE generation = ?', parameters: [generation] },
  ];
}
