import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Operation } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Client } from '../support/client.ts';
import { batchItem, created, on, outcomeOf, structure, valueIn } from '../support/requests.ts';
import { TestServer } from '../support/server.ts';

const STREAMS = 4;

describe('fault/kill', function () {
  this.timeout(120_000);

  for (const [workers, rounds] of [
    [1, 10],
    [2, 3],
  ] as const) {
    describe(`with KMS_WORKERS=${workers}`, () => {
      let server: TestServer;
      before(async () => {
        server = await TestServer.start({ workers });
      });
      after(() => server.stop());

      it(`has every acknowledged key after kill -9 during a stream of Creates, ${rounds} times, and none half`, async () => {
        const acknowledged: string[] = [];
        for (let round = 0; round < rounds; round++) await killDuringCreates(server, acknowledged);
        const client = await server.connect();
        for (const id of acknowledged) await getsKey(client, id);
        const located = await locateAll(client);
        for (const id of located) await getsKey(client, id);
        assert.ok(located.length >= acknowledged.length);
        assert.deepEqual(
          acknowledged.filter((id) => !located.includes(id)),
          [],
        );
        const audited = new Set(
          server
            .audit()
            .filter(({ kind, result }) => kind === 'outcome' && result === 'success')
            .map(({ object }) => object),
        );
        assert.deepEqual(
          acknowledged.filter((id) => !audited.has(id)),
          [],
        );
      });
    });
  }
});

/** Kills the server in the middle of its work and starts it again; `acknowledged` grows by the keys that were answered. */
async function killDuringCreates(server: TestServer, acknowledged: string[]): Promise<void> {
  const enough = acknowledged.length + 20;
  const clients = await Promise.all(Array.from({ length: STREAMS }, () => server.connect()));
  let killed = false;
  const creating = clients.map(async (client) => {
    try {
      for (;;) acknowledged.push(await created(client));
    } catch (error) {
      if (!killed) throw error;
    }
  });
  const all = Promise.all(creating);
  while (acknowledged.length < enough) await Promise.race([delay(1), all]);
  await delay(Math.random() * 30);
  killed = true;
  await server.kill();
  await all;
  await server.serve();
}

async function getsKey(client: Client, id: string): Promise<void> {
  const { result, payload } = await outcomeOf(client, on(id, Operation.Get));
  assert.equal(result, 'Success', id);
  const material = valueIn(structure(0, ...payload), Tag.KeyMaterial);
  assert.ok(Buffer.isBuffer(material) && material.length === 32, id);
}

async function locateAll(client: Client): Promise<string[]> {
  const { payload } = await outcomeOf(client, batchItem(Operation.Locate));
  return payload.filter(({ tag }) => tag === Tag.UniqueIdentifier).map(({ value }) => String(value));
}
