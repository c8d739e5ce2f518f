import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { KmipError } from '../../../../src/errors.ts';
import { sqlite } from '../../../../src/store/dialects/sqlite.ts';
import { migrate } from '../../../../src/store/knex/migrate.ts';
import { openStore } from '../../../../src/store/knex/sql-store.ts';
import type { Store } from '../../../../src/store/store.ts';
import { newFile } from '../../../support/databases.ts';
import { digest, filled, found, generation, installation, put } from '../../../support/rows.ts';

const unavailable = (error: unknown): boolean => error instanceof KmipError && error.error === 'store-unavailable';

describe('a store in a SQLite file', () => {
  const opened: Store[] = [];
  const ends: (() => void)[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
    for (const end of ends.splice(0)) end();
  });

  async function open(file: string): Promise<Store> {
    const store = await openStore(sqlite(file));
    opened.push(store);
    return store;
  }

  async function create(file: string): Promise<Store> {
    await migrate(sqlite(file));
    const store = await open(file);
    await store.initialise(installation, generation(1));
    return store;
  }

  it('is there when it is opened again', async () => {
    const file = newFile();
    const store = await create(file);
    await filled(store, put('one', { material: Buffer.from('m') }));
    const before = await store.read('one');
    assert.deepEqual(await (await open(file)).read('one'), before);
  });

  it('lets its owner alone read the files', async () => {
    const file = newFile();
    await create(file);
    for (const one of [file, `${file}-wal`, `${file}-shm`]) assert.equal(statSync(one).mode & 0o777, 0o600, one);
  });

  it('commits together what comes at the same time', async () => {
    const file = newFile();
    const store = await create(file);
    await store.commit({ puts: [put('first')] });
    const before = transactions(`${file}-wal`);
    await Promise.all(Array.from({ length: 16 }, (_, i) => store.commit({ puts: [put(`object ${i}`)] })));
    assert.equal(transactions(`${file}-wal`) - before, 1);
  });

  it('reads while another process writes, and waits for it with writing', async () => {
    const file = newFile();
    const store = await create(file);
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE; UPDATE keyring SET reserved = 5');
    const written = store.commit({ puts: [put('one')] });
    assert.equal(await Promise.race([written.then(() => 'written'), sleep(100, 'waiting')]), 'waiting');
    assert.equal((await store.keyring())[0]?.reserved, 0);
    assert.equal(await store.validate('one'), undefined);
    other.exec('COMMIT');
    await written;
    assert.equal((await store.keyring())[0]?.reserved, 5);
    other.close();
  });

  it('sees what another process has written', async () => {
    const file = newFile();
    const store = await create(file);
    const other = await open(file);
    const version = store.version();
    assert.equal(store.version(), version);
    await other.commit({ puts: [put('one')] });
    assert.notEqual(store.version(), version);
    assert.equal(await store.validate('one'), 1);
  });

  it('goes on when the writing thread ends', async () => {
    const workers: Worker[] = [];
    const note = (worker: Worker): unknown => workers.push(worker);
    process.on('worker', note);
    const store = await create(newFile());
    process.off('worker', note);
    const underWay = store.commit({ puts: [put('one')] }).catch((error) => assert.ok(unavailable(error)));
    await workers[0]?.terminate();
    await underWay;
    await store.commit({ puts: [put('two')] });
    assert.equal(await store.validate('two'), 1);
  });

  it('refuses to write once it is closed, after writing what it had taken', async () => {
    const file = newFile();
    const store = await create(file);
    const written = store.commit({ puts: [put('one')] });
    await opened.pop()?.close();
    await written;
    await assert.rejects(store.commit({ puts: [put('two')] }), /closed/);
    assert.deepEqual(await found(await open(file), { conditions: [] }), ['one']);
  });

  it('is unavailable where there is no database', async () => {
    await assert.rejects(open(newFile()), unavailable);
    const file = newFile();
    writeFileSync(file, 'not a database, but longer than the header of one: '.repeat(20));
    await assert.rejects(open(file), unavailable);
  });

  it('says nothing of files and SQL in what clients are told', async () => {
    const file = newFile();
    const error = await open(file).catch((one) => one);
    assert.ok(!error.message.includes(file));
    assert.match(String(error.cause), /SQLITE_CANTOPEN/);
  });

  it('has every acknowledged change, and none half, after kill -9', async () => {
    const file = newFile();
    await (await create(file)).close();
    opened.pop();
    const acknowledged: string[] = [];
    for (let round = 0; round < 5; round++) {
      const child = start(file, 'pairs', `round ${round}`, (line) => acknowledged.push(line));
      while (!acknowledged.some((id) => id.startsWith(`round ${round} `))) await sleep(10);
      await sleep(50 + 30 * round);
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    const store = await open(file);
    const all = new Set(await found(store, { conditions: [] }));
    assert.ok(acknowledged.length > 50);
    for (const id of acknowledged) assert.ok(all.has(`${id} private`) && all.has(`${id} public`), id);
    for (const id of all) {
      const pair = id.replace(/ (private|public)$/, '');
      const ids = await found(store, { conditions: [{ kind: 'value', digest: digest(pair) }] });
      assert.deepEqual(ids, [`${pair} public`, `${pair} private`]);
    }
  });

  it('counts right when two processes write at once, and tells the latest revision', async () => {
    const file = newFile();
    const store = await create(file);
    await filled(store, put('counter'));
    let latest = 1;
    const behind: unknown[] = [];
    const children = ['a', 'b'].map((name) =>
      start(file, 'count', name, (line) => {
        latest = Math.max(latest, Number(line));
        const expected = latest;
        store.validate('counter').then((revision) => {
          if (revision === undefined || revision < expected) behind.push([revision, expected]);
        }, behind.push);
      }),
    );
    const codes = await Promise.all(children.map((child) => once(child, 'close')));
    assert.deepEqual(codes, [
      [0, null],
      [0, null],
    ]);
    assert.equal(await store.validate('counter'), 201);
    assert.deepEqual(behind, []);
  });

  it('is unavailable for writing while the disk is full, and recovers', async function () {
    const disk = mount(this, '3m', ends);
    const store = await create(join(disk, 'kleis.db'));
    writeFileSync(join(disk, 'filler'), Buffer.alloc(1 << 20));
    const { written, error } = await writeUntilItFails(store);
    assert.ok(unavailable(error), String(error));
    assert.match(String(error.cause), /SQLITE_FULL/);
    assert.deepEqual(await found(store, { conditions: [] }), written.toReversed());

    rmSync(join(disk, 'filler'));
    await store.commit({ puts: [put('afterwards')] });
    assert.deepEqual(await found(store, { conditions: [] }), ['afterwards', ...written.toReversed()]);
  });

  it('is unavailable for writing while the file system is read-only, and recovers', async function () {
    const disk = mount(this, '8m', ends);
    const store = await create(join(disk, 'kleis.db'));
    await filled(store, put('one'));
    await opened.pop()?.close();
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    await assert.rejects(openAndWrite(join(disk, 'kleis.db')), unavailable);
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    await openAndWrite(join(disk, 'kleis.db'));
  });

  async function openAndWrite(file: string): Promise<void> {
    await (await open(file)).commit({ puts: [put('two')] });
  }
});

/** Starts store-child.ts; `tell` gets its lines. */
function start(file: string, mode: string, name: string, tell: (line: string) => void) {
  const program = join(import.meta.dirname, '../../../support/store-child.ts');
  const child = spawn(process.execPath, [program, file, mode, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', tell);
  return child;
}

async function writeUntilItFails(store: Store): Promise<{ written: string[]; error: Error }> {
  const written: string[] = [];
  for (;;) {
    const id = `object ${written.length}`;
    try {
      await store.commit({ puts: [put(id, { material: Buffer.alloc(20_000, id) })] });
      written.push(id);
    } catch (error) {
      if (error instanceof Error) return { written, error };
    }
  }
}

/** A small file system of its own; the test is left out where only root could make one. */
function mount(test: Mocha.Context, size: string, ends: (() => void)[]): string {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) test.skip();
  const disk = `${newFile()}.disk`;
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    test.skip();
  }
  ends.push(() => execFileSync('umount', [disk]));
  return disk;
}

/** Transactions in a write-ahead log (https://sqlite.org/fileformat2.html#walformat): frames that end one. */
function transactions(file: string): number {
  if (!existsSync(file)) return 0;
  const log = readFileSync(file);
  const frame = 24 + log.readUInt32BE(8);
  const salt = log.subarray(16, 24);
  let count = 0;
  for (let at = 32; at + frame <= log.length && log.subarray(at + 8, at + 16).equals(salt); at += frame) {
    if (log.readUInt32BE(at + 4) !== 0) count++;
  }
  return count;
}
