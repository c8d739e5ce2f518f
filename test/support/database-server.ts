import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { certificates } from './listener.ts';
import { freePort } from './server.ts';

/** Database servers refuse to run as root: then they run as this user and group, `nobody` on every Linux. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

const startMilliseconds = 30_000;

/** What is particular to a kind of server. */
interface Kind {
  readonly name: string;
  /** The folder of its programs; undefined where it is not installed. */
  readonly programs: string | undefined;
  /** The Debian package. */
  readonly debian: string;
  readonly scheme: string;
  /** Makes the data folder `data` in a folder that has `server.pem`, `server.key`, `ca.pem`. */
  prepare(folder: string): Promise<void>;
  /** The command that serves from it. */
  command(folder: string, port: number): readonly string[];
  /** What it says when clients can connect. */
  readonly ready: RegExp;
  /** How it is told to end at once, and orderly. */
  readonly fast: NodeJS.Signals;
}

const run = promisify(execFile);

/** The password of the role and user `kleis`, who owns what the tests make. */
const password = 'a password/with:signs@in it';

const postgresPrograms = programs('initdb', postgresFolders());

const postgresKind: Kind = {
  name: 'PostgreSQL',
  programs: postgresPrograms,
  debian: 'postgresql',
  scheme: 'postgresql',
  async prepare(folder) {
    const secret = join(folder, 'password');
    writeFileSync(secret, password);
    chown(secret);
    const options = ['--username=kleis', '--auth=scram-sha-256', `--pwfile=${secret}`, '--encoding=UTF8', '--locale=C'];
    await run(join(postgresPrograms ?? '', 'initdb'), ['-D', join(folder, 'data'), ...options, '--no-sync'], nobody);
    const rules = join(folder, 'data', 'pg_hba.conf');
    writeFileSync(rules, `hostssl all certified 127.0.0.1/32 cert\n${readFileSync(rules, 'utf8')}`);
  },
  command: (folder, port) => [
    join(postgresPrograms ?? '', 'postgres'),
    ...['-D', join(folder, 'data'), '-p', `${port}`, '-h', '127.0.0.1', '-k', folder],
    ...['shared_buffers=32MB', 'max_connections=60', 'ssl=on', `ssl_cert_file=${join(folder, 'server.pem')}`].flatMap(
      option,
    ),
    ...[`ssl_key_file=${join(folder, 'server.key')}`, `ssl_ca_file=${join(folder, 'ca.pem')}`].flatMap(option),
  ],
  ready: /ready to accept( read-only)? connections/,
  fast: 'SIGINT',
};

function option(text: string): readonly string[] {
  return ['-c', text];
}

const mariadbPrograms = programs('mariadbd', ['/usr/sbin', ...path()]);

const mariadbKind: Kind = {
  name: 'MariaDB',
  programs: mariadbPrograms,
  debian: 'mariadb-server',
  scheme: 'mysql',
  async prepare(folder) {
    const data = `--datadir=${join(folder, 'data')}`;
    await run(
      'mariadb-install-db',
      ['--no-defaults', data, '--skip-test-db', '--auth-root-authentication-method=normal'],
      {
        ...nobody,
        cwd: folder,
      },
    );
    const users = join(folder, 'users.sql');
    writeFileSync(
      users,
      `CREATE USER IF NOT EXISTS kleis IDENTIFIED BY '${password}';
       GRANT ALL ON \`kleis%\`.* TO kleis;
       CREATE USER IF NOT EXISTS certified IDENTIFIED BY '${password}' REQUIRE X509;
       GRANT ALL ON \`kleis%\`.* TO certified;
       CREATE USER IF NOT EXISTS admin IDENTIFIED BY '${password}';
       GRANT ALL ON *.* TO admin;\n`,
    );
    chown(users);
  },
  command: (folder, port) => [
    join(mariadbPrograms ?? '', 'mariadbd'),
    ...['--no-defaults', `--datadir=${join(folder, 'data')}`, `--port=${port}`, '--bind-address=127.0.0.1'],
    ...[`--socket=${join(folder, 'socket')}`, `--init-file=${join(folder, 'users.sql')}`, '--skip-name-resolve'],
    ...['--innodb-buffer-pool-size=32M', '--innodb-log-file-size=16M', '--max-connections=60'],
    ...[`--ssl-cert=${join(folder, 'server.pem')}`, `--ssl-key=${join(folder, 'server.key')}`],
    `--ssl-ca=${join(folder, 'ca.pem')}`,
  ],
  ready: /ready for connections/,
  fast: 'SIGTERM',
};

/** A throw-away server in a temporary folder, on a free port of the loopback interface. It ends with this process. */
export class DatabaseServer {
  readonly name: string;
  /** The Debian package that has the server. */
  readonly debian: string;
  readonly installed: boolean;
  readonly #kind: Kind;
  #folder = '';
  #port = 0;
  #process: ChildProcess | undefined;
  #started: Promise<void> | undefined;

  constructor(kind: Kind) {
    this.#kind = kind;
    this.name = kind.name;
    this.debian = kind.debian;
    this.installed = kind.programs !== undefined;
  }

  /** One more of this kind, for what would disturb the tests that share this one. */
  another(): DatabaseServer {
    return new DatabaseServer(this.#kind);
  }

  /** Makes and starts it, the first time. */
  started(): Promise<void> {
    this.#started ??= this.#make();
    return this.#started;
  }

  get port(): number {
    return this.#port;
  }

  /** Holds `ca.pem`, the authority of the server's certificate, whose names are `localhost` and `127.0.0.1`. */
  get folder(): string {
    return this.#folder;
  }

  /** Where a database is, as Kleis is told: over another port, as another user, or with parameters, where that is wanted. */
  url(database: string, { port = this.#port, user = 'kleis', parameters = '' } = {}): string {
    return `${this.#kind.scheme}://${user}:${encodeURIComponent(password)}@localhost:${port}/${database}${parameters}`;
  }

  /** Starts it again, with more options where these are given, and waits until clients can connect. */
  async start(...options: readonly string[]): Promise<void> {
    const [program = '', ...args] = this.#kind.command(this.#folder, this.#port);
    const child = spawn(program, [...args, ...options], {
      ...nobody,
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    let said = '';
    const ready = Promise.withResolvers<void>();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-10_000);
      if (this.#kind.ready.test(said)) ready.resolve();
    });
    child.once('exit', () => ready.reject(new Error(`${this.name} ended: ${said}`)));
    const timer = setTimeout(() => ready.reject(new Error(`${this.name} does not start: ${said}`)), startMilliseconds);
    try {
      await ready.promise;
    } finally {
      clearTimeout(timer);
    }
    // Tests end although it runs.
    child.unref();
    if (child.stderr instanceof Socket) child.stderr.unref();
  }

  /** Ends it: orderly, or with SIGKILL. Nothing is left of its connections. */
  async stop(how: 'orderly' | 'kill'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(how === 'kill' ? 'SIGKILL' : this.#kind.fast);
    await exit;
  }

  async #make(): Promise<void> {
    this.#folder = mkdtempSync(join(tmpdir(), `kleis-${this.#kind.debian}-`));
    chown(this.#folder);
    process.once('exit', () => {
      this.#process?.kill('SIGKILL');
      rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
    });
    const { ca, server } = await certificates();
    for (const [name, content] of [
      ['ca.pem', ca.certificate],
      ['server.pem', server.certificate],
      ['server.key', server.key],
    ] as const) {
      const file = join(this.#folder, name);
      writeFileSync(file, content);
      chmodSync(file, 0o600);
      chown(file);
    }
    this.#port = await freePort();
    await this.#kind.prepare(this.#folder);
    await this.start();
  }
}

/** One instance of each for a whole test run. */
export const postgresServer = new DatabaseServer(postgresKind);
export const mariadbServer = new DatabaseServer(mariadbKind);

function chown(file: string): void {
  if (nobody.uid !== undefined) chownSync(file, nobody.uid, nobody.gid);
}

function path(): readonly string[] {
  return (process.env['PATH'] ?? '').split(delimiter);
}

/** Debian keeps them out of PATH, a folder for each version; the newest first. */
function postgresFolders(): readonly string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  return [...versions.map((version) => join(debian, version, 'bin')), ...path()];
}

function programs(name: string, folders: readonly string[]): string | undefined {
  return folders.find((folder) => existsSync(join(folder, name)));
}
