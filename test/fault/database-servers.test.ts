import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import knexFactory from 'knex';
import { KmipError } from '../../src/errors.ts';
import { migrate } from '../../src/store/knex/migrate.ts';
import { openStore } from '../../src/store/knex/sql-store.ts';
import type { Store } from '../../src/store/store.ts';
import { describeOn, execute, serverDatabases, type TestServerDatabase } from '../support/databases.ts';
import { digest, filled, found, generation, installation, put } from '../support/rows.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const unavailable = (error: unknown): boolean => error instanceof KmipError && error.error === 'store-unavailable';

/** What callers do that write without end, and what they were told. */
interface Load {
  readonly acknowledged: readonly string[];
  readonly failures: number;
  /** Resolves once so many more changes were acknowledged. */
  more(count: number): Promise<void>;
  end(): Promise<void>;
}

describeOn(serverDatabases, 'a store on', (database) => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function created(): Promise<{ store: Store; proxy: TcpProxy; url: string }> {
    const url = await database.create();
    const proxy = await TcpProxy.start(database.server.port);
    ends.push(() => proxy.stop());
    const dialect = database.dialect(through(proxy, url));
    await migrate(dialect);
    const store = await openStore(dialect);
    ends.push(() => store.close());
    await store.initialise(installation, generation(1));
    return { store, proxy, url };
  }

  function through({ port }: TcpProxy, url: string): string {
    return url.replace(`:${database.server.port}/`, `:${port}/`);
  }

  for (const how of ['orderly', 'kill'] as const) {
    const title = how === 'kill' ? 'is killed and started' : 'is stopped and started';
    it(`has every acknowledged change and none half when the database ${title} under load, and recovers`, async () => {
      const { store } = await created();
      const load = pairs(store);
      await load.more(100);
      await database.server.stop(how);
      await sleep(100);
      const told = load.failures;
      await assert.rejects(store.validate('x'), unavailable);
      await assert.rejects(store.read('x'), unavailable);
      await database.server.start();
      await load.more(100);
      await load.end();
      assert.ok(told > 0, 'callers were told');
      await complete(store, load);
    });
  }

  it('has every acknowledged change and none half when its connections are cut, and recovers', async () => {
    const { store, proxy } = await created();
    const load = pairs(store);
    for (let round = 0; round < 10; round += 1) {
      await load.more(30);
      proxy.cut();
    }
    await load.more(30);
    await load.end();
    await complete(store, load);
  });

  it('reads over another connection when the one it had was cut meanwhile', async () => {
    const { store, proxy } = await created();
    await filled(store, put('one'));
    for (let round = 0; round < 20; round += 1) {
      proxy.cut();
      assert.equal(await store.validate('one'), 1);
    }
  });

  it('says that a silent database is unavailable, and recovers', async () => {
    const { store, proxy } = await created();
    await filled(store, put('one'));
    proxy.silence();
    const asked = await Promise.allSettled([
      store.validate('one'),
      store.read('one'),
      store.commit({ puts: [put('two')] }),
      store.spend('one', 1, 1n),
    ]);
    for (const one of asked) assert.ok(one.status === 'rejected' && unavailable(one.reason));
    proxy.heal();
    assert.equal(await store.validate('one'), 1);
    await store.commit({ puts: [put('three')] });
  });

  it('waits for a slow database', async () => {
    const { store, proxy } = await created();
    proxy.delay = 30;
    await Promise.all(Array.from({ length: 20 }, (_, i) => store.commit({ puts: [put(`object ${i}`)] })));
    assert.equal((await found(store, { conditions: [] })).length, 20);
    assert.deepEqual(
      await Promise.all(Array.from({ length: 50 }, (_, i) => store.validate(`object ${i % 20}`))),
      Array(50).fill(1),
    );
  });

  it('reads from a database that has become read-only, refuses to write, and recovers', async () => {
    const { store } = await created();
    await filled(store, put('one', { usageLeft: 5n }));
    await readOnly(database, true);
    try {
      await assert.rejects(store.commit({ puts: [put('two')] }), unavailable);
      await assert.rejects(store.spend('one', 1, 1n), unavailable);
      assert.equal((await store.read('one'))?.row.usageLeft, 5n);
      assert.equal(await store.validate('two'), undefined);
    } finally {
      await readOnly(database, false);
    }
    await store.commit({ puts: [put('two')] });
  });

  it('repeats a transaction that the database has given up for a deadlock', async () => {
    const { store, url } = await created();
    const ids = Array.from({ length: 30 }, (_, i) => `object ${i}`);
    await store.commit({ puts: ['first', ...ids].map((id) => put(id)) });
    const other = knexFactory({ ...database.dialect(url).knexConnection(), pool: { min: 1, max: 1 } });
    ends.push(() => other.destroy());
    // PostgreSQL gives up the one who looks first, MariaDB the one who has written less.
    if (database.name === 'PostgreSQL') await other.raw("SET deadlock_timeout = '20s'");
    await other.raw('BEGIN');
    await other.raw("UPDATE objects SET usage_left = 1 WHERE id <> 'first'");
    const committed = store.commit({ puts: [put('first', { expected: 1 }), put('object 1', { expected: 1 })] });
    await sleep(300);
    await other.raw("UPDATE objects SET usage_left = 1 WHERE id = 'first'");
    await other.raw('COMMIT');
    await committed;
    assert.deepEqual(await Promise.all(['first', 'object 1'].map((id) => store.validate(id))), [2, 2]);
  });

  it('is unavailable where there is no server, and does not say where it looked', async () => {
    const { proxy, url } = await created();
    const dialect = database.dialect(through(proxy, url));
    await proxy.stop();
    ends.splice(0, 1);
    const error = await openStore(dialect).catch((one) => one);
    assert.ok(unavailable(error));
    assert.ok(!error.message.includes('localhost'));
    await assert.rejects(migrate(dialect), unavailable);
  });
});

/** Change sets of two objects that belong together, from eight callers. */
function pairs(store: Store): Load {
  const acknowledged: string[] = [];
  let next = 0;
  let failures = 0;
  let ended = false;
  const caller = async (): Promise<void> => {
    while (!ended) {
      const id = `pair ${next++}`;
      const index = { values: [digest(id)] };
      try {
        await store.commit({ puts: [put(`${id} private`, { index }), put(`${id} public`, { index })] });
        acknowledged.push(id);
      } catch (error) {
        if (!unavailable(error)) throw error;
        failures += 1;
        await sleep(10);
      }
    }
  };
  const all = Promise.all(Array.from({ length: 8 }, caller));
  return {
    acknowledged,
    get failures() {
      return failures;
    },
    async more(count) {
      const enough = acknowledged.length + count;
      while (acknowledged.length < enough) await Promise.race([sleep(5), all]);
    },
    async end() {
      ended = true;
      await all;
    },
  };
}

/** Asserts that every acknowledged pair is there, and that none is there by half. */
async function complete(store: Store, { acknowledged }: Load): Promise<void> {
  const all = new Set(await found(store, { conditions: [] }));
  for (const id of acknowledged) assert.ok(all.has(`${id} private`) && all.has(`${id} public`), id);
  const ids = [...all].map((id) => id.replace(/ (private|public)$/, ''));
  for (const id of new Set(ids)) {
    const both = await found(store, { conditions: [{ kind: 'value', digest: digest(id) }] });
    assert.deepEqual(both, [`${id} public`, `${id} private`]);
  }
}

async function readOnly({ name, dialect, server }: TestServerDatabase, on: boolean): Promise<void> {
  if (name === 'PostgreSQL') {
    const administrator = dialect(server.url('postgres'));
    await execute(administrator, `ALTER SYSTEM SET default_transaction_read_only = ${on}`);
    await execute(administrator, 'SELECT pg_reload_conf()');
    await sleep(200);
  } else {
    await execute(dialect(server.url('mysql', { user: 'admin' })), `SET GLOBAL read_only = ${on ? 1 : 0}`);
  }
}
