import type { DateAttribute } from '../../objects/query.ts';
import type { Row } from '../dialects/abilities.ts';
import type {
  AuditKeyRow,
  GrantRow,
  InstallationRow,
  KeyringRow,
  ObjectRow,
  StoredObject,
  WrappedRootKey,
} from '../store.ts';
import { sealEpochColumn } from './keyring.ts';

/** The column of `objects` that holds a date. */
export const dateColumns = {
  InitialDate: 'initial_date',
  ActivationDate: 'activation_date',
  ProcessStartDate: 'process_start_date',
  ProtectStopDate: 'protect_stop_date',
  DeactivationDate: 'deactivation_date',
  DestroyDate: 'destroy_date',
  CompromiseDate: 'compromise_date',
  CompromiseOccurrenceDate: 'compromise_occurrence_date',
  ArchiveDate: 'archive_date',
  LastChangeDate: 'last_change_date',
  OriginalCreationDate: 'original_creation_date',
} as const satisfies Record<DateAttribute, string>;

/** What `storedObjects` reads: a row for each grant of an object `o`, or one without. */
export const storedColumns = `o.sequence, o.id, o.type, o.state, o.owner, o.revision, o.generation, o.usage_left, o.tag,
  o.attributes, o.object, a.userid, a.permissions, ${sealEpochColumn}`;

/** Objects by identifier, from rows of `storedColumns`. */
export function storedObjects(rows: readonly Row[]): ReadonlyMap<string, StoredObject> {
  const found = new Map<string, { row: ObjectRow; grants: GrantRow[] }>();
  for (const row of rows) {
    const id = row['id'] as string;
    const one = found.get(id) ?? { row: objectRow(row), grants: [] };
    if (row['userid'] !== null) one.grants.push(grantRow(row));
    found.set(id, one);
  }
  for (const { grants } of found.values()) if (grants.length > 1) grants.sort(byUserid);
  return found;
}

function objectRow(row: Row): ObjectRow {
  return {
    id: row['id'] as string,
    sequence: Number(row['sequence']),
    type: Number(row['type']),
    state: Number(row['state']),
    owner: row['owner'] as string,
    revision: Number(row['revision']),
    generation: Number(row['generation']),
    attributes: row['attributes'] as Buffer,
    material: row['object'] as Buffer | null,
    usageLeft: usageLeft(row),
    tag: row['tag'] as Buffer,
  };
}

/** The column `usage_left`, which may hold more than a number can tell apart. */
export function usageLeft(row: Row): bigint | null {
  const value = row['usage_left'] as number | bigint | string | null;
  return value === null ? null : BigInt(value);
}

function grantRow(row: Row): GrantRow {
  return { userid: row['userid'] as string, permissions: row['permissions'] as string };
}

function byUserid(a: GrantRow, b: GrantRow): number {
  return Buffer.compare(Buffer.from(a.userid), Buffer.from(b.userid));
}

export function keyringRow(row: Row): KeyringRow {
  return {
    generation: Number(row['generation']),
    wrapped: row['wrapped'] as Buffer,
    created: Number(row['created']),
    primary: Number(row['is_primary']) === 1,
    reserved: Number(row['reserved']),
  };
}

export function auditKeyRow(row: Row): AuditKeyRow {
  return {
    generation: Number(row['generation']),
    wrapped: row['wrapped'] as Buffer,
    created: Number(row['created']),
  };
}

export function installationRow(row: Row): InstallationRow {
  return {
    id: row['id'] as string,
    seal: row['seal'] as string,
    parameters: row['parameters'] as string,
    wrapped: row['wrapped'] as Buffer,
    revision: Number(row['revision']),
    adminToken: row['admin_token'] as Buffer | null,
    recovery: recovery(row),
    tag: row['tag'] as Buffer | null,
  };
}

function recovery(row: Row): WrappedRootKey | null {
  const [parameters, wrapped] = [row['recovery_parameters'], row['recovery_wrapped']];
  if (parameters === null || wrapped === null) return null;
  return { parameters: parameters as string, wrapped: wrapped as Buffer };
}
