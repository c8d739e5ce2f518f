import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { Operation } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import type { Client } from '../../support/client.ts';
import { serverDatabases } from '../../support/databases.ts';
import { created, on, outcomeOf, structure, valueIn } from '../../support/requests.ts';
import { type Ended, freePort, TestServer } from '../../support/server.ts';

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

describe('kleis backup, restore and verify', function () {
  this.timeout(120_000);
  let server: TestServer;
  let alice: Client;
  let count = 0;

  before(async () => {
    server = await TestServer.start();
    alice = await server.connect('alice');
  });

  after(() => server.stop());

  const newPath = (): string => join(server.folder, `file-${count++}`);
  const passphrase = (): string => join(server.folder, 'var', 'passphrase');

  /** Backs up; answers the path. */
  async function backedUp(): Promise<string> {
    const path = newPath();
    assert.deepEqual((await server.command('backup', path)).code, 0);
    return path;
  }

  async function materialOf(client: Client, id: string): Promise<string> {
    const { result, payload } = await outcomeOf(client, on(id, Operation.Get));
    assert.equal(result, 'Success', id);
    return (valueIn(structure(0, ...payload), Tag.KeyMaterial) as Buffer).toString('hex');
  }

  /** Restores into a data folder of its own; answers its path. */
  async function restored(file: string, ...more: string[]): Promise<{ root: string } & Ended> {
    const root = newPath();
    const settings = ['--root-dir', root, '--passphrase-file', passphrase()];
    return { root, ...(await server.command('restore', file, ...settings, ...more)) };
  }

  /** Runs something with a server over a restored database. */
  async function serving(env: Record<string, string>, use: (client: Client) => Promise<void>): Promise<void> {
    const another = await TestServer.start({ beside: server, env });
    try {
      await use(await another.connect('alice'));
    } finally {
      await another.stop();
    }
  }

  it('back up, while keys are made, every key that was acknowledged before, and none half', async () => {
    const acknowledged: string[] = [];
    let busy = true;
    const clients = await Promise.all([1, 2, 3, 4].map(() => server.connect('alice')));
    const making = clients.map(async (client) => {
      while (busy) acknowledged.push(await created(client));
      client.socket.destroy();
    });
    await sleep(200);
    const path = newPath();
    const before = [...acknowledged];
    const { code, stderr } = await server.command('backup', path);
    busy = false;
    await Promise.all(making);
    assert.deepEqual([code, stderr], [0, '']);
    assert.ok(before.length > 0 && acknowledged.length > before.length);
    const verified = await server.command('verify', '--backup', path);
    assert.match(verified.stdout, /^Verified \d+ objects, 1 generation of the keyring \(.*\): everything opens\.\n$/);
    const { root, ...ended } = await restored(path);
    assert.deepEqual([ended.code, ended.stderr], [0, '']);
    const materials = new Map<string, string>();
    for (const id of before) materials.set(id, await materialOf(alice, id));
    await serving({ KMS_ROOT_DIR: root }, async (client) => {
      for (const [id, material] of materials) assert.equal(await materialOf(client, id), material);
      assert.equal(materials.has(await created(client)), false);
    });
  });

  for (const database of serverDatabases) {
    const test = database.missing === undefined ? it : it.skip;
    test(`restore into ${database.name}, and from there into SQLite again`, async () => {
      const id = await created(alice);
      const material = await materialOf(alice, id);
      const variable = database.name === 'PostgreSQL' ? 'KMS_POSTGRES_URL' : 'KMS_MYSQL_URL';
      const flag = variable === 'KMS_POSTGRES_URL' ? '--postgres-url' : '--mysql-url';
      const url = await database.create();
      const there = await restored(await backedUp(), flag, url);
      assert.deepEqual([there.code, there.stderr], [0, '']);
      await serving({ [variable]: url }, async (client) => assert.equal(await materialOf(client, id), material));
      const file = newPath();
      await server.command('backup', file, flag, url);
      const back = await restored(file);
      assert.deepEqual([back.code, back.stderr], [0, '']);
      await serving({ KMS_ROOT_DIR: back.root }, async (client) =>
        assert.equal(await materialOf(client, id), material),
      );
    });
  }

  it('restore nothing into a database that is not empty', async () => {
    const path = await backedUp();
    const { code, stderr } = await server.command('restore', path);
    assert.deepEqual([code, stderr], [1, 'kleis: the database is not empty; a backup is restored into an empty one\n']);
  });

  it('change nothing of a database of an older version that is not empty', async () => {
    const path = await backedUp();
    const { root } = await restored(path);
    const file = join(root, 'kleis.db');
    const older = new Database(file);
    const last = older.prepare('DELETE FROM knex_migrations WHERE id = (SELECT max(id) FROM knex_migrations)').run();
    assert.equal(last.changes, 1);
    older.pragma('journal_mode = DELETE');
    older.close();
    const before = readFileSync(file);
    const { code, stderr } = await server.command(
      'restore',
      path,
      '--root-dir',
      root,
      '--passphrase-file',
      passphrase(),
    );
    assert.deepEqual([code, stderr], [1, 'kleis: the database is not empty; a backup is restored into an empty one\n']);
    assert.deepEqual(readFileSync(file), before);
  });

  it('restore nothing of a file that was changed or cut off', async () => {
    const bytes = readFileSync(await backedUp());
    const middle = bytes.length >> 1;
    for (const damaged of [
      bytes.subarray(0, -1),
      Buffer.concat([bytes.subarray(0, middle), bytes.subarray(middle + 1)]),
    ]) {
      const path = newPath();
      writeFileSync(path, damaged);
      const { root, code, stderr } = await restored(path);
      assert.equal(code, 1);
      assert.match(stderr, /^kleis: the backup file was cut off, changed, or put together from several files\n$/);
      assert.equal(existsSync(root), false);
    }
  });

  it('restore nothing with a passphrase of another installation', async () => {
    const other = newPath();
    writeFileSync(other, 'correct horse battery staple\n');
    chmodSync(other, 0o400);
    const { root, code, stderr } = await restored(await backedUp(), '--passphrase-file', other);
    assert.equal(code, 1);
    assert.match(stderr, /^kleis: the passphrase in .* does not open this installation/);
    assert.equal(existsSync(root), false);
  });

  it('name every row that was forged, beside the running server', async () => {
    const { root } = await restored(await backedUp());
    const database = new Database(join(root, 'kleis.db'));
    const ids = database.prepare<[], string>('SELECT id FROM objects ORDER BY sequence LIMIT 4').pluck().all();
    database.prepare('UPDATE objects SET state = 2 WHERE id = ?').run(ids[0]);
    database
      .prepare('UPDATE objects SET object = (SELECT object FROM objects WHERE id = ?) WHERE id = ?')
      .run(ids[2], ids[1]);
    database
      .prepare(
        "INSERT INTO read_access (id, userid, permissions, sequence) SELECT id, 'mallory', 'Get', sequence FROM objects WHERE id = ?",
      )
      .run(ids[2]);
    database.close();
    const settings = ['--root-dir', root, '--passphrase-file', passphrase()];
    const { code, stdout, stderr } = await server.command('verify', ...settings);
    const problem = 'the tag is wrong: the row or its grants were changed';
    assert.equal(
      stderr,
      ids
        .slice(0, 3)
        .map((id) => `objects ${id}: ${problem}\n`)
        .join(''),
    );
    assert.equal(code, 1);
    assert.match(stdout, /: 3 did not open\.\n$/);
    const forged = newPath();
    assert.equal((await server.command('backup', forged, ...settings)).code, 0);
    assert.equal((await server.command('verify', '--backup', forged)).code, 1);
    const again = await restored(forged);
    assert.equal(again.code, 1);
    assert.ok(again.stderr.startsWith(stderr));
    assert.match(again.stdout, /^Restored \d+ objects/);
    assert.equal((await server.command('verify')).code, 0);
  });

  it('take a generation that was forged for what it is', async () => {
    const { root } = await restored(await backedUp());
    const database = new Database(join(root, 'kleis.db'));
    database.exec("INSERT INTO keyring VALUES (7, x'00', 0, 0, 0)");
    database.close();
    const settings = ['--root-dir', root, '--passphrase-file', passphrase()];
    const { code, stderr } = await server.command('verify', ...settings);
    assert.equal(code, 1);
    assert.match(stderr, /^keyring 7: the key does not open/);
  });

  it('leave, when a restore is killed, what nobody takes for a database', async () => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => server.connect('alice')));
    await Promise.all(
      clients.map(async (client) => {
        for (let made = 0; made < 400; made += 1) await created(client);
        client.socket.destroy();
      }),
    );
    const file = await backedUp();
    const root = newPath();
    const settings = ['--root-dir', root, '--passphrase-file', passphrase()];
    const child = spawn(process.execPath, [main, 'restore', file, ...settings], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    while (!hasObjects(join(root, 'kleis.db'))) await sleep(1);
    child.kill('SIGKILL');
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    const message = 'kleis: a restore into this database was broken off; begin again with an empty database\n';
    const ports = ['--kmip-port', String(await freePort()), '--port', String(await freePort())];
    for (const command of [
      ['serve', ...ports],
      ['verify'],
      ['restore', file],
      ['backup', newPath()],
      ['access', 'list', 'one'],
    ]) {
      const { code, stderr } = await server.command(...command, ...settings);
      assert.deepEqual([code, stderr.split('\n').at(-2)], [1, message.trim()], command.join(' '));
    }
  });

  it('are written to the audit', async () => {
    await backedUp();
    const entries = server.audit().filter(({ operation }) => operation === 'Backup');
    assert.deepEqual(
      entries.slice(-2).map(({ worker, kind, result }) => [worker, kind, result]),
      [
        [0, 'attempt', undefined],
        [0, 'outcome', 'success'],
      ],
    );
  });
});

describe('kleis backup and restore of an installation with shares', function () {
  this.timeout(60_000);

  it('take shares from files', async () => {
    const init = ['--seal', 'shamir', '--shares', '3', '--threshold', '2', '--json'];
    const server = await TestServer.start({ init });
    try {
      const { shares } = JSON.parse(server.initialised) as { shares: readonly string[] };
      const [one, both, wrong] = ['1', '2', '3'].map((name) => join(server.folder, name)) as [string, string, string];
      writeFileSync(one, `${shares[0]}\n`);
      writeFileSync(both, `${shares[0]}\n${shares[2]}\n`);
      writeFileSync(wrong, 'KLEIS1-no-share\n');
      const file = join(server.folder, 'backup');
      const few = await server.command('backup', file, '--file', one);
      assert.deepEqual([few.code, few.stderr], [1, 'kleis: these are 1 of 2 shares\n']);
      const none = await server.command('backup', file, '--file', wrong);
      assert.match(none.stderr, /^kleis: a share was not taken: this is no share/);
      const { code, stderr } = await server.command('backup', file, '--file', both);
      assert.deepEqual([code, stderr], [0, '']);
      const root = join(server.folder, 'another');
      const back = await server.command('restore', file, '--file', both, '--root-dir', root);
      assert.match(back.stdout, /^Restored 0 objects, 1 generation of the keyring/);
    } finally {
      await server.stop();
    }
  });
});

/** Whether a database file is there, and a first part of it was restored. */
function hasObjects(path: string): boolean {
  if (!existsSync(path)) return false;
  const database = new Database(path, { readonly: true });
  try {
    return database.prepare('SELECT 1 FROM objects LIMIT 1').get() !== undefined;
  } catch {
    return false;
  } finally {
    database.close();
  }
}
