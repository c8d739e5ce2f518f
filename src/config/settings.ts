import { count, type Kind, oneOf, onOff, path, someOf, text } from './kinds.ts';

/** A default that lies in a folder which is itself a setting. */
export interface FileIn {
  readonly folder: 'rootDir' | 'certsDir';
  readonly file: string;
}

/** One setting: where its value comes from (the flag beats the environment, which beats the default), what it means. */
export interface Setting<T> {
  readonly env: string;
  readonly flag: string;
  readonly kind: Kind<T>;
  readonly default: NoInfer<T> | FileIn;
  /** One or two sentences for the operator: the documentation is made from them. */
  readonly meaning: string;
  /** Never printed, not even where the settings are listed. */
  readonly secret?: true;
}

/** Gives a row the type of its kind, so that `Settings` follows from the table. */
function setting<T>(row: Setting<T>): Setting<T> {
  return row;
}

/** Every setting there is. Folders stand before the files whose default lies in them. */
export const settingsTable = {
  rootDir: setting({
    env: 'KMS_ROOT_DIR',
    flag: '--root-dir',
    kind: path,
    default: './var',
    meaning: 'The data folder: database, passphrase file and audit files, unless they are told to be elsewhere.',
  }),
  databaseFile: setting({
    env: 'KMS_DATABASE_FILE',
    flag: '--database-file',
    kind: path,
    default: { folder: 'rootDir', file: 'kleis.db' },
    meaning: 'The SQLite database. Its write-ahead log lies beside it.',
  }),
  postgresUrl: setting({
    env: 'KMS_POSTGRES_URL',
    flag: '--postgres-url',
    kind: text,
    default: '',
    meaning:
      'A PostgreSQL database (14 or newer) in the place of SQLite: `postgresql://user:password@host/database?sslmode=verify-full&sslrootcert=ca.pem`. Parameters are those of libpq, `sslcert` and `sslkey`, too, and `password-file` for a URL without a password.',
    secret: true,
  }),
  mysqlUrl: setting({
    env: 'KMS_MYSQL_URL',
    flag: '--mysql-url',
    kind: text,
    default: '',
    meaning:
      'A database of MySQL 8 or MariaDB (10.6 or newer) in the place of SQLite: `mysql://user:password@host/database?ssl-mode=VERIFY_IDENTITY&ssl-ca=ca.pem`. Parameters are those of its clients, `ssl-cert` and `ssl-key`, too, and `password-file`.',
    secret: true,
  }),
  userCertPath: setting({
    env: 'KMS_USER_CERT_PATH',
    flag: '--user-cert-path',
    kind: path,
    default: '',
    meaning: 'A client certificate and its key (both PEM, in one file) for the database, where its URL names none.',
  }),
  passphraseFile: setting({
    env: 'KMS_PASSPHRASE_FILE',
    flag: '--passphrase-file',
    kind: path,
    default: { folder: 'rootDir', file: 'passphrase' },
    meaning:
      'The file with the passphrase that opens the seal; mode 0400, else it is refused. Keep a copy where the database and its backups are not. `-` asks at the terminal.',
  }),
  pkcs11Library: setting({
    env: 'KMS_PKCS11_LIBRARY',
    flag: '--pkcs11-library',
    kind: path,
    default: '',
    meaning: 'The library (`.so`) of the HSM that keeps the seal `pkcs11`.',
  }),
  pkcs11Token: setting({
    env: 'KMS_PKCS11_TOKEN',
    flag: '--pkcs11-token',
    kind: text,
    default: '',
    meaning: 'The label of the token in the HSM.',
  }),
  pkcs11Slot: setting({
    env: 'KMS_PKCS11_SLOT',
    flag: '--pkcs11-slot',
    kind: count(-1, 2 ** 32 - 1),
    default: -1,
    meaning: 'The number of the slot that the token is in, in the place of its label; -1 is none.',
  }),
  pkcs11PinFile: setting({
    env: 'KMS_PKCS11_PIN_FILE',
    flag: '--pkcs11-pin-file',
    kind: path,
    default: { folder: 'rootDir', file: 'pin' },
    meaning: 'The file with the PIN of the token; mode 0400, else it is refused. `-` asks at the terminal.',
  }),
  pkcs11Key: setting({
    env: 'KMS_PKCS11_KEY',
    flag: '--pkcs11-key',
    kind: text,
    default: 'kleis',
    meaning: 'The label of the AES key in the HSM that wraps a new root key; it is made where there is none.',
  }),
  shareTimeout: setting({
    env: 'KMS_SHARE_TIMEOUT',
    flag: '--share-timeout',
    kind: count(10, 604_800),
    default: 3_600,
    meaning:
      'Seconds after the last share after which shares are forgotten that were not enough; also the time in which a rekey must be complete.',
  }),
  kekMaxAge: setting({
    env: 'KMS_KEK_MAX_AGE',
    flag: '--kek-max-age',
    kind: count(0, 36_500),
    default: 365,
    meaning:
      'Days after which a new key encryption key is made; what lies under earlier ones is sealed anew in the background. 0 is never.',
  }),
  auditDir: setting({
    env: 'KMS_AUDIT_DIR',
    flag: '--audit-dir',
    kind: path,
    default: { folder: 'rootDir', file: 'audit' },
    meaning: 'The folder of the audit files, JSON lines, one file a worker.',
  }),
  hostname: setting({
    env: 'KMS_HOSTNAME',
    flag: '--hostname',
    kind: text,
    default: '127.0.0.1',
    meaning: 'The address or host name to listen on; `::` is every IPv4 and IPv6 address of the machine.',
  }),
  kmipPort: setting({
    env: 'KMS_KMIP_PORT',
    flag: '--kmip-port',
    kind: count(1, 65_535),
    default: 5696,
    meaning: 'The TCP port of KMIP over TLS.',
  }),
  httpPort: setting({
    env: 'KMS_PORT',
    flag: '--port',
    kind: count(1, 65_535),
    default: 9998,
    meaning: 'The TCP port of HTTPS, for status, shares, administration and KMIP messages.',
  }),
  workers: setting({
    env: 'KMS_WORKERS',
    flag: '--workers',
    kind: count(1, 256),
    default: 1,
    meaning: 'How many processes serve. More than one listen on the same port, where the platform lets them.',
  }),
  certsDir: setting({
    env: 'KMS_CERTS_DIR',
    flag: '--certs-dir',
    kind: path,
    default: 'certs/dev',
    meaning: 'The folder of the certificates, unless they are told to be elsewhere. They are read again on SIGHUP.',
  }),
  caFile: setting({
    env: 'KMS_CA_FILE',
    flag: '--ca-file',
    kind: path,
    default: { folder: 'certsDir', file: 'ca.pem' },
    meaning: 'The certificates (PEM) of the authorities that issue client certificates.',
  }),
  certificateFile: setting({
    env: 'KMS_CERTIFICATE_FILE',
    flag: '--certificate-file',
    kind: path,
    default: { folder: 'certsDir', file: 'server.pem' },
    meaning: "The server's certificate (PEM), followed by the intermediate ones, if there are any.",
  }),
  privateKeyFile: setting({
    env: 'KMS_PRIVATE_KEY_FILE',
    flag: '--private-key-file',
    kind: path,
    default: { folder: 'certsDir', file: 'server.key' },
    meaning: "The private key (PEM) of the server's certificate.",
  }),
  tlsMinVersion: setting({
    env: 'KMS_TLS_MIN_VERSION',
    flag: '--tls-min-version',
    kind: oneOf('TLSv1.2', 'TLSv1.3'),
    default: 'TLSv1.2',
    meaning: 'The lowest version of TLS that is accepted.',
  }),
  tlsCiphers: setting({
    env: 'KMS_TLS_CIPHERS',
    flag: '--tls-ciphers',
    kind: text,
    default: [
      'TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305',
    ].join(':'),
    meaning: "The cipher suites of TLS 1.2 and 1.3, in OpenSSL's notation, preferred first.",
  }),
  tlsLegacyCiphers: setting({
    env: 'KMS_TLS_LEGACY_CIPHERS',
    flag: '--tls-legacy-ciphers',
    kind: onOff,
    default: false,
    meaning:
      'Lets TLS 1.2 also use RSA key exchange and CBC suites, for old appliances. A stolen server key then reads recorded connections.',
  }),
  authentication: setting({
    env: 'KMS_AUTHENTICATION',
    flag: '--authentication',
    kind: onOff,
    default: true,
    meaning:
      'Whether clients must prove who they are. Off, everybody is the user `admin`, and only loopback addresses can be listened on.',
  }),
  userFrom: setting({
    env: 'KMS_USER_FROM',
    flag: '--user-from',
    kind: someOf('san-email', 'san-dns', 'san-uri', 'cn', 'email', 'uid', 'ou', 'subject'),
    default: ['san-email', 'cn'],
    meaning:
      'Where in a client certificate the user name stands: the first of these that the certificate has. `san-…` are subject alternative names, `subject` is the whole distinguished name, the others are parts of it.',
  }),
  namesUnique: setting({
    env: 'KMS_NAMES_UNIQUE',
    flag: '--names-unique',
    kind: oneOf('off', 'owner'),
    default: 'off',
    meaning:
      'Whether two objects of one owner may have the same Name (`off`) or not (`owner`). Clients that repeat a request after a lost answer need `off`. All nodes of a database need the same.',
  }),
  cacheMaxStaleness: setting({
    env: 'KMS_CACHE_MAX_STALENESS',
    flag: '--cache-max-staleness',
    kind: count(0, 3_600),
    default: 0,
    meaning:
      'Seconds for which a worker may use what it remembers without asking the database. Above 0, a key may still be used, and a grant still hold, for so long after it was revoked, and a node may answer for so long after all were sealed.',
  }),
  maxMessageBytes: setting({
    env: 'KMS_MAX_MESSAGE_BYTES',
    flag: '--max-message-bytes',
    kind: count(1_024, 1_073_741_824),
    default: 8_388_608,
    meaning: 'The longest request in bytes; a longer one is refused by its announced length, before it is read.',
  }),
  maxMessageDepth: setting({
    env: 'KMS_MAX_MESSAGE_DEPTH',
    flag: '--max-message-depth',
    kind: count(8, 1_000),
    default: 32,
    meaning: 'How deep the structures of a request may be nested.',
  }),
  maxMessageItems: setting({
    env: 'KMS_MAX_MESSAGE_ITEMS',
    flag: '--max-message-items',
    kind: count(100, 10_000_000),
    default: 100_000,
    meaning: 'How many TTLV items a request may have.',
  }),
  maxBatchCount: setting({
    env: 'KMS_MAX_BATCH_COUNT',
    flag: '--max-batch-count',
    kind: count(1, 100_000),
    default: 1_000,
    meaning: 'How many batch items a request may have.',
  }),
  maxConnections: setting({
    env: 'KMS_MAX_CONNECTIONS',
    flag: '--max-connections',
    kind: count(1, 1_000_000),
    default: 10_000,
    meaning: 'How many connections a worker holds open. Beyond, those that never asked anything are closed first.',
  }),
  maxConnectionsPerPeer: setting({
    env: 'KMS_MAX_CONNECTIONS_PER_PEER',
    flag: '--max-connections-per-peer',
    kind: count(1, 1_000_000),
    default: 1_000,
    meaning: 'How many connections a worker holds open with one address.',
  }),
  handshakeTimeout: setting({
    env: 'KMS_HANDSHAKE_TIMEOUT',
    flag: '--handshake-timeout',
    kind: count(1, 3_600),
    default: 10,
    meaning: 'Seconds within which the TLS handshake must be complete.',
  }),
  messageTimeout: setting({
    env: 'KMS_MESSAGE_TIMEOUT',
    flag: '--message-timeout',
    kind: count(1, 3_600),
    default: 30,
    meaning: 'Seconds from the first byte of a request to its last, and for a client to take an answer.',
  }),
  idleTimeout: setting({
    env: 'KMS_IDLE_TIMEOUT',
    flag: '--idle-timeout',
    kind: count(1, 604_800),
    default: 3_600,
    meaning: 'Seconds after which a connection without requests is closed. Many clients keep theirs for hours.',
  }),
  logLevel: setting({
    env: 'KMS_LOG_LEVEL',
    flag: '--log-level',
    kind: oneOf('silent', 'error', 'warn', 'info', 'debug'),
    default: 'info',
    meaning: 'How much is logged, as JSON lines on standard error.',
  }),
} as const;

export type SettingName = keyof typeof settingsTable;

/** The value of every setting. */
export type Settings = {
  readonly [Name in SettingName]: (typeof settingsTable)[Name] extends Setting<infer T> ? T : never;
};
