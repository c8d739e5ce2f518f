import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { Operation } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Client } from '../support/client.ts';
import { created, on, outcomeOf, structure, valueIn } from '../support/requests.ts';
import { TestServer } from '../support/server.ts';

const KEYS = 200;
const ROUNDS = 3;

describe('fault/rewrap', function () {
  this.timeout(120_000);

  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  it(`goes on after kill -9, ${ROUNDS} times, until the earlier generation is retired, and loses nothing`, async () => {
    const client = await server.connect();
    const keys = new Map<string, Buffer>();
    for (let count = 0; count < KEYS; count++) {
      const id = await created(client);
      keys.set(id, await materialOf(client, id));
    }
    const rotated = await server.command('keyring', 'rotate');
    assert.match(rotated.stdout, /^1: earlier, .* 200 objects\n2: primary, .* 0 objects\n$/);

    for (let round = 0, left = KEYS; round < ROUNDS; round++) {
      await server.kill();
      await server.serve();
      const before = left;
      left = await waitFor(server, (count) => count < before);
      await server.kill();
      assert.ok(left > 0, 'the re-wrap was faster than the test');
      await server.serve();
    }
    assert.equal(await waitFor(server, (count) => count === 0), 0);

    await server.end();
    await server.serve();
    const another = await server.connect();
    for (const [id, material] of keys) assert.deepEqual(await materialOf(another, id), material);
    assert.match((await server.command('keyring', 'list')).stdout, /^2: primary, .* 200 objects\n$/);
    const folder = join(server.folder, 'var', 'audit');
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.jsonl'))) {
      const { stdout, code } = await server.command('audit', 'verify', join(folder, file));
      assert.match(stdout, /complete and unchanged/);
      assert.equal(code, 0);
    }
  });
});

async function materialOf(client: Client, id: string): Promise<Buffer> {
  const { result, payload } = await outcomeOf(client, on(id, Operation.Get));
  assert.equal(result, 'Success', id);
  return valueIn(structure(0, ...payload), Tag.KeyMaterial) as Buffer;
}

/** How many objects are of the first generation, once that is as it shall be. */
async function waitFor(server: TestServer, enough: (count: number) => boolean): Promise<number> {
  const database = new Database(join(server.folder, 'var', 'kleis.db'), { readonly: true });
  try {
    const count = database.prepare('SELECT COUNT(*) FROM objects WHERE generation = 1').pluck();
    for (;;) {
      const left = count.get() as number;
      if (enough(left)) return left;
      await delay(1);
    }
  } finally {
    database.close();
  }
}
