import { randomBytes } from 'node:crypto';
import { openBytes, sealBytes } from '../crypto/envelope.ts';
import { Secret } from '../crypto/secret.ts';
import type { Foundation } from '../store/archive.ts';
import type { AuditKeyRow, KeyringRow, RootChange } from '../store/store.ts';
import { context } from './contexts.ts';
import { auditKeyOf, type Kek } from './keys.ts';
import { SealError } from './root-key.ts';
import { StoredTag } from './stored-tags.ts';

/** The length of a key encryption key. */
const KEY_BYTES = 32;

/** What a wrapped key is for. */
const Role = { Kek: 'key encryption key', Audit: 'audit key of a retired generation' } as const;

type Role = (typeof Role)[keyof typeof Role];

/** A root key, and the installation that it is of. */
export interface Root {
  readonly rootKey: Secret;
  readonly installationId: string;
}

/** A row of a wrapped key that was changed, or is of another installation. */
export interface BrokenKey {
  readonly table: 'keyring' | 'audit_keys';
  readonly generation: number;
}

/** The rows of all wrapped keys. */
type WrappedKeys = Pick<Foundation, 'keyring' | 'auditKeys'>;

/** What a wrapped key is bound to beside the installation and its role. */
type Place = Pick<KeyringRow, 'generation' | 'created'>;

type RewrappedRow = Pick<KeyringRow, 'generation' | 'wrapped'>;

/** A new primary generation with a random key, made at `created` (seconds since the epoch). */
export function newGeneration(root: Root, generation: number, created: number): KeyringRow {
  using kek = new Secret(randomBytes(KEY_BYTES));
  return { ...wrap(root, Role.Kek, { generation, created }, kek), created, primary: true, reserved: 0 };
}

/** The key of a generation; the caller wipes it. Throws SealError that names the generation where it does not open. */
export function openGeneration(root: Root, row: KeyringRow): Kek {
  return { generation: row.generation, key: unwrap(root, Role.Kek, row) };
}

/** The key that chains the audit files of a generation that is gone; the caller wipes it. Throws as `openGeneration`. */
export function openAuditKey(root: Root, row: AuditKeyRow): Secret {
  return unwrap(root, Role.Audit, row);
}

/** What stays of a generation that goes. Throws as `openGeneration`. */
export function toAuditKey(root: Root, row: KeyringRow): AuditKeyRow {
  const kek = openGeneration(root, row);
  using _ = kek.key;
  using key = auditKeyOf(root.installationId, kek);
  return { ...wrap(root, Role.Audit, row, key), created: row.created };
}

/** All keys, wrapped under the next root key. Throws as `openGeneration`. */
export function rewrapAll(
  root: Root,
  next: Secret,
  { keyring, auditKeys }: WrappedKeys,
): Pick<RootChange, 'keyring' | 'auditKeys'> {
  const rewrap = (role: Role, row: AuditKeyRow): RewrappedRow => {
    using key = unwrap(root, role, row);
    return wrap({ ...root, rootKey: next }, role, row, key);
  };
  return {
    keyring: keyring.map((row) => rewrap(Role.Kek, row)),
    auditKeys: auditKeys.map((row) => rewrap(Role.Audit, row)),
  };
}

/** The keys of the generations that open (the caller wipes them), and the rows of wrapped keys that do not. */
export function openAll(
  root: Root,
  { keyring, auditKeys }: WrappedKeys,
): { readonly keks: readonly Kek[]; readonly broken: readonly BrokenKey[] } {
  const keks: Kek[] = [];
  const broken: BrokenKey[] = [];
  for (const row of auditKeys) {
    using key = opened(root, Role.Audit, row);
    if (key === undefined) broken.push({ table: 'audit_keys', generation: row.generation });
  }
  for (const row of keyring) {
    const key = opened(root, Role.Kek, row);
    if (key === undefined) broken.push({ table: 'keyring', generation: row.generation });
    else keks.push({ generation: row.generation, key });
  }
  return { keks, broken };
}

function wrap({ rootKey, installationId }: Root, role: Role, place: Place, key: Secret): RewrappedRow {
  const wrapped = sealBytes(rootKey.expose(), key.expose(), contextOf(installationId, role, place));
  return { generation: place.generation, wrapped };
}

function unwrap(root: Root, role: Role, row: AuditKeyRow): Secret {
  const key = opened(root, role, row);
  if (key !== undefined) return key;
  throw new SealError(
    `generation ${row.generation} of the keyring does not open: its row was changed, or it is of another installation`,
  );
}

function opened({ rootKey, installationId }: Root, role: Role, row: AuditKeyRow): Secret | undefined {
  const bytes = openBytes(rootKey.expose(), row.wrapped, contextOf(installationId, role, row));
  return bytes?.length === KEY_BYTES ? new Secret(bytes) : undefined;
}

function contextOf(installationId: string, role: Role, { generation, created }: Place): Buffer {
  return context((writer) => {
    writer.writeTextString(StoredTag.Installation, installationId);
    writer.writeTextString(StoredTag.Role, role);
    writer.writeTextString(StoredTag.Generation, String(generation));
    writer.writeTextString(StoredTag.Created, String(created));
  });
}
