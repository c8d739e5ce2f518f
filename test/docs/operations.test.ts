import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresDatabase } from '../support/databases.ts';
import { haproxy } from '../support/haproxy.ts';
import { freePort } from '../support/server.ts';
import { library, missingForTokens } from '../support/softhsm.ts';

const root = new URL('../..', import.meta.url).pathname;
const text = readFileSync(join(root, 'docs/operations.md'), 'utf8');
const MARK = '~~~ end of block';

/** The commands of the page, each with the output that it shows below; undefined where it shows none. */
const blocks = [...text.matchAll(/```sh\n(.*?)```\n(?:\n```text\n(.*?)```)?/gs)].map(([, commands = '', output]) => ({
  commands,
  output,
}));

/** What differs from one run to the next is the same in both texts afterwards. */
function constant(printed: string): string {
  return printed
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/KLEIS1(-[0-9A-Z]{4}){18}/g, 'SHARE')
    .replaceAll(/(?<=token: )[\w-]{43}/g, 'TOKEN')
    .replaceAll(/\d+ (entrie|object|generation)s?\b/g, '# $1s')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/^\d+: primary/gm, '#: primary')
    .replaceAll(/"(seq|time|node|durationMicroseconds|correlation|chain)":("[^"]*"|\d+)/g, '"$1":…');
}

/** What the commands need and is not there, by name. */
function missing(): string | undefined {
  if (spawnSync('/usr/bin/python3', ['-c', 'import kmip']).status !== 0) return 'python3-pykmip';
  if (spawnSync('curl', ['--version']).status !== 0) return 'curl';
  return missingForTokens() ?? postgresDatabase.missing;
}

/**
 * What stands for the machine's own: systemctl runs what the unit on the page says; the second machine is this one,
 * with ports and a data folder of its own.
 */
function machine(folder: string, second: string): string {
  const [, serve = ''] = /^ExecStart=\/usr\/local\/bin\/(.*)$/m.exec(text) ?? [];
  return `
exec 2>&1
NODE=:
systemctl() {
  local id=$KMS_ROOT_DIR/id
  case $1 in
    start) (set -a; . ${folder}/etc/kleis/kleis.env; eval "$NODE"; exec ${serve}) </dev/null >>${folder}/log 2>&1 & echo $! >$id ;;
    stop) kill $(cat $id); while kill -0 $(cat $id) 2>/dev/null; do sleep 0.05; done ;;
    reload) kill -HUP $(cat $id) ;;
    restart) systemctl stop; systemctl start ;;
  esac
}
ssh() (
  NODE='${second}'
  eval "$NODE"
  "\${@:2}"
)
scp() {
  case \${!#} in
    kms2:${folder}/var/lib/kleis/) mkdir -p ${folder}/var/lib/kms2; cp -p "$1" ${folder}/var/lib/kms2/ ;;
  esac
}
npm() { :; }
# Whoever waits for a node that does not start is not to wait for ever.
sleep() { command sleep 0.2; ((++slept < 150)) || exit 1; }
slept=0
`;
}

describe('docs/operations.md', function () {
  this.timeout(300_000);
  let folder: string;
  let running: ChildProcess | undefined;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kleis-operations-'));
  });

  after(() => {
    if (running?.pid !== undefined && running.exitCode === null) process.kill(-running.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** The commands with places of the test in the place of the page's, and a mark after each block. */
  async function script(ports: readonly [string, string]): Promise<string> {
    const [kmip, http] = [String(await freePort()), String(await freePort())];
    const second = `export KMS_ROOT_DIR=${folder}/var/lib/kms2 KMS_KMIP_PORT=${kmip} KMS_PORT=${http}`;
    const database = new URL(await postgresDatabase.create());
    writeFileSync(join(folder, 'etc/kleis/database-password'), decodeURIComponent(database.password));
    copyFileSync(join(postgresDatabase.server.folder, 'ca.pem'), join(folder, 'etc/kleis/database-ca.pem'));
    const commands = blocks.map((block) => `${block.commands}echo '${MARK}'\n`).join('');
    return (
      machine(folder, second) +
      commands
        .replaceAll(/(?<![\w.])\/(etc\/kleis|var\/lib\/(kleis|softhsm))/g, `${folder}$&`)
        .replaceAll('/usr/lib/softhsm/libsofthsm2.so', library)
        .replaceAll('db.example.com/kleis', `${database.host}${database.pathname}`)
        .replaceAll('HOST=kms2.example.com', `KMS_KMIP_PORT=${kmip}`)
        .replaceAll('5696', ports[0])
        .replaceAll('9998', ports[1])
    );
  }

  it('has a configuration that HAProxy takes', function () {
    if (haproxy === undefined) {
      console.log('      left out, for want of haproxy: its opinion of the configuration');
      this.skip();
    }
    const [, configuration = ''] = /```haproxy\n(.*?)```/s.exec(text) ?? [];
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, configuration.replaceAll(/kms\d\.example\.com/g, '127.0.0.1'));
    const { status, stdout, stderr } = spawnSync(haproxy, ['-c', '-f', file], { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
    assert.doesNotMatch(stderr, /WARNING/);
  });

  it('goes as it says there', async function () {
    const wanting = missing();
    if (wanting !== undefined) {
      console.log(`      left out, for want of ${wanting}: the procedures of operation`);
      this.skip();
    }
    for (const name of ['etc/kleis/tls', 'var/lib/kleis', 'var/lib/softhsm/tokens', 'home']) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    writeFileSync(join(folder, 'softhsm2.conf'), `directories.tokendir = ${folder}/var/lib/softhsm/tokens\n`);
    const ports = [String(await freePort()), String(await freePort())] as const;
    const environment = {
      ...process.env,
      PATH: `${join(root, 'bin')}:/usr/bin:${process.env['PATH']}`,
      SOFTHSM2_CONF: join(folder, 'softhsm2.conf'),
      KMS_KMIP_PORT: ports[0],
      KMS_PORT: ports[1],
    };
    const end = '\nfor id in $(cat */id ../var/lib/*/id 2>/dev/null); do kill $id; done\nwait\n';
    const child = spawn('bash', ['-uc', `${await script(ports)}${end}`], {
      cwd: join(folder, 'home'),
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (data: string) => {
      printed += data;
    });
    running = child;
    await once(child, 'close');
    const outputs = printed.replaceAll(folder, '').split(`${MARK}\n`);
    assert.deepEqual(
      blocks.map(({ commands, output }, index) => [
        commands,
        output === undefined ? '' : constant(outputs[index] ?? ''),
      ]),
      blocks.map(({ commands, output = '' }) => [commands, constant(output)]),
    );
  });
});
