import assert from 'node:assert/strict';
import { Operation, State } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { text } from '../../support/items.ts';
import { valueIn } from '../../support/requests.ts';
import { TestServer } from '../../support/server.ts';
import { aes256 } from '../material.ts';
import { name, Session } from '../session.ts';

const { GetAttributes } = Operation;

describe('interop/checklist: connections', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start({ workers: 2 });
  });
  after(() => server.stop());

  /** Does something over a connection of its own, as most clients do for each call. */
  const once = async <T>(action: (session: Session) => Promise<T>): Promise<T> => {
    const client = await server.connect();
    try {
      return await action(new Session(client, 12));
    } finally {
      await client.close();
    }
  };

  it('15: a connection for each of many requests, several at once, without errors or lock-out', async () => {
    const id = await once((session) => session.create(...aes256));
    for (let round = 0; round < 10; round++) {
      const keys = await Promise.all(Array.from({ length: 10 }, () => once((session) => session.get(id))));
      for (const payload of keys) assert.equal((valueIn(payload, Tag.KeyMaterial) as Buffer).length, 32);
    }
  });

  it('22: a key made over one connection is found over every other at once, on all workers', async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, async () => new Session(await server.connect(), 12)));
    for (const [index, maker] of sessions.entries()) {
      const own = name(`made by ${index}`);
      const id = await maker.create(...aes256, own);
      for (const other of sessions) assert.deepEqual(await other.locate([own]), [id]);
      await maker.activate(id);
      for (const other of sessions) assert.deepEqual(await other.attributes(id, 'State'), [['State', State.Active]]);
      await maker.revoke(id);
      await maker.destroy(id);
      for (const other of sessions) {
        assert.deepEqual(await other.locate([own]), []);
        assert.equal(await other.reason(Operation.Get, text('UniqueIdentifier', id)), 'ItemNotFound');
      }
    }
    for (const { client } of sessions) await client.close();
  });

  it('44: the State of many keys is polled, one request each, by many clients', async () => {
    const ids = await once(async (session) => {
      const made: string[] = [];
      for (let number = 0; number < 20; number++) made.push(await session.create(...aes256));
      return made;
    });
    const polls = Array.from({ length: 5 }, () =>
      once(async (session) => {
        for (const id of ids) {
          const payload = await session.done(
            GetAttributes,
            text('UniqueIdentifier', id),
            text('AttributeName', 'State'),
          );
          assert.equal(valueIn(payload, Tag.AttributeValue), State.PreActive);
        }
      }),
    );
    await Promise.all(polls);
  });
});
