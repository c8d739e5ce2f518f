import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Operation } from '../../../ttlv/tables/enums.ts';
import type { Client } from '../../support/client.ts';
import { createAes, created, on, outcomeOf } from '../../support/requests.ts';
import { TestServer } from '../../support/server.ts';

/** The administrator token, and the shares, that a command printed as JSON. */
function secretsOf(printed: string): { readonly shares: readonly string[]; readonly token: string } {
  const { shares = [], admin_token: token } = JSON.parse(printed);
  return { shares, token };
}

/** Writes lines into a file beside the data folder; answers its path. */
function fileOf(server: TestServer, name: string, ...lines: readonly (string | undefined)[]): string {
  const path = join(server.folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  return path;
}

describe('administration where shares are the seal', function () {
  this.timeout(60_000);
  let server: TestServer;
  let alice: Client;
  let shares: readonly string[];
  let token: string;

  before(async () => {
    const init = ['--seal', 'shamir', '--shares', '3', '--threshold', '2', '--json'];
    server = await TestServer.start({ workers: 2, init });
    const secrets = secretsOf(server.initialised);
    shares = secrets.shares;
    token = fileOf(server, 'token', secrets.token);
    await server.command('unseal', '--file', fileOf(server, 'shares', shares[0], shares[1]));
    alice = await server.connect('alice');
  });

  after(async () => {
    alice.socket.destroy();
    await server.stop();
  });

  it('grants, revokes and lists access through the node, for whoever has the token', async () => {
    const object = await created(alice);
    const bob = await server.connect('bob');
    const get = async () => (await outcomeOf(bob, on(object, Operation.Get))).result;
    assert.equal(await get(), 'ItemNotFound');
    const granted = await server.command(
      'access',
      'grant',
      object,
      'bob',
      'Get,Locate',
      'Encrypt',
      '--token-file',
      token,
    );
    assert.deepEqual(granted, { code: 0, stdout: 'alice: owner\nbob: Encrypt, Get, Locate\n', stderr: '' });
    assert.equal(await get(), 'Success');
    await server.command('access', 'revoke', object, 'bob', '--token-file', token);
    assert.equal(await get(), 'ItemNotFound');
    const listed = await server.command('access', 'list', object, '--token-file', token);
    assert.deepEqual(listed, { code: 0, stdout: 'alice: owner\n', stderr: '' });
    // By whichever worker.
    const entries = server.audit().filter(({ object: id, who }) => id === object && who === 'administrator');
    assert.deepEqual(
      entries.map(({ kind, operation, result }) => `${operation}: ${result ?? kind}`).sort(),
      ['Grant access', 'List access', 'Revoke access'].flatMap((name) => [`${name}: attempt`, `${name}: success`]),
    );
    bob.socket.destroy();
  });

  it('asks for the token, and for nothing else', async () => {
    const nobody = await server.command('access', 'list', 'one');
    assert.deepEqual(nobody, {
      code: 1,
      stdout: '',
      stderr: 'kleis: there is no terminal to ask at for: Administrator token\n',
    });
    const wrong = await server.command('access', 'list', 'one', '--token-file', fileOf(server, 'wrong', 'no token'));
    assert.match(wrong.stderr, /^kleis: the node refuses: that is not the administrator token/);
    const gone = await server.command('access', 'list', 'one', '--token-file', token);
    assert.match(gone.stderr, /^kleis: the node refuses: there is no object one$/m);
  });

  it('backs up through the node, while it serves, what shares restore', async () => {
    const material = async (client: Client, id: string) =>
      (await outcomeOf(client, on(id, Operation.Get))).payload.map(String);
    const acknowledged: string[] = [];
    while (acknowledged.length < 300) acknowledged.push(await created(alice));
    const file = join(server.folder, 'backup');
    let busy = true;
    const making = (async () => {
      while (busy) await created(alice);
    })();
    const made = await server.command('backup', file, '--token-file', token);
    busy = false;
    await making;
    assert.deepEqual([made.code, made.stderr], [0, ''], server.log);
    assert.match(made.stdout, /^Backed up \d{3} objects, 1 generation of the keyring \(.*, version \d.*\)\.\n$/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const verified = await server.command('verify', '--backup', file, '--file', join(server.folder, 'shares'));
    assert.match(verified.stdout, /everything opens/);
    const root = join(server.folder, 'restored');
    const restored = await server.command('restore', file, '--file', join(server.folder, 'shares'), '--root-dir', root);
    assert.deepEqual([restored.code, restored.stderr], [0, '']);
    const another = await TestServer.start({ beside: server, env: { KMS_ROOT_DIR: root } });
    try {
      await another.command('unseal', '--file', join(server.folder, 'shares'));
      const client = await another.connect('alice');
      for (const id of acknowledged.slice(0, 20)) {
        assert.deepEqual(await material(client, id), await material(alice, id));
      }
      client.socket.destroy();
    } finally {
      await another.stop();
    }
  });

  it('verifies through the node: names every row that was forged, of objects and of wrapped keys', async () => {
    const whole = await server.command('verify', '--token-file', token);
    assert.deepEqual([whole.code, whole.stderr], [0, ''], server.log);
    assert.match(whole.stdout, /^Verified \d{3} objects, 1 generation of the keyring: everything opens\.\n$/);
    const object = await created(alice);
    const database = new Database(join(server.folder, 'var', 'kleis.db'));
    database.prepare("UPDATE objects SET owner = 'mallory' WHERE id = ?").run(object);
    database.exec("INSERT INTO keyring VALUES (7, x'00', 0, 0, 0); INSERT INTO audit_keys VALUES (8, x'00', 0)");
    const forged = await server.command('verify', '--token-file', token);
    database.exec('DELETE FROM keyring WHERE generation = 7; DELETE FROM audit_keys WHERE generation = 8');
    database.prepare("UPDATE objects SET owner = 'alice' WHERE id = ?").run(object);
    database.close();
    assert.equal(forged.code, 1);
    const key = 'the key does not open: the row was changed, or it is of another installation';
    assert.deepEqual(forged.stderr.split('\n'), [
      `audit_keys 8: ${key}`,
      `keyring 7: ${key}`,
      `objects ${object}: the tag is wrong: the row or its grants were changed`,
      '',
    ]);
    assert.match(forged.stdout, /, 2 generations of the keyring: 3 did not open\.\n$/);
  });

  it('leaves no file where the node refuses', async () => {
    const file = join(server.folder, 'refused');
    const { code, stderr } = await server.command('backup', file, '--token-file', fileOf(server, 'wrong', 'no token'));
    assert.equal(code, 1);
    assert.match(stderr, /^kleis: the node refuses: that is not the administrator token/);
    assert.equal(existsSync(file), false);
  });

  it('replaces a lost token with shares of different people; the old one is over', async () => {
    const begun = await server.commandWith(`${shares[0]}\n`, 'admin-token');
    assert.equal(begun.code, 2);
    const [, nonce = ''] = /given to the nonce ([0-9a-f-]{36})/.exec(begun.stderr) ?? [];
    const done = await server.commandWith(`${shares[2]}\n`, 'admin-token', '--nonce', nonce);
    const [, next] =
      /^Administrator token: ([\w-]{43}) \(shown this once; the one before is over\)\n$/.exec(done.stdout) ?? [];
    assert.equal(done.code, 0);
    const old = await server.command('seal', '--token-file', token);
    assert.match(old.stderr, /^kleis: the node refuses: that is not the administrator token/);
    assert.equal((await outcomeOf(alice, createAes())).result, 'Success');
    assert.ok(!server.log.includes(String(next)) && !JSON.stringify(server.audit()).includes(String(next)));
    const path = fileOf(server, 'next', next);
    assert.equal((await server.command('seal', '--token-file', path)).code, 0);
    const sealed = await server.command('access', 'list', 'one', '--token-file', path);
    assert.match(sealed.stderr, /^kleis: the node refuses: the server is sealed/);
    const without = await server.command('admin-token', '--file', join(server.folder, 'shares'));
    assert.match(without.stderr, /^kleis: the node refuses: the server is sealed/);
  });
});

describe('administration where the seal opens by itself', function () {
  this.timeout(60_000);
  let server: TestServer;
  let alice: Client;

  before(async () => {
    server = await TestServer.start({ init: ['--json'] });
    alice = await server.connect('alice');
  });

  after(async () => {
    alice.socket.destroy();
    await server.stop();
  });

  it('replaces a lost token beside the running server, at once', async () => {
    const old = fileOf(server, 'old', secretsOf(server.initialised).token);
    const done = await server.command('admin-token', '--json');
    const next = fileOf(server, 'token', secretsOf(done.stdout).token);
    const rotate = (path: string) => server.command('rotate-root', '--token-file', path);
    assert.match((await rotate(old)).stderr, /^kleis: the node refuses: that is not the administrator token/);
    assert.deepEqual(await rotate(next), { code: 0, stdout: 'Done.\n', stderr: '' });
    const entries = server.audit().filter(({ operation }) => operation === 'Replace administrator token');
    assert.deepEqual(
      entries.map(({ kind, from, result }) => [kind, from, result]),
      [
        ['attempt', 'command line', undefined],
        ['outcome', 'command line', 'success'],
      ],
    );
  });

  it('gives no share to who has but the token', async () => {
    const token = ['--token-file', join(server.folder, 'token')];
    for (const command of [['rekey'], ['seal', 'migrate', '--to', 'shamir']]) {
      assert.deepEqual(await server.command(...command, ...token), {
        code: 1,
        stdout: '',
        stderr:
          'kleis: the node refuses: the seal opens by itself, and has no shares that could agree: ' +
          'run `kleis rekey --by-seal` where it opens\n',
      });
    }
  });

  it('makes recovery shares, and makes them anew where they are lost, beside the running server', async () => {
    const token = ['--token-file', join(server.folder, 'token')];
    const split = ['--shares', '3', '--threshold', '2', '--json'];
    const lost = secretsOf((await server.command('rekey', '--by-seal', ...split)).stdout).shares;
    assert.match((await server.command('rekey', ...token, ...split)).stderr, /^This needs 2 shares/);
    const made = await server.command('rekey', '--by-seal', ...split);
    assert.deepEqual([made.code, made.stderr], [0, '']);
    const found = secretsOf(made.stdout).shares;
    assert.equal(found.length, 3);
    assert.equal((await outcomeOf(alice, createAes())).result, 'Success');
    await server.end();
    await server.serve();
    const old = await server.command('admin-token', '--file', fileOf(server, 'lost', ...lost));
    assert.match(old.stderr, /it is a share of an older split/);
    assert.equal(old.code, 2);
    const taken = await server.command('rotate-root', ...token, '--file', fileOf(server, 'found', found[0], found[2]));
    assert.deepEqual([taken.code, taken.stdout], [0, 'Done.\n']);
    const replaced = await server.command('admin-token', '--json', '--file', join(server.folder, 'found'));
    assert.match(secretsOf(replaced.stdout).token, /^[\w-]{43}$/);
  });
});
