import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { AuditEntry } from '../../src/audit/entry.ts';
import { AttributeSet } from '../../src/kmip/attribute-set.ts';
import { valueDigest } from '../../src/objects/index-entries.ts';
import type { ManagedObject } from '../../src/objects/object.ts';
import { Keyring } from '../../src/seal/keyring.ts';
import { SealState } from '../../src/seal/state.ts';
import { TaggedRecords } from '../../src/seal/tagged-records.ts';
import { sqlite } from '../../src/store/dialects/sqlite.ts';
import { openStore } from '../../src/store/knex/sql-store.ts';
import type { Store } from '../../src/store/store.ts';
import { newStore } from '../support/databases.ts';
import { generationsOf, install } from '../support/seal.ts';
import { materialOf, newObject } from '../support/sealed.ts';

function newKey(id: string, limited = false): ManagedObject {
  return newObject(id, {
    attributes: AttributeSet.empty.adding('Name', { nameValue: id, nameType: 1 }).with('ActivationDate', 1),
    grants: [{ userid: 'bob', permissions: ['Get'] }],
    usageLeft: limited ? 10n : undefined,
  });
}

/** What somebody who can write to the database may try; the alarm has to name `row`, or `a`. */
const forgeries: readonly { readonly what: string; readonly sql: string; readonly row?: string }[] = [
  ...[
    "owner = 'mallory'",
    'owner = 7',
    'state = 1, activation_date = NULL',
    'type = 7',
    'type = 2.5',
    "type = 'SymmetricKey'",
    'revision = revision + 1',
    'generation = 2',
    'usage_left = 1000000',
    'tag = zeroblob(32)',
    "tag = 'text'",
    "tag = x''",
    'attributes = zeroblob(length(attributes))',
    "attributes = 'text'",
    "attributes = (SELECT attributes FROM objects WHERE id = 'b')",
    'object = NULL',
    "object = 'text'",
    'object = zeroblob(length(object))',
    "object = (SELECT object FROM objects WHERE id = 'b')",
    "object = (SELECT object FROM objects WHERE id = 'b'), tag = (SELECT tag FROM objects WHERE id = 'b')",
    "attributes = (SELECT attributes FROM objects WHERE id = 'b'), object = (SELECT object FROM objects WHERE id = 'b'), tag = (SELECT tag FROM objects WHERE id = 'b')",
  ].map((change) => ({ what: `set ${change}`, sql: `UPDATE objects SET ${change} WHERE id = 'a'` })),
  { what: 'lift a limit', sql: "UPDATE objects SET usage_left = NULL WHERE id = 'limited'", row: 'limited' },
  { what: 'widen a grant', sql: "UPDATE read_access SET permissions = 'Destroy,Get' WHERE id = 'a'" },
  { what: 'give a grant to somebody else', sql: "UPDATE read_access SET userid = '*' WHERE id = 'a'" },
  { what: 'take a grant away', sql: "DELETE FROM read_access WHERE id = 'a'" },
  {
    what: 'add a grant',
    sql: "INSERT INTO read_access SELECT id, 'mallory', permissions, sequence FROM read_access WHERE id = 'a'",
  },
  { what: 'move a grant', sql: "UPDATE read_access SET id = 'a', userid = 'carol' WHERE id = 'b'" },
  {
    what: 'swap two identifiers',
    sql: "UPDATE objects SET id = 'x' WHERE id = 'b'; UPDATE objects SET id = 'b' WHERE id = 'a'; UPDATE objects SET id = 'a' WHERE id = 'x'",
  },
];

async function collect(objects: AsyncIterable<ManagedObject>): Promise<ManagedObject[]> {
  const all: ManagedObject[] = [];
  for await (const object of objects) all.push(object);
  return all;
}

interface Opened {
  readonly records: TaggedRecords;
  readonly audited: AuditEntry[];
  readonly logged: unknown[];
}

describe('rows forged with SQL', () => {
  let folder: string;
  let file: string;
  let store: Store;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kleis-forged-'));
    file = join(folder, 'template.db');
    store = await newStore(sqlite(file));
    await install(store);
    const { records } = await unsealed();
    for (const id of ['a', 'b']) await records.commit({ puts: [{ after: newKey(id), material: materialOf(id) }] });
    await records.commit({ puts: [{ after: newKey('limited', true), material: materialOf('limited') }] });
    await store.close();
  });

  after(() => rmSync(folder, { recursive: true }));

  /** A copy of the database, after somebody has been there. */
  async function forged(sql: string): Promise<void> {
    file = join(folder, 'forged.db');
    new Database(join(folder, 'template.db')).exec(`VACUUM INTO '${file}'`).close();
    const database = new Database(file);
    database.pragma('foreign_keys = OFF');
    database.exec(sql);
    database.close();
    store = await openStore(sqlite(file));
  }

  afterEach(async () => {
    await store.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  });

  async function unsealed(): Promise<Opened> {
    const installation = await store.installation();
    assert(installation);
    const source = await generationsOf(store, installation);
    await source.check();
    const state = new SealState();
    state.unseal(new Keyring(installation.id, source, store));
    const audited: AuditEntry[] = [];
    const logged: unknown[] = [];
    const audit = { append: (entry: AuditEntry) => void audited.push(entry) };
    const log = { error: (...line: unknown[]) => void logged.push(line) };
    return { records: new TaggedRecords({ store, state, audit, log, maxStaleness: 0 }), audited, logged };
  }

  for (const { what, sql, row = 'a' } of forgeries) {
    it(`give nothing out and raise the alarm: ${what}`, async () => {
      await forged(sql);
      const { records, audited, logged } = await unsealed();
      await assert.rejects(async () => records.get(row), {
        name: 'KmipError',
        error: 'internal',
        message: 'the server failed',
      });
      await assert.rejects(collect(records.find({ conditions: [] })), { error: 'internal' });
      assert(audited.some(({ kind, object }) => kind === 'alarm' && object === row));
      assert.match(JSON.stringify(logged), new RegExp(`"alarm":true,"table":"objects","object":"${row}"`));
    });
  }

  it('are not what they were copied from: a row under a new identifier', async () => {
    await forged("UPDATE objects SET id = 'copy' WHERE id = 'a'; UPDATE read_access SET id = 'copy' WHERE id = 'a'");
    const { records, audited } = await unsealed();
    assert.equal(await records.get('a'), undefined);
    await assert.rejects(async () => records.get('copy'), { error: 'internal' });
    assert.equal(audited[0]?.object, 'copy');
  });

  it('of the index make candidates, and nothing more', async () => {
    await forged(
      "UPDATE object_values SET digest = (SELECT digest FROM object_values o JOIN objects USING (sequence) WHERE id = 'b') WHERE sequence = (SELECT sequence FROM objects WHERE id = 'a')",
    );
    const { records } = await unsealed();
    const digest = valueDigest('Name', { nameValue: 'b', nameType: 1 });
    const found = await collect(records.find({ conditions: [{ kind: 'value', digest }] }));
    assert.deepEqual(
      found.map(({ id, attributes }) => [id, attributes.get('Name')?.nameValue]),
      [
        ['b', 'b'],
        ['a', 'a'],
      ],
    );
  });

  for (const [sql, message] of [
    ['UPDATE keyring SET wrapped = zeroblob(60)', /generation 1 of the keyring does not open/],
    ["UPDATE keyring SET wrapped = 'text'", /generation 1 of the keyring does not open/],
    ['UPDATE keyring SET created = created + 1', /generation 1 of the keyring does not open/],
    ['UPDATE keyring SET generation = 2', /generation 2 of the keyring does not open/],
    ['INSERT INTO keyring SELECT 2, wrapped, created, 0, 0 FROM keyring', /generation 2 of the keyring does not open/],
    ['UPDATE keyring SET is_primary = 0', /no primary generation/],
    ["UPDATE installation SET id = 'another'", /generation 1 of the keyring does not open/],
    ['UPDATE installation SET wrapped = zeroblob(32)', /generation 1 of the keyring does not open/],
  ] as const) {
    it(`keep the node from unsealing: ${sql}`, async () => {
      await forged(sql);
      await assert.rejects(unsealed(), { name: 'SealError', message });
    });
  }
});
