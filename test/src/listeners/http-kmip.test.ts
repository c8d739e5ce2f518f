import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { createAuthority, issue } from '../../../certs/authority.ts';
import type { Peer } from '../../../src/access/authenticate.ts';
import { KmipByHttps, TestHttp } from '../../support/http.ts';
import { contentOf, requestOf, responseOf } from '../../support/listener.ts';

/** The headers of the standard's example (profiles-addtl-msg-enc-1.0, 3.1.1): HTTP/1.0, no Host, blanks behind the length. */
const published = [
  'POST /kmip HTTP/1.0',
  'Pragma: no-cache',
  'Cache-Control: no-cache',
  'Connection: keep-alive',
  'Content-Type: application/octet-stream',
  'Content-Length: 24       ',
  '',
  '',
].join('\r\n');

describe('listeners/http: KMIP messages', () => {
  let http: TestHttp;
  /** Who asked, in the order of the requests. */
  let peers: Peer[];
  const clients: KmipByHttps[] = [];
  const sockets: TLSSocket[] = [];

  /** Starts a listener whose handler sends back what came, and waits for `meanwhile` before it does. */
  async function start(settings: object = {}, meanwhile?: Promise<unknown>): Promise<void> {
    peers = [];
    const handle = async (request: Buffer, peer: Peer) => {
      peers.push(peer);
      await meanwhile;
      return responseOf(contentOf(request));
    };
    http = await TestHttp.start(settings, { handle });
  }

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    for (const socket of sockets.splice(0)) socket.destroy();
    await http.close();
  });

  /** A client that shows a certificate, or none. */
  function client(identity?: { certificate: string; key: string }): KmipByHttps {
    const one = new KmipByHttps(http, identity);
    clients.push(one);
    return one;
  }

  const subjects = () => peers.map(({ certificate }) => certificate?.subject);

  async function tls(options: ConnectionOptions = {}): Promise<TLSSocket> {
    const socket = connect({ host: '127.0.0.1', port: http.port, ca: http.ca, ...options });
    sockets.push(socket);
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    return socket;
  }

  const alice = () => ({ cert: http.certificates.alice.certificate, key: http.certificates.alice.key });

  /** A POST of a message that holds the text, which has eight letters. */
  const post = (text: string) => Buffer.concat([Buffer.from(published), requestOf(text)]);

  it('60: are answered as the HTTPS profile wants it, on a connection that stays', async () => {
    await start();
    const one = client(http.certificates.alice);
    for (const text of ['hello', 'again']) {
      const { status, headers, bytes } = await one.post(requestOf(text));
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'application/octet-stream');
      assert.equal(headers['content-length'], String(bytes.length));
      assert.match(String(headers['cache-control']), /\bno-cache\b/);
      assert.equal(contentOf(bytes).toString(), text);
    }
    assert.deepEqual(subjects(), ['CN=alice', 'CN=alice']);
    assert.equal(peers[0], peers[1]);
    assert.equal(peers[0]?.address, '127.0.0.1');
  });

  it('come as in the example of the standard, too', async () => {
    await start();
    const socket = await tls(alice());
    for (const text of ['12345678', '87654321']) {
      const answer = once(socket, 'data');
      socket.write(post(text));
      assert.match(String(await answer), new RegExp(`^HTTP/1\\.1 200 OK\r\n.*${text}$`, 's'));
    }
  });

  it('come without a certificate from a peer that has none', async () => {
    await start();
    assert.equal(contentOf(await client().exchange(requestOf('hello'))).toString(), 'hello');
    assert.deepEqual(subjects(), [undefined]);
    assert.deepEqual(http.reports, []);
  });

  it('come from a peer without a certificate where the one shown is not trusted, and the audit file tells', async () => {
    await start();
    const stranger = await issue(await createAuthority('Test CA', { keys: 'ec' }), { cn: 'eve', keys: 'ec' });
    const late = { notBefore: new Date(Date.now() - 9e7), notAfter: new Date(Date.now() - 1e7) };
    const expired = await issue(http.certificates.ca, { cn: 'eve', keys: 'ec', ...late });
    for (const identity of [stranger, expired]) await client(identity).exchange(requestOf('hello'));
    assert.deepEqual(subjects(), [undefined, undefined]);
    assert.match(http.reports.join(), /^denied \w*SIGN\w*,denied \w*EXPIRED$/);
    assert.ok(http.log.lines.some(({ level, fields }) => level === 'warn' && fields['subject'] === 'CN=eve'));
    assert.equal((await http.ask({ path: '/status', identity: stranger })).status, 200);
  });

  it('come from whoever it is where authentication is off', async () => {
    await start({ authentication: false });
    const stranger = await issue(await createAuthority('Other CA', { keys: 'ec' }), { cn: 'eve', keys: 'ec' });
    await client(stranger).exchange(requestOf('hello'));
    assert.deepEqual([subjects(), http.reports], [[undefined], []]);
  });

  const bad: readonly [what: string, body: Buffer, status: number, report: string][] = [
    ['nothing', Buffer.alloc(0), 400, 'failed truncated'],
    ['less than a message', requestOf('secret').subarray(0, -8), 400, 'failed truncated'],
    ['more than a message', Buffer.concat([requestOf('secret'), Buffer.alloc(8)]), 400, 'failed trailing-bytes'],
    ['two messages', Buffer.concat([requestOf('secret'), requestOf('secret')]), 400, 'failed trailing-bytes'],
    ['a response', responseOf('secret'), 400, 'failed bad-tag'],
    ['JSON', Buffer.from('{"shares":["secret"]}'), 400, 'failed bad-tag'],
    ['a message that announces too much', Buffer.from('420078010fffffff00', 'hex'), 400, 'failed bad-length'],
    ['a message that announces more than is let in', Buffer.from('420078010ffffff800', 'hex'), 400, 'failed too-large'],
    ['too long a message', requestOf(Buffer.alloc(5_000)), 413, 'failed too-large'],
  ];
  for (const [what, body, status, report] of bad) {
    it(`are a problem where the body is ${what}`, async () => {
      await start({ maxMessageBytes: 4_096 });
      const answer = await client(http.certificates.alice).post(body);
      assert.deepEqual([answer.status, answer.json['status']], [status, status]);
      assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
      assert.doesNotMatch(answer.text, /secret/);
      assert.deepEqual([http.reports, peers], [[report], []]);
    });
  }

  for (const type of ['application/json', 'text/xml', 'text/plain', 'application/x-www-form-urlencoded']) {
    it(`are not taken as ${type}`, async () => {
      await start();
      const { status } = await client().post(requestOf('hello'), { 'content-type': type });
      assert.deepEqual([status, peers.length], [415, 0]);
    });
  }

  it('can be longer than any other body', async () => {
    await start();
    const content = Buffer.alloc(1_000_000, 7);
    assert.deepEqual(contentOf(await client(http.certificates.alice).exchange(requestOf(content))), content);
    const { status } = await http.ask({ method: 'POST', path: '/unseal', body: content });
    assert.equal(status, 413);
  });

  it('are not as long from who has no certificate, whose body would be kept before anybody knows him', async () => {
    await start();
    const stranger = client();
    assert.equal((await stranger.post(requestOf(Buffer.alloc(200_000)))).status, 200);
    assert.equal((await stranger.post(requestOf(Buffer.alloc(300_000)))).status, 413);
    const socket = await tls();
    const chunked = published
      .replace('HTTP/1.0', 'HTTP/1.1\r\nHost: a')
      .replace(/Content-Length: 24 */, 'Transfer-Encoding: chunked');
    socket.write(chunked);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1.1 413 /);
    assert.equal(peers.length, 1);
  });

  it('are a problem where there is to be no KMIP answer', async () => {
    http = await TestHttp.start({}, { handle: async () => undefined });
    const { status, json } = await client().post(requestOf('hello'));
    assert.deepEqual([status, json['type']], [500, 'urn:kleis:error:internal']);
  });

  it('of who has a certificate do not wait for those of who has none and asks too often', async () => {
    await start();
    const [nobody, owner] = await Promise.all([tls(), tls(alice())]);
    nobody.resume().write(Buffer.concat(Array.from({ length: 400 }, () => post('12345678'))));
    while (peers.length < 200) await new Promise(setImmediate);
    owner.resume().write(Buffer.concat(Array.from({ length: 300 }, () => post('12345678'))));
    while (peers.length < 700) await new Promise(setImmediate);
    assert.ok(subjects().lastIndexOf('CN=alice') < subjects().lastIndexOf(undefined));
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const only = { minVersion: version, maxVersion: version };

    /** A session of alice's, and what was answered in it. */
    async function session(options: ConnectionOptions = {}): Promise<Buffer | undefined> {
      const socket = await tls({ ...alice(), ...only, ...options });
      const made = version === 'TLSv1.3' ? once(socket, 'session').then(([one]) => one as Buffer) : undefined;
      const answer = once(socket, 'data');
      socket.write(post('12345678'));
      await answer;
      return made ?? socket.getSession();
    }

    it(`come from the same client in a resumed session (${version})`, async () => {
      await start();
      const resumed = await tls({ ...alice(), ...only, session: await session() });
      assert.ok(resumed.isSessionReused());
      const answer = once(resumed, 'data');
      resumed.write(post('12345678'));
      await answer;
      assert.deepEqual(subjects(), ['CN=alice', 'CN=alice']);
    });

    it(`come in no session of a removed authority, even if the ticket keys are kept (${version})`, async () => {
      await start();
      const material = http.material();
      http.listener.reload(material);
      const kept = await session();
      const other = await createAuthority('Other CA', { keys: 'ec' });
      http.listener.reload({ ...material, ca: other.certificate });
      const again = await tls({ ...alice(), ...only, session: kept });
      assert.ok(!again.isSessionReused());
      const answer = once(again, 'data');
      again.write(post('12345678'));
      await answer;
      assert.deepEqual(subjects(), ['CN=alice', undefined]);
    });
  }

  it('of a removed authority are answered if they are at work, and their connections closed, and only these', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await start({}, promise);
    const other = await createAuthority('Other CA', { keys: 'ec' });
    http.listener.reload({ ...http.material(), ca: http.certificates.ca.certificate + other.certificate });
    const bob = await issue(other, { cn: 'bob', keys: 'ec' });
    const [idle, busy, stays, nobody] = await Promise.all([
      tls(alice()),
      tls(alice()),
      tls({ cert: bob.certificate, key: bob.key }),
      tls(),
    ]);
    const texts = [idle, busy, stays, nobody].map((socket) => {
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      return () => Buffer.concat(chunks).toString();
    });
    busy.write(post('12345678'));
    while (peers.length < 1) await new Promise(setImmediate);
    http.listener.reload({ ...http.material(), ca: other.certificate });
    if (!idle.closed) await once(idle, 'close');
    assert.equal(texts[0]?.(), '');
    resolve();
    if (!busy.closed) await once(busy, 'close');
    assert.match(texts[1]?.() ?? '', /200 OK\r\n.*connection: close\r\n.*12345678$/is);
    for (const [socket, text] of [
      [stays, texts[2]],
      [nobody, texts[3]],
    ] as const) {
      socket.write(post('12345678'));
      await once(socket, 'data');
      assert.match(text?.() ?? '', /200 OK\r\n.*keep-alive\r\n.*12345678$/is);
    }
    assert.deepEqual(subjects(), ['CN=alice', 'CN=bob', undefined]);
    assert.deepEqual(http.reports, ['denied unknown-issuer', 'denied unknown-issuer']);
  });
});
