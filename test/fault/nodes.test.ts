import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Item, ItemType } from '../../ttlv/item.ts';
import {
  BlockCipherMode,
  LinkType,
  Operation,
  PaddingMethod,
  RevocationReasonCode,
  UsageLimitsUnit,
} from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Client } from '../support/client.ts';
import { describeOn, serverDatabases, type TestServerDatabase } from '../support/databases.ts';
import { haproxy, LoadBalancer } from '../support/haproxy.ts';
import {
  attribute,
  batchItem,
  bytes,
  createAes,
  created,
  enumeration,
  on,
  outcomeOf,
  structure,
  text,
  valueIn,
} from '../support/requests.ts';
import { TestServer } from '../support/server.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

/** Settings by which a node is told of a database. */
const urlSetting: Readonly<Record<string, string>> = { PostgreSQL: 'KMS_POSTGRES_URL', MariaDB: 'KMS_MYSQL_URL' };

const kinds: readonly TestServerDatabase[] = serverDatabases.map((database) =>
  haproxy === undefined ? { ...database, missing: 'haproxy is not installed' } : database,
);

describeOn(kinds, 'two nodes behind HAProxy over', (database) => {
  let nodes: readonly [TestServer, TestServer];
  let balancer: LoadBalancer;
  let url: string;
  const clients: Client[] = [];

  before(async () => {
    url = await database.create();
    const env = { [urlSetting[database.name] ?? '']: url };
    const first = await TestServer.start({ env });
    nodes = [first, await TestServer.start({ env, beside: first })];
    balancer = await LoadBalancer.start(nodes.map(({ port }) => port));
  });

  after(async () => {
    balancer?.stop();
    for (const node of nodes ?? []) await node.stop();
  });

  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));

  /** A connection to one of the nodes, as the balancer chooses: to one after the other. */
  async function connect(): Promise<Client> {
    const client = await nodes[0].connect('alice', { port: balancer.port });
    clients.push(client);
    return client;
  }

  async function connectBoth(count: number): Promise<readonly Client[]> {
    const pairs = await Promise.all(
      Array.from({ length: count }, () => Promise.all(nodes.map((node) => node.connect('alice')))),
    );
    clients.push(...pairs.flat());
    return pairs.flat();
  }

  it('share a key at once', async () => {
    const [one, other] = [await connect(), await connect()];
    for (let round = 0; round < 20; round += 1) {
      const id = await activeKey(one);
      const { result, payload } = await encrypt(other, id);
      assert.equal(result, 'Success');
      assert.equal((await decrypt(one, id, payload)).result, 'Success');
    }
    const served = nodes.map((node) => node.audit().filter(({ operation }) => operation === 'Encrypt').length);
    assert.deepEqual(
      served.toSorted((a, b) => a - b),
      [0, 20],
    );
  });

  it('never encrypt with a key after its Revoke was acknowledged by either', async () => {
    const callers = await connectBoth(4);
    const tally = { before: 0, after: 0, violations: 0 };
    for (let round = 0; round < 25; round += 1) {
      const revoker = callers[round % 2] as Client;
      const id = await activeKey(revoker);
      const use = (client: Client) => encrypt(client, id);
      await race({ callers: callers.slice(2), use, end: () => revoke(revoker, id) }, tally);
    }
    assertHeld(tally);
  });

  it('never decrypt with a key after its Destroy was acknowledged by either', async () => {
    const callers = await connectBoth(4);
    const tally = { before: 0, after: 0, violations: 0 };
    for (let round = 0; round < 25; round += 1) {
      const destroyer = callers[round % 2] as Client;
      const id = await activeKey(destroyer);
      const { payload } = await encrypt(destroyer, id);
      await revoke(destroyer, id);
      const use = (client: Client) => decrypt(client, id, payload);
      const end = () => outcomeOf(destroyer, on(id, Operation.Destroy));
      await race({ callers: callers.slice(2), use, end }, tally);
    }
    assertHeld(tally);
  });

  it('hold a usage limit together, to the unit', async () => {
    const callers = await connectBoth(4);
    const limit = structure(
      0,
      longInteger(Tag.UsageLimitsTotal, 1000n),
      enumeration(Tag.UsageLimitsUnit, UsageLimitsUnit.Byte),
    );
    const limits = attribute('Usage Limits', (tag) => ({ ...limit, tag }));
    const id = await activeKey(callers[0] as Client, limits);
    const results = await Promise.all(
      callers.map(async (client) => {
        const all: string[] = [];
        for (let i = 0; i < 12; i += 1) all.push((await encrypt(client, id)).result);
        return all;
      }),
    );
    // 62 times 16 bytes are 992.
    assert.equal(results.flat().filter((result) => result === 'Success').length, 62);
    const [first, second] = callers as [Client, Client];
    assert.notEqual((await encrypt(first, id, 9)).result, 'Success');
    assert.equal((await encrypt(second, id, 8)).result, 'Success');
    assert.notEqual((await encrypt(first, id, 1)).result, 'Success');
  });

  it('make one successor where both re-key at once', async () => {
    const callers = await connectBoth(1);
    for (let round = 0; round < 15; round += 1) {
      const id = await activeKey(callers[0] as Client);
      const outcomes = await Promise.all(callers.map((client) => outcomeOf(client, on(id, Operation.ReKey))));
      const successors = outcomes.flatMap(({ result, payload }) =>
        result === 'Success' ? [String(valueIn(structure(0, ...payload), Tag.UniqueIdentifier))] : [],
      );
      assert.equal(successors.length, 1, JSON.stringify(outcomes.map(({ result }) => result)));
      const linked = attribute('Link', (tag) =>
        structure(tag, enumeration(Tag.LinkType, LinkType.ReplacedObjectLink), text(Tag.LinkedObjectIdentifier, id)),
      );
      const { payload } = await outcomeOf(callers[1] as Client, batchItem(Operation.Locate, linked));
      assert.deepEqual(identifiers(payload), successors);
    }
  });

  it('answer with an error while the database is away, and recover by themselves', async () => {
    const callers = await connectBoth(1);
    const id = await activeKey(callers[0] as Client);
    await database.server.stop('kill');
    for (const client of callers) {
      assert.equal((await encrypt(client, id)).result, 'GeneralFailure');
      assert.equal((await outcomeOf(client, createAes())).result, 'GeneralFailure');
    }
    await database.server.start();
    for (const client of callers) {
      assert.equal((await encrypt(client, id)).result, 'Success');
      await created(client);
    }
  });

  it('answer with an error when the database falls silent, and recover', async () => {
    const proxy = await TcpProxy.start(database.server.port);
    const setting = urlSetting[database.name] ?? '';
    const env = { [setting]: url.replace(/localhost:\d+/, `localhost:${proxy.port}`) };
    const node = await TestServer.start({ env, beside: nodes[0] });
    try {
      const client = await node.connect();
      const id = await activeKey(client);
      proxy.silence();
      assert.equal((await encrypt(client, id)).result, 'GeneralFailure');
      proxy.heal();
      assert.equal((await encrypt(client, id)).result, 'Success');
      await client.close();
    } finally {
      await node.stop();
      await proxy.stop();
    }
  });

  it('have every acknowledged key, and none half, when one of them is killed in the middle of its work', async () => {
    const [victim, survivor] = nodes;
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const streams = await Promise.all(Array.from({ length: 6 }, () => victim.connect('alice')));
      const creating = Promise.allSettled(
        streams.map(async (client) => {
          for (;;) acknowledged.push(await created(client));
        }),
      );
      const enough = acknowledged.length + 30;
      while (acknowledged.length < enough) await sleep(1);
      await victim.kill();
      await creating;
      // Whoever connects now gets the other node, which no transaction of the dead one holds up.
      const client = await connect();
      for (const id of acknowledged.slice(-10))
        assert.equal((await outcomeOf(client, on(id, Operation.Activate))).result, 'Success');
      await victim.serve();
    }
    const [client] = await connectBoth(1);
    const located = identifiers((await outcomeOf(client as Client, batchItem(Operation.Locate))).payload);
    assert.deepEqual(
      acknowledged.filter((id) => !located.includes(id)),
      [],
    );
    const other = await survivor.connect('alice');
    clients.push(other);
    for (const id of located)
      assert.equal((await outcomeOf(other, on(id, Operation.GetAttributes))).result, 'Success', id);
    for (const id of acknowledged) assert.equal((await outcomeOf(other, on(id, Operation.Get))).result, 'Success', id);
  });
});

interface Race {
  readonly callers: readonly Client[];
  readonly use: (client: Client) => Promise<{ readonly result: string }>;
  readonly end: () => Promise<{ readonly result: string }>;
}

/** Successes of requests that were sent before the end was acknowledged; requests sent after it; successes of those. */
interface Tally {
  before: number;
  after: number;
  violations: number;
}

/** Lets callers use a key without pause while somebody ends that, and for some uses more. */
async function race({ callers, use, end }: Race, tally: Tally): Promise<void> {
  let acknowledged = false;
  const using = callers.map(async (client) => {
    for (let more = 5; more > 0; ) {
      const sentAfter = acknowledged;
      const success = (await use(client)).result === 'Success';
      if (sentAfter) {
        more -= 1;
        tally.after += 1;
        if (success) tally.violations += 1;
      } else if (success) tally.before += 1;
    }
  });
  await sleep(10);
  assert.equal((await end()).result, 'Success');
  acknowledged = true;
  await Promise.all(using);
}

function assertHeld({ before, after, violations }: Tally): void {
  assert.equal(violations, 0);
  assert.ok(before > 200 && after > 200, `${before} uses before, ${after} after`);
}

const parameters = structure(
  Tag.CryptographicParameters,
  enumeration(Tag.BlockCipherMode, BlockCipherMode.CTR),
  enumeration(Tag.PaddingMethod, PaddingMethod.None),
);
const counter = bytes(Tag.IVCounterNonce, Buffer.alloc(16));

function encrypt(client: Client, id: string, length = 16) {
  return outcomeOf(client, on(id, Operation.Encrypt, parameters, bytes(Tag.Data, Buffer.alloc(length)), counter));
}

function decrypt(client: Client, id: string, encrypted: readonly Item[]) {
  const data = valueIn(structure(0, ...encrypted), Tag.Data) as Buffer;
  return outcomeOf(client, on(id, Operation.Decrypt, parameters, bytes(Tag.Data, data), counter));
}

function revoke(client: Client, id: string) {
  const reason = structure(
    Tag.RevocationReason,
    enumeration(Tag.RevocationReasonCode, RevocationReasonCode.CessationOfOperation),
  );
  return outcomeOf(client, on(id, Operation.Revoke, reason));
}

/** A key that encrypts. */
async function activeKey(client: Client, ...more: Item[]): Promise<string> {
  const id = await created(client, createAes(256, ...more));
  assert.equal((await outcomeOf(client, on(id, Operation.Activate))).result, 'Success');
  return id;
}

function longInteger(tag: number, value: bigint): Item {
  return { tag, type: ItemType.LongInteger, value };
}

function identifiers(payload: readonly Item[]): string[] {
  return payload.filter(({ tag }) => tag === Tag.UniqueIdentifier).map(({ value }) => String(value));
}
