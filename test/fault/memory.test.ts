import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Generations } from '../../src/seal/generations.ts';
import { deriveKeys } from '../../src/seal/keys.ts';
import { shamir } from '../../src/seal/shamir.ts';
import { sqlite } from '../../src/store/dialects/sqlite.ts';
import { openStore } from '../../src/store/knex/sql-store.ts';
import { Operation } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { inMemory, processesOf } from '../support/processes.ts';
import { created, on, outcomeOf, structure, valueIn } from '../support/requests.ts';
import { TestServer } from '../support/server.ts';

const launcher = fileURLToPath(new URL('../../bin/kleis', import.meta.url));

/** Everything that must be gone, computed from the database and the shares as the server computes it. */
async function secretsOf(server: TestServer, shares: readonly string[]): Promise<Record<string, Buffer>> {
  const store = await openStore(sqlite(join(server.folder, 'var', 'kleis.db')));
  const installation = await store.installation();
  assert(installation);
  const set = shamir.collect(installation);
  for (const share of shares.slice(0, set.required)) set.take(Buffer.from(share));
  const rootKey = await (await set.combine()).unwrap(installation);
  const generations = new Generations(store, installation, Buffer.from(rootKey));
  const kek = await generations.primary();
  const keys = deriveKeys(installation.id, kek);
  await store.close();
  return {
    'root key': rootKey,
    KEK: kek.bytes,
    'key of materials': keys.material.export(),
    'key of tags': keys.tags.export(),
  };
}

const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

describeOnLinux('the memory of the node', function () {
  this.timeout(120_000);
  let server: TestServer;

  afterEach(() => server.stop());

  it('holds the keys while it is unsealed, and none of them in any process once it is sealed', async () => {
    const init = ['--seal', 'shamir', '--shares', '3', '--threshold', '2', '--json'];
    server = await TestServer.start({ workers: 2, init, launcher });
    const { shares, admin_token: token } = JSON.parse(server.initialised);
    await server.commandWith(`${shares.join('\n')}\n`, 'unseal');
    const secrets = await secretsOf(server, shares);
    for (let round = 0; round < 4; round += 1) {
      const client = await server.connect();
      const { payload } = await outcomeOf(client, on(await created(client), Operation.Get));
      secrets['material'] = valueIn(structure(0, ...payload), Tag.KeyMaterial) as Buffer;
      client.socket.destroy();
    }
    const before = processesOf(server);
    assert.equal(before.length, 3);
    const held = new Set(before.flatMap((pid) => inMemory(pid, secrets)));
    for (const name of ['root key', 'key of materials', 'material']) assert(held.has(name), `${name} is not found`);

    const sealed = await server.commandWith('', 'seal', '--token-file', server.secretFile('token', token));
    assert.equal(sealed.code, 0, sealed.stderr);
    await until(
      () => processesOf(server).length === 3 && processesOf(server).filter((pid) => before.includes(pid)).length === 1,
    );
    for (const pid of processesOf(server)) {
      assert.deepEqual(inMemory(pid, secrets), [], readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
    }
  });

  it('is never dumped, and no debugger listens for a signal', async () => {
    server = await TestServer.start({ launcher });
    for (const pid of processesOf(server)) {
      assert.match(readFileSync(`/proc/${pid}/limits`, 'utf8'), /Max core file size +0 +0 /);
      assert.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /\0--disable-sigusr1\0/);
    }
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !holds(); ) {
    assert(Date.now() < deadline, 'it did not come to pass in time');
    await sleep(50);
  }
}
