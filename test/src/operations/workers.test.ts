import assert from 'node:assert/strict';
import { ItemType } from '../../../ttlv/item.ts';
import { BlockCipherMode, Operation, PaddingMethod } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { bool, code, hex, struct } from '../../support/items.ts';
import { attribute, bytes, createAes, created, on, outcomeOf, structure, valueIn } from '../../support/requests.ts';
import { TestServer } from '../../support/server.ts';

describe('an operation in several parts on a node of two workers', function () {
  this.timeout(30_000);
  let server: TestServer;

  before(async () => {
    server = await TestServer.start({ workers: 2 });
  });
  after(() => server.stop());

  it('goes on in the process that began it, and is told apart from a wrong request in the other', async () => {
    const first = await server.connect();
    const active = attribute('Activation Date', (tag) => ({ tag, type: ItemType.DateTime, value: 1_000_000_000 }));
    const id = await created(first, createAes(128, active));
    const parameters = struct(
      'CryptographicParameters',
      code('BlockCipherMode', BlockCipherMode.CBC),
      code('PaddingMethod', PaddingMethod.PKCS5),
    );
    const begun = await outcomeOf(first, on(id, Operation.Encrypt, parameters, bool('InitIndicator', true)));
    const value = valueIn(structure(0, ...begun.payload), Tag.CorrelationValue);
    assert.ok(Buffer.isBuffer(value));
    const part = on(id, Operation.Encrypt, hex('Data', '00'), bytes(Tag.CorrelationValue, value));
    // The kernel spreads connections over the workers: one of many reaches the other one.
    const refused = [];
    for (let count = 0; count < 40 && refused.length === 0; count += 1) {
      const client = await server.connect();
      const outcome = await outcomeOf(client, part);
      if (outcome.result !== 'Success') refused.push(outcome);
      await client.close();
    }
    assert.deepEqual(
      refused.map(({ result }) => result),
      ['ItemNotFound'],
    );
    assert.match(refused[0]?.message ?? '', /another process of the server/);
    assert.equal((await outcomeOf(first, part)).result, 'Success');
    await first.close();
  });
});
