import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Operation, QueryFunction } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Client } from '../support/client.ts';
import { describeOn, execute, postgresDatabase } from '../support/databases.ts';
import { ask } from '../support/http.ts';
import { batchItem, created, enumeration, on, outcomeOf } from '../support/requests.ts';
import { TestServer } from '../support/server.ts';

/** A clock that stands in the place of the server's own one, and can be set: no other database has a way to do that. */
const otherClock = [
  'CREATE SCHEMA clocks',
  "CREATE TABLE clocks.shift AS SELECT interval '0 s' AS shift",
  `CREATE FUNCTION clocks.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT pg_catalog.clock_timestamp() + shift FROM clocks.shift'`,
];

describeOn([postgresDatabase], 'a node whose clock differs from that of', (database) => {
  let server: TestServer;
  let client: Client;
  let url: string;

  before(async () => {
    url = await database.create();
    for (const sql of otherClock) await execute(database.dialect(url), sql);
    await execute(
      database.dialect(url),
      `ALTER DATABASE ${new URL(url).pathname.slice(1)}
      SET search_path = public, clocks, pg_catalog`,
    );
    server = await TestServer.start({ env: { KMS_POSTGRES_URL: url }, workers: 2 });
    client = await server.connect();
  });

  after(async () => {
    await client?.close();
    await server?.stop();
  });

  const set = (shift: string) => execute(database.dialect(url), `UPDATE clocks.shift SET shift = interval '${shift}'`);
  const status = async () => (await ask({ port: server.httpPort, ca: server.ca }, { path: '/status' })).json;

  async function until(holds: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + 20_000; !(await holds()); ) {
      assert(Date.now() < deadline, 'not in time');
      await delay(50);
    }
  }

  for (const shift of ['1 hour', '-10 s']) {
    it(`answers nothing, by name, while it is off by ${shift}, and goes on by itself once it is right`, async () => {
      const id = await created(client);
      await set(shift);
      const seconds = shift === '1 hour' ? /differ by 3(599|600|601) s$/ : /differ by (9|10|11) s$/;
      await until(async () => (await outcomeOf(client, on(id, Operation.Get))).result !== 'Success');
      const { result, message } = await outcomeOf(client, on(id, Operation.Get));
      assert.equal(result, 'GeneralFailure');
      assert.match(message, seconds);
      const query = batchItem(Operation.Query, enumeration(Tag.QueryFunction, QueryFunction.QueryOperations));
      assert.equal((await outcomeOf(client, query)).result, 'Success');
      const { state, reason } = await status();
      assert.equal(state, 'unsealed');
      assert.match(String(reason), seconds);
      const health = await ask({ port: server.httpPort, ca: server.ca }, { path: '/seal_status' });
      assert.equal(health.status, 418);
      assert.match(server.log, /"alarm":true.*differ by \d+ s: nothing is answered until they agree/);
      await set('0 s');
      await until(async () => (await outcomeOf(client, on(id, Operation.Get))).result === 'Success');
      assert.equal((await status())['reason'], undefined);
      assert.match(server.log, /agree again/);
    });
  }

  it('does not start', async () => {
    await set('1 hour');
    await assert.rejects(
      TestServer.start({ env: { KMS_POSTGRES_URL: url }, beside: server }),
      /clock.*differ by 3\d+ s/,
    );
    await set('0 s');
  });
});
