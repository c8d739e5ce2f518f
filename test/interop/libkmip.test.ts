import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Item } from '../../ttlv/item.ts';
import { ObjectType, Operation, ResultReason, State } from '../../ttlv/tables/enums.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { code, int, itemOf, requestOf, struct, text } from '../support/items.ts';
import { TestServer } from '../support/server.ts';
import { call, LibkmipConnection } from './libkmip.ts';
import { aes256, secret, symmetric } from './material.ts';
import { attributeOf, name, templateOf } from './session.ts';

const limit = int('MaximumResponseSize', 8192);

/** A request as the library writes it: no batch item id, Maximum Response Size in the header. */
function message(version: Version, operation: Operation, ...payload: Item[]): Item {
  return requestOf(version, [itemOf(operation, payload)], limit);
}

function register(version: Version, object: Item, type: ObjectType, ...attributes: Item[]): Item {
  return message(version, Operation.Register, code('ObjectType', type), templateOf(version, ...attributes), object);
}

const on = (version: Version, operation: Operation, id: string, ...more: Item[]) =>
  message(version, operation, text('UniqueIdentifier', id), ...more);

const locate = (filters: readonly Item[], ...options: Item[]) =>
  message(10, Operation.Locate, ...options, ...filters.map((one) => attributeOf(one)));

const symmetricKeys = code('ObjectType', ObjectType.SymmetricKey);

describe('interop/libkmip', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  it('pg_tde: Register in 1.4, Locate and Get in 1.0; one match, and none after Destroy', async () => {
    const key = randomBytes(16);
    const wanted = locate([symmetricKeys, name('tde')], int('MaximumItems', 16));
    assert.deepEqual((await call(server, 'pg', wanted)).identifiers, []);
    const made = await call(server, 'pg', register(14, symmetric(key), ObjectType.SymmetricKey, name('tde')));
    const [id = ''] = made.identifiers;
    assert.deepEqual((await call(server, 'pg', wanted)).identifiers, [id]);
    assert.deepEqual((await call(server, 'pg', on(10, Operation.Get, id))).key, key);
    assert.equal((await call(server, 'pg', on(10, Operation.Destroy, id))).status, 0);
    assert.deepEqual((await call(server, 'pg', wanted)).identifiers, []);
  });

  it('Percona Server for MongoDB: Register without Name, Activate, Get, and State alone as often as it asks', async () => {
    const key = randomBytes(32);
    const made = await call(server, 'mongo', register(10, symmetric(key), ObjectType.SymmetricKey, ...aes256));
    const [id = ''] = made.identifiers;
    const state = on(10, Operation.GetAttributes, id, text('AttributeName', 'State'));
    await call(server, 'mongo', on(10, Operation.Activate, id));
    assert.deepEqual((await call(server, 'mongo', on(10, Operation.Get, id))).key, key);
    for (let poll = 0; poll < 3; poll++) {
      const { attribute } = await call(server, 'mongo', state);
      assert.deepEqual([attribute?.name, attribute?.value.readInt32BE()], ['State', State.Active]);
    }
    const unknown = await call(server, 'mongo', on(10, Operation.Get, 'nobody'));
    assert.equal(unknown.reason, ResultReason.ItemNotFound);
  });

  it('Percona Server for MySQL: loads its keys in pages of 16 by Offset Items in 1.0, each once', async () => {
    const group = text('ObjectGroup', 'instance 1');
    const made: string[] = [];
    for (let number = 0; number < 35; number++) {
      const given = [...aes256, name(`key ${number}`), group];
      const answer = await call(
        server,
        'mysql',
        register(14, symmetric(randomBytes(32)), ObjectType.SymmetricKey, ...given),
      );
      made.push(...answer.identifiers);
    }
    const loaded: string[] = [];
    for (;;) {
      const options = [int('MaximumItems', 16), ...(loaded.length === 0 ? [] : [int('OffsetItems', loaded.length)])];
      const { identifiers } = await call(server, 'mysql', locate([symmetricKeys, group], ...options));
      if (identifiers.length === 0) break;
      loaded.push(...identifiers);
    }
    assert.deepEqual(loaded, made.reverse());
    const { attribute } = await call(
      server,
      'mysql',
      on(14, Operation.GetAttributes, loaded[0] ?? '', text('AttributeName', 'Name')),
    );
    assert.ok(attribute?.value.includes('key 34'));
  });

  it('Percona Server for MySQL: Secret Data with an empty Object Group comes back', async () => {
    const given = [name('secret'), text('ObjectGroup', '')];
    const made = await call(
      server,
      'mysql',
      register(14, secret(Buffer.from('word')), ObjectType.SecretData, ...given),
    );
    const { key } = await call(server, 'mysql', on(10, Operation.Get, made.identifiers[0] ?? ''));
    assert.equal(key?.toString(), 'word');
  });

  it('Ceph RGW: for each access Locate by name and Get, in 1.0, over one connection that outlives a failure', async () => {
    const key = randomBytes(32);
    const given = register(14, symmetric(key), ObjectType.SymmetricKey, ...aes256, name('bucket/key'));
    const [id = ''] = (await call(server, 'rgw', given)).identifiers;
    const connection = await LibkmipConnection.open(server, 'rgw');
    try {
      for (let access = 0; access < 20; access++) {
        const { identifiers } = await connection.call(locate([name('bucket/key')]));
        assert.deepEqual(identifiers, [id]);
        assert.deepEqual((await connection.call(on(10, Operation.Get, id))).key, key);
        if (access % 5 === 0) {
          const { reason } = await connection.call(on(10, Operation.Get, 'nobody'));
          assert.equal(reason, ResultReason.ItemNotFound);
        }
      }
    } finally {
      connection.close();
    }
  });

  it('Ceph RGW: a user name and a password beside the certificate change nothing', async () => {
    const credential = struct(
      'Authentication',
      struct(
        'Credential',
        code('CredentialType', 1),
        struct('CredentialValue', text('Username', 'rgw'), text('Password', 'word')),
      ),
    );
    const item = itemOf(Operation.Locate, [attributeOf(name('bucket/key'))]);
    const { identifiers } = await call(server, 'rgw', requestOf(10, [item], limit, credential));
    assert.equal(identifiers.length, 1);
  });

  it('Ceph RGW: a new connection finds the same keys after a restart of the server', async () => {
    const before = await call(server, 'rgw', locate([name('bucket/key')]));
    assert.equal(await server.end(), 0);
    await server.serve();
    assert.deepEqual((await call(server, 'rgw', locate([name('bucket/key')]))).identifiers, before.identifiers);
  });
});
