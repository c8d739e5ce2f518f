import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Item } from '../../ttlv/item.ts';
import { ObjectType, Operation } from '../../ttlv/tables/enums.ts';
import type { Client } from '../support/client.ts';
import { type Ask, ask } from '../support/http.ts';
import { attribute, batchItem, createAes, created, enumeration, on, outcomeOf, text } from '../support/requests.ts';
import type { TestServer } from '../support/server.ts';
import { describeOnShared } from '../support/two-nodes.ts';

const init = ['--seal', 'shamir', '--shares', '2', '--threshold', '1', '--json'];

/** What clients ask without end: what reads an object, what reads none, what finds none, what writes. */
const questions: Readonly<Record<string, (known: string) => Item>> = {
  'Get of a key': (known) => on(known, Operation.Get),
  'Get of what is not there': () => on('nothing', Operation.Get),
  Create: () => createAes(),
  'Locate that finds something': () => batchItem(Operation.Locate),
  'Locate that finds nothing': () =>
    batchItem(
      Operation.Locate,
      attribute('Object Type', (tag) => enumeration(tag, ObjectType.OpaqueObject)),
    ),
  'Add Attribute': (known) =>
    on(
      known,
      Operation.AddAttribute,
      attribute('Contact Information', (tag) => text(tag, 'somebody')),
    ),
};

/** Asks until the connection ends, or often enough after `sealed` says so; answers what came of the questions sent then. */
async function hammer(client: Client, item: Item, sealed: () => boolean): Promise<readonly string[]> {
  const late: string[] = [];
  while (late.length < 40) {
    const sentAfter = sealed();
    const answer = await outcomeOf(client, item).catch(() => undefined);
    if (answer === undefined) break;
    if (sentAfter) late.push(answer.result === 'Success' ? answer.result : answer.message);
  }
  return late;
}

describeOnShared('two nodes that are sealed together over', (database) => {
  let nodes: readonly [TestServer, TestServer];
  let share = '';
  let authorization = '';

  before(async () => {
    nodes = await database.nodes({ init });
    const { shares, admin_token } = JSON.parse(nodes[0].initialised);
    share = shares[0];
    authorization = `KMS ${admin_token}`;
  });

  after(async () => {
    for (const node of nodes ?? []) await node.stop();
  });

  const http = (node: TestServer, question: Ask) => ask({ port: node.httpPort, ca: node.ca }, question);

  /** Nobody answers while the processes of a node are replaced. */
  async function untilStatus(node: TestServer, status: number): Promise<void> {
    const current = () => http(node, { path: '/seal_status' }).catch(() => undefined);
    while ((await current())?.status !== status) await delay(20);
  }

  async function unseal(): Promise<void> {
    for (const node of nodes) {
      await untilStatus(node, 418);
      const given = () => http(node, { method: 'POST', path: '/unseal', body: share }).catch(() => undefined);
      while ((await given())?.status !== 200) await delay(20);
    }
  }

  // One kind of question at a time: any that tells a node of it would hide that another does not.
  for (const [position, [name, question]] of Object.entries(questions).entries()) {
    it(`answer nothing that was asked after it was acknowledged: ${name}`, async () => {
      // Fewer come where the other node happens to notice by itself at once.
      let count = 0;
      while (count < 20) count += await sealedWhile(question, nodes[position % 2] as TestServer);
    });
  }

  it('answer no administrator either, whatever node is asked', async () => {
    const [told, other] = nodes;
    const asks: readonly Ask[] = [
      { path: '/access?object=nothing' },
      { method: 'POST', path: '/backup' },
      { method: 'POST', path: '/rotate-root' },
    ];
    for (const question of asks) {
      await unseal();
      for (const node of nodes) await untilStatus(node, 200);
      await seal(told);
      const late = await http(other, { ...question, headers: { authorization } }).catch(() => undefined);
      assert.ok(late === undefined || late.text.includes('the server is sealed'), `${question.path}: ${late?.text}`);
    }
  });

  async function seal(told: TestServer): Promise<void> {
    const { status } = await http(told, { method: 'POST', path: '/seal?all=true', headers: { authorization } });
    assert.equal(status, 204);
  }

  /** Seals all while clients ask; answers how many of their questions came after that. */
  async function sealedWhile(question: (known: string) => Item, told: TestServer): Promise<number> {
    await unseal();
    const clients = (await Promise.all(nodes.map((node) => serving(node)))).flat();
    for (const node of nodes) await untilStatus(node, 200);
    const item = question(await created(clients[0] as Client));
    let sealed = false;
    const asking = clients.map((client) => hammer(client, item, () => sealed));
    await delay(50);
    await seal(told);
    sealed = true;
    const late = (await Promise.all(asking)).flat();
    await Promise.all(clients.map((client) => client.close()));
    assert.deepEqual(
      late.filter((answer) => answer !== 'the server is sealed'),
      [],
    );
    return late.length;
  }
});

/** Three connections to a node, once the process that ends has made room for the one that takes its place. */
async function serving(node: TestServer): Promise<readonly Client[]> {
  for (;;) {
    const clients: Client[] = [];
    try {
      while (clients.length < 3) clients.push(await node.connect());
      for (const client of clients) await created(client);
      return clients;
    } catch {
      for (const client of clients) client.socket.destroy();
      await delay(20);
    }
  }
}
