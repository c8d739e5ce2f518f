import assert from 'node:assert/strict';
import { KmipError } from '../../../../src/errors.ts';
import { mysql } from '../../../../src/store/dialects/mysql.ts';
import { describeOn, serverDatabases } from '../../../support/databases.ts';

const mariadb = serverDatabases.filter(({ name }) => name === 'MariaDB');

describeOn(mariadb, 'what nodes want of', (database) => {
  it('a version that they know, by what the server says that it is', async () => {
    const server = database.server.another();
    await server.started();
    for (const [version, reason] of [
      ['10.5.28-MariaDB-log', 'the server is MariaDB 10.5.28-MariaDB-log; nodes need 10.6 or newer'],
      ['5.7.44', 'the server is MySQL 5.7.44; nodes need 8.0 or newer'],
      ['10.6.0-MariaDB', undefined],
      ['8.0.11', undefined],
    ] as const) {
      await server.stop('orderly');
      await server.start(`--version=${version}`);
      const opened = mysql(server.url('mysql', { user: 'admin' })).open();
      if (reason === undefined) await (await opened).close();
      else {
        const error = await opened.catch((one) => one);
        assert.ok(error instanceof KmipError && error.error === 'store-unavailable');
        assert.equal(String(error.cause), `Error: ${reason}`);
      }
    }
    await server.stop('kill');
  });
});
