import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { migrations } from '../../../schema/migrations.ts';
import { describeOn, execute, serverDatabases } from '../../support/databases.ts';
import { freePort, TestServer } from '../../support/server.ts';

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
const names = migrations.map(({ name }) => name);

describe('kleis migrate', function () {
  this.timeout(20_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kleis-migrate-'));
  });

  after(() => rmSync(folder, { recursive: true }));

  function kleis(command: string, settings: Record<string, string> = {}) {
    const env = { ...process.env, KMS_ROOT_DIR: join(folder, 'var'), ...settings };
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, command], { env, encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  it('makes no database', () => {
    const { status, stderr } = kleis('migrate');
    assert.equal(status, 1);
    assert.match(stderr, /^kleis: there is no database .*kleis\.db; run `kleis init`\n$/);
  });

  it('refuses two databases at once', () => {
    const both = { KMS_POSTGRES_URL: 'postgresql://a@localhost/a', KMS_MYSQL_URL: 'mysql://a@localhost/a' };
    const { status, stderr } = kleis('migrate', both);
    assert.deepEqual([status, stderr], [1, 'kleis: either KMS_POSTGRES_URL or KMS_MYSQL_URL can be set\n']);
  });

  it('tells of a URL that is none, without repeating it', () => {
    const { status, stderr } = kleis('migrate', { KMS_POSTGRES_URL: 'host=localhost password=secret' });
    assert.equal(status, 1);
    assert.match(stderr, /^kleis: the database's URL .*postgresql:\/\/.*\n$/);
    assert.ok(!stderr.includes('secret'));
  });

  it('is not needed before serve, which does the same', async () => {
    const server = await TestServer.start();
    try {
      await server.end();
      const database = new Database(join(server.folder, 'var', 'kleis.db'));
      database.exec("DROP TABLE claimed_names; DELETE FROM knex_migrations WHERE name = '0006-claimed-names'");
      await server.serve();
      assert.equal(
        database.prepare("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'claimed_names'").pluck().get(),
        1,
      );
      database.close();
    } finally {
      await server.stop();
    }
  });

  describeOn(serverDatabases, 'on', (database) => {
    const setting = database.name === 'PostgreSQL' ? 'KMS_POSTGRES_URL' : 'KMS_MYSQL_URL';

    it('brings the schema up to date, once', async () => {
      const url = await database.create();
      const done = { status: 0, stdout: `Migrated: ${names.join(', ')}.\n`, stderr: '' };
      assert.deepEqual(kleis('migrate', { [setting]: url }), done);
      assert.deepEqual(kleis('migrate', { [setting]: url }), { ...done, stdout: 'The schema is up to date.\n' });
    });

    it('and every other command refuse a database that is newer', async () => {
      const url = await database.create();
      kleis('init', { [setting]: url });
      const newer = "INSERT INTO knex_migrations (name, batch) VALUES ('9999-of-the-future', 2)";
      await execute(database.dialect(url), newer);
      for (const command of ['migrate', 'serve', 'init']) {
        const ports = { KMS_KMIP_PORT: `${await freePort()}`, KMS_PORT: `${await freePort()}` };
        const { status, stderr } = kleis(command, { [setting]: url, ...ports });
        assert.equal(status, 1, command);
        assert.match(stderr, /kleis: The database is newer than this program.*9999-of-the-future/, command);
      }
    });

    it('says what is wrong with the server, and no password', async () => {
      const url = await database.create();
      const nobodyThere = url.replace(/:\d+\//, `:${await freePort()}/`);
      const wrong = url.replace(/:[^:@]*@/, ':wrong-password@');
      for (const [settings, reason] of [
        [{ [setting]: nobodyThere }, /cannot be used: .*ECONNREFUSED/],
        [{ [setting]: wrong }, /cannot be used: .*(password authentication failed|Access denied)/],
      ] as const) {
        const { status, stderr } = kleis('migrate', settings);
        assert.equal(status, 1);
        assert.match(stderr, reason);
        assert.ok(!stderr.includes('wrong-password') && !stderr.includes('a%20password'), stderr);
      }
    });

    it('init is refused where there is an installation', async () => {
      const url = await database.create();
      assert.equal(kleis('init', { [setting]: url }).status, 0);
      const { status, stderr } = kleis('init', { [setting]: url });
      assert.deepEqual([status, stderr], [1, `kleis: the database of ${setting} has an installation already\n`]);
    });
  });
});
