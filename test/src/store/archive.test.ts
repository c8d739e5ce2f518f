import assert from 'node:assert/strict';
import { type Archive, NotEmptyError, type RestoredObject, type Snapshot } from '../../../src/store/archive.ts';
import type { Dialect } from '../../../src/store/dialects/abilities.ts';
import { sqlite } from '../../../src/store/dialects/sqlite.ts';
import { openArchive } from '../../../src/store/knex/archive.ts';
import { migrate } from '../../../src/store/knex/migrate.ts';
import type { IndexEntries, Store, StoredObject } from '../../../src/store/store.ts';
import { databases, describeOn, execute, newFile, newStore } from '../../support/databases.ts';
import { auditKey, digest, filled, found, generation, installation, put } from '../../support/rows.ts';

const none: IndexEntries = { algorithm: null, length: null, dates: {}, values: [] };

describeOn(databases, 'An archive in', (database) => {
  let dialect: Dialect;
  let store: Store;
  let archive: Archive;

  beforeEach(async () => {
    dialect = await database.empty();
    store = await newStore(dialect);
    archive = await openArchive(dialect);
  });

  afterEach(async () => {
    await archive.close();
    await store.close();
  });

  it('shows one moment, whatever is written meanwhile', async () => {
    await store.initialise(installation, generation(1));
    await filled(store, put('kept'), put('changed'), put('both', { grants: [{ userid: 'bob', permissions: 'Get' }] }));
    const snapshot = await archive.snapshot();
    const objects = snapshot.objects()[Symbol.asyncIterator]();
    await store.commit({ puts: [put('later'), put('changed', { expected: 1, owner: 'another' })] });
    await store.commit({ puts: [put('both', { expected: 1 })] });
    const { value: page } = await objects.next();
    assert.deepEqual(
      (page as readonly StoredObject[]).map(({ row, grants }) => [row.id, row.owner, row.revision, grants.length]),
      [
        ['kept', 'owner', 1, 0],
        ['changed', 'owner', 1, 0],
        ['both', 'owner', 1, 1],
      ],
    );
    await snapshot.end();
  });

  it('shows large objects a page each', async () => {
    await store.initialise(installation, generation(1));
    const material = Buffer.alloc(900_000, 1);
    await filled(store, put('a', { material }), put('b', { material }), put('c'), put('d', { material }), put('e'));
    const snapshot = await archive.snapshot();
    const pages = (await pagesOf(snapshot)).map((page) => page.map(({ row }) => row.id).join(''));
    assert.deepEqual(pages, ['a', 'bc', 'de']);
    await snapshot.end();
  });

  it('is restored as it was: numbers, order, revisions, bytes, grants, counts', async () => {
    const target = await openArchive(await emptySqlite());
    const foundation = {
      installation,
      keyring: [{ ...generation(3), primary: false, reserved: 77 }, generation(5)],
      auditKeys: [auditKey(1), auditKey(2)],
    };
    const grants = [
      { userid: 'bob', permissions: 'Get,Locate' },
      { userid: 'Àdmin ', permissions: 'Get' },
    ];
    const objects = [
      restored('second', 7, { generation: 3, revision: 9, usageLeft: 2n ** 62n + 1n }),
      restored('newest', 4_000, { generation: 5, material: Buffer.from([0, 255]), grants }),
    ];
    await archive.restore(foundation, each(objects));
    const first = await contents(archive);
    assert.deepEqual(first, { foundation, objects: objects.map(({ row, grants }) => ({ row, grants })) });
    await target.restore(foundation, each(first.objects.map((one) => ({ ...one, index: none }))));
    assert.deepEqual(await contents(target), first);
    await target.close();
  });

  it('goes on with larger numbers after a restore, and finds what was restored', async () => {
    const values = [digest('colour: red')];
    const index = { ...none, values };
    await archive.restore(
      { installation, keyring: [generation(1)], auditKeys: [] },
      each([{ ...restored('old', 4_000), index }]),
    );
    await filled(store, put('new', { index }));
    const read = await store.readMany(['old', 'new']);
    assert.deepEqual(
      read.map(({ row }) => row.sequence > 4_000),
      [false, true],
    );
    const byValue = { conditions: [{ kind: 'value', digest: values[0] ?? Buffer.of() }] } as const;
    assert.deepEqual(await found(store, byValue), ['new', 'old']);
  });

  it('is not restored into a database that is not empty', async () => {
    await store.initialise(installation, generation(1));
    const objects = each([restored('one', 1)]);
    await assert.rejects(
      archive.restore({ installation, keyring: [generation(1)], auditKeys: [] }, objects),
      NotEmptyError,
    );
    assert.equal(await store.read('one'), undefined);
  });

  it('that was not restored to its end is no installation, and is not restored again', async () => {
    const foundation = { installation, keyring: [generation(1)], auditKeys: [] };
    async function* broken(): AsyncIterable<readonly RestoredObject[]> {
      yield [restored('one', 1)];
      throw new Error('the disk broke');
    }
    await assert.rejects(archive.restore(foundation, broken()), /the disk broke/);
    const { seal, wrapped } = (await store.installation()) ?? installation;
    assert.deepEqual([seal, wrapped.length], ['restoring', 0]);
    await assert.rejects(archive.restore(foundation, each([])), /a restore into this database was broken off/);
    await assert.rejects(store.initialise(installation, generation(2)));
  });
});

describe('An archive', () => {
  /** Columns that are derived from others, or matter to running nodes alone; names that nobody claims are looked up. */
  const left =
    /^(object_values|claimed_names|knex_migrations|knex_migrations_lock|sqlite_sequence)\.|^installation\.(slot|seal_epoch)$/;
  const derived = /^objects\.(algorithm|length|\w+_date)$|^read_access\.sequence$/;

  it('knows every column of the schema', async () => {
    const dialect = await emptySqlite();
    const rows = await execute(
      dialect,
      `SELECT t.name || '.' || c.name AS name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'`,
    );
    const columns = rows.map(({ name }) => String(name)).filter((name) => !left.test(name) && !derived.test(name));
    assert.deepEqual(columns.sort(), [
      'audit_keys.created',
      'audit_keys.generation',
      'audit_keys.wrapped',
      'installation.admin_token',
      'installation.id',
      'installation.parameters',
      'installation.recovery_parameters',
      'installation.recovery_wrapped',
      'installation.revision',
      'installation.seal',
      'installation.tag',
      'installation.wrapped',
      'keyring.created',
      'keyring.generation',
      'keyring.is_primary',
      'keyring.reserved',
      'keyring.wrapped',
      'objects.attributes',
      'objects.generation',
      'objects.id',
      'objects.object',
      'objects.owner',
      'objects.revision',
      'objects.sequence',
      'objects.state',
      'objects.tag',
      'objects.type',
      'objects.usage_left',
      'read_access.id',
      'read_access.permissions',
      'read_access.userid',
    ]);
  });
});

async function emptySqlite(): Promise<Dialect> {
  const dialect = sqlite(newFile());
  await migrate(dialect);
  return dialect;
}

function restored(id: string, sequence: number, wanted: Parameters<typeof put>[1] = {}): RestoredObject {
  const { row, material = null, usageLeft = null, grants, index } = put(id, wanted);
  return { row: { ...row, sequence, material, usageLeft }, grants, index };
}

async function* each(objects: readonly RestoredObject[]): AsyncIterable<readonly RestoredObject[]> {
  for (const one of objects) yield [one];
}

async function pagesOf(snapshot: Snapshot): Promise<readonly (readonly StoredObject[])[]> {
  const pages: (readonly StoredObject[])[] = [];
  for await (const page of snapshot.objects()) pages.push(page);
  return pages;
}

async function contents(archive: Archive): Promise<{ foundation: unknown; objects: readonly StoredObject[] }> {
  const snapshot = await archive.snapshot();
  const objects = (await pagesOf(snapshot)).flat();
  await snapshot.end();
  return { foundation: snapshot.foundation, objects };
}
