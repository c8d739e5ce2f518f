// The rooms of the house and the arrows between them. `npm run rooms` writes them into biome.rooms.json as one
// complete allow-list of imports a folder or file (`style/noRestrictedImports`); with `--check` it only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path/posix';
import { isDeepStrictEqual } from 'node:util';

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

const errors = ['src/errors.ts'];
const reporting = ['src/errors.ts', 'src/log.ts', 'src/metrics.ts'];
const ttlv = ['ttlv/', 'ttlv/tables/'];
const kmip = ['src/kmip/', 'src/kmip/structures/', 'src/kmip/payloads/'];
const database = ['src/store/knex/', 'src/store/dialects/'];

/** From the bottom of the house to its top. A later row that names a file takes it out of an earlier one's folder. */
export const rooms: readonly Room[] = [
  { holds: ttlv, imports: [], node: ['buffer'] },
  { holds: ['ttlv/xml.ts'], imports: ttlv, node: ['buffer'], packages: ['fast-xml-parser'] },
  { holds: ['schema/'], imports: [], packages: ['knex'] },
  { holds: ['src/webcrypto.d.ts'], imports: [], node: ['crypto'] },
  { holds: ['src/errors.ts'], imports: ['ttlv/tables/'] },
  { holds: ['src/log.ts'], imports: ['src/config/settings.ts', ...errors], node: ['crypto'], packages: ['pino'] },
  { holds: ['src/start-error.ts', 'src/lru.ts', 'src/awaitable.ts'], imports: [] },
  { holds: ['src/metrics.ts'], imports: errors, packages: ['prom-client'] },
  { holds: ['src/config/'], imports: errors, node: ['fs', 'os', 'path', 'process'] },

  { holds: kmip, imports: [...ttlv, ...errors], node: ['buffer'] },
  {
    holds: ['src/objects/'],
    imports: [
      'src/kmip/attributes.ts',
      'src/kmip/attribute-lookup.ts',
      'src/kmip/attribute-rules.ts',
      'src/kmip/attribute-set.ts',
      'src/kmip/objects.ts',
      'src/kmip/structures/',
      'ttlv/tables/',
      ...errors,
    ],
    node: ['buffer'],
  },
  {
    holds: ['src/objects/canonical.ts', 'src/objects/index-entries.ts'],
    imports: ['src/objects/', 'src/kmip/attribute-set.ts', ...ttlv],
    node: ['buffer', 'crypto'],
  },
  { holds: ['src/store/'], imports: ['src/objects/', ...errors], node: ['buffer'] },
  {
    holds: ['src/store/memory.ts'],
    imports: ['src/store/', 'src/objects/', 'ttlv/tables/', ...errors],
    node: ['buffer', 'crypto'],
  },
  {
    holds: database,
    imports: ['src/store/', 'src/objects/', 'ttlv/tables/', 'schema/', ...reporting],
    node: ['buffer', 'crypto', 'events', 'fs', 'net', 'path', 'timers/promises', 'url', 'worker_threads'],
    packages: ['better-sqlite3', 'knex', 'mysql2', 'pg'],
  },
  {
    holds: ['src/crypto/'],
    imports: [
      'src/awaitable.ts',
      'src/kmip/structures/',
      'src/kmip/objects.ts',
      'ttlv/tables/',
      'ttlv/item.ts',
      ...errors,
    ],
    node: ['buffer', 'crypto', 'os', 'process', 'util'],
  },
  {
    holds: ['src/crypto/pkcs11-token.ts'],
    imports: ['src/crypto/random.ts', 'src/crypto/secret.ts'],
    node: ['buffer', 'os'],
    packages: ['pkcs11js'],
  },
  {
    holds: ['src/access/'],
    imports: [
      'src/awaitable.ts',
      'src/store/store.ts',
      'src/objects/',
      'src/kmip/structures/',
      'ttlv/tables/',
      ...reporting,
    ],
    node: ['buffer', 'crypto', 'tls'],
  },
  {
    holds: ['src/access/jwt.ts'],
    imports: ['src/access/', 'src/store/store.ts', 'src/kmip/structures/', ...reporting],
    node: ['crypto'],
    packages: ['jose'],
  },
  {
    holds: ['src/seal/'],
    imports: [
      'src/store/archive.ts',
      'src/store/store.ts',
      'src/crypto/',
      'src/awaitable.ts',
      'src/lru.ts',
      'src/objects/',
      'src/kmip/attribute-set.ts',
      'src/audit/writer.ts',
      'ttlv/tables/',
      'ttlv/writer.ts',
      ...reporting,
    ],
    node: ['buffer', 'crypto', 'fs', 'fs/promises', 'stream', 'timers/promises', 'util'],
  },
  {
    holds: ['src/seal/pkcs11.ts'],
    imports: ['src/seal/', 'src/store/store.ts', 'src/crypto/', ...reporting],
    node: ['buffer', 'crypto'],
    packages: ['pkcs11js'],
  },
  {
    holds: ['src/seal/shamir.ts'],
    imports: ['src/seal/', 'src/store/store.ts', 'src/crypto/', ...reporting],
    node: ['buffer', 'crypto'],
    packages: ['shamir-secret-sharing'],
  },
  {
    holds: ['src/seal/identities.ts', 'src/seal/recipients.ts'],
    imports: ['src/crypto/secret.ts', 'src/seal/root-key.ts', ...reporting],
    node: ['buffer', 'crypto'],
    packages: ['@scure/base', 'age-encryption'],
  },
  {
    holds: ['src/backup/'],
    imports: [
      'src/crypto/envelope.ts',
      'src/objects/',
      'src/seal/contexts.ts',
      'src/seal/keys.ts',
      'src/seal/material.ts',
      'src/seal/row-tags.ts',
      'src/seal/rows.ts',
      'src/seal/stored-tags.ts',
      'src/store/archive.ts',
      'src/store/store.ts',
    ],
    node: ['buffer', 'crypto', 'fs/promises', 'path', 'util'],
    packages: ['valibot'],
  },
  { holds: ['src/audit/'], imports: reporting, node: ['buffer', 'crypto', 'fs', 'path'] },
  { holds: ['src/audit/lock.ts'], imports: errors, node: ['fs', 'path'], packages: ['better-sqlite3'] },
  {
    holds: ['src/keychain/'],
    imports: ['src/crypto/', 'src/lru.ts'],
    node: ['buffer', 'crypto'],
  },
  {
    holds: ['src/keychain/stores/'],
    imports: ['src/keychain/error.ts', 'src/keychain/store.ts'],
    node: ['buffer', 'crypto', 'fs/promises', 'http', 'https', 'path'],
  },
  {
    holds: ['src/keychain/roots/'],
    imports: ['src/keychain/error.ts', 'src/keychain/root.ts', 'src/crypto/'],
    node: ['buffer', 'crypto', 'util'],
  },
  {
    holds: ['src/keychain/roots/kmip-key.ts', 'src/keychain/roots/kmip-messages.ts'],
    imports: ['src/keychain/error.ts', 'src/keychain/root.ts', 'src/crypto/', ...kmip, ...ttlv],
    node: ['buffer'],
  },
  {
    holds: ['src/keychain/roots/kmip.ts', 'src/keychain/roots/https.ts'],
    imports: ['src/keychain/error.ts', 'src/keychain/roots/kmip-key.ts', 'src/keychain/roots/kmip-messages.ts'],
    node: ['buffer', 'http', 'https', 'tls'],
  },

  {
    holds: ['src/operations/'],
    imports: [
      ...kmip,
      'src/objects/',
      'src/crypto/',
      'ttlv/tables/',
      'ttlv/codec.ts',
      'ttlv/structure.ts',
      'src/access/permit.ts',
      'src/access/principal.ts',
      'src/seal/keyring.ts',
      'src/seal/material.ts',
      'src/seal/records.ts',
      'src/seal/state.ts',
      'src/store/store.ts',
      'src/audit/entry.ts',
      'src/audit/writer.ts',
      'src/awaitable.ts',
      'src/config/settings.ts',
      ...reporting,
    ],
    node: ['buffer', 'crypto'],
  },
  {
    holds: ['src/operations/admin/'],
    imports: [
      'src/access/grants.ts',
      'src/crypto/secret.ts',
      'src/objects/object.ts',
      'src/operations/table.ts',
      'src/seal/control.ts',
      'src/seal/records.ts',
      'src/store/store.ts',
      'src/audit/entry.ts',
      'src/audit/writer.ts',
      ...reporting,
    ],
    node: ['buffer', 'crypto', 'net'],
    packages: ['valibot'],
  },
  {
    holds: ['src/listeners/', 'src/listeners/routes/'],
    imports: [
      'src/operations/',
      'src/operations/admin/',
      ...kmip,
      ...ttlv,
      'src/access/authenticate.ts',
      'src/access/principal.ts',
      'src/awaitable.ts',
      'src/config/settings.ts',
      'src/crypto/secret.ts',
      ...reporting,
    ],
    node: ['buffer', 'crypto', 'events', 'fs', 'http', 'net', 'stream', 'timers/promises', 'tls'],
    packages: ['@valibot/to-json-schema', 'fastify', 'valibot'],
  },
  {
    holds: ['src/jobs/'],
    imports: [
      'src/operations/dispatch.ts',
      'src/access/principal.ts',
      'src/seal/',
      'src/store/store.ts',
      'src/config/settings.ts',
      ...reporting,
    ],
  },
  {
    holds: ['src/server/'],
    imports: [
      'src/listeners/',
      'src/listeners/routes/',
      'src/jobs/',
      'src/operations/',
      'src/operations/admin/',
      'src/objects/',
      'src/access/',
      'src/crypto/',
      'src/seal/',
      'src/store/',
      'src/audit/',
      'src/backup/',
      'src/config/',
      'src/start-error.ts',
      'package.json',
      ...database,
      ...implementations,
      ...reporting,
    ],
    node: ['buffer', 'fs/promises', 'os'],
  },
  {
    holds: ['src/server.ts'],
    imports: ['src/server/', 'src/listeners/', 'src/seal/', 'src/store/store.ts', 'src/config/', ...reporting],
    node: ['buffer', 'events', 'net', 'process'],
  },
  {
    holds: [
      'src/primary.ts',
      'src/workers.ts',
      'src/installation.ts',
      'src/command-audit.ts',
      'src/archives.ts',
      'src/root-key.ts',
    ],
    imports: [
      'src/server/',
      'src/backup/',
      'src/store/archive.ts',
      'src/config/',
      'src/seal/',
      'src/store/store.ts',
      'src/crypto/',
      'src/audit/',
      'src/start-error.ts',
      ...reporting,
    ],
    node: ['child_process', 'crypto', 'events', 'fs/promises', 'module', 'net', 'os', 'path', 'stream', 'url'],
  },
  {
    holds: ['src/administration.ts'],
    imports: [
      'src/command-audit.ts',
      'src/installation.ts',
      'src/root-key.ts',
      'src/server/',
      'src/operations/admin/',
      'src/audit/lock.ts',
      'src/config/',
      'src/seal/',
      'src/crypto/secret.ts',
      ...reporting,
    ],
  },
  {
    holds: ['src/main.ts', 'src/cli/'],
    imports: [
      'src/cli/',
      'src/config/',
      'src/primary.ts',
      'src/installation.ts',
      'src/administration.ts',
      'src/archives.ts',
      'src/backup/',
      'src/crypto/secret.ts',
      'src/seal/control.ts',
      'src/seal/identities.ts',
      'src/seal/prompt.ts',
      'src/seal/root-key.ts',
      'package.json',
      ...reporting,
    ],
    node: ['fs', 'fs/promises', 'http', 'https', 'module', 'path', 'timers/promises', 'tls'],
    packages: ['commander'],
  },

  {
    holds: ['certs/'],
    imports: [],
    node: ['buffer', 'crypto', 'fs', 'fs/promises', 'net', 'path', 'process', 'url'],
    packages: ['@peculiar/x509', 'reflect-metadata'],
  },
];

const rule = 'style/noRestrictedImports';

/** The room's allow-lists: one biome override for each of its folders and for its files in one folder. */
function overridesOf(room: Room): object[] {
  return room.holds.map((place) => {
    const folder = place.endsWith('/') ? place : `${dirname(place)}/`;
    const folders = [...room.holds, ...room.imports].filter((path) => path.endsWith('/'));
    const files = [...room.holds, ...room.imports].filter((path) => !path.endsWith('/'));
    const hidden = implementations.filter((path) => folders.includes(`${dirname(path)}/`));
    const group = [
      '**',
      ...folders.map((path) => `!${specifier(folder, path)}*.ts`),
      ...hidden.map((path) => specifier(folder, path)),
      ...files.map((path) => `!${specifier(folder, path)}`),
      ...(room.node ?? []).map((name) => `!node:${name}`),
      ...(room.packages ?? []).map((name) => `!${name}`),
    ];
    return override(place.endsWith('/') ? `${place}*.ts` : place, [...new Set(group)], message(room));
  });
}

/** The path as an import in a file of the folder spells it: `../../ttlv/`. */
function specifier(folder: string, path: string): string {
  const way = relative(folder, path);
  const slash = path.endsWith('/') && way !== '' ? '/' : '';
  return way.startsWith('..') ? `${way}${slash}` : `./${way}${slash}`;
}

function message(room: Room): string {
  const modules = (room.node ?? []).map((name) => `node:${name}`);
  const allowed = [...room.imports, ...modules, ...(room.packages ?? [])];
  return `${room.holds[0]} may import ${allowed.join(', ') || 'nothing else'} (scripts/rooms.ts).`;
}

function override(includes: string, group: readonly string[], text: string): object {
  const options = { patterns: [{ group, message: text }] };
  const [category, name] = rule.split('/') as [string, string];
  return { includes: [includes], linter: { rules: { [category]: { [name]: { level: 'error', options } } } } };
}

/** What biome.rooms.json must hold. A later override replaces an earlier one: files come after folders. */
export function configuration(): { overrides: object[] } {
  const outside = ['ttlv', 'schema', 'src', 'certs'].map((folder) =>
    override(`${folder}/**`, ['**'], 'This file is in no room of scripts/rooms.ts.'),
  );
  return { overrides: [...outside, ...rooms.flatMap(overridesOf)] };
}

function main(): void {
  const path = new URL('../biome.rooms.json', import.meta.url);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, `${JSON.stringify(configuration(), null, 2)}\n`);
  } else if (!isDeepStrictEqual(JSON.parse(readFileSync(path, 'utf8')), configuration())) {
    console.error('biome.rooms.json is not what scripts/rooms.ts says; run "npm run rooms"');
    process.exitCode = 1;
  }
}

if (import.meta.main) main();
