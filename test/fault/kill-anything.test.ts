import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { type Item, ItemType, type ItemValue } from '../../ttlv/item.ts';
import { NameType, Operation, RevocationReasonCode, State } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Client } from '../support/client.ts';
import {
  attribute,
  batchItem,
  createAes,
  enumeration,
  on,
  outcomeOf,
  structure,
  text,
  valueIn,
} from '../support/requests.ts';
import type { TestServer } from '../support/server.ts';
import { describeOnShared } from '../support/two-nodes.ts';

/** The life of one key: how many of the `steps` were acknowledged, and the key, once it is known. */
interface Life {
  readonly name: string;
  id: string;
  acknowledged: number;
}

const cessation = structure(
  Tag.RevocationReason,
  enumeration(Tag.RevocationReasonCode, RevocationReasonCode.CessationOfOperation),
);

function named(name: string): Item {
  return attribute('Name', (tag) =>
    structure(tag, text(Tag.NameValue, name), enumeration(Tag.NameType, NameType.UninterpretedTextString)),
  );
}

/** What is done to a key, one after the other; each changes something that can be seen. */
const steps: readonly ((life: Life) => Item)[] = [
  ({ name }) => createAes(256, named(name)),
  ({ id }) => on(id, Operation.Activate),
  ({ id }) =>
    on(
      id,
      Operation.AddAttribute,
      attribute('Contact Information', (tag) => text(tag, 'somebody')),
    ),
  ({ id }) => on(id, Operation.ReKey),
  ({ id }) => on(id, Operation.Revoke, cessation),
  ({ id }) => on(id, Operation.Destroy),
];

/** Goes through lives until the connection ends. */
async function live(client: Client, lives: Life[], names: () => string): Promise<void> {
  for (;;) {
    const life: Life = { name: names(), id: '', acknowledged: 0 };
    lives.push(life);
    for (const step of steps) {
      const outcome = await outcomeOf(client, step(life)).catch(() => undefined);
      if (outcome === undefined) return;
      assert.equal(outcome.result, 'Success', outcome.message);
      if (life.acknowledged === 0) life.id = identifiers(outcome.payload)[0] ?? '';
      life.acknowledged += 1;
    }
  }
}

function identifiers(payload: readonly Item[]): readonly string[] {
  return payload.filter(({ tag }) => tag === Tag.UniqueIdentifier).map(({ value }) => String(value));
}

/** The values of the attributes of an object, the last one of each name. */
async function attributesOf(client: Client, id: string): Promise<ReadonlyMap<string, ItemValue>> {
  const { result, payload } = await outcomeOf(client, on(id, Operation.GetAttributes));
  assert.equal(result, 'Success', id);
  const all = payload.filter((item) => item.tag === Tag.Attribute);
  return new Map(
    all.map((item) => {
      const parts = item.type === ItemType.Structure ? item.value : [];
      return [String(parts[0]?.value), parts.at(-1)?.value ?? ''];
    }),
  );
}

/** How far a key is, whether its client knows that or not; asserts that every step was done whole. */
async function levelOf(client: Client, life: Life): Promise<number> {
  const { payload } = await outcomeOf(client, batchItem(Operation.Locate, named(life.name)));
  const bearers = identifiers(payload);
  assert.ok(bearers.length <= 1, life.name);
  const id = life.id || bearers[0];
  if (id === undefined) return 0;
  const attributes = await attributesOf(client, id);
  const state = attributes.get('State');
  const link = attributes.get('Link');
  const destroyed = state === State.Destroyed;
  const got = await outcomeOf(client, on(id, Operation.Get));
  assert.equal(got.result === 'Success', !destroyed, life.name);
  if (link === undefined) assert.deepEqual(bearers, [id], 'the key has its name');
  else await assertSuccessor(client, { id, link, bearers });
  const reached = [
    true,
    state !== State.PreActive,
    attributes.has('Contact Information'),
    link !== undefined,
    state === State.Deactivated || destroyed,
    destroyed,
  ];
  const level = reached.lastIndexOf(true) + 1;
  assert.ok(!reached.slice(0, level).includes(false), `${life.name}: ${reached}`);
  return level;
}

/** A replaced key and its successor know each other, and the successor alone has the name. */
async function assertSuccessor(
  client: Client,
  { id, link, bearers }: { readonly id: string; readonly link: ItemValue; readonly bearers: readonly string[] },
): Promise<void> {
  const linkedTo = (value: ItemValue) =>
    valueIn({ tag: 0, type: ItemType.Structure, value: value as Item[] }, Tag.LinkedObjectIdentifier);
  const successor = String(linkedTo(link));
  assert.deepEqual(bearers, [successor]);
  const back = (await attributesOf(client, successor)).get('Link');
  assert.equal(back && linkedTo(back), id);
  assert.equal((await outcomeOf(client, on(successor, Operation.Get))).result, 'Success');
}

describeOnShared('two nodes, one of which is killed in the middle of anything, over', (database) => {
  let nodes: readonly [TestServer, TestServer];

  before(async () => {
    nodes = await database.nodes();
  });

  after(async () => {
    for (const node of nodes ?? []) await node.stop();
  });

  it('leave every acknowledged change, and none half', async () => {
    const [victim, survivor] = nodes;
    const lives: Life[] = [];
    let count = 0;
    for (let round = 0; round < 3; round += 1) {
      const clients = await Promise.all(Array.from({ length: 6 }, () => victim.connect()));
      const living = Promise.all(clients.map((client) => live(client, lives, () => `life ${count++}`)));
      const enough = count + 20;
      while (count < enough) await Promise.race([delay(1), living]);
      await delay(Math.random() * 20);
      await victim.kill();
      await living;
      await victim.serve();
    }
    const client = await survivor.connect();
    const broken = new Set<number>();
    for (const life of lives) {
      const level = await levelOf(client, life);
      // What was under way when the node was killed may be done, or not.
      assert.ok(level === life.acknowledged || level === life.acknowledged + 1, `${life.name}: ${level}`);
      if (life.acknowledged < steps.length) broken.add(life.acknowledged);
    }
    await client.close();
    assert.ok(broken.size > 1, 'it was killed in the middle of different things');
  });
});
