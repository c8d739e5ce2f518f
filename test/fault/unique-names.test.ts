import assert from 'node:assert/strict';
import type { Item } from '../../ttlv/item.ts';
import { NameType, Operation } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Client } from '../support/client.ts';
import {
  attribute,
  batchItem,
  createAes,
  created,
  enumeration,
  on,
  outcomeOf,
  structure,
  text,
} from '../support/requests.ts';
import type { TestServer } from '../support/server.ts';
import { describeOnShared } from '../support/two-nodes.ts';

function named(name: string): Item {
  return attribute('Name', (tag) =>
    structure(tag, text(Tag.NameValue, name), enumeration(Tag.NameType, NameType.UninterpretedTextString)),
  );
}

describeOnShared('two nodes of names.unique = owner over', (database) => {
  let nodes: readonly [TestServer, TestServer];
  let clients: readonly Client[];

  before(async () => {
    nodes = await database.nodes({ env: { KMS_NAMES_UNIQUE: 'owner' } });
    clients = await Promise.all([0, 1, 0, 1, 0, 1].map((index) => (nodes[index] as TestServer).connect()));
  });

  after(async () => {
    for (const client of clients ?? []) await client.close();
    for (const node of nodes ?? []) await node.stop();
  });

  /** What becomes of what all ask at the same time, each its own; and how many objects have the name then. */
  async function atOnce(name: string, ask: (index: number) => Item) {
    const outcomes = await Promise.all(clients.map((client, index) => outcomeOf(client, ask(index))));
    const refusals = outcomes.filter(({ result }) => result !== 'Success');
    const { payload } = await outcomeOf(clients[0] as Client, batchItem(Operation.Locate, named(name)));
    const found = payload.filter(({ tag }) => tag === Tag.UniqueIdentifier).length;
    return { refusals: refusals.map(({ message }) => message), found };
  }

  const alone = { refusals: Array(5).fill('another object has this Name'), found: 1 };

  it('make one object of a name, of many that are asked for at the same time', async () => {
    for (let round = 0; round < 15; round += 1) {
      const name = `created ${round}`;
      assert.deepEqual(await atOnce(name, () => createAes(256, named(name))), alone);
    }
  });

  it('give a name to one object of many that want it at the same time', async () => {
    const ids = await Promise.all(clients.map((client) => created(client)));
    for (let round = 0; round < 15; round += 1) {
      const name = `given ${round}`;
      assert.deepEqual(
        await atOnce(name, (index) => on(ids[index] as string, Operation.AddAttribute, named(name))),
        alone,
      );
    }
  });

  it('give the name of a destroyed object to one other', async () => {
    const [client] = clients as [Client];
    const id = await created(client, createAes(256, named('left')));
    assert.equal((await outcomeOf(client, on(id, Operation.Destroy))).result, 'Success');
    assert.deepEqual(await atOnce('left', () => createAes(256, named('left'))), alone);
  });
});
