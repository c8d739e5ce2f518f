import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { certificates } from '../support/listener.ts';
import { freePort } from '../support/server.ts';

const root = new URL('../..', import.meta.url).pathname;
const dockerfile = readFileSync(join(root, 'docker/Dockerfile'), 'utf8');
/** The user of the image. */
const [, user = 0] = (/^USER (\d+):\d+$/m.exec(dockerfile) ?? []).map(Number);
/** Folders of the image for which the test has others. */
const places = /(?<![\w.-])\/(build|opt\/kleis|var\/lib\/kleis|tmp)(?=[/\s]|$)/g;

/** What docker/Dockerfile.dockerignore lets into the build. */
const context = readFileSync(join(root, 'docker/Dockerfile.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1));

/** What a command did, with all that it printed. */
export interface Done {
  readonly code: number | null;
  readonly output: string;
}

/** A process of the container that goes on. */
export interface Service {
  /** The first thing that it printed on standard output. */
  readonly greeting: string;
  /** Sends SIGTERM, as `docker stop` does to process 1, and answers the exit code. */
  stop(): Promise<number | null>;
}

/**
 * What docker/Dockerfile describes, without a container engine: the instructions of its first stage carried out in a
 * folder, and commands run as docker/compose.yaml has them run.
 */
export class Container {
  readonly folder = mkdtempSync(join(tmpdir(), 'kleis-image-'));
  /** Of the processes: what the image sets, and where the test has put certificates, secrets and ports. */
  environment: Readonly<Record<string, string>> = {};

  /** The place in the test that stands for one of the image. */
  place(path: string): string {
    return join(this.folder, path);
  }

  /** Carries out the stage that builds. Throws AssertionError with what a command printed. */
  build(): void {
    chmodSync(this.folder, 0o755);
    const [, stage = ''] = dockerfile.split(/^FROM .*\n/m);
    const lines = stage
      .replaceAll(/^#.*\n/gm, '')
      .replaceAll('\\\n', ' ')
      .trim()
      .split(/\n+/);
    let directory = this.folder;
    for (const line of lines) {
      const [, instruction = '', text = ''] = /^(\w+) (.*)$/.exec(line) ?? [];
      if (instruction === 'WORKDIR') {
        directory = this.place(text);
        mkdirSync(directory, { recursive: true });
      } else if (instruction === 'COPY') copy(text.split(' ').slice(0, -1), directory);
      else if (instruction === 'RUN') this.#carryOut(text, directory);
      else assert.fail(`the test does not know ${instruction}`);
    }
  }

  #carryOut(command: string, cwd: string): void {
    const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` };
    const { status, stdout, stderr } = spawnSync('sh', ['-euc', this.#placed(command)], { cwd, env, encoding: 'utf8' });
    assert.equal(status, 0, `${command}: ${stdout}${stderr}`);
  }

  /** Makes what is mounted into the container: volume, certificates, secrets. */
  async prepare(): Promise<void> {
    const { ca, server } = await certificates();
    for (const name of ['var/lib/kleis', 'tmp', 'tls', 'secrets', 'usr/local/bin']) {
      mkdirSync(this.place(name), { recursive: true });
    }
    // The base image brings it: the checkout may lie where the user of the image cannot go.
    copyFileSync(process.execPath, this.place('usr/local/bin/node'));
    writeFileSync(this.place('tls/ca.pem'), ca.certificate);
    writeFileSync(this.place('tls/server.pem'), server.certificate);
    writeFileSync(this.place('tls/server.key'), server.key, { mode: 0o400 });
    writeFileSync(this.place('secrets/passphrase'), 'correct horse battery staple\n', { mode: 0o400 });
    for (const name of confines ? ['var/lib/kleis', 'tls/server.key', 'secrets/passphrase'] : []) {
      chownSync(this.place(name), user, user);
    }
    const [, text = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(dockerfile) ?? [];
    this.environment = {
      ...Object.fromEntries(
        [...text.matchAll(/(\w+)=(\S+)/g)].map(([, name, value = '']) => [name, this.#placed(value)]),
      ),
      PATH: `${this.place('opt/kleis/bin')}:${this.place('usr/local/bin')}:/usr/bin:/bin`,
      KMS_CERTS_DIR: this.place('tls'),
      KMS_PASSPHRASE_FILE: this.place('secrets/passphrase'),
      KMS_KMIP_PORT: String(await freePort()),
      KMS_PORT: String(await freePort()),
    };
  }

  /** Runs a command to its end. */
  async run(...command: readonly string[]): Promise<Done> {
    const child = this.#begin(command);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    await once(child, 'close');
    return { code: child.exitCode, output };
  }

  /** Starts a command, and waits until it has said something. */
  async start(...command: readonly string[]): Promise<Service> {
    const child = this.#begin(command);
    const greeting = Promise.withResolvers<string>();
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.stdout?.setEncoding('utf8').once('data', greeting.resolve);
    const exit = once(child, 'exit');
    child.once('exit', () => greeting.reject(new Error(said)));
    const stop = async (): Promise<number | null> => {
      child.kill('SIGTERM');
      await exit;
      return child.exitCode;
    };
    return { greeting: await greeting.promise, stop };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** As the container's user, without rights, and without writing but to the volume and /tmp; without root, as oneself. */
  #begin(command: readonly string[]): ChildProcess {
    const variables = Object.entries(this.environment).map(([name, value]) => `${name}=${value}`);
    const [program = '', ...args] = [...(confines ? this.#confinement() : []), 'env', '-i', ...variables, ...command];
    return spawn(program, args, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** The volume is a mount of its own, and so can be written when the others cannot. */
  #confinement(): readonly string[] {
    const volume = this.place('var/lib/kleis');
    const script = [
      'mount --make-rprivate /',
      `mount --bind ${volume} ${volume}`,
      `mount -t tmpfs tmpfs ${this.place('tmp')}`,
      'mount -o remount,ro,bind /',
      `if mountpoint -q ${tmpdir()}; then mount -o remount,ro,bind ${tmpdir()}; fi`,
      `! touch ${this.folder}/written 2>/dev/null`,
      'exec "$@"',
    ];
    const drop = [
      '--reuid',
      `${user}`,
      '--regid',
      `${user}`,
      '--clear-groups',
      '--no-new-privs',
      '--bounding-set=-all',
    ];
    return ['unshare', '--mount', 'sh', '-euc', script.join('\n'), 'sh', 'setpriv', ...drop];
  }

  #placed(text: string): string {
    return text.replaceAll(places, (path) => this.place(path));
  }
}

/** Whether processes can be given a read-only view of this machine, and less rights than their parent has. */
export const confines =
  process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'setpriv', '--no-new-privs', 'true']).status === 0;

function copy(names: readonly string[], directory: string): void {
  for (const name of names[0] === '.' ? context : names) {
    assert(context.includes(name), `${name} is not let into the build`);
    cpSync(join(root, name), join(directory, name), { recursive: true });
  }
}
