import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './support/server.ts';

const root = new URL('..', import.meta.url).pathname;

/** The commands of the README's tour, each with the output that the README shows below it. */
function steps(): { commands: string; output: string }[] {
  const [, tour = ''] = readFileSync(join(root, 'README.md'), 'utf8').split(/^## /m);
  return [...tour.matchAll(/```sh\n(.*?)```\n\n```text\n(.*?)```/gs)].map(([, commands = '', output = '']) => ({
    commands,
    output,
  }));
}

/** What differs from one run to the next is the same in both texts afterwards. */
function constant(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/"(seq|time|node|durationMicroseconds|correlation|chain)":("[^"]*"|\d+)/g, '"$1":…');
}

describe('make run', function () {
  this.timeout(60_000);
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  let running: ChildProcess | undefined;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kleis-run-'));
    environment = {
      ...process.env,
      // As from a terminal, also when make has started the tests.
      MAKEFLAGS: undefined,
      MAKELEVEL: undefined,
      // The system's Python, which has the client, before others.
      PATH: `/usr/bin:${process.env['PATH']}`,
      KMS_ROOT_DIR: join(folder, 'var'),
      KMS_CERTS_DIR: join(folder, 'certs'),
      KMS_HOSTNAME: '127.0.0.1',
      KMS_KMIP_PORT: String(await freePort()),
      KMS_PORT: String(await freePort()),
    };
  });

  afterEach(() => stop());

  after(() => rmSync(folder, { recursive: true }));

  /** Runs `make run` until it has printed the line that says where it serves, and gives all that it printed. */
  async function start(): Promise<string> {
    const child = spawn('make', ['run'], {
      cwd: root,
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running = child;
    let printed = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        if (printed.includes(`127.0.0.1:${environment['KMS_KMIP_PORT']}`)) resolve();
      });
      child.once('exit', () => reject(new Error(`make run ended: ${printed}`)));
    });
    return printed;
  }

  /** Ends all that `make run` started, and waits for it. */
  async function stop(): Promise<void> {
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
    process.kill(-running.pid, 'SIGTERM');
    await once(running, 'exit');
  }

  it('serves from nothing, so that the tour of the README goes as it says there', async function () {
    if (spawnSync('/usr/bin/python3', ['-c', 'import kmip']).status !== 0) {
      console.log('      left out, for want of python3-pykmip: the tour');
      this.skip();
    }
    await start();
    const tour = steps();
    assert.equal(tour.length, 5);
    const script = tour.map(({ commands }) => `${commands}echo '~~~'\n`).join('');
    const local = script
      .replaceAll('certs/dev', join(folder, 'certs'))
      .replaceAll('var/audit', join(folder, 'var/audit'));
    const output = execFileSync('bash', ['-euc', local], { cwd: root, env: environment, encoding: 'utf8' });
    assert.deepEqual(
      output.split('~~~\n').slice(0, -1).map(constant),
      tour.map((step) => constant(step.output)),
    );
  });

  it('finds its data again', async () => {
    const passphrase = readFileSync(join(folder, 'var/passphrase'), 'utf8');
    const printed = await start();
    assert.doesNotMatch(printed, /Initialised/);
    assert.equal(readFileSync(join(folder, 'var/passphrase'), 'utf8'), passphrase);
  });
});
