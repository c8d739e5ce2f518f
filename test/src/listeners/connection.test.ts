import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../support/client.ts';
import { contentOf, requestOf, responseOf, TestListener } from '../../support/listener.ts';

describe('listeners/connection', () => {
  let server: TestListener;
  const clients: Client[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.destroy();
    await server.close();
  });

  async function connect(...options: Parameters<TestListener['connect']>): Promise<Client> {
    const client = await server.connect(...options);
    clients.push(client);
    return client;
  }

  async function says(client: Client): Promise<string | undefined> {
    const answer = await client.answer();
    return answer && contentOf(answer).toString();
  }

  it('1: answers a request', async () => {
    server = await TestListener.start();
    const client = await connect();
    client.send(requestOf('hello'));
    assert.equal(await says(client), 'hello');
  });

  it('1: answers a request that comes byte by byte', async () => {
    server = await TestListener.start();
    const client = await connect();
    for (const byte of requestOf('slowly')) {
      client.send(Buffer.from([byte]));
      await delay(1);
    }
    assert.equal(await says(client), 'slowly');
  });

  it('1: cuts apart requests that come in one piece, and one that comes in two', async () => {
    server = await TestListener.start();
    const client = await connect();
    const bytes = Buffer.concat([requestOf('one'), requestOf('two'), requestOf('three')]);
    client.send(bytes.subarray(0, bytes.length - 5));
    assert.deepEqual([await says(client), await says(client)], ['one', 'two']);
    client.send(bytes.subarray(bytes.length - 5));
    assert.equal(await says(client), 'three');
  });

  it('handles the requests of a connection one after the other, whatever each takes', async () => {
    let atWork = 0;
    server = await TestListener.start(
      {},
      {
        handle: async (request) => {
          assert.equal(++atWork, 1);
          const text = contentOf(request).toString();
          await delay(text === 'long' ? 50 : 1);
          atWork--;
          return responseOf(text);
        },
      },
    );
    const client = await connect();
    client.send(Buffer.concat(['long', 'short', 'long', 'short'].map(requestOf)));
    const answers = [await says(client), await says(client), await says(client), await says(client)];
    assert.deepEqual(answers, ['long', 'short', 'long', 'short']);
  });

  it('lets requests of other connections pass', async () => {
    const { promise: later, resolve } = Promise.withResolvers<void>();
    server = await TestListener.start(
      {},
      {
        handle: async (request) => {
          if (contentOf(request).toString() === 'later') await later;
          return responseOf(contentOf(request));
        },
      },
    );
    const waiting = await connect();
    waiting.send(requestOf('later'));
    const client = await connect();
    client.send(requestOf('now'));
    assert.equal(await says(client), 'now');
    resolve();
    assert.equal(await says(waiting), 'later');
  });

  it('gives the handler address and certificate of the peer', async () => {
    server = await TestListener.start(
      {},
      { handle: async (_, peer) => responseOf(`${peer.address} ${peer.certificate?.subject}`) },
    );
    const client = await connect();
    client.send(requestOf(''));
    assert.equal(await says(client), '127.0.0.1 CN=alice');
  });

  it('57: serves IPv6 as well as IPv4, on one socket', async function () {
    try {
      server = await TestListener.start({ hostname: '::' }, { handle: async (_, peer) => responseOf(peer.address) });
    } catch {
      server = await TestListener.start();
      this.skip();
    }
    for (const host of ['127.0.0.1', '::1']) {
      const client = await connect({ host });
      client.send(requestOf(''));
      assert.equal(await says(client), host);
    }
  });

  describe('23: one answer is one TLS record', () => {
    let proxy: RecordProxy;
    afterEach(() => proxy.close());

    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      // What encryption adds to a record: RFC 5288, 3 (nonce and tag); RFC 8446, 5.2 (content type and tag).
      const overhead = version === 'TLSv1.2' ? 24 : 17;

      it(`eight requests in one write get eight records, in ${version}`, async () => {
        server = await TestListener.start();
        proxy = await RecordProxy.start(server.port);
        const client = await connect({ port: proxy.port, tls: { minVersion: version, maxVersion: version } });
        client.send(requestOf('first'));
        await says(client);
        proxy.records.length = 0;
        const texts = Array.from({ length: 8 }, (_, i) => 'x'.repeat(10 + 16 * i));
        client.send(Buffer.concat(texts.map(requestOf)));
        for (const text of texts) assert.equal(await says(client), text);
        const expected = texts.map((text) => responseOf(text).length + overhead);
        assert.deepEqual(proxy.records, expected);
      });

      it(`an answer of 16 KiB is one record, in ${version}`, async () => {
        server = await TestListener.start();
        proxy = await RecordProxy.start(server.port);
        const client = await connect({ port: proxy.port, tls: { minVersion: version, maxVersion: version } });
        client.send(requestOf('first'));
        await says(client);
        proxy.records.length = 0;
        client.send(requestOf(Buffer.alloc(16_384 - 16)));
        await client.answer();
        assert.deepEqual(proxy.records, [16_384 + overhead]);
      });
    }
  });

  it('23: delivers an answer larger than a record whole', async () => {
    server = await TestListener.start();
    const client = await connect();
    const content = Buffer.alloc(900_000, 'abc');
    const answer = await client.exchange(requestOf(content));
    assert.ok(contentOf(answer).equals(content));
  });

  it('answers what a client asked before it closed its end', async () => {
    server = await TestListener.start(
      {},
      {
        handle: async (request) => {
          await delay(20);
          return responseOf(contentOf(request));
        },
      },
    );
    const client = await connect();
    client.socket.end(Buffer.concat([requestOf('one'), requestOf('two')]));
    assert.deepEqual([await says(client), await says(client), await says(client)], ['one', 'two', undefined]);
    assert.deepEqual(server.reports, []);
  });

  it('closes the connection, and nothing else, when the handler says so or fails', async () => {
    server = await TestListener.start(
      {},
      {
        handle: async (request) => {
          const text = contentOf(request).toString();
          if (text === 'fail') throw new Error('a bug');
          return text === 'close' ? undefined : responseOf(text);
        },
      },
    );
    const other = await connect();
    for (const text of ['close', 'fail']) {
      const client = await connect();
      client.send(requestOf(text));
      assert.equal(await says(client), undefined);
    }
    other.send(requestOf('still here'));
    assert.equal(await says(other), 'still here');
    assert.equal(server.log.lines.filter(({ level }) => level === 'error').length, 1);
  });

  describe('bytes that are no request', () => {
    const cases: readonly [string, Buffer, string][] = [
      ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), 'bad-tag'],
      ['a response', responseOf('x'), 'bad-tag'],
      ['an Integer instead of a structure', Buffer.from('4200780200000004', 'hex'), 'bad-type'],
      ['a length that is no multiple of eight', Buffer.from('4200780100000009', 'hex'), 'bad-length'],
      ['the announcement of 4 GiB', Buffer.from('42007801fffffff8', 'hex'), 'too-large'],
    ];
    for (const [what, bytes, reason] of cases) {
      it(`1: closes the connection after ${what}, and reports it`, async () => {
        server = await TestListener.start();
        const other = await connect();
        const client = await connect();
        client.send(Buffer.concat([requestOf('before'), bytes]));
        assert.deepEqual([await says(client), await says(client)], ['before', undefined]);
        assert.deepEqual(server.reports, [`failed ${reason}`]);
        other.send(requestOf('unharmed'));
        assert.equal(await says(other), 'unharmed');
      });
    }

    it('answers them before it closes, where there is an answer', async () => {
      server = await TestListener.start({}, { refuse: (error) => responseOf(error.code) });
      const client = await connect();
      const announced = Buffer.from('4200780140000000', 'hex');
      client.send(Buffer.concat([requestOf('before'), announced, Buffer.alloc(200_000)]));
      assert.deepEqual(
        [await says(client), await says(client), await says(client)],
        ['before', 'too-large', undefined],
      );
    });

    it('reports a message that the client broke off', async () => {
      server = await TestListener.start();
      const ended = await connect();
      ended.socket.end(requestOf('whole').subarray(0, 20));
      assert.equal(await says(ended), undefined);
      assert.deepEqual(server.reports, ['failed truncated']);
    });

    it('2: does not report connections that come and go without a request', async () => {
      server = await TestListener.start();
      for (let i = 0; i < 3; i++) await (await connect()).close();
      for (let i = 0; i < 3; i++) {
        const bare = connectTcp(server.port, '127.0.0.1');
        await once(bare, 'connect');
        bare.end();
        await once(bare, 'close');
      }
      const client = await connect();
      client.send(requestOf('x'));
      assert.equal(await says(client), 'x');
      assert.deepEqual(server.reports, []);
      assert.deepEqual(
        server.log.lines.filter(({ level }) => level !== 'debug'),
        [],
      );
    });
  });

  it('closes whoever has too much of unfinished messages, once all together have, and nobody else', async () => {
    server = await TestListener.start({ maxConnectionsPerPeer: 20, maxMessageBytes: 8 * 1024 * 1024 });
    // 84 MiB in all, of 64 that there may be.
    const clients = await Promise.all(Array.from({ length: 12 }, () => connect()));
    const most = requestOf(Buffer.alloc(8_000_000)).subarray(0, 7 * 1024 * 1024);
    for (const client of clients) client.send(most);
    await Promise.race(clients.map(says));
    const other = await connect();
    other.send(requestOf('small'));
    assert.notEqual(await says(other), undefined);
    assert(server.reports.length > 0 && server.reports.length <= 4);
    assert.deepEqual([...new Set(server.reports)], ['failed too-much-unfinished']);
  });

  describe('time', () => {
    it('closes a connection on which a message is never completed, however often a byte comes', async () => {
      server = await TestListener.start({ messageTimeout: 0.2 });
      const client = await connect();
      const bytes = requestOf('x'.repeat(1000));
      let sent = 0;
      const drip = setInterval(() => client.send(bytes.subarray(sent, ++sent)), 20);
      assert.equal(await says(client), undefined);
      clearInterval(drip);
      assert.deepEqual(server.reports, ['failed message-incomplete']);
    });

    it('does not close a connection while its request is at work', async () => {
      server = await TestListener.start(
        { messageTimeout: 0.1, idleTimeout: 0.1 },
        {
          handle: async (request) => {
            await delay(400);
            return responseOf(contentOf(request));
          },
        },
      );
      const client = await connect();
      client.send(requestOf('patience'));
      assert.equal(await says(client), 'patience');
    });

    it('21: closes an idle connection by a close_notify alert, without a report', async () => {
      server = await TestListener.start({ idleTimeout: 0.2 });
      const proxy = await RecordProxy.start(server.port);
      const client = await connect({ port: proxy.port, tls: { maxVersion: 'TLSv1.2' } });
      client.send(requestOf('x'));
      assert.equal(await says(client), 'x');
      assert.equal(await says(client), undefined);
      assert.equal(client.socket.errored, null);
      assert.equal(proxy.lastType, 21);
      assert.deepEqual(server.reports, []);
      proxy.close();
    });

    it('21: lets the system ask now and then whether an idle peer is still there', async function () {
      if (process.platform !== 'linux') this.skip();
      server = await TestListener.start();
      await connect();
      // The listening socket is in state 0A; of an established one (01), the timer 02 is that of keep-alive.
      const port = server.port.toString(16).toUpperCase().padStart(4, '0');
      const sockets = ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/net/${table}`, 'utf8').split('\n'));
      const row = sockets.find((line) => new RegExp(`^ *\\d+: \\w+:${port} \\w+:\\w+ 01 `).test(line)) ?? '';
      assert.match(row, / \w+:\w+ 02:\w+ /);
    });

    it('21: keeps a connection that is used now and then', async () => {
      server = await TestListener.start({ idleTimeout: 0.3 });
      const client = await connect();
      for (let i = 0; i < 5; i++) {
        await delay(150);
        client.send(requestOf(String(i)));
        assert.equal(await says(client), String(i));
      }
    });
  });

  describe('a client that stops reading', () => {
    const big = Buffer.alloc(500_000);

    it('is not read from either: requests wait in its own buffers', async () => {
      let handled = 0;
      server = await TestListener.start(
        {},
        {
          handle: async () => {
            handled++;
            return responseOf(big);
          },
        },
      );
      const client = await connect();
      client.socket.pause();
      const request = requestOf(Buffer.alloc(100_000));
      for (let i = 0; i < 200; i++) client.send(request);
      let before = -1;
      while (handled === 0 || handled !== before) {
        before = handled;
        await delay(200);
      }
      assert.ok(handled < 100, `${handled} answers were made for a client that reads none`);
      assert.ok(client.socket.writableLength > 1_000_000, 'the server took in what it cannot answer');
      const other = await connect();
      other.send(requestOf('x'));
      assert.ok((await other.answer()) !== undefined);
    });

    it('is closed after a while', async () => {
      server = await TestListener.start({ messageTimeout: 0.3 }, { handle: async () => responseOf(big) });
      const client = await connect();
      client.socket.pause();
      for (let i = 0; i < 50; i++) client.send(requestOf('x'));
      const deadline = Date.now() + 5_000;
      while (server.reports.length === 0 && Date.now() < deadline) await delay(20);
      assert.deepEqual(server.reports, ['failed answer-not-read']);
    });

    it('gets everything when it reads again', async () => {
      server = await TestListener.start({}, { handle: async () => responseOf(big) });
      const client = await connect();
      client.socket.pause();
      for (let i = 0; i < 200; i++) client.send(requestOf(Buffer.alloc(2000)));
      await delay(100);
      client.socket.resume();
      for (let i = 0; i < 200; i++) assert.equal((await client.answer())?.length, responseOf(big).length);
    });
  });
});

/** A TCP proxy that notes the length of each record of application data (type 23) from the server: RFC 8446, 5.1. */
class RecordProxy {
  readonly records: number[] = [];
  lastType = 0;
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  private constructor(target: number) {
    this.#server = createServer((near) => {
      const far = connectTcp(target, '127.0.0.1');
      this.#sockets.push(near, far);
      near.pipe(far);
      far.pipe(near);
      for (const socket of [near, far]) socket.on('error', () => near.destroy());
      let rest: Buffer = Buffer.alloc(0);
      far.on('data', (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk]);
        while (rest.length >= 5 && rest.length >= 5 + rest.readUInt16BE(3)) {
          this.lastType = rest.readUInt8(0);
          if (this.lastType === 23) this.records.push(rest.readUInt16BE(3));
          rest = rest.subarray(5 + rest.readUInt16BE(3));
        }
      });
    });
  }

  static async start(target: number): Promise<RecordProxy> {
    const proxy = new RecordProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
