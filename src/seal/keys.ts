import { createSecretKey, type KeyObject } from 'node:crypto';
import { hkdf } from '../crypto/hkdf.ts';
import type { Secret } from '../crypto/secret.ts';

/** A key encryption key (32 bytes) as it travels from the primary to its workers. Who takes it wipes the key. */
export interface Kek {
  readonly generation: number;
  readonly key: Secret;
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
    using bytes = derive(installationId, kek, purpose);
    return createSecretKey(bytes.expose());
  };
  return {
    generation: kek.generation,
    material: purposeKey('material'),
    tags: purposeKey('row tags'),
    audit: purposeKey(AUDIT),
    backup: purposeKey('backup'),
  };
}

/** The 32 bytes of the audit key of a generation, for who keeps it; the caller wipes them. */
export function auditKeyOf(installationId: string, kek: Kek): Secret {
  return derive(installationId, kek, AUDIT);
}

const AUDIT = 'audit chain';

function derive(installationId: string, { key }: Kek, purpose: string): Secret {
  return hkdf(key, installationId, `kleis ${purpose}`);
}
