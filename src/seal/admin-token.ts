import { randomBytes, timingSafeEqual } from 'node:crypto';
import { hkdf } from '../crypto/hkdf.ts';
import { Secret } from '../crypto/secret.ts';
import type { InstallationRow } from '../store/store.ts';

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const CHARACTERS = 43;

/** A new administrator token (ASCII): 43 random characters, 258 bits. It is shown once and kept nowhere. */
export function newAdminToken(): Secret {
  const token = randomBytes(CHARACTERS);
  for (const [at, byte] of token.entries()) token.writeUInt8(ALPHABET.readUInt8(byte % ALPHABET.length), at);
  return new Secret(token);
}

/** What the database keeps of a token: 32 bytes (HKDF-SHA256; salt: the installation) from which nobody gets it back. */
export function adminTokenDigest(installationId: string, token: Secret): Buffer {
  return hkdf(token, installationId, 'kleis administrator token').expose();
}

/** Whether it is the installation's token; takes equally long for every other one. */
export function isAdminToken({ id, adminToken }: Pick<InstallationRow, 'id' | 'adminToken'>, token: Secret): boolean {
  const digest = adminTokenDigest(id, token);
  return adminToken?.length === digest.length && timingSafeEqual(adminToken, digest);
}
