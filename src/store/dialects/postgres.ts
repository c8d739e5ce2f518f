import type { ClientConfig } from 'pg';
import type { Dialect } from './abilities.ts';
import { type Address, type AddressForm, connectTo, parseAddress } from './address.ts';
import { failure } from './failures.ts';
import { PostgresSession } from './postgres-session.ts';
import { ServerConnection } from './server-connection.ts';
import { codeOf, type Meaning, type Server } from './session.ts';

/** `postgresql://user:password@host:5432/database?sslmode=verify-full&sslrootcert=...`, as libpq has it. */
export const postgresForm: AddressForm = {
  schemes: ['postgresql', 'postgres'],
  port: 5432,
  parameters: { socket: 'host', mode: 'sslmode', ca: 'sslrootcert', certificate: 'sslcert', key: 'sslkey' },
  modes: {
    disable: 'disable',
    prefer: 'prefer',
    require: 'require',
    'verify-ca': 'verify-ca',
    'verify-full': 'verify-full',
  },
};

/** The key of the advisory lock: "klei" and a number. */
const migrationLock = (0x6b6c6569n << 32n) | 1n;

const connectMilliseconds = 5_000;

/** SQLSTATEs, and classes of them (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const meanings: readonly (readonly [string, Meaning])[] = [
  ['23505', 'conflict'], // unique_violation
  ['23503', 'stale-generation'], // foreign_key_violation
  ['40', 'again'], // transaction rollback: serialization failure, deadlock
  ['08', 'lost'], // connection exception
  ['57P', 'lost'], // shutdown, crash, starting up
  ['25P03', 'lost'], // idle in transaction for too long
  ['28', 'unavailable'], // invalid authorization: user, password
  ['3D', 'unavailable'], // no such database
  ['42501', 'unavailable'], // insufficient privilege
  ['25006', 'unavailable'], // read-only transaction
  ['53', 'unavailable'], // insufficient resources: disk full, out of memory, too many connections
  ['55P03', 'unavailable'], // lock not available
  ['57014', 'unavailable'], // statement timeout
  ['58', 'unavailable'], // system error
  ['XX', 'unavailable'], // internal error, damaged data
];

/** An SQLSTATE; whatever else the driver throws tells of the connection. */
const sqlstate = /^[0-9A-Z]{5}$/;

function meaningOf(error: unknown): Meaning {
  const code = codeOf(error);
  if (code === undefined || !sqlstate.test(code) || code === 'EPIPE') return 'lost';
  return meanings.find(([start]) => code.startsWith(start))?.[1] ?? 'mistake';
}

/** The dialect for a PostgreSQL database (14 and newer) in UTF-8; see `parseAddress`. Throws AddressError. */
export function postgres(url: string, clientCertificate?: string): Dialect {
  const address = parseAddress(url, postgresForm, clientCertificate);
  const server: Server = {
    pipelines: true,
    meaningOf,
    connect: () => connect(address, PostgresSession.open),
    // Whoever reads may be writing to a slow disk between two statements.
    freezing: ['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', 'SET LOCAL idle_in_transaction_session_timeout = 0'],
  };
  return {
    knexConnection: () => ({ client: 'pg', connection: () => connect(address, reachable) }),
    columns: {
      sequence: 'bigint generated always as identity primary key',
      integer: 'bigint',
      text: 'text collate "C"',
      longText: 'text collate "C"',
      digest: 'bytea',
      bytes: 'bytea',
      clustered: '',
    },
    transactionalSchema: true,
    lockMigrations,
    lockForShare: ' FOR SHARE',
    clock: 'floor(extract(epoch from clock_timestamp()))',
    givenSequence: {
      clause: 'OVERRIDING SYSTEM VALUE',
      advance: "SELECT setval(pg_get_serial_sequence('objects', 'sequence'), (SELECT max(sequence) FROM objects))",
    },
    insertOnce: { begin: 'INSERT', end: ' ON CONFLICT DO NOTHING' },
    roundTrips: true,
    failure: (error) => failure(error, meaningOf(error)),
    open: () => ServerConnection.open(server),
  };
}

async function lockMigrations(run: (sql: string) => Promise<unknown>): Promise<boolean> {
  const answer = await run(`SELECT pg_try_advisory_xact_lock(${migrationLock}) AS taken`);
  return (answer as { rows: readonly { taken: boolean }[] }).rows[0]?.taken === true;
}

function connect<T>(address: Address, open: (config: ClientConfig) => Promise<T>): Promise<T> {
  const { host, port, user, password, database } = address;
  const config = {
    ...{ host, port, user, password, database },
    keepAlive: true,
    connectionTimeoutMillis: connectMilliseconds,
    application_name: 'kleis',
  };
  return connectTo(address, (ssl) => open(ssl === undefined ? config : { ...config, ssl }), lacksTls);
}

/** The configuration itself, once it has led to the server. */
async function reachable(config: ClientConfig): Promise<Record<string, unknown>> {
  const session = await PostgresSession.open(config);
  await session.end();
  return { ...config };
}

/** The driver has no code for it. */
function lacksTls(error: unknown): boolean {
  return error instanceof Error && error.message === 'The server does not support SSL connections';
}
