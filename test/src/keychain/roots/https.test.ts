import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createAuthority, issue } from '../../../../certs/authority.ts';
import { KeyChain } from '../../../../src/keychain/key-chain.ts';
import { type HttpsOptions, HttpsRoot } from '../../../../src/keychain/roots/https.ts';
import { KmipRoot } from '../../../../src/keychain/roots/kmip.ts';
import { kmipRootContract, newKey } from '../../../contracts/kmip-root.ts';
import { failing, MemoryChainStore } from '../../../support/keychain.ts';
import { certificates, responseOf } from '../../../support/listener.ts';
import { identityOf, TestServer } from '../../../support/server.ts';

const key = Buffer.alloc(32, 7);
const context = Buffer.from('chain');

const urlOf = (port: number, host = '127.0.0.1') => `https://${host}:${port}/kmip`;

describe('keychain/roots/https', function () {
  this.timeout(60_000);

  kmipRootContract((options, { httpPort }) => new HttpsRoot({ ...options, url: urlOf(httpPort) }));
});

describe('keychain/roots/https: a server', function () {
  this.timeout(60_000);
  let server: TestServer;
  let options: HttpsOptions;

  before(async () => {
    server = await TestServer.start();
    const { certificate, key: privateKey } = await identityOf('alice');
    const uniqueIdentifier = await newKey(server);
    options = { ca: server.ca, certificate, privateKey, uniqueIdentifier, url: urlOf(server.httpPort) };
  });

  after(() => server?.stop());

  it('has the same key for KMIP: a chain that is sealed through one is opened through the other', async () => {
    const overTls = new KmipRoot({ ...options, host: '127.0.0.1', port: server.port });
    const overHttps = new HttpsRoot(options);
    for (const [first, second] of [
      [overTls, overHttps],
      [overHttps, overTls],
    ] as const) {
      const store = new MemoryChainStore();
      const encrypted = await (await KeyChain.open({ root: first, store })).encrypt(Buffer.from('attack at dawn'));
      const other = await KeyChain.open({ root: second, store });
      assert.equal((await other.decrypt(encrypted)).toString(), 'attack at dawn');
    }
  });

  it('refuses who shows no certificate that it trusts, and says so', async () => {
    const stranger = await issue(await createAuthority('Other CA', { keys: 'ec' }), { cn: 'alice', keys: 'ec' });
    const root = new HttpsRoot({ ...options, certificate: stranger.certificate, privateKey: stranger.key });
    await assert.rejects(root.wrap(key, context), /refuses: Authentication Not Successful/);
    await assert.rejects(root.wrap(key, context), failing('root-unavailable'));
  });

  it('is asked again after it was started anew', async () => {
    const root = new HttpsRoot(options);
    const wrapped = await root.wrap(key, context);
    await server.end();
    await assert.rejects(root.unwrap(wrapped, context), /does not answer: .*ECONNREFUSED/);
    await server.serve();
    assert.deepEqual(await root.unwrap(wrapped, context), key);
  });
});

describe('keychain/roots/https: something else', () => {
  let other: Server;
  let options: HttpsOptions;

  /** Starts a server that answers so; counts its connections. Its certificate is for 127.0.0.1. */
  async function start(answer: RequestListener, host?: string): Promise<{ connections: number }> {
    const { ca, server, alice } = await certificates();
    other = createServer({ cert: server.certificate, key: server.key }, answer).listen(0, host ?? '127.0.0.1');
    const counted = { connections: 0 };
    other.on('secureConnection', () => {
      counted.connections += 1;
    });
    await once(other, 'listening');
    const address = other.address();
    const url = urlOf(typeof address === 'object' ? (address?.port ?? 0) : 0, host);
    const own = { certificate: alice.certificate, privateKey: alice.key, uniqueIdentifier: 'key' };
    options = { ca: ca.certificate, ...own, url };
    return counted;
  }

  afterEach(() => {
    other?.closeAllConnections();
    other?.close();
  });

  const octets = { 'content-type': 'application/octet-stream' };
  const answers: readonly [what: string, answer: RequestListener, message: RegExp][] = [
    ['has no such route', (_, response) => response.writeHead(404).end(), /it has the HTTP status 404/],
    [
      'sends it elsewhere',
      (_, response) => response.writeHead(307, { location: 'https://other.example/kmip' }).end(),
      /it has the HTTP status 307/,
    ],
    [
      'answers with a page',
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      /its answer is no KMIP message/,
    ],
    [
      'answers with other bytes',
      (_, response) => response.writeHead(200, octets).end('{"kmip": true}'),
      /the message begins with another one/,
    ],
    [
      'answers with less than a message',
      (_, response) => response.writeHead(200, octets).end(responseOf('hello').subarray(0, -1)),
      /it closed the connection/,
    ],
    [
      'answers with another message',
      (_, response) => response.writeHead(200, octets).end(responseOf('hello')),
      /does not answer: ResponseMessage/,
    ],
    [
      'ends before its answer does',
      (_, response) => {
        response.writeHead(200, { ...octets, 'content-length': 80 }).write(responseOf('hello'));
        setImmediate(() => response.destroy());
      },
      /does not answer: /,
    ],
    [
      'announces too long an answer',
      (_, response) => response.writeHead(200, octets).end(Buffer.from('42007b0100ffff00', 'hex')),
      /too large/,
    ],
  ];
  for (const [what, answer, message] of answers) {
    it(`that ${what} is told as that, without the key`, async () => {
      await start((request, response) => {
        request.resume();
        request.once('end', () => answer(request, response));
      });
      await assert.rejects(new HttpsRoot(options).wrap(key, context), failing('root-unavailable'));
      await assert.rejects(new HttpsRoot(options).wrap(key, context), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes(key.toString('latin1')));
        return true;
      });
    });
  }

  const mistrusted: readonly [what: string, host: string, message: RegExp, change: () => Promise<object>][] = [
    [
      'is of another authority',
      '127.0.0.1',
      /unable to verify|self-signed/,
      async () => ({ ca: (await createAuthority('Other')).certificate }),
    ],
    ['is for another name', '127.0.0.2', /not in the cert's list/, async () => ({})],
  ];
  for (const [what, host, message, change] of mistrusted) {
    it(`is not asked where its certificate ${what}`, async () => {
      let asked = 0;
      await start((_, response) => {
        asked += 1;
        response.end();
      }, host);
      const root = new HttpsRoot({ ...options, ...(await change()) });
      await assert.rejects(root.wrap(key, context), failing('root-unavailable'));
      await assert.rejects(root.wrap(key, context), message);
      assert.equal(asked, 0);
    });
  }

  it('is asked again over the same connection, and once more where it has closed that', async () => {
    let requests = 0;
    const counted = await start((request, response) => {
      requests += 1;
      // What was sent on a connection that is about to end is lost.
      if (requests === 3) request.socket.destroy();
      else request.resume().once('end', () => response.writeHead(200, octets).end(responseOf('hello')));
    });
    const root = new HttpsRoot(options);
    for (let call = 0; call < 3; call += 1) await assert.rejects(root.wrap(key, context), /ResponseMessage/);
    assert.deepEqual([requests, counted.connections], [4, 2]);
  });

  it('is asked once where the connection is a new one', async () => {
    let requests = 0;
    await start((request) => {
      requests += 1;
      request.socket.destroy();
    });
    await assert.rejects(new HttpsRoot(options).wrap(key, context), failing('root-unavailable'));
    assert.equal(requests, 1);
  });

  for (const url of ['http://127.0.0.1/kmip', 'https://bob:secret@127.0.0.1/kmip', 'secret', '']) {
    it(`cannot be at ${url || 'no place'}`, () => {
      const own = { ca: '', certificate: '', privateKey: '', uniqueIdentifier: 'key' };
      assert.throws(() => new HttpsRoot({ ...own, url }), failing('invalid-option'));
      assert.throws(() => new HttpsRoot({ ...own, url }), /^(?!.*secret)/);
    });
  }
});
