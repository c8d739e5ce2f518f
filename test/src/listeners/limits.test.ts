import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionLimits } from '../../../src/listeners/limits.ts';
import type { Client } from '../../support/client.ts';
import { contentOf, requestOf, responseOf, TestListener } from '../../support/listener.ts';

describe('listeners/limits', () => {
  let server: TestListener;
  const sockets: (Socket | Client['socket'])[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await server.close();
  });

  /** Opens connections that send nothing, and waits until all are established. */
  async function silent(count: number): Promise<Socket[]> {
    const opened = Array.from({ length: count }, () => connectTcp(server.port, '127.0.0.1'));
    sockets.push(...opened);
    for (const socket of opened) socket.on('error', () => {}).resume();
    await Promise.all(opened.map((socket) => once(socket, 'connect')));
    return opened;
  }

  async function connect(): Promise<Client> {
    const client = await server.connect();
    sockets.push(client.socket);
    return client;
  }

  async function works(client: Client): Promise<void> {
    assert.equal(contentOf(await client.exchange(requestOf('hello'))).toString(), 'hello');
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await delay(10);
  }

  it('serves a client beside 3 000 silent connections from the same address, more than may be held', async () => {
    server = await TestListener.start({ maxConnectionsPerPeer: 500 });
    const before = await connect();
    await works(before);
    const flood = await silent(3_000);
    await works(before);
    await works(await connect());
    await until(() => flood.filter((socket) => socket.destroyed).length >= 2_500);
    // Not one for each: a line of the audit file costs more than a connection.
    assert.ok(server.reports.length > 0 && server.reports.length < 20, `${server.reports.length} reports`);
    assert.deepEqual(new Set(server.reports), new Set(['failed evicted']));
  });

  for (const limit of ['maxConnections', 'maxConnectionsPerPeer'] as const) {
    it(`serves a client beside handshakes that were begun and are not ended, more than ${limit}`, async () => {
      server = await TestListener.start({ [limit]: 10, handshakeTimeout: 60 });
      const before = await connect();
      await works(before);
      const flood = await silent(30);
      // The begin of a TLS record, and time for the server to read it.
      for (const socket of flood) socket.write(Buffer.from('160301', 'hex'));
      await delay(100);
      await works(await connect());
      await works(before);
      await until(() => flood.filter((socket) => socket.destroyed).length >= 20);
    });
  }

  it('gives up the oldest connections on which nothing was asked, after the handshake too', async () => {
    server = await TestListener.start({ maxConnectionsPerPeer: 10 });
    const flood: Client[] = [];
    for (let i = 0; i < 15; i++) flood.push(await connect());
    const client = await connect();
    await works(client);
    await until(() => flood.slice(0, 6).every(({ socket }) => socket.destroyed));
    assert.ok(flood.slice(6).every(({ socket }) => !socket.destroyed));
  });

  it('gives up no connection that was used: the new one is turned away', async () => {
    server = await TestListener.start({ maxConnectionsPerPeer: 3 });
    const clients = [await connect(), await connect(), await connect()];
    for (const client of clients) await works(client);
    await assert.rejects(connect());
    for (const client of clients) await works(client);
    await clients[0]?.close();
    // The server hears of the end a little later.
    await works(await connect().catch(() => delay(100).then(connect)));
  });

  it('turns away what is above the total', async () => {
    server = await TestListener.start({ maxConnections: 2 });
    const clients = [await connect(), await connect()];
    for (const client of clients) await works(client);
    await assert.rejects(connect());
    await until(() => server.log.lines.some(({ level, text }) => level === 'warn' && text.includes('turned away')));
  });

  it('closes silent connections, and handshakes that do not end, after a while', async () => {
    server = await TestListener.start({ handshakeTimeout: 0.3 });
    const [quiet, slow] = await silent(2);
    // The begin of a TLS record, then a byte now and then.
    slow?.write(Buffer.from('160301', 'hex'));
    const drip = setInterval(() => slow?.write(Buffer.from([1])), 50);
    await until(() => quiet?.destroyed === true && slow?.destroyed === true);
    clearInterval(drip);
    assert.deepEqual(server.reports, ['failed silent']);
  });

  it('counts each address for itself', () => {
    const limits = new ConnectionLimits(100, 2, () => {});
    assert.deepEqual(
      ['a', 'a', 'a', 'b', 'b', 'b'].map((address) => limits.enter(address)),
      [true, true, false, true, true, false],
    );
    limits.leave('a');
    assert.deepEqual([limits.enter('a'), limits.enter('b')], [true, false]);
  });

  describe('eviction', () => {
    function crowd(total: number, perPeer: number) {
      const evicted: string[] = [];
      const addresses: string[] = [];
      const limits = new ConnectionLimits(total, perPeer, (address) => addresses.push(address));
      const enter = (address: string, name: string): boolean => {
        const entered = limits.enter(address);
        if (entered) limits.quiet(address, { destroy: () => void evicted.push(name) });
        return entered;
      };
      return { limits, evicted, addresses, enter };
    }

    it('takes the oldest of all addresses where the total is reached', () => {
      const { evicted, enter } = crowd(3, 3);
      for (const name of ['a1', 'b1', 'b2', 'b3', 'b4']) assert.ok(enter(name.charAt(0), name));
      assert.deepEqual(evicted, ['a1', 'b1']);
    });

    it('takes the oldest of the address where its share is reached, and no other one on top', () => {
      const { evicted, addresses, enter } = crowd(4, 2);
      for (const name of ['a1', 'b1', 'b2', 'b3', 'b4', 'b5', 'a2']) assert.ok(enter(name.charAt(0), name));
      assert.deepEqual(evicted, ['b1', 'b2', 'b3']);
      assert.deepEqual(addresses, ['b', 'b', 'b']);
    });

    it('counts those that have gone no more', () => {
      const { limits, evicted, enter } = crowd(2, 2);
      for (const name of ['a1', 'a2', 'a3']) enter('a', name);
      limits.leave('a');
      limits.leave('a');
      enter('a', 'a4');
      assert.deepEqual(evicted, ['a1']);
      enter('a', 'a5');
      assert.deepEqual(evicted, ['a1', 'a2']);
    });
  });

  describe('shutdown', () => {
    it('answers what was received, closes the rest, and accepts no more', async () => {
      const { promise: open, resolve } = Promise.withResolvers<void>();
      let handled = 0;
      server = await TestListener.start(
        {},
        {
          handle: async (request) => {
            handled++;
            await open;
            return responseOf(contentOf(request));
          },
        },
      );
      const [quiet] = await silent(1);
      const idle = await connect();
      const incomplete = await connect();
      incomplete.send(requestOf('half').subarray(0, 12));
      const busy = await connect();
      busy.send(Buffer.concat([requestOf('one'), requestOf('two')]));
      await until(() => handled === 1);
      const closed = server.close();
      assert.equal(await idle.answer(), undefined);
      assert.equal(await incomplete.answer(), undefined);
      await until(() => quiet?.destroyed === true);
      await assert.rejects(connect());
      resolve();
      const answers = [await busy.answer(), await busy.answer()].map(
        (answer) => answer && contentOf(answer).toString(),
      );
      assert.deepEqual(answers, ['one', 'two']);
      assert.equal(await busy.answer(), undefined);
      await closed;
      assert.deepEqual(server.reports, []);
    });

    it('takes no longer for a client that does not close its end', async () => {
      server = await TestListener.start();
      const client = await connect();
      await works(client);
      client.socket.pause();
      await server.close();
    });
  });
});
