import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createAuthority, type Issued, issue } from '../../../certs/authority.ts';
import type { Client, ClientOptions } from '../../support/client.ts';
import { certificates, contentOf, requestOf, TestListener } from '../../support/listener.ts';

const versions = ['TLSv1.2', 'TLSv1.3'] as const;
const only = (version: (typeof versions)[number]) => ({ minVersion: version, maxVersion: version });

describe('listeners/tls', () => {
  let ca: Issued;
  let server: TestListener;
  before(async () => {
    ca = (await certificates()).ca;
  });
  afterEach(() => server.close());

  /** What a client gets for an answer: the text it sent, or undefined where it is shut out. */
  async function answerTo(options: Partial<ClientOptions>): Promise<string | undefined> {
    let client: Client;
    try {
      client = await server.connect(options);
    } catch {
      return undefined;
    }
    client.send(requestOf('hello'));
    const answer = await client.answer();
    await client.close();
    return answer && contentOf(answer).toString();
  }

  const day = 86_400_000;
  const inDays = (days: number): Date => new Date(Date.now() + days * day);

  for (const version of versions) {
    describe(version, () => {
      const tls = only(version);

      it('5: serves a client with a certificate', async () => {
        server = await TestListener.start();
        assert.equal(await answerTo({ tls }), 'hello');
      });

      it('5: serves a client that sends no server name', async () => {
        server = await TestListener.start();
        assert.equal(await answerTo({ tls: { ...tls, servername: '' } }), 'hello');
      });

      const strangers: readonly [string, string, () => Promise<Issued>][] = [
        [
          'of another authority with the same name',
          'SELF_SIGNED|UNABLE_TO|SIGNATURE',
          async () => issue(await createAuthority('Test CA', { keys: 'ec' }), { cn: 'eve', keys: 'ec' }),
        ],
        ['that it signed itself', 'SELF_SIGNED', () => createAuthority('eve', { keys: 'ec', ca: false })],
        [
          'that has expired',
          'EXPIRED',
          () => issue(ca, { cn: 'eve', keys: 'ec', notAfter: inDays(-1), notBefore: inDays(-2) }),
        ],
        ['that is not valid yet', 'NOT_YET_VALID', () => issue(ca, { cn: 'eve', keys: 'ec', notBefore: inDays(1) })],
        ['for servers only', 'PURPOSE', () => issue(ca, { cn: 'eve', keys: 'ec', usage: ['serverAuth'] })],
      ];
      for (const [what, reason, make] of strangers) {
        it(`2: shuts out a client with a certificate ${what}, and says who, why and from where`, async () => {
          server = await TestListener.start();
          assert.equal(await answerTo({ identity: await make(), tls }), undefined);
          const [line] = server.log.lines.filter(({ level }) => level === 'warn');
          assert.match(String(line?.fields['subject']), /^CN=eve$/);
          assert.match(String(line?.fields['reason']), new RegExp(reason));
          assert.equal(line?.fields['peer'], '127.0.0.1');
          assert.match(server.reports.join(), /^denied /);
        });
      }

      it('logs no more than the beginning of the subject of a stranger, who can make it as long as he likes', async () => {
        server = await TestListener.start();
        const identity = await createAuthority('e'.repeat(20_000), { keys: 'ec', ca: false });
        assert.equal(await answerTo({ identity, tls }), undefined);
        const [line] = server.log.lines.filter(({ level }) => level === 'warn');
        assert.equal(line?.fields['subject'], `CN=${'e'.repeat(997)}`);
      });

      it('2: shuts out a client without a certificate', async () => {
        server = await TestListener.start();
        assert.equal(await answerTo({ identity: undefined, tls }), undefined);
        assert.deepEqual(server.reports, ['denied no-certificate']);
      });

      it('48: resumes the session of a client, on any worker of the node', async () => {
        server = await TestListener.start();
        const sibling = await TestListener.start();
        sibling.listener.setTicketKeys(server.ticketKeys);
        const session = await sessionWith(server, { tls });
        for (const one of [server, sibling]) {
          const client = await one.connect({ tls: { ...tls, session } });
          assert.ok(client.socket.isSessionReused());
          assert.equal(contentOf(await client.exchange(requestOf('again'))).toString(), 'again');
          await client.close();
        }
        await sibling.close();
      });

      it('resumes no session under new ticket keys', async () => {
        server = await TestListener.start();
        const session = await sessionWith(server, { tls });
        server.listener.setTicketKeys(randomBytes(48));
        const client = await server.connect({ tls: { ...tls, session } });
        assert.ok(!client.socket.isSessionReused());
        await client.close();
      });

      it('resumes no session of a removed authority, even if the ticket keys are kept', async () => {
        server = await TestListener.start();
        const session = await sessionWith(server, { tls });
        const other = await createAuthority('Other CA', { keys: 'ec' });
        server.listener.reload({ ...server.material(), ca: other.certificate });
        assert.equal(await answerTo({ tls: { ...tls, session } }), undefined);
        assert.match(server.reports.join(), /^denied /);
      });

      it('shuts out a client that had no certificate when it resumes its session, too', async () => {
        server = await TestListener.start();
        const session = await sessionWith(server, { identity: undefined, tls });
        assert.equal(await answerTo({ identity: undefined, tls: { ...tls, session } }), undefined);
        assert.deepEqual(server.reports, ['denied no-certificate', 'denied no-certificate']);
      });

      it('shuts out a stranger that resumes its session, too', async () => {
        server = await TestListener.start();
        const identity = await issue(await createAuthority('Other CA', { keys: 'ec' }), { cn: 'eve', keys: 'ec' });
        const session = await sessionWith(server, { identity, tls });
        assert.equal(await answerTo({ identity, tls: { ...tls, session } }), undefined);
        assert.equal(server.reports.length, 2);
      });
    });
  }

  it('resumes no session with a certificate that has expired meanwhile', async () => {
    server = await TestListener.start();
    const end = new Date(Math.ceil(Date.now() / 1000 + 1) * 1000);
    const identity = await issue(ca, { cn: 'brief', keys: 'ec', notAfter: end });
    const sessions = new Map<string, Buffer | undefined>();
    for (const version of versions) sessions.set(version, await sessionWith(server, { identity, tls: only(version) }));
    assert.deepEqual(server.reports, []);
    await new Promise((resolve) => setTimeout(resolve, end.getTime() - Date.now() + 50));
    for (const version of versions) {
      const session = sessions.get(version);
      assert.equal(await answerTo({ identity, tls: { ...only(version), session } }), undefined);
    }
    assert.deepEqual(server.reports, ['denied expired', 'denied expired']);
  });

  it('2: accepts a client whose certificate comes with the one between it and the authority', async () => {
    server = await TestListener.start();
    const between = await issue(ca, { cn: 'Issuing CA', ca: true, keys: 'ec' });
    const leaf = await issue(between, { cn: 'alice', keys: 'ec' });
    const chained = { key: leaf.key, certificate: leaf.certificate + between.certificate };
    assert.equal(await answerTo({ identity: chained }), 'hello');
    assert.equal(await answerTo({ identity: leaf }), undefined);
  });

  it('2: sends its own certificate with the ones between it and the authority', async () => {
    const between = await issue(ca, { cn: 'Issuing CA', ca: true, keys: 'ec' });
    const leaf = await issue(between, { cn: 'localhost', ip: ['127.0.0.1'], keys: 'ec' });
    const material = { certificate: leaf.certificate + between.certificate, privateKey: leaf.key };
    server = await TestListener.start();
    server.listener.reload({ ...server.material(), ...material });
    assert.equal(await answerTo({}), 'hello');
  });

  it('19: accepts certificates for client authentication, and those of any of several authorities', async () => {
    const other = await createAuthority('Other CA', { keys: 'ec' });
    server = await TestListener.start();
    server.listener.reload({ ...server.material(), ca: `# two\n${other.certificate}\n${ca.certificate}` });
    for (const authority of [ca, other]) {
      const identity = await issue(authority, { cn: 'alice', keys: 'ec', usage: ['clientAuth'] });
      assert.equal(await answerTo({ identity }), 'hello');
    }
  });

  it('serves clients without a certificate when authentication is off', async () => {
    server = await TestListener.start({ authentication: false });
    assert.equal(await answerTo({ identity: undefined }), 'hello');
    assert.deepEqual(server.reports, []);
  });

  it('5: leaves TLS 1.1 off, and 1.2 if told so', async () => {
    server = await TestListener.start({ tlsMinVersion: 'TLSv1.3' });
    assert.equal(await answerTo({ tls: only('TLSv1.2') }), undefined);
    assert.equal(await answerTo({ tls: only('TLSv1.3') }), 'hello');
    await server.close();
    server = await TestListener.start();
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    assert.equal(await answerTo({ tls: old }), undefined);
    assert.ok(server.log.lines.some(({ text }) => text === 'a TLS handshake failed'));
  });

  for (const ciphers of ['AES256-SHA', 'AES128-SHA256', 'ECDHE-RSA-AES256-SHA']) {
    it(`5: uses ${ciphers} only where legacy ciphers are on`, async () => {
      const rsa = await issue(ca, { cn: 'localhost', ip: ['127.0.0.1'] });
      const identity = await issue(ca, { cn: 'alice' });
      for (const tlsLegacyCiphers of [false, true]) {
        server = await TestListener.start({ tlsLegacyCiphers });
        server.listener.reload({ ...server.material(), certificate: rsa.certificate, privateKey: rsa.key });
        const answer = await answerTo({ identity, tls: { ...only('TLSv1.2'), ciphers } });
        assert.equal(answer, tlsLegacyCiphers ? 'hello' : undefined);
        if (!tlsLegacyCiphers) await server.close();
      }
    });
  }

  it('ends a connection whose client begins a second handshake in it', async () => {
    server = await TestListener.start();
    const client = await server.connect({ tls: only('TLSv1.2') });
    await new Promise<void>((resolve) => {
      client.socket.once('close', resolve);
      client.socket.renegotiate({}, () => resolve());
    });
    await assert.rejects(client.exchange(requestOf('hello')));
  });

  describe('35: reload', () => {
    it('shows the new certificate to new connections, and leaves the others alone', async () => {
      server = await TestListener.start();
      const client = await server.connect();
      const renewed = await issue(ca, { cn: 'renewed', ip: ['127.0.0.1'], keys: 'ec' });
      server.listener.reload({ ...server.material(), certificate: renewed.certificate, privateKey: renewed.key });
      assert.equal(contentOf(await client.exchange(requestOf('still here'))).toString(), 'still here');
      const later = await server.connect();
      assert.equal(later.socket.getPeerCertificate().subject.CN, 'renewed');
      await client.close();
      await later.close();
    });

    it('closes the connections of a removed authority after the answer at work, and only these', async () => {
      const other = await createAuthority('Other CA', { keys: 'ec' });
      const { promise: open, resolve } = Promise.withResolvers<void>();
      let handled = 0;
      server = await TestListener.start(
        {},
        {
          handle: async (request) => {
            handled++;
            if (contentOf(request).toString() === 'at work') await open;
            return request.fill(0x7b, 2, 3);
          },
        },
      );
      server.listener.reload({ ...server.material(), ca: ca.certificate + other.certificate });
      const idle = await server.connect();
      const busy = await server.connect();
      const stays = await server.connect({ identity: await issue(other, { cn: 'bob', keys: 'ec' }) });
      await stays.exchange(requestOf('x'));
      busy.send(Buffer.concat([requestOf('at work'), requestOf('too late')]));
      while (handled < 2) await new Promise(setImmediate);
      server.listener.reload({ ...server.material(), ca: other.certificate });
      assert.equal(await idle.answer(), undefined);
      resolve();
      assert.equal(contentOf((await busy.answer()) ?? Buffer.alloc(16)).toString(), 'at work');
      assert.equal(await busy.answer(), undefined);
      assert.equal(handled, 2);
      assert.equal(contentOf(await stays.exchange(requestOf('unharmed'))).toString(), 'unharmed');
      assert.deepEqual(server.reports, ['denied unknown-issuer', 'denied unknown-issuer']);
      await stays.close();
    });

    it('keeps a connection whose certificate came with the one between it and the authority', async () => {
      server = await TestListener.start();
      const between = await issue(ca, { cn: 'Issuing CA', ca: true, keys: 'ec' });
      const leaf = await issue(between, { cn: 'alice', keys: 'ec' });
      const identity = { key: leaf.key, certificate: leaf.certificate + between.certificate };
      const client = await server.connect({ identity });
      await client.exchange(requestOf('x'));
      server.listener.reload({ ...server.material(), ticketKeys: randomBytes(48) });
      assert.equal(contentOf(await client.exchange(requestOf('still here'))).toString(), 'still here');
      const other = await createAuthority('Other CA', { keys: 'ec' });
      server.listener.reload({ ...server.material(), ca: other.certificate });
      assert.equal(await client.answer(), undefined);
    });

    it('changes nothing when the new certificates cannot be used', async () => {
      server = await TestListener.start();
      const other = await issue(ca, { cn: 'other', keys: 'ec' });
      for (const broken of [{ ca: '' }, { ca: 'nonsense' }, { certificate: 'nonsense' }, { privateKey: other.key }]) {
        assert.throws(() => server.listener.reload({ ...server.material(), ...broken }));
      }
      assert.equal(await answerTo({}), 'hello');
    });

    it('judges a handshake that was under way by the new authorities', async () => {
      server = await TestListener.start();
      const other = await createAuthority('Other CA', { keys: 'ec' });
      // A proxy that lets the server answer the first bytes, and keeps the rest back.
      const begun = Promise.withResolvers<() => void>();
      const proxy = createServer((near) => {
        const far = connectTcp(server.port, '127.0.0.1');
        far.pipe(near).on('error', () => far.destroy());
        near.once('data', (hello) => {
          near.pause();
          far.write(hello);
        });
        far.once('data', () => begun.resolve(() => near.pipe(far).on('error', () => near.destroy())));
      }).listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      const connecting = server.connect({ port: (proxy.address() as AddressInfo).port, tls: only('TLSv1.3') });
      const release = await begun.promise;
      server.listener.reload({ ...server.material(), ca: other.certificate });
      release();
      const client = await connecting;
      assert.equal(await client.answer(), undefined);
      assert.deepEqual(server.reports, ['denied unknown-issuer']);
      proxy.close();
    });
  });
});

/** The session that TLS 1.3 sends after the handshake. With Node 24, who is shut out may see the end before it. */
function ticketOf(socket: TLSSocket): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    socket.once('session', resolve).once('close', () => resolve(undefined));
  });
}

/** The session of a client that has asked something, if it could. */
async function sessionWith(server: TestListener, options: Partial<ClientOptions>): Promise<Buffer | undefined> {
  const client = await server.connect(options);
  const socket: TLSSocket = client.socket;
  const session = socket.getProtocol() === 'TLSv1.3' ? ticketOf(socket) : undefined;
  client.send(requestOf('x'));
  const found = (await session) ?? socket.getSession();
  await client.answer();
  await client.close();
  return found;
}
