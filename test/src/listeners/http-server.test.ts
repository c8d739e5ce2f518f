import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { issue } from '../../../certs/authority.ts';
import { type Ask, ask } from '../../support/http.ts';
import { certificates } from '../../support/listener.ts';
import { createAes, created, outcomeOf } from '../../support/requests.ts';
import { TestServer } from '../../support/server.ts';

describe('listeners/http: two workers that are given shares', function () {
  this.timeout(40_000);

  it('add them up', async () => {
    // Each comes over another connection: that one worker gets all of so many does not happen.
    const init = ['--seal', 'shamir', '--shares', '24', '--threshold', '24', '--json'];
    const server = await TestServer.start({ workers: 2, init });
    try {
      const counts: unknown[] = [];
      for (const body of JSON.parse(server.initialised).shares) {
        const { json } = await ask({ port: server.httpPort, ca: server.ca }, { method: 'POST', path: '/unseal', body });
        counts.push(json['state'] === 'unsealed' ? 'unsealed' : json['cnt']);
      }
      assert.deepEqual(counts, [...Array.from({ length: 23 }, (_, index) => index + 1), 'unsealed']);
      const given = server.audit().filter(({ operation, result }) => operation === 'Unseal' && result === 'success');
      assert.deepEqual(new Set(given.map(({ worker }) => worker)), new Set([1, 2]));
    } finally {
      await server.stop();
    }
  });
});

describe('listeners/http: a server of two workers, sealed with shares', function () {
  this.timeout(40_000);
  let server: TestServer;
  let shares: readonly string[];
  let authorization: string;
  const sockets: TLSSocket[] = [];

  beforeEach(async () => {
    const init = ['--seal', 'shamir', '--shares', '3', '--threshold', '2', '--json'];
    server = await TestServer.start({ workers: 2, init });
    const secrets = JSON.parse(server.initialised);
    shares = secrets.shares;
    authorization = `KMS ${secrets.admin_token}`;
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await server.stop();
  });

  const http = (question: Ask) => ask({ port: server.httpPort, ca: server.ca }, question);
  const unseal = (body: string, headers = {}) => http({ method: 'POST', path: '/unseal', body, headers });
  const sealStatus = async () => (await http({ path: '/seal_status' })).status;

  async function tls(port: number, options: object = {}): Promise<TLSSocket> {
    const socket = connect({ host: '127.0.0.1', port, ca: server.ca, ...options });
    sockets.push(socket);
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    return socket;
  }

  it('adds up shares that different people give over time, and seals on command', async () => {
    assert.equal(await sealStatus(), 418);
    const first = await unseal(`${shares[2]}\n`);
    assert.deepEqual([first.status, first.json['cnt'], first.json['required']], [200, 1, 2]);
    const typo = await unseal(`${shares[0]?.slice(0, -3)}`);
    assert.equal(typo.status, 400);
    assert.equal((typo.json['refused'] as { refusal: string }[])[0]?.refusal, 'malformed');
    const second = await unseal(`${shares[0]}`, { authorization });
    assert.deepEqual([second.status, second.json['state']], [200, 'unsealed']);
    for (let count = 0; count < 8; count++) assert.equal(await sealStatus(), 200);
    const client = await server.connect();
    await created(client);
    client.socket.destroy();
    assert.equal((await http({ method: 'POST', path: '/seal' })).status, 401);
    assert.equal((await http({ method: 'POST', path: '/seal', headers: { authorization } })).status, 204);
    while ((await sealStatus().catch(() => 0)) !== 418) await delay(20);
    const written = JSON.stringify([server.log, server.audit()]);
    for (const secret of [...shares, authorization.slice(4)]) assert.ok(!written.includes(secret));
    const lines = server.audit().filter(({ operation, kind }) => kind === 'outcome' && /seal/i.test(String(operation)));
    assert.deepEqual(lines.map(({ operation, who, result }) => `${operation} ${who} ${result}`).sort(), [
      'Seal administrator success',
      'Seal undefined denied',
      'Unseal administrator success',
      'Unseal undefined failed',
      'Unseal undefined success',
    ]);
  });

  it('serves KMIP while HTTP peers flood it, and ends while they hang on', async () => {
    await unseal(shares.join('\n').split('\n').slice(0, 2).join('\n'));
    const clients = await Promise.all([server.connect(), server.connect(), server.connect()]);
    for (const text of [
      '',
      'GET /status HTTP/1.1\r\n',
      'POST /unseal HTTP/1.1\r\nContent-Length: 999\r\n\r\nx',
      '\0\r\n\r\n',
    ]) {
      await Promise.all(
        Array.from({ length: 60 }, async () => (await tls(server.httpPort)).resume().write(text || ' ')),
      );
      for (const client of clients) assert.equal((await outcomeOf(client, createAes())).result, 'Success');
    }
    for (const client of clients) client.socket.destroy();
    assert.equal(await server.end(), 0);
  });

  it('lets nobody into KMIP with a session of HTTPS', async () => {
    const socket = await tls(server.httpPort, { maxVersion: 'TLSv1.2' });
    const session = socket.getSession();
    assert.ok((await tls(server.httpPort, { maxVersion: 'TLSv1.2', session })).isSessionReused());
    const stranger = await tls(server.port, { maxVersion: 'TLSv1.2', session });
    assert.ok(!stranger.isSessionReused());
    stranger.resume();
    await once(stranger, 'close');
  });

  it('shows a new certificate after SIGHUP, sealed as it is', async () => {
    const { ca } = await certificates();
    const renewed = await issue(ca, { cn: 'renewed', dns: ['localhost'], ip: ['127.0.0.1'], keys: 'ec' });
    writeFileSync(join(server.folder, 'certs', 'server.pem'), renewed.certificate);
    writeFileSync(join(server.folder, 'certs', 'server.key'), renewed.key);
    server.signal('SIGHUP');
    const subject = async () => (await tls(server.httpPort)).getPeerX509Certificate()?.subject;
    while ((await subject()) !== 'CN=renewed') await delay(20);
  });
});
