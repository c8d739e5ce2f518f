import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { issue } from '../../../certs/authority.ts';
import { TestHttp } from '../../support/http.ts';

describe('listeners/http: connections', () => {
  let http: TestHttp;
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await http.close();
  });

  /** A connection on which `text` was sent after the handshake. */
  async function send(text: string): Promise<TLSSocket> {
    const socket = connectTls({ host: '127.0.0.1', port: http.port, ca: http.ca });
    sockets.push(socket);
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    if (text !== '') socket.write(text);
    return socket;
  }

  /** What comes until the server closes the connection. */
  async function rest(socket: Socket): Promise<string> {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    if (!socket.closed) await once(socket, 'close');
    return text;
  }

  const served = async () => (await http.ask({ path: '/status' })).status === 200;

  const slow: readonly [string, string, RegExp][] = [
    ['sends nothing after the handshake', '', /408/],
    ['does not end its headers', 'GET /status HTTP/1.1\r\nHost: localhost\r\nX: ', /408/],
    [
      'does not end its body',
      'POST /unseal HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nshare-1',
      /408/,
    ],
  ];
  for (const [what, text, answer] of slow) {
    it(`closes the connection of a client that ${what}, though it goes on to send`, async () => {
      http = await TestHttp.start({ messageTimeout: 1 });
      const socket = await send(text);
      const drops = setInterval(() => text !== '' && socket.write('x'), 100);
      const answered = await rest(socket);
      clearInterval(drops);
      assert.match(answered, answer);
      assert.deepEqual(http.control.calls, []);
      assert.ok(await served());
    });
  }

  it('closes connections on which no byte comes, or no handshake', async () => {
    http = await TestHttp.start({ handshakeTimeout: 1 });
    for (const text of ['', '\x16\x03\x01']) {
      const socket = connectTcp(http.port, '127.0.0.1', () => socket.write(text));
      socket.on('error', () => {});
      sockets.push(socket);
      await rest(socket);
    }
    assert.ok(await served());
  });

  it('serves a client beside hundreds that keep connections without a whole request', async function () {
    this.timeout(20_000);
    http = await TestHttp.start();
    for (const text of ['', 'GET /status HTTP/1.1\r\n', 'POST /unseal HTTP/1.1\r\nContent-Length: 9\r\n\r\nx']) {
      await Promise.all(Array.from({ length: 100 }, async () => (await send(text)).resume()));
      assert.ok(await served(), text);
    }
    while (sockets.filter(({ closed }) => !closed).length > 64) await delay(10);
  });

  it('closes the connection on what is no HTTP', async () => {
    http = await TestHttp.start();
    assert.match(await rest(await send('\x42\x00\x78\x01\x00\x00\x00\x00\r\n\r\n')), /400/);
    assert.match(await rest(await send(`GET /status HTTP/1.1\r\nX: ${'x'.repeat(10_000)}\r\n\r\n`)), /431/);
    assert.ok(await served());
  });

  it('shows a new certificate to new connections', async () => {
    http = await TestHttp.start();
    const { ca } = http.certificates;
    const renewed = await issue(ca, { cn: 'renewed', dns: ['localhost'], ip: ['127.0.0.1'], keys: 'ec' });
    const before = await send('');
    http.listener.reload({ ...http.material(), certificate: renewed.certificate, privateKey: renewed.key });
    assert.equal((await send('')).getPeerX509Certificate()?.subject, 'CN=renewed');
    assert.equal(before.getPeerX509Certificate()?.subject, 'CN=localhost');
    before.end('GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    assert.match(await rest(before), /200 OK/);
  });

  it('goes on with the old certificate when the new one cannot be used', async () => {
    http = await TestHttp.start();
    assert.throws(() => http.listener.reload({ ...http.material(), privateKey: 'none' }));
    assert.ok(await served());
  });

  it('answers what is at work, closes idle connections and accepts no more when it ends', async () => {
    http = await TestHttp.start();
    const { promise, resolve } = Promise.withResolvers<void>();
    const called = new Promise<void>((call) => {
      http.control.verifyAdminToken = async () => {
        call();
        await promise;
        return true;
      };
    });
    const idle = await send('GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(idle, 'data');
    const asked = http.administrate({ path: '/seal' });
    await called;
    const closing = http.close();
    await rest(idle);
    await assert.rejects(http.ask({ path: '/status' }), { code: 'ECONNREFUSED' });
    resolve();
    const { status, headers } = await asked;
    assert.deepEqual([status, headers.connection], [204, 'close']);
    await closing;
  });
});
