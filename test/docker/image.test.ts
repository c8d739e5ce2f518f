import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsTable } from '../../src/config/settings.ts';
import { Client } from '../support/client.ts';
import { certificates } from '../support/listener.ts';
import { created } from '../support/requests.ts';
import { identityOf } from '../support/server.ts';
import { Container, confines, type Service } from './container.ts';

const root = new URL('../..', import.meta.url).pathname;
const unreachable = /\b(E404|ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b/;

describe('the steps of docker/Dockerfile, by hand', function () {
  this.timeout(300_000);
  let container: Container | undefined;
  let service: Service | undefined;

  before(async function () {
    if (spawnSync('g++', ['--version']).status !== 0) return leaveOut(this, 'g++');
    container = new Container();
    try {
      container.build();
    } catch (error) {
      if (!(error instanceof Error) || !unreachable.test(error.message)) throw error;
      return leaveOut(this, 'a registry to install dependencies from');
    }
    await container.prepare();
    if (!confines) console.log('      left out, for want of root: the read-only file system, and another user');
  });

  after(async () => {
    await service?.stop();
    container?.remove();
  });

  function leaveOut(test: Mocha.Context, what: string): void {
    console.log(`      left out, for want of ${what}: the steps of docker/Dockerfile`);
    test.skip();
  }

  it('give a program without compilers, sources and certificates', () => {
    assert(container);
    const program = container.place('opt/kleis');
    const installed = (name: string) => existsSync(join(program, name));
    const wanted = ['bin/kleis', 'dist/src/main.js', 'LICENSE', 'node_modules/knex', 'health.js'];
    assert.deepEqual(wanted.filter(installed), wanted);
    const unwanted = ['typescript', '@typescript', 'mocha', 'pkcs11js/src'].map((name) => `node_modules/${name}`);
    assert.deepEqual([...unwanted, 'src', 'test', 'certs', '.npmrc'].filter(installed), []);
  });

  it('leave the package for HSMs loadable', async () => {
    assert(container);
    const installed = container.place('opt/kleis/node_modules/pkcs11js');
    assert.equal((await container.run('node', '-p', `typeof require('${installed}').PKCS11`)).output, 'function\n');
  });

  it('serve an unprivileged user on a read-only file system, in good health, until SIGTERM', async () => {
    assert(container);
    const health = ['node', container.place('opt/kleis/health.js')];
    assert.equal((await container.run(...health)).code, 1);
    const { code, output } = await container.run('kleis', 'init');
    assert.equal(code, 0, output);
    service = await container.start('kleis', 'serve');
    assert.deepEqual(await container.run(...health), { code: 0, output: '' });
    const { ca } = await certificates();
    const port = Number(container.environment['KMS_KMIP_PORT']);
    const client = await Client.connect({ port, ca: ca.certificate, identity: await identityOf('alice') });
    assert.match(await created(client), /^[\da-f-]{36}$/);
    await client.close();
    assert.equal(await service.stop(), 0);
  });

  it('call a sealed node healthy, which has to wait for its shares', async () => {
    assert(container);
    const database = { KMS_DATABASE_FILE: container.place('var/lib/kleis/shares.db') };
    container.environment = { ...container.environment, ...database };
    assert.equal((await container.run('kleis', 'init', '--seal', 'shamir')).code, 0);
    service = await container.start('kleis', 'serve');
    assert.match(service.greeting, /sealed/);
    const health = await container.run('node', container.place('opt/kleis/health.js'));
    assert.deepEqual(health, { code: 0, output: '' });
    assert.equal(await service.stop(), 0);
  });
});

describe('docker/', () => {
  const composeFiles = ['compose.yaml', 'compose.mysql.yaml'];
  const read = (file: string) => readFileSync(join(root, 'docker', file), 'utf8');

  it('sets settings that there are', () => {
    const known = Object.values(settingsTable).map(({ env }) => env);
    for (const file of ['Dockerfile', ...composeFiles, 'health.js']) {
      const set = read(file).match(/KMS_\w+/g) ?? [];
      assert(set.length > 0, file);
      assert.deepEqual(
        set.filter((name) => !known.includes(name)),
        [],
        file,
      );
    }
  });

  it('names the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const file of composeFiles) assert(read(file).includes(`image: kleis:${version}\n`), file);
  });

  it('has compose files that Docker Compose takes', function () {
    if (spawnSync('docker', ['compose', 'version']).status !== 0) {
      console.log('      left out, for want of Docker Compose: its opinion of the compose files');
      this.skip();
    }
    for (const file of composeFiles) {
      const { status, stderr } = spawnSync('docker', [
        'compose',
        '-f',
        join(root, 'docker', file),
        'config',
        '--quiet',
      ]);
      assert.equal(status, 0, String(stderr));
    }
  });
});
