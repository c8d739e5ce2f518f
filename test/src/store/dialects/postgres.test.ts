import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KmipError } from '../../../../src/errors.ts';
import { postgres } from '../../../../src/store/dialects/postgres.ts';
import { describeOn, execute, postgresDatabase } from '../../../support/databases.ts';

describeOn([postgresDatabase], 'what nodes want of', (database) => {
  /** Asserts that a database is refused, for a reason that operators are told. */
  async function refuses(url: string, reason: RegExp): Promise<void> {
    const error = await postgres(url)
      .open()
      .catch((one) => one);
    assert.ok(error instanceof KmipError && error.error === 'store-unavailable');
    assert.match(String(error.cause), reason);
  }

  it('UTF-8, whatever the server likes better', async () => {
    await database.create();
    const administrator = postgres(database.server.url('postgres'));
    await execute(administrator, "CREATE DATABASE kleis_ascii ENCODING 'SQL_ASCII' TEMPLATE template0");
    await refuses(database.server.url('kleis_ascii'), /encoding SQL_ASCII, not UTF8/);
  });

  it('version 14 or newer', async () => {
    const url = await database.create();
    const name = new URL(url).pathname.slice(1);
    // No older server is at hand: one that says that it is older.
    await execute(postgres(url), 'CREATE SCHEMA older');
    await execute(
      postgres(url),
      `CREATE FUNCTION older.current_setting(name text) RETURNS text LANGUAGE sql AS $$
         SELECT CASE name WHEN 'server_version_num' THEN '130014' WHEN 'server_version' THEN '13.14'
           ELSE pg_catalog.current_setting(name) END $$`,
    );
    await execute(postgres(url), `ALTER DATABASE ${name} SET search_path = older, pg_catalog, public`);
    await refuses(url, /the server is PostgreSQL 13\.14; nodes need 14 or newer/);
  });

  it('that what is committed is on disk, or on more disks than one', async () => {
    const url = await database.create();
    const name = new URL(url).pathname.slice(1);
    for (const [configured, effective] of [
      ['off', 'on'],
      ['local', 'on'],
      ['remote_apply', 'remote_apply'],
    ]) {
      await execute(postgres(url), `ALTER DATABASE ${name} SET synchronous_commit = ${configured}`);
      const [row] = await execute(postgres(url), 'SHOW synchronous_commit');
      assert.equal(row?.['synchronous_commit'], effective);
    }
  });

  it('the primary server: a standby may not know yet what was revoked', async () => {
    const server = database.server.another();
    await server.started();
    await execute(postgres(server.url('postgres')), 'SELECT 1');
    await server.stop('orderly');
    writeFileSync(join(server.folder, 'data', 'standby.signal'), '');
    await server.start();
    await refuses(server.url('postgres'), /standby/);
    await server.stop('kill');
  });
});
