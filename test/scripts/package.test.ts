import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from '../support/server.ts';

const root = new URL('../..', import.meta.url).pathname;
/** The Node of the tests comes first. */
const path = `${dirname(process.execPath)}:${process.env['PATH']}`;
const unreachable = /\b(E404|ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b/;

describe('the package', function () {
  this.timeout(300_000);
  let folder: string;

  /** Runs a command in the folder with the Node of the tests, and gives what it prints on standard output. */
  function run(command: string, args: readonly string[], cwd = folder): string {
    const env = { ...process.env, PATH: path };
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
    assert.equal(status, 0, `${command} ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout.trim();
  }

  before(function () {
    folder = mkdtempSync(join(tmpdir(), 'kleis-package-'));
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
    const packed = run('npm', ['pack', '--silent', '--pack-destination', folder], root).split('\n').at(-1) ?? '';
    try {
      run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefer-offline', `./${packed}`]);
    } catch (error) {
      if (!(error instanceof Error) || !unreachable.test(error.message)) throw error;
      console.log('      left out, for want of a registry to install dependencies from: the packed package');
      this.skip();
    }
  });

  after(() => rmSync(folder, { recursive: true }));

  it('runs kleis --version', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.equal(run('node_modules/.bin/kleis', ['--version']), version);
  });

  it('makes a data folder and serves', async () => {
    const certs = new URL('../../certs/make.ts', import.meta.url).pathname;
    const env = {
      ...process.env,
      PATH: path,
      KMS_ROOT_DIR: join(folder, 'var'),
      KMS_CERTS_DIR: join(folder, 'certs'),
      KMS_HOSTNAME: '127.0.0.1',
      KMS_KMIP_PORT: String(await freePort()),
    };
    execFileSync(process.execPath, [certs], { env });
    execFileSync('node_modules/.bin/kleis', ['init'], { cwd: folder, env, stdio: 'pipe' });
    const server = spawn('node_modules/.bin/kleis', ['serve'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(server, 'exit');
    const [greeting] = await Promise.race([once(server.stdout.setEncoding('utf8'), 'data'), exit]);
    assert.match(String(greeting), new RegExp(`127\\.0\\.0\\.1:${env.KMS_KMIP_PORT}`));
    server.kill('SIGTERM');
    assert.deepEqual(await exit, [0, null]);
  });

  it('lets its library be imported', () => {
    // 42 00 20 | Integer | 4 bytes | 8, with its padding: the standard's example of an Integer.
    const program = `
      import { Budget } from 'kleis/ttlv/budget';
      import { decodeItem } from 'kleis/ttlv/reader';
      console.log(decodeItem(Buffer.from('42002002000000040000000800000000', 'hex'), new Budget()).value);
    `;
    writeFileSync(join(folder, 'program.js'), program);
    assert.equal(run('node', ['program.js']), '8');
  });

  it('lets its key chain be imported, with a root and a store, and without the packages of other roots', () => {
    const program = `
      import { mkdtempSync } from 'node:fs';
      import { KeyChain } from 'kleis/keychain';
      import { PassphraseRoot } from 'kleis/keychain/roots/passphrase';
      import { Pkcs11Root } from 'kleis/keychain/roots/pkcs11';
      import { FileStore } from 'kleis/keychain/stores/file';
      const store = new FileStore(mkdtempSync('chain-'));
      const chain = await KeyChain.open({ root: new PassphraseRoot('correct horse battery'), store });
      console.log(String(await chain.decrypt(await chain.encrypt(Buffer.from('attack at dawn')))));
      const root = new Pkcs11Root({ library: 'none', token: 'none', pin: 'none', key: 'none' });
      await KeyChain.open({ root, store }).catch(({ code }) => console.log(code));
      await new Pkcs11Root({ library: 'none', token: 'none', pin: 'none', key: 'none' })
        .wrap(Buffer.alloc(32), Buffer.alloc(0))
        .catch(({ code, message }) => console.log(code, message));
    `;
    writeFileSync(join(folder, 'keychain.js'), program);
    const lines = [
      'attack at dawn',
      'wrong-root',
      'root-unavailable the npm package pkcs11js is not installed, or was not built',
    ];
    assert.deepEqual(run('node', ['keychain.js']).split('\n'), lines);
  });

  it('holds the program, its declarations and its papers, and no source or test', () => {
    const installed = join(folder, 'node_modules/kleis');
    const files = run('find', ['.', '-type', 'f', '-not', '-path', './node_modules/*'], installed).split('\n');
    for (const wanted of ['./LICENSE', './SECURITY.md', './README.md', './bin/kleis', './dist/ttlv/reader.d.ts']) {
      assert(files.includes(wanted), wanted);
    }
    const sources = files.filter((file) => /(?<!\.d)\.ts$/.test(file) || file.startsWith('./test/'));
    assert.deepEqual(sources, []);
  });
});
