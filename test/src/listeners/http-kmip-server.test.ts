import assert from 'node:assert/strict';
import { Operation, QueryFunction } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { KmipByHttps } from '../../support/http.ts';
import {
  batchItem,
  createAes,
  created,
  enumeration,
  on,
  outcomeOf,
  outcomesIn,
  request,
  structure,
} from '../../support/requests.ts';
import { identityOf, TestServer } from '../../support/server.ts';
import { ttlvBytes } from '../../support/ttlv-bytes.ts';

const query = () => batchItem(Operation.Query, enumeration(Tag.QueryFunction, QueryFunction.QueryOperations));

describe('listeners/http: KMIP messages to a server', function () {
  this.timeout(40_000);
  let server: TestServer;
  const clients: KmipByHttps[] = [];

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await server.stop();
  });

  async function by(name?: string): Promise<KmipByHttps> {
    const identity = name === undefined ? undefined : await identityOf(name);
    const client = new KmipByHttps({ port: server.httpPort, ca: server.ca }, identity);
    clients.push(client);
    return client;
  }

  /** Operation, result and reason of what a client was told and the audit file has, without attempts. */
  const outcomes = (who: string | undefined) =>
    server
      .audit()
      .filter((entry) => entry['kind'] === 'outcome' && entry['who'] === who)
      .map(({ operation, result, reason }) => [operation, result, reason]);

  it('find the objects of KMIP, and are permitted and audited as those are', async () => {
    server = await TestServer.start();
    const alice = await by('alice');
    const id = await created(alice);
    const overTls = await server.connect('alice');
    assert.equal((await outcomeOf(overTls, on(id, Operation.Activate))).result, 'Success');
    await overTls.close();
    assert.equal((await outcomeOf(alice, on(id, Operation.Get))).result, 'Success');
    assert.equal((await outcomeOf(await by('bob'), on(id, Operation.Get))).result, 'ItemNotFound');
    assert.deepEqual(outcomes('alice'), [
      ['Create', 'success', undefined],
      ['Activate', 'success', undefined],
      ['Get', 'success', undefined],
    ]);
    assert.deepEqual(outcomes('bob'), [['Get', 'denied', 'not-permitted']]);
  });

  it('are not authenticated without a certificate', async () => {
    server = await TestServer.start();
    const nobody = await by();
    for (const item of [createAes(), query()]) {
      assert.equal((await outcomeOf(nobody, item)).result, 'AuthenticationNotSuccessful');
    }
    assert.deepEqual(outcomes(undefined), [
      ['Create', 'denied', 'not-authenticated'],
      ['Query', 'denied', 'not-authenticated'],
    ]);
  });

  it('have the limits of KMIP', async () => {
    const env = { KMS_MAX_MESSAGE_DEPTH: '8', KMS_MAX_MESSAGE_ITEMS: '100', KMS_MAX_BATCH_COUNT: '2' };
    server = await TestServer.start({ env: { ...env, KMS_MAX_MESSAGE_BYTES: '4096' } });
    const alice = await by('alice');
    const deep = Array.from({ length: 8 }).reduce<ReturnType<typeof structure>>(
      (inner) => structure(Tag.RequestPayload, inner),
      structure(Tag.RequestPayload),
    );
    const many = Array.from({ length: 110 }, () => enumeration(Tag.QueryFunction, QueryFunction.QueryOperations));
    for (const items of [
      [structure(Tag.BatchItem, enumeration(Tag.Operation, Operation.Query), deep)],
      [batchItem(Operation.Query, ...many)],
      [query(), query(), query()],
    ]) {
      const [outcome] = outcomesIn(await alice.exchange(ttlvBytes(request(14, ...items))));
      assert.notEqual(outcome?.result, 'Success');
      assert.equal(outcome?.payload.length, 0);
    }
    const long = batchItem(Operation.Query, ...Array.from({ length: 1000 }, () => structure(Tag.Attribute)));
    assert.equal((await alice.post(ttlvBytes(request(14, long)))).status, 413);
    assert.equal((await outcomeOf(alice, query())).result, 'Success');
  });

  it('are answered by a sealed node as KMIP has it', async () => {
    server = await TestServer.start({ init: ['--seal', 'shamir', '--shares', '1', '--threshold', '1', '--json'] });
    const alice = await by('alice');
    assert.equal((await outcomeOf(alice, query())).result, 'Success');
    const { result, message } = await outcomeOf(alice, createAes());
    const overTls = await server.connect('alice');
    const same = await outcomeOf(overTls, createAes());
    await overTls.close();
    assert.deepEqual([result, message], [same.result, same.message]);
    assert.match(message, /sealed/);
  });
});
