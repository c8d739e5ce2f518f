import type { ConnectionOptions } from 'mysql2';
import type { Dialect } from './abilities.ts';
import { type Address, AddressError, type AddressForm, connectTo, parseAddress } from './address.ts';
import { failure } from './failures.ts';
import { MysqlSession } from './mysql-session.ts';
import { ServerConnection } from './server-connection.ts';
import { codeOf, type Meaning, type Server } from './session.ts';

/** `mysql://user:password@host:3306/database?ssl-mode=VERIFY_IDENTITY&ssl-ca=...`, as MySQL's own clients have it. */
export const mysqlForm: AddressForm = {
  schemes: ['mysql', 'mariadb'],
  port: 3306,
  parameters: { socket: 'socket', mode: 'ssl-mode', ca: 'ssl-ca', certificate: 'ssl-cert', key: 'ssl-key' },
  modes: {
    DISABLED: 'disable',
    PREFERRED: 'prefer',
    REQUIRED: 'require',
    VERIFY_CA: 'verify-ca',
    VERIFY_IDENTITY: 'verify-full',
  },
};

const migrationLock = 'kleis migrations';

const connectMilliseconds = 5_000;

const freezing = [
  'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
];

/** Numbers of errors (https://mariadb.com/docs/server/reference/error-codes; MySQL has the same up to 1900). */
const meanings: ReadonlyMap<number, Meaning> = new Map([
  [1062, 'conflict'], // ER_DUP_ENTRY
  [1216, 'stale-generation'], // ER_NO_REFERENCED_ROW
  [1452, 'stale-generation'], // ER_NO_REFERENCED_ROW_2
  [1213, 'again'], // ER_LOCK_DEADLOCK
  [1053, 'lost'], // ER_SERVER_SHUTDOWN
  [1077, 'lost'], // ER_NORMAL_SHUTDOWN
  [1184, 'lost'], // ER_NEW_ABORTING_CONNECTION
  [1927, 'lost'], // ER_CONNECTION_KILLED
  [4031, 'lost'], // ER_CLIENT_INTERACTION_TIMEOUT
  [1021, 'unavailable'], // ER_DISK_FULL
  [1024, 'unavailable'], // ER_ERROR_ON_READ
  [1026, 'unavailable'], // ER_ERROR_ON_WRITE
  [1030, 'unavailable'], // ER_GET_ERRNO
  [1037, 'unavailable'], // ER_OUTOFMEMORY
  [1040, 'unavailable'], // ER_CON_COUNT_ERROR
  [1041, 'unavailable'], // ER_OUT_OF_RESOURCES
  [1044, 'unavailable'], // ER_DBACCESS_DENIED_ERROR
  [1045, 'unavailable'], // ER_ACCESS_DENIED_ERROR
  [1049, 'unavailable'], // ER_BAD_DB_ERROR
  [1114, 'unavailable'], // ER_RECORD_FILE_FULL
  [1130, 'unavailable'], // ER_HOST_NOT_PRIVILEGED
  [1142, 'unavailable'], // ER_TABLEACCESS_DENIED_ERROR
  [1153, 'unavailable'], // ER_NET_PACKET_TOO_LARGE
  [1205, 'unavailable'], // ER_LOCK_WAIT_TIMEOUT
  [1290, 'unavailable'], // ER_OPTION_PREVENTS_STATEMENT: read only
  [1317, 'unavailable'], // ER_QUERY_INTERRUPTED
  [1461, 'unavailable'], // ER_MAX_PREPARED_STMT_COUNT_REACHED
  [1792, 'unavailable'], // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  [1836, 'unavailable'], // ER_READ_ONLY_MODE
  [1969, 'unavailable'], // ER_STATEMENT_TIMEOUT
]);

/** Whatever has no number of the server's is the driver's, and tells of the connection. */
function meaningOf(error: unknown): Meaning {
  const number = error instanceof Error && 'sqlState' in error && 'errno' in error ? error.errno : undefined;
  return typeof number === 'number' ? (meanings.get(number) ?? 'mistake') : 'lost';
}

/** The dialect for a database of MySQL 8 or MariaDB (10.6 and newer); see `parseAddress`. Throws AddressError. */
export function mysql(url: string, clientCertificate?: string): Dialect {
  const address = parseAddress(url, mysqlForm, clientCertificate);
  if (address.tls.mode === 'verify-full' && address.tls.options.servername === undefined) {
    throw new AddressError('ssl-mode=VERIFY_IDENTITY needs the host by name, not by address');
  }
  const server: Server = {
    pipelines: false,
    meaningOf,
    connect: () => connect(address, MysqlSession.open),
    freezing,
  };
  return {
    knexConnection: () => ({ client: 'mysql2', connection: () => connect(address, reachable) }),
    columns: {
      sequence: 'bigint auto_increment primary key',
      integer: 'bigint',
      // Text would be compared by a collation, and in no collation of all servers are trailing spaces told apart.
      text: 'varbinary(512)',
      longText: 'longtext character set utf8mb4 collate utf8mb4_bin',
      digest: 'binary(16)',
      bytes: 'longblob',
      clustered: '',
    },
    transactionalSchema: false,
    lockMigrations,
    // MariaDB does not know FOR SHARE.
    lockForShare: ' LOCK IN SHARE MODE',
    clock: 'unix_timestamp()',
    givenSequence: { clause: '' },
    insertOnce: { begin: 'INSERT IGNORE', end: '' },
    roundTrips: true,
    failure: (error) => failure(error, meaningOf(error)),
    open: () => ServerConnection.open(server),
  };
}

async function lockMigrations(run: (sql: string) => Promise<unknown>): Promise<boolean> {
  const answer = await run(`SELECT GET_LOCK(CONCAT('${migrationLock} ', MD5(DATABASE())), 0) AS taken`);
  return Number((answer as [[{ taken: unknown }]])[0][0].taken) === 1;
}

function connect<T>(address: Address, open: (options: ConnectionOptions) => Promise<T>): Promise<T> {
  const { host, port, user, password, database } = address;
  const options = {
    ...(host.startsWith('/') ? { socketPath: host } : { host, port }),
    ...{ user, password, database },
    charset: 'utf8mb4',
    connectTimeout: connectMilliseconds,
  };
  const verifyIdentity = address.tls.mode === 'verify-full';
  return connectTo(address, (tls) => open(tls ? { ...options, ssl: { ...tls, verifyIdentity } } : options), lacksTls);
}

/** The options themselves, once they have led to the server. */
async function reachable(options: ConnectionOptions): Promise<Record<string, unknown>> {
  const session = await MysqlSession.open(options);
  await session.end();
  return { ...options };
}

function lacksTls(error: unknown): boolean {
  return codeOf(error) === 'HANDSHAKE_NO_SSL_SUPPORT';
}
