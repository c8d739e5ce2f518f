import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { constants, generateKeyPairSync, hash, privateDecrypt } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageJson from '../../../package.json' with { type: 'json' };
import { freePort } from '../../support/server.ts';

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

describe('the command line', function () {
  this.timeout(30_000);
  let folder: string;
  let root: string;
  /** A server may run on those of the default. */
  let ports: Record<string, string>;

  before(async () => {
    ports = { KMS_KMIP_PORT: String(await freePort()), KMS_PORT: String(await freePort()) };
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kleis-command-'));
    root = join(folder, 'var');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function kleis(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    const env = { ...process.env, ...ports, KMS_ROOT_DIR: root, KMS_CERTS_DIR: join(folder, 'certs') };
    return spawnSync(process.execPath, [main, ...args], { env, encoding: 'utf8' });
  }

  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  /** Digests of all files; a database that was only read leaves a shared memory and an empty log beside it. */
  const contents = () =>
    readdirSync(root)
      .filter((name) => !name.endsWith('-shm') && statSync(join(root, name)).size > 0)
      .map((name) => `${name} ${hash('sha256', readFileSync(join(root, name)))}`);

  it('tells the version of the package', () => {
    assert.equal(kleis('--version').stdout, `${packageJson.version}\n`);
  });

  it('init makes a data folder that nobody else can read', () => {
    const { status, stderr } = kleis('init');
    assert.deepEqual([status, stderr], [0, '']);
    assert.equal(mode(root), '700');
    assert.equal(mode(join(root, 'passphrase')), '400');
    assert.equal(mode(join(root, 'kleis.db')), '600');
    assert.match(readFileSync(join(root, 'passphrase'), 'utf8'), /^[\w-]{43}\n$/);
  });

  it('a second init is refused, and changes nothing', () => {
    kleis('init');
    const before = contents();
    const { status, stderr } = kleis('init');
    assert.equal(status, 1);
    assert.equal(stderr, `kleis: ${join(root, 'kleis.db')} has an installation already\n`);
    assert.deepEqual(contents(), before);
  });

  it('init with shares prints them and the token once, keeps none of them, and refuses a second time', () => {
    const { status, stdout, stderr } = kleis('init', '--seal', 'shamir', '--shares', '5', '--threshold', '3', '--json');
    assert.deepEqual([status, stderr], [0, '']);
    const printed = JSON.parse(stdout);
    assert.deepEqual(Object.keys(printed), ['shares', 'admin_token']);
    const { shares, admin_token: token } = printed;
    assert.deepEqual([shares.length, new Set(shares).size], [5, 5]);
    assert.match(token, /^[\w-]{43}$/);
    const kept = readdirSync(root).map((name) => readFileSync(join(root, name)));
    for (const secret of [...shares, token])
      assert.equal(
        kept.some((bytes) => bytes.includes(secret)),
        false,
      );
    const before = contents();
    const again = kleis('init', '--seal', 'shamir');
    assert.equal(again.status, 1);
    assert.match(again.stderr, /has an installation already\n$/);
    assert.equal(again.stdout, '');
    assert.deepEqual(contents(), before);
  });

  it('init encrypts each share to its owner', () => {
    const keys = [1, 2].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
    const paths = keys.map(({ publicKey }, index) => {
      const path = join(folder, `owner-${index}.pem`);
      writeFileSync(path, publicKey.export({ type: 'spki', format: 'pem' }));
      return path;
    });
    const split = ['--seal', 'shamir', '--shares', '2', '--threshold', '2', '--json'];
    const refused = kleis('init', ...split, '--recipient', paths[0] ?? '');
    assert.match(refused.stderr, /^kleis: there must be one public key for each share\n$/);
    const { stdout } = kleis('init', ...split, '--recipient', ...paths);
    const encrypted: readonly string[] = JSON.parse(stdout).shares;
    const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    const opened = keys.map(({ privateKey: key }, index) =>
      privateDecrypt({ key, ...oaep }, Buffer.from(encrypted[index] ?? '', 'base64')).toString(),
    );
    for (const share of opened) assert.match(share, /^KLEIS1(-[0-9A-Z]{4}){18}$/);
  });

  it('init keeps a passphrase that is there, and refuses one that others can read', () => {
    const path = join(folder, 'passphrase');
    writeFileSync(path, 'correct horse battery\n', { mode: 0o644 });
    assert.match(
      kleis('init', '--passphrase-file', path).stderr,
      /^kleis: the passphrase file .* has mode 0644, it must be 0400/,
    );
    chmodSync(path, 0o400);
    assert.equal(kleis('init', '--passphrase-file', path).status, 0);
    assert.equal(readFileSync(path, 'utf8'), 'correct horse battery\n');
    assert.equal(existsSync(join(root, 'passphrase')), false);
  });

  it('serve without a database says what to do, and makes none', () => {
    const { status, stdout, stderr } = kleis('serve');
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^kleis: there is no database .*kleis\.db; run `kleis init`\n$/);
    assert.equal(existsSync(root), false);
  });

  it('serve with a wrong passphrase says so in words, and writes nothing', () => {
    kleis('init');
    chmodSync(join(root, 'passphrase'), 0o600);
    writeFileSync(join(root, 'passphrase'), 'not the passphrase');
    chmodSync(join(root, 'passphrase'), 0o400);
    const before = contents();
    const { status, stdout, stderr } = kleis('serve');
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^kleis: the passphrase in .* does not open this installation/);
    assert.doesNotMatch(stderr, /not the passphrase/);
    assert.deepEqual(contents(), before);
  });

  it('serve without certificates says which one it misses', () => {
    kleis('init');
    const { status, stdout, stderr } = kleis('serve');
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^kleis: .*certs\/ca\.pem/);
  });

  for (const workers of ['1', '2']) {
    it(`serve on a port in use says so (${workers} workers)`, async () => {
      kleis('init');
      const other: Server = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const address = other.address();
      assert(address !== null && typeof address === 'object');
      const { status, stderr } = kleis('serve', '--workers', workers, '--kmip-port', String(address.port));
      other.close();
      assert.equal(status, 1);
      assert.match(stderr, /^kleis: cannot listen on 127\.0\.0\.1:\d+ .*EADDRINUSE/);
    });
  }

  it('an impossible setting is told with its flag or its variable', () => {
    assert.equal(
      kleis('serve', '--kmip-port', '99999').stderr,
      'kleis: --kmip-port must be a whole number from 1 to 65535, not "99999"\n',
    );
  });

  it('help lists every setting with its variable and default', () => {
    const { stdout } = kleis('serve', '--help');
    const text = stdout.replace(/\s+/g, ' ');
    assert.match(text, /--root-dir <value> The data folder: .*KMS_ROOT_DIR; default: \.\/var\)/);
    assert.match(text, /--ca-file <value> .*KMS_CA_FILE; default: ca\.pem in --certs-dir\)/);
  });
});
