import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Issued, issue } from '../../certs/authority.ts';
import { Client, type ClientOptions } from './client.ts';
import { certificates } from './listener.ts';
import { atTerminal, type Dialogue } from './terminal.ts';

/** For the workers of a killed node to be gone; where nobody takes notice of their ends they seem to stay. */
const MOST_LOOKS = 200;

export interface ServerOptions {
  /** Processes that serve; 1 unless told. */
  readonly workers?: number;
  /** The program that users start, in the place of its TypeScript. */
  readonly launcher?: string;
  /** Further arguments of `kleis init`. */
  readonly init?: readonly string[];
  /** Files of mode 0400 in the data folder, by name. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Further settings, as the environment has them: `{ KMS_NAMES_UNIQUE: 'owner' }`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Another node of the same installation, which has initialised the database that both are told of. */
  readonly beside?: TestServer;
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** What a command did. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A server under test: `kleis init` and `kleis serve` in processes of their own, with a data folder of its own and a
 * free port. `stop` it in the end, also after `kill`: that removes the folder.
 */
export class TestServer {
  /** Holds `certs/` (ca.pem, server.pem, server.key) and `var/` (what the server writes). */
  readonly folder: string;
  readonly port: number;
  /** Of HTTPS. */
  readonly httpPort: number;
  /** PEM of the authority of all certificates. */
  readonly ca: string;
  /** What `kleis init` printed. */
  initialised = '';
  readonly #program: readonly [string, ...string[]];
  readonly #environment: Record<string, string>;
  #process: ChildProcess | undefined;
  #stderr = '';

  private constructor([port, httpPort]: readonly [number, number], ca: string, options: ServerOptions) {
    this.folder = mkdtempSync(join(tmpdir(), 'kleis-test-'));
    this.port = port;
    this.httpPort = httpPort;
    this.ca = ca;
    this.#program = options.launcher === undefined ? [process.execPath, main] : [options.launcher];
    this.#environment = {
      KMS_ROOT_DIR: join(this.folder, 'var'),
      KMS_CERTS_DIR: join(this.folder, 'certs'),
      KMS_KMIP_PORT: String(port),
      KMS_PORT: String(httpPort),
      KMS_WORKERS: String(options.workers ?? 1),
      ...(options.beside && { KMS_PASSPHRASE_FILE: join(options.beside.folder, 'var', 'passphrase') }),
      ...options.env,
    };
  }

  static async start(options: ServerOptions = {}): Promise<TestServer> {
    const { ca, server } = await certificates();
    const one = new TestServer([await freePort(), await freePort()], ca.certificate, options);
    const certs = join(one.folder, 'certs');
    mkdirSync(certs);
    writeFileSync(join(certs, 'ca.pem'), ca.certificate);
    writeFileSync(join(certs, 'server.pem'), server.certificate);
    writeFileSync(join(certs, 'server.key'), server.key);
    for (const [name, text] of Object.entries(options.secrets ?? {})) one.secretFile(join('var', name), text);
    if (options.beside === undefined) await one.#initialise(options.init ?? []);
    await one.serve();
    return one;
  }

  async #initialise(args: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await this.command('init', ...args);
    if (code !== 0) throw new Error(`kleis init failed: ${stderr}`);
    this.initialised = stdout;
  }

  /** Starts the server again, after `kill` or `end`, with what its folder holds. */
  async serve(): Promise<void> {
    // In a process group of its own, so that `kill` gets the workers, too.
    const [program, ...first] = this.#program;
    const child = spawn(program, [...first, 'serve'], { env: this.#env(), detached: true });
    this.#process = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    running.add(this);
    const ready = Promise.withResolvers<void>();
    child.stdout.setEncoding('utf8').once('data', () => ready.resolve());
    child.once('exit', (code, signal) => {
      running.delete(this);
      ready.reject(new Error(`kleis serve ended (${signal ?? code}): ${this.#stderr}`));
    });
    await ready.promise;
  }

  /** Runs another command with the server's settings: `command('access', 'list', id)`. */
  command(...args: string[]): Promise<Ended> {
    return this.commandWith('', ...args);
  }

  /** Runs a command that reads `input` from its standard input. */
  async commandWith(input: string, ...args: string[]): Promise<Ended> {
    const [program, ...first] = this.#program;
    const child = spawn(program, [...first, ...args], { env: this.#env() });
    child.stdin.on('error', () => {}).end(input);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    await once(child, 'close');
    return { code: child.exitCode, stdout, stderr };
  }

  /** Runs a command at a terminal, where somebody types. */
  atTerminal(dialogue: Dialogue, ...args: string[]): Promise<{ readonly code: number | null; readonly shown: string }> {
    return atTerminal(dialogue, [...this.#program, ...args], this.#env());
  }

  /** The path of a file beside the data folder that only its owner can read. */
  secretFile(name: string, text: string): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o400 });
    return path;
  }

  /** A connection of the principal `name`, whose certificate is made on first use. */
  async connect(name = 'alice', options: Partial<ClientOptions> = {}): Promise<Client> {
    return Client.connect({ port: this.port, ca: this.ca, identity: await identityOf(name), ...options });
  }

  /** What the server has logged so far: JSON lines. */
  get log(): string {
    return this.#stderr;
  }

  /** The audit entries of all workers, file after file. */
  audit(): Record<string, unknown>[] {
    const folder = join(this.folder, 'var', 'audit');
    const lines = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'));
    return lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line));
  }

  /** Sends a signal to the primary. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Ends the server as an operator does, and answers its exit code. The folder stays. */
  async end(): Promise<number | null> {
    const child = this.#process;
    if (child === undefined) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    }
    this.#process = undefined;
    return child.exitCode;
  }

  /** Kills primary and workers at once, with SIGKILL. The folder stays. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined || child.exitCode !== null) return;
    const exit = once(child, 'exit');
    process.kill(-child.pid, 'SIGKILL');
    await exit;
    // Its workers die with it, but in their own time: one that still listens would take a connection along.
    for (let looks = 0; looks < MOST_LOOKS && isAlive(-child.pid); looks += 1) await setTimeout(10);
    this.#process = undefined;
  }

  /** Ends the server and removes its folder. */
  async stop(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.#environment };
  }
}

const running = new Set<TestServer>();
// A test run that is broken off leaves nothing behind.
process.once('exit', () => {
  for (const server of running) server.signal('SIGKILL');
});

const identities = new Map<string, Promise<Issued>>();

/** The client certificate (CN) of a principal: the same one each time. */
export function identityOf(name: string): Promise<Issued> {
  const known = identities.get(name) ?? certificates().then(({ ca }) => issue(ca, { cn: name, keys: 'ec' }));
  identities.set(name, known);
  return known;
}

/** A port on which nobody listens at the moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('there is no port');
  return address.port;
}

/** Whether there is a process, or with a negative number a group of them. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
