import { errors, kmip, type Room, ttlv } from './room.ts';

/** What there is of a request before it touches anything: encoding, protocol, pure rules; and what everybody may use. */
export const protocolRooms: readonly Room[] = [
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
];
