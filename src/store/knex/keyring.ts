import type { Step, Value } from '../dialects/abilities.ts';
import type { AuditKeyRow, InstallationRow, KeyringRow, RootChange } from '../store.ts';

export const readInstallation = `SELECT id, seal, parameters, wrapped, revision, admin_token, recovery_parameters,
  recovery_wrapped, tag FROM installation`;

export const readSealEpoch = 'SELECT seal_epoch FROM installation';

/** The same as a column of what is read at each request. */
export const sealEpochColumn = '(SELECT seal_epoch FROM installation) AS seal_epoch';

/** The same as a further condition of what is written, with its parameter; none where it does not matter. */
export function sealEpochCondition(sealEpoch: number | undefined): {
  readonly sql: string;
  readonly given: readonly Value[];
} {
  if (sealEpoch === undefined) return { sql: '', given: [] };
  return { sql: ' AND (SELECT seal_epoch FROM installation) = ?', given: [sealEpoch] };
}

export const readKeyring = 'SELECT generation, wrapped, created, is_primary, reserved FROM keyring ORDER BY generation';

export const readAuditKeys = 'SELECT generation, wrapped, created FROM audit_keys ORDER BY generation';

/** Writes the one installation row and the first generation. */
export function initialiseSteps(installation: InstallationRow, first: KeyringRow): readonly Step[] {
  return [insertInstallation(installation), ...generationSteps(first)];
}

/** Writes the one installation row. */
export function insertInstallation(installation: InstallationRow): Step {
  return {
    sql: `INSERT INTO installation (slot, id, seal, parameters, wrapped, revision, admin_token, recovery_parameters,
      recovery_wrapped, tag) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    parameters: [installation.id, ...changeable(installation)],
    otherwise: 'conflict',
  };
}

/** Replaces the installation row of the revision before. */
export function replaceInstallation(installation: InstallationRow): Step {
  return {
    sql: `UPDATE installation SET seal = ?, parameters = ?, wrapped = ?, revision = ?, admin_token = ?,
      recovery_parameters = ?, recovery_wrapped = ?, tag = ? WHERE id = ? AND revision = ?`,
    parameters: [...changeable(installation), installation.id, installation.revision - 1],
    otherwise: 'conflict',
  };
}

export const readGenerationObjects = `SELECT id, sequence FROM objects WHERE generation = ? AND sequence > ?
  ORDER BY sequence LIMIT ?`;

export const readGenerationSizes = 'SELECT generation, COUNT(*) AS size FROM objects GROUP BY generation';

/** Takes out a generation without objects, and keeps its audit key; a reference to it that comes at the same time is refused. */
export function retirementSteps(auditKey: AuditKeyRow): readonly Step[] {
  return [
    {
      sql: `DELETE FROM keyring WHERE generation = ? AND is_primary = 0
        AND NOT EXISTS (SELECT 1 FROM objects WHERE objects.generation = keyring.generation)`,
      parameters: [auditKey.generation],
      otherwise: 'conflict',
    },
    insertAuditKey(auditKey),
  ];
}

/** Writes the audit key of a generation that is gone. */
export function insertAuditKey({ generation, wrapped, created }: AuditKeyRow): Step {
  return {
    sql: 'INSERT INTO audit_keys (generation, wrapped, created) VALUES (?, ?, ?)',
    parameters: [generation, wrapped, created],
    otherwise: 'conflict',
  };
}

/** Replaces the installation row and how every generation is wrapped; may add a generation. */
export function rootSteps({ installation, keyring, auditKeys, next }: RootChange): readonly Step[] {
  return [
    replaceInstallation(installation),
    {
      sql: `SELECT 1 AS complete FROM installation
        WHERE (SELECT COUNT(*) FROM keyring) = ? AND (SELECT COUNT(*) FROM audit_keys) = ?`,
      parameters: [keyring.length, auditKeys.length],
      otherwise: 'conflict',
    },
    ...keyring.map((row) => wrappingStep('keyring', row)),
    ...auditKeys.map((row) => wrappingStep('audit_keys', row)),
    ...(next === undefined ? [] : generationSteps(next)),
  ];
}

function wrappingStep(
  table: 'keyring' | 'audit_keys',
  { generation, wrapped }: Pick<KeyringRow, 'generation' | 'wrapped'>,
): Step {
  return {
    sql: `UPDATE ${table} SET wrapped = ? WHERE generation = ?`,
    parameters: [wrapped, generation],
    otherwise: 'conflict',
  };
}

/** The columns of an installation that may change, in the order of the statements above. */
function changeable(row: InstallationRow): readonly Value[] {
  const { seal, parameters, wrapped, revision, adminToken, recovery, tag } = row;
  return [
    seal,
    parameters,
    wrapped,
    revision,
    adminToken,
    recovery?.parameters ?? null,
    recovery?.wrapped ?? null,
    tag,
  ];
}

export const raiseSealEpochStep: Step = {
  sql: 'UPDATE installation SET seal_epoch = seal_epoch + 1',
  parameters: [],
};

/** A step that refuses where the installation was replaced; it holds the row until the change set is applied. */
export function installationStep(revision: number, lockForShare: string): Step {
  return {
    sql: `SELECT revision FROM installation WHERE revision = ? ${lockForShare}`,
    parameters: [revision],
    otherwise: 'conflict',
  };
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

/** Writes a generation as it was, primary or not. */
export function insertGeneration({ generation, wrapped, created, primary, reserved }: KeyringRow): Step {
  return {
    sql: 'INSERT INTO keyring (generation, wrapped, created, is_primary, reserved) VALUES (?, ?, ?, ?, ?)',
    parameters: [generation, wrapped, created, primary ? 1 : 0, reserved],
    otherwise: 'conflict',
  };
}
