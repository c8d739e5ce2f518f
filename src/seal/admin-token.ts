import { hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { InstallationRow } from '../store/store.ts';

/** A new administrator token: 256 random bits, base64url. It is shown once and kept nowhere. */
export function newAdminToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What the database keeps of a token: 32 bytes (HKDF-SHA256; salt: the installation) from which nobody gets it back. */
export function adminTokenDigest(installationId: string, token: string): Buffer {
  return Buffer.from(hkdfSync('sha256', token, installationId, 'kleis administrator token', 32));
}

/** Whether it is the installation's token; takes equally long for every other one. */
export function isAdminToken({ id, adminToken }: Pick<InstallationRow, 'id' | 'adminToken'>, token: string): boolean {
  const digest = adminTokenDigest(id, token);
  return adminToken?.length === digest.length && timingSafeEqual(adminToken, digest);
}
