/**
 * A room: its folders ('src/kmip/': the .ts files in it, not its subfolders) and files, and what they may import.
 * A file named here leaves the room of its folder.
 */
export interface Room {
  holds: readonly string[];
  /** Folders and files beside the room's own. */
  imports: readonly string[];
  /** Builtin modules, without `node:`. */
  node?: readonly string[];
  packages?: readonly string[];
}

/**
 * Files and folders behind an interface. A room may name them only one by one in its `imports`: its own folder, or a
 * whole folder of another room, does not include them.
 */
export const implementations: readonly string[] = [
  'src/access/certificate.ts',
  'src/access/hmac.ts',
  'src/access/jwt.ts',
  'src/access/token.ts',
  'src/audit/file.ts',
  'src/seal/passphrase.ts',
  'src/seal/pkcs11.ts',
  'src/seal/shamir.ts',
  'src/seal/tagged-records.ts',
  'src/store/memory.ts',
];

// Lists that several rooms import.

export const errors = ['src/errors.ts'];
/** What says what has happened. */
export const reporting = ['src/errors.ts', 'src/log.ts', 'src/metrics.ts'];
export const ttlv = ['ttlv/', 'ttlv/tables/'];
export const kmip = ['src/kmip/', 'src/kmip/structures/', 'src/kmip/payloads/'];
/** What stands behind the interface of the store. */
export const database = ['src/store/knex/', 'src/store/dialects/'];
