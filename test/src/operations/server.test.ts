import assert from 'node:assert/strict';
import type { Item } from '../../../ttlv/item.ts';
import {
  BatchErrorContinuationOption,
  CryptographicAlgorithm,
  ObjectType,
  Operation,
} from '../../../ttlv/tables/enums.ts';
import type { Client } from '../../support/client.ts';
import { code, int, itemOf, requestOf, struct, text } from '../../support/items.ts';
import { createAes, created, on, outcomeOf, outcomesIn, request } from '../../support/requests.ts';
import { TestServer } from '../../support/server.ts';
import { ttlvBytes } from '../../support/ttlv-bytes.ts';

const attributes = struct(
  'Attributes',
  code('CryptographicAlgorithm', CryptographicAlgorithm.AES),
  int('CryptographicLength', 256),
  int('CryptographicUsageMask', 12),
);
const pair = struct(
  'CommonAttributes',
  code('CryptographicAlgorithm', CryptographicAlgorithm.RSA),
  int('CryptographicLength', 4096),
);

/** A batch with Undo that makes keys, a slow pair among them, and fails at its end. */
function failingBatch(): Item {
  const items = [
    itemOf(Operation.Create, [code('ObjectType', ObjectType.SymmetricKey), attributes], '01'),
    itemOf(Operation.CreateKeyPair, [pair], '02'),
    itemOf(Operation.Get, [text('UniqueIdentifier', 'there-is-none')], '03'),
  ];
  const undo = code('BatchErrorContinuationOption', BatchErrorContinuationOption.Undo);
  return requestOf(21, items, undo);
}

async function located(client: Client): Promise<number> {
  const { payload } = await outcomeOf(client, itemOf(Operation.Locate, [struct('Attributes')]), 21);
  return payload.length;
}

describe('a running server', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  it('undoes the batch of one client, and keeps what another one writes meanwhile', async () => {
    const [alice, bob] = [await server.connect('alice'), await server.connect('bob')];
    const batch = alice.exchange(ttlvBytes(failingBatch()));
    const id = await created(bob);
    const outcomes = outcomesIn(await batch);
    assert.deepEqual(
      outcomes.map(({ result, payload }) => [result, payload.length]),
      [
        ['OperationUndone', 0],
        ['OperationUndone', 0],
        ['ObjectNotFound', 0],
      ],
    );
    assert.equal((await outcomeOf(bob, on(id, Operation.Get))).result, 'Success');
    assert.equal(await located(alice), 0);
    assert.equal(await located(bob), 1);
    await Promise.all([alice.close(), bob.close()]);
  });

  it('answers a stranger byte by byte as if the object did not exist', async () => {
    const [alice, mallory] = [await server.connect('alice'), await server.connect('mallory')];
    const id = await created(alice, createAes());
    const absent = id.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const answer = async (identifier: string) => {
      const bytes = await mallory.exchange(ttlvBytes(request(14, on(identifier, Operation.Get))));
      // The Time Stamp of the header.
      return bytes.toString('hex').replace(/4200920900000008.{16}/, '');
    };
    assert.equal(await answer(id), await answer(absent));
    const denied = server.audit().filter(({ who, result }) => who === 'mallory' && result === 'denied');
    assert.deepEqual(
      denied.map(({ object, reason }) => [object, reason]),
      [[id, 'not-permitted']],
    );
    await Promise.all([alice.close(), mallory.close()]);
  });
});
