import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Operation, QueryFunction } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { processesOf } from '../../support/processes.ts';
import { batchItem, createAes, created, enumeration, on, outcomeOf } from '../../support/requests.ts';
import { TestServer } from '../../support/server.ts';

interface Secrets {
  readonly shares: readonly string[];
  readonly token: string;
}

/** What `kleis init --json` printed. */
function secretsOf(server: TestServer): Secrets {
  const { shares, admin_token: token } = JSON.parse(server.initialised);
  return { shares, token };
}

/** A file with the administrator token. */
function tokenFile(server: TestServer, token: string): readonly string[] {
  const path = join(server.folder, 'token');
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  return ['--token-file', path];
}

for (const workers of [1, 2]) {
  describe(`a node sealed with shares, ${workers} worker(s)`, function () {
    this.timeout(60_000);
    let server: TestServer;
    let secrets: Secrets;

    beforeEach(async () => {
      const init = ['--seal', 'shamir', '--shares', '5', '--threshold', '3', '--json'];
      server = await TestServer.start({ workers, init });
      secrets = secretsOf(server);
    });

    afterEach(() => server.stop());

    const unseal = (...shares: readonly (string | undefined)[]) =>
      server.commandWith(`${shares.join('\n')}\n`, 'unseal');
    const state = async () => JSON.parse((await server.command('status')).stdout).state;

    it('starts sealed, answers Query and nothing else, and serves once it has the shares', async () => {
      const { shares } = secrets;
      assert.equal(shares.length, 5);
      const client = await server.connect();
      const refused = await outcomeOf(client, createAes());
      assert.deepEqual([refused.result, refused.message], ['GeneralFailure', 'the server is sealed']);
      const query = batchItem(Operation.Query, enumeration(Tag.QueryFunction, QueryFunction.QueryOperations));
      for (const item of [query, batchItem(Operation.DiscoverVersions)]) {
        const { result, payload } = await outcomeOf(client, item);
        assert.equal(result, 'Success');
        assert(payload.length > 0);
      }
      assert.deepEqual(await unseal(shares[0]), { code: 2, stdout: '{"cnt":1,"required":3}\n', stderr: '' });
      assert.deepEqual(await unseal(shares[1]), { code: 2, stdout: '{"cnt":2,"required":3}\n', stderr: '' });
      const again = await unseal(
        shares[1],
        shares[0]?.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      );
      assert.deepEqual([again.code, again.stdout], [2, '{"cnt":2,"required":3}\n']);
      assert.match(
        again.stderr,
        /Share 1 of those given: it was given already\nShare 2 of those given: there is a typing error/,
      );
      assert.deepEqual(await unseal(shares[4]), { code: 0, stdout: 'The node is unsealed.\n', stderr: '' });
      assert.equal((await outcomeOf(client, createAes())).result, 'Success');
      client.socket.destroy();
    });

    it('is sealed by the administrator only, and opens again with what it had', async () => {
      const { shares, token } = secrets;
      await unseal(...shares.slice(0, 3));
      const client = await server.connect();
      const id = await created(client);
      client.socket.destroy();
      const refused = await server.command('seal', ...tokenFile(server, 'no token'));
      assert.equal(refused.code, 1);
      assert.equal(await state(), 'unsealed');
      const sealed = await server.command('seal', ...tokenFile(server, token));
      assert.deepEqual([sealed.code, sealed.stdout], [0, 'The node is sealed.\n']);
      await until(async () => (await outcome(server, id)) === 'GeneralFailure');
      assert.equal(await state(), 'sealed');
      const files = [shares.slice(2, 4), shares.slice(4)].map((some, index) =>
        server.secretFile(`shares-${index}`, some.join('\r\n')),
      );
      const opened = await server.command('unseal', '--file', ...files);
      assert.deepEqual(opened, { code: 0, stdout: 'The node is unsealed.\n', stderr: '' });
      assert.equal(await outcome(server, id), 'Success');
    });

    it('puts an unsealed worker in the place of one that died', async () => {
      await unseal(...secrets.shares);
      const client = await server.connect();
      const id = await created(client);
      client.socket.destroy();
      const [, ...before] = [...processesOf(server)].sort((a, b) => a - b);
      assert.equal(before.length, workers);
      for (const pid of before) process.kill(pid, 'SIGKILL');
      await until(async () => processesOf(server).length === workers + 1 && (await outcome(server, id)) === 'Success');
    });

    it('starts sealed again after a restart', async () => {
      await unseal(...secrets.shares);
      assert.equal(await state(), 'unsealed');
      await server.end();
      await server.serve();
      assert.equal(await state(), 'sealed');
    });
  });
}

/** What Get is answered with, or that nobody answers. */
async function outcome(server: TestServer, id: string): Promise<string> {
  try {
    const client = await server.connect();
    const { result } = await outcomeOf(client, on(id, Operation.Get));
    client.socket.destroy();
    return result;
  } catch {
    return 'nobody answers';
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await holds()); ) assert(Date.now() < deadline, 'not in time');
}

describe('two nodes of one database', function () {
  this.timeout(60_000);

  it('are sealed one by one, or all at once', async () => {
    const init = ['--seal', 'shamir', '--shares', '2', '--threshold', '1', '--json'];
    const one = await TestServer.start({ init });
    const other = await TestServer.start({
      beside: one,
      env: { KMS_DATABASE_FILE: join(one.folder, 'var', 'kleis.db') },
    });
    try {
      const { shares, token } = secretsOf(one);
      const admin = tokenFile(one, token);
      await one.commandWith(`${shares[0]}\n`, 'unseal');
      await other.commandWith(`${shares[1]}\n`, 'unseal');
      const client = await one.connect();
      const id = await created(client);
      client.socket.destroy();
      const kept = await other.connect();
      assert.equal((await outcomeOf(kept, on(id, Operation.Get))).result, 'Success');
      await one.command('seal', ...admin);
      assert.equal((await outcomeOf(kept, on(id, Operation.Get))).result, 'Success');
      const all = await one.command('seal', '--all', ...admin);
      assert.equal(all.stdout, 'All nodes are sealed.\n', all.stderr);
      // At once, though nobody has told the other node.
      const { result } = await outcomeOf(kept, on(id, Operation.Get)).catch(() => ({ result: 'nobody answers' }));
      assert.notEqual(result, 'Success');
      kept.socket.destroy();
      await until(async () => (await outcome(other, id)) === 'GeneralFailure');
    } finally {
      await Promise.all([one.stop(), other.stop()]);
    }
  });
});

describe('the operations on the root key, as commands', function () {
  this.timeout(60_000);
  let server: TestServer;

  afterEach(() => server.stop());

  it('rekey, rotate-root and migrate', async () => {
    server = await TestServer.start({ init: ['--seal', 'shamir', '--shares', '3', '--threshold', '2', '--json'] });
    const { shares, token } = secretsOf(server);
    const admin = tokenFile(server, token);
    const lines = (texts: readonly string[]) => `${texts.join('\n')}\n`;
    await server.commandWith(lines(shares), 'unseal');
    const client = await server.connect();
    const id = await created(client);
    client.socket.destroy();

    const rekeyed = await server.commandWith(
      lines(shares.slice(1)),
      'rekey',
      ...['--shares', '2', '--threshold', '2', '--json'],
      ...admin,
    );
    assert.equal(rekeyed.code, 0, rekeyed.stderr);
    const fresh: readonly string[] = JSON.parse(rekeyed.stdout).shares;
    assert.equal(fresh.length, 2);

    // One gives one share, the other the rest, by the nonce.
    const begun = await server.commandWith(lines(fresh.slice(0, 1)), 'rotate-root', ...admin);
    assert.equal(begun.code, 2);
    const nonce = /"nonce":"([^"]+)"/.exec(begun.stderr)?.[1] ?? '';
    const rotated = await server.commandWith(lines(fresh.slice(1)), 'rotate-root', '--nonce', nonce, ...admin);
    assert.deepEqual([rotated.code, rotated.stdout], [0, 'Done.\n']);

    await server.end();
    await server.serve();
    const old = await server.commandWith(lines(shares.slice(0, 1)), 'unseal');
    assert.match(old.stderr, /it is a share of an older split/);
    await server.commandWith(lines(fresh), 'unseal');
    assert.equal(await outcome(server, id), 'Success');

    const passphrase = join(server.folder, 'var', 'passphrase');
    writeFileSync(passphrase, 'correct horse battery\n', { mode: 0o400 });
    const migrated = await server.commandWith(lines(fresh), 'seal', 'migrate', '--to', 'passphrase', ...admin);
    assert.deepEqual([migrated.code, migrated.stdout], [0, 'Done.\n'], migrated.stderr);
    await server.end();
    await server.serve();
    assert.equal(await outcome(server, id), 'Success');
  });
});
