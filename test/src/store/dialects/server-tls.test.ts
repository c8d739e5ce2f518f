import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issue } from '../../../../certs/authority.ts';
import { KmipError } from '../../../../src/errors.ts';
import type { Dialect } from '../../../../src/store/dialects/abilities.ts';
import { mysql } from '../../../../src/store/dialects/mysql.ts';
import { postgres } from '../../../../src/store/dialects/postgres.ts';
import { describeOn, execute, newFile, serverDatabases } from '../../../support/databases.ts';
import { certificates } from '../../../support/listener.ts';
import { TcpProxy } from '../../../support/tcp-proxy.ts';

const unavailable = (error: unknown): boolean => error instanceof KmipError && error.error === 'store-unavailable';

describeOn(serverDatabases, 'TLS to', (database) => {
  const isPostgres = database.name === 'PostgreSQL';
  const open = isPostgres ? postgres : mysql;
  const names = isPostgres
    ? { mode: 'sslmode', ca: 'sslrootcert', off: 'disable', on: 'require', known: 'verify-ca', same: 'verify-full' }
    : { mode: 'ssl-mode', ca: 'ssl-ca', off: 'DISABLED', on: 'REQUIRED', known: 'VERIFY_CA', same: 'VERIFY_IDENTITY' };
  let url: string;
  let ca: string;
  let otherCa: string;

  before(async () => {
    url = await database.create();
    ca = join(database.server.folder, 'ca.pem');
    otherCa = newFile();
    writeFileSync(otherCa, (await createAuthority('Another CA', { keys: 'ec' })).certificate);
  });

  /** Whether the connection is encrypted. */
  async function encrypted(dialect: Dialect): Promise<boolean> {
    if (isPostgres) {
      const [row] = await execute(dialect, 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      return row?.['ssl'] === true;
    }
    const [row] = await execute(dialect, "SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    return String(row?.['Value']) !== '';
  }

  it('is used where the server has it, unless it is switched off', async () => {
    assert.equal(await encrypted(open(url)), true);
    assert.equal(await encrypted(open(`${url}?${names.mode}=${names.on}`)), true);
    assert.equal(await encrypted(open(`${url}?${names.mode}=${names.off}`)), false);
  });

  it('verifies the authority, and the host', async () => {
    for (const mode of [names.known, names.same]) {
      assert.equal(await encrypted(open(`${url}?${names.mode}=${mode}&${names.ca}=${ca}`)), true);
      await assert.rejects(encrypted(open(`${url}?${names.mode}=${mode}&${names.ca}=${otherCa}`)), unavailable);
    }
    assert.equal(await encrypted(open(`${url}?${names.ca}=${ca}`)), true);
    await assert.rejects(encrypted(open(`${url}?${names.ca}=${otherCa}`)), unavailable);
  });

  it('is refused where the certificate is for another host', async function () {
    // The machine has a name of its own, which the certificate does not have.
    const { address } = await lookup(hostname(), 4).catch(() => this.skip());
    const proxy = await TcpProxy.start(database.server.port, address);
    const there = url.replace(/localhost:\d+/, `${hostname()}:${proxy.port}`);
    assert.equal(await encrypted(open(`${there}?${names.mode}=${names.known}&${names.ca}=${ca}`)), true);
    await assert.rejects(encrypted(open(`${there}?${names.mode}=${names.same}&${names.ca}=${ca}`)), unavailable);
    await proxy.stop();
  });

  it('shows the client certificate', async () => {
    const issued = await issue((await certificates()).ca, { cn: 'certified', keys: 'ec' });
    const file = newFile();
    writeFileSync(file, `${issued.certificate}\n${issued.key}`);
    if (isPostgres) await execute(open(url), 'CREATE ROLE certified LOGIN');
    const certified = url.replace('//kleis:', '//certified:');
    assert.equal(await encrypted(open(certified, file)), true);
    await assert.rejects(encrypted(open(certified)), unavailable);
  });
});
