import { createHmac, timingSafeEqual } from 'node:crypto';
import { hkdf } from '../crypto/hkdf.ts';
import type { Secret } from '../crypto/secret.ts';
import { RESTORING } from '../store/archive.ts';
import type { InstallationRow, WrappedRootKey } from '../store/store.ts';
import { context } from './contexts.ts';
import { SealError } from './root-key.ts';
import { StoredTag } from './stored-tags.ts';

/** The row, if an installation there is. Throws SealError where there is none, or but a part of one. */
export function requireWhole<T extends Pick<InstallationRow, 'seal'>>(installation: T | undefined): T {
  if (installation === undefined) throw noInstallation();
  if (installation.seal !== RESTORING) return installation;
  throw new SealError('a restore into this database was broken off; begin again with an empty database');
}

export function noInstallation(): SealError {
  return new SealError('the database has no installation; run `kleis init`');
}

/** What shares open: the seal itself, or the root key that was put by for recovery. */
export function sharedRootKey({ seal, parameters, wrapped, recovery }: InstallationRow): WrappedRootKey | undefined {
  return seal === 'shamir' ? { parameters, wrapped } : (recovery ?? undefined);
}

/** The row with its tag: HMAC-SHA256 under a key of its own (HKDF-SHA256 of the root key) over everything else in it. */
export function withTag(rootKey: Secret, row: Omit<InstallationRow, 'tag'>): InstallationRow {
  return { ...row, tag: tagOf(rootKey, row) };
}

/**
 * Throws SealError where the row is not as it was written by somebody who had the root key. Rows of the first version have
 * no tag; they hold nothing but what opens the root key, which opened.
 */
export function checkInstallation(rootKey: Secret, row: InstallationRow): void {
  const { tag, adminToken, recovery, id } = row;
  if (tag === null && adminToken === null && recovery === null) return;
  const expected = tagOf(rootKey, row);
  if (Buffer.isBuffer(tag) && tag.length === expected.length && timingSafeEqual(tag, expected)) return;
  throw new SealError(`the installation row (${id}) was changed by somebody who does not have the root key`);
}

function tagOf(rootKey: Secret, row: Omit<InstallationRow, 'tag'>): Buffer {
  const covered = context((writer) => {
    writer.writeTextString(StoredTag.Installation, row.id);
    writer.writeTextString(StoredTag.Revision, String(row.revision));
    writer.writeTextString(StoredTag.SealName, row.seal);
    writer.writeTextString(StoredTag.SealParameters, row.parameters);
    writer.writeByteString(StoredTag.Wrapped, row.wrapped);
    if (row.adminToken !== null) writer.writeByteString(StoredTag.AdminToken, row.adminToken);
    if (row.recovery === null) return;
    writer.writeTextString(StoredTag.RecoveryParameters, row.recovery.parameters);
    writer.writeByteString(StoredTag.RecoveryWrapped, row.recovery.wrapped);
  });
  using key = hkdf(rootKey, row.id, 'kleis installation row');
  return createHmac('sha256', key.expose()).update(covered).digest();
}
