import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import knexFactory, { type Knex } from 'knex';
import { KmipError } from '../../src/errors.ts';
import { migrate } from '../../src/store/knex/migrate.ts';
import { openStore } from '../../src/store/knex/sql-store.ts';
import type { Store } from '../../src/store/store.ts';
import { describeOn, execute, serverDatabases } from '../support/databases.ts';
import { generation, installation, put } from '../support/rows.ts';

const unavailable = (error: unknown): boolean => error instanceof KmipError && error.error === 'store-unavailable';

/** What differs between the servers in this file. */
interface Words {
  /** Has the server give up every insertion of an object up to the one of that number, for the sake of another transaction. */
  givingUp(insertions: number): readonly string[];
  /** How many insertions were tried. No transaction takes that back. */
  readonly tried: string;
  /** Has sessions of everybody begin with the strictest isolation, in a database of that name. */
  strictest(name: string): string;
  readonly isolation: string;
}

const words: Readonly<Record<string, Words>> = {
  PostgreSQL: {
    givingUp: (insertions) => [
      'CREATE SEQUENCE tried',
      `CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF nextval('tried') <= ${insertions} THEN
            RAISE EXCEPTION 'could not serialize access' USING ERRCODE = 'serialization_failure';
          END IF;
          RETURN NEW;
        END $$`,
      'CREATE TRIGGER give_up BEFORE INSERT ON objects FOR EACH ROW EXECUTE FUNCTION give_up()',
    ],
    tried: 'SELECT last_value AS count FROM tried',
    strictest: (name) => `ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`,
    isolation: "SELECT current_setting('transaction_isolation') AS level",
  },
  MariaDB: {
    givingUp: (insertions) => [
      'CREATE SEQUENCE tried NOCACHE',
      `CREATE TRIGGER give_up BEFORE INSERT ON objects FOR EACH ROW
        IF NEXTVAL(tried) <= ${insertions} THEN
          SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'Deadlock found when trying to get lock';
        END IF`,
    ],
    tried: 'SELECT next_not_cached_value - 1 AS count FROM tried',
    strictest: () => "SET GLOBAL tx_isolation = 'SERIALIZABLE'",
    isolation: 'SELECT @@tx_isolation AS level',
  },
};

describeOn(serverDatabases, 'a store whose transactions are in the way of others, on', (database) => {
  const kind = words[database.name] as Words;
  const ends: (() => Promise<unknown>)[] = [];
  let url: string;
  let store: Store;
  /** Somebody else's connection. */
  let other: Knex;

  beforeEach(async () => {
    url = await database.create();
    await migrate(database.dialect(url));
    store = await openStore(database.dialect(url));
    ends.push(() => store.close());
    await store.initialise(installation, generation(1));
    other = knexFactory({ ...database.dialect(url).knexConnection(), pool: { min: 1, max: 1 } });
    ends.push(() => other.destroy());
  });

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function tried(): Promise<number> {
    const answer = await other.raw(kind.tried);
    const [row] = database.name === 'PostgreSQL' ? answer.rows : answer[0];
    return Number(row.count);
  }

  async function giveUp(insertions: number): Promise<void> {
    for (const sql of kind.givingUp(insertions)) await other.raw(sql);
  }

  it('tries eight times what the server gives up, and then says that it is unavailable', async () => {
    await giveUp(1_000);
    await assert.rejects(store.commit({ puts: [put('one')] }), unavailable);
    assert.equal(await tried(), 8);
    assert.equal(await store.read('one'), undefined);
  });

  it('has written once what was given up seven times', async () => {
    await giveUp(7);
    await store.commit({ puts: [put('one')] });
    assert.equal(await tried(), 8);
    assert.equal(await store.validate('one'), 1);
  });

  it('waits for the lock of another one', async () => {
    await store.commit({ puts: [put('one')] });
    await other.raw('BEGIN');
    await other.raw("UPDATE objects SET usage_left = 1 WHERE id = 'one'");
    const committed = store.commit({ puts: [put('one', { expected: 1 })] });
    await sleep(300);
    assert.equal(await store.validate('one'), 1);
    await other.raw('COMMIT');
    await committed;
    assert.equal(await store.validate('one'), 2);
  });

  it('gives up by itself where another one keeps the lock, and leaves nothing of the change', async () => {
    await store.commit({ puts: [put('one'), put('two')] });
    await other.raw('BEGIN');
    await other.raw("UPDATE objects SET usage_left = 1 WHERE id = 'two'");
    const change = { puts: [put('one', { expected: 1 }), put('two', { expected: 1 })] };
    await assert.rejects(store.commit(change), unavailable);
    // Nor does it keep the lock of its own that it had.
    await other.raw("UPDATE objects SET usage_left = 1 WHERE id = 'one'");
    await other.raw('COMMIT');
    assert.deepEqual([await store.validate('one'), await store.validate('two')], [1, 1]);
    await store.commit(change);
    assert.deepEqual([await store.validate('one'), await store.validate('two')], [2, 2]);
  });

  it('chooses the isolation of its transactions itself', async () => {
    const name = new URL(url).pathname.slice(1);
    const administrator = database.dialect(database.server.url(name, administratorOf(database.name)));
    await execute(administrator, kind.strictest(name));
    if (database.name === 'MariaDB') {
      ends.push(() => execute(administrator, "SET GLOBAL tx_isolation = 'REPEATABLE-READ'"));
    }
    const [row] = await execute(database.dialect(url), kind.isolation);
    assert.match(String(row?.['level']), /^read.committed$/i);
    const another = await openStore(database.dialect(url));
    ends.push(() => another.close());
    await store.commit({ puts: [put('one', { usageLeft: 100n })] });
    const spent = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? store : another).spend('one', 1, 1n));
    assert.equal((await Promise.all(spent)).filter((left) => left === undefined).length, 0);
    assert.equal(await store.spend('one', 1, 1n), undefined);
  });
});

function administratorOf(kind: string): { readonly user?: string } {
  return kind === 'MariaDB' ? { user: 'admin' } : {};
}
