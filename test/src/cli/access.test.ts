import assert from 'node:assert/strict';
import { Operation } from '../../../ttlv/tables/enums.ts';
import type { Client } from '../../support/client.ts';
import { created, on, outcomeOf } from '../../support/requests.ts';
import { TestServer } from '../../support/server.ts';

describe('kleis access', function () {
  this.timeout(40_000);
  let server: TestServer;
  let bob: Client;
  let object: string;

  before(async () => {
    server = await TestServer.start();
    bob = await server.connect('bob');
  });

  after(() => server.stop());

  beforeEach(async () => {
    const alice = await server.connect('alice');
    object = await created(alice);
    alice.socket.destroy();
  });

  const get = async () => (await outcomeOf(bob, on(object, Operation.Get))).result;

  it('grants and revokes beside the running server, from the next request on', async () => {
    assert.equal(await get(), 'ItemNotFound');
    const granted = await server.command('access', 'grant', object, 'bob', 'Get', 'Locate');
    assert.deepEqual(granted, { code: 0, stdout: 'alice: owner\nbob: Get, Locate\n', stderr: '' });
    assert.equal(await get(), 'Success');
    assert.equal((await outcomeOf(bob, on(object, Operation.Destroy))).result, 'PermissionDenied');
    const revoked = await server.command('access', 'revoke', object, 'bob', 'Get');
    assert.equal(revoked.stdout, 'alice: owner\nbob: Locate\n');
    assert.equal(await get(), 'PermissionDenied');
    await server.command('access', 'revoke', object, 'bob');
    assert.equal(await get(), 'ItemNotFound');
  });

  it('lists the owner and the grants, for everyone and for groups too', async () => {
    await server.command('access', 'grant', object, '*', 'Get');
    await server.command('access', 'grant', object, 'group:backup', 'Encrypt,Decrypt');
    const { stdout } = await server.command('access', 'list', object);
    assert.equal(stdout, 'alice: owner\n*: Get\ngroup:backup: Decrypt, Encrypt\n');
    assert.equal(await get(), 'Success');
  });

  it('writes what it does to the audit', async () => {
    await server.command('access', 'grant', object, 'bob', 'Get');
    const entries = server.audit().filter(({ operation, object: id }) => operation === 'Grant access' && id === object);
    assert.deepEqual(
      entries.map(({ worker, kind, from, result }) => ({ worker, kind, from, result })),
      [
        { worker: 0, kind: 'attempt', from: 'command line', result: undefined },
        { worker: 0, kind: 'outcome', from: 'command line', result: 'success' },
      ],
    );
  });

  const refused: readonly [string, readonly string[], RegExp][] = [
    [
      'a permission that is none',
      ['grant', 'OBJECT', 'bob', 'Gett'],
      /^kleis: there is no permission "Gett", but .*Get.*Locate/,
    ],
    ['a user that nobody can be', ['grant', 'OBJECT', ' ', 'Get'], /^kleis: a grant is for the name of a user/],
    ['an object that is not there', ['list', 'no-such-object'], /^kleis: there is no object no-such-object$/m],
  ];
  for (const [what, args, message] of refused) {
    it(`refuses ${what}`, async () => {
      const { code, stdout, stderr } = await server.command(
        'access',
        ...args.map((arg) => (arg === 'OBJECT' ? object : arg)),
      );
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, message);
      assert.equal((await server.command('access', 'list', object)).stdout, 'alice: owner\n');
    });
  }
});
