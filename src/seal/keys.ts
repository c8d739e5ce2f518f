import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** A key encryption key as it travels from the primary to its workers. `bytes` are 32; who takes them zeroes them. */
export interface Kek {
  readonly generation: number;
  readonly bytes: Buffer;
}

/** The keys of one generation of the keyring, one a purpose. */
export interface GenerationKeys {
  readonly generation: number;
  /** AES-256-GCM of objects' material. */
  readonly material: KeyObject;
  /** HMAC-SHA256 of objects' rows. */
  readonly tags: KeyObject;
  /** HMAC-SHA256 of the audit files' chains. */
  readonly audit: KeyObject;
  /** HKDF-SHA256 of the keys of backup files. */
  readonly backup: KeyObject;
}

/** Derives the keys of a generation (HKDF-SHA256, RFC 5869; salt: the installation, info: the purpose). */
export function deriveKeys(installationId: string, kek: Kek): GenerationKeys {
  const purposeKey = (purpose: string): KeyObject => {
    const bytes = derive(installationId, kek, purpose);
    const key = createSecretKey(bytes);
    bytes.fill(0);
    return key;
  };
  return {
    generation: kek.generation,
    material: purposeKey('material'),
    tags: purposeKey('row tags'),
    audit: purposeKey(AUDIT),
    backup: purposeKey('backup'),
  };
}

/** The 32 bytes of the audit key of a generation, for who keeps it; the caller zeroes them. */
export function auditKeyOf(installationId: string, kek: Kek): Buffer {
  return derive(installationId, kek, AUDIT);
}

const AUDIT = 'audit chain';

function derive(installationId: string, kek: Kek, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', kek.bytes, installationId, `kleis ${purpose}`, 32));
}
