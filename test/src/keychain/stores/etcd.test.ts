import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { KeyChain } from '../../../../src/keychain/key-chain.ts';
import { EtcdStore } from '../../../../src/keychain/stores/etcd.ts';
import { chainStoreContract } from '../../../contracts/chain-store.ts';
import { TestEtcd } from '../../../support/etcd.ts';
import { failing, keyNumberOf, MemoryRoot } from '../../../support/keychain.ts';
import { certificates } from '../../../support/listener.ts';
import { freePort } from '../../../support/server.ts';

describe('keychain/stores/etcd', function () {
  this.timeout(60_000);
  let etcd: TestEtcd | undefined;
  let places = 0;

  before(async function () {
    if (!TestEtcd.isThere) {
      console.log('      left out, for want of etcd-server: key chains in etcd');
      this.skip();
    }
    etcd = await TestEtcd.start();
  });

  after(() => etcd?.stop());

  /** Options for a key that nobody has used. */
  const fresh = () => ({ endpoints: [etcd?.url ?? ''], key: `kleis/test ${++places}` });

  chainStoreContract(async () => {
    const options = fresh();
    return {
      open: () => new EtcdStore(options),
      code: {
        module: 'src/keychain/stores/etcd.ts',
        name: 'EtcdStore',
        expression: `new EtcdStore(${JSON.stringify(options)})`,
      },
    };
  });

  it('asks the next member where one does not answer', async () => {
    const { endpoints, key } = fresh();
    const store = new EtcdStore({ endpoints: [`http://127.0.0.1:${await freePort()}`, ...endpoints], key });
    assert.equal(await store.save(Buffer.from('one'), undefined), true);
    assert.equal((await store.load())?.bytes.toString(), 'one');
  });

  it('reports an etcd that is away, encrypts on while the block lasts, and goes on when it is back', async () => {
    const store = new EtcdStore(fresh());
    const chain = await KeyChain.open({ root: new MemoryRoot(), store, limits: { block: 2 } });
    const old = await chain.encrypt(Buffer.from('x'));
    await etcd?.end();
    await chain.encrypt(Buffer.from('x'));
    await assert.rejects(chain.encrypt(Buffer.from('x')), failing('store-unavailable'));
    assert.equal((await chain.decrypt(old)).toString(), 'x');
    await etcd?.serve();
    assert.equal(keyNumberOf(await chain.encrypt(Buffer.from('x'))), 1);
    assert.equal((await store.load())?.bytes.readBigUInt64BE(4), 4n);
  });

  it('reports what answers and is no etcd', async () => {
    const server = createServer((_, response) => response.writeHead(404).end('no')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    try {
      const store = new EtcdStore({ endpoints: [`http://127.0.0.1:${port}`], key: 'x' });
      await assert.rejects(store.load(), failing('store-unavailable'));
      await assert.rejects(store.save(Buffer.from('one'), '1'), failing('store-unavailable'));
    } finally {
      server.close();
    }
  });

  it('speaks TLS with a client certificate, and with no other server or certificate', async () => {
    const secured = await TestEtcd.start({ tls: true });
    try {
      const { ca, alice } = await certificates();
      const place = { endpoints: [secured.url], key: 'kleis/keychain', ca: ca.certificate };
      const store = new EtcdStore({ ...place, certificate: alice.certificate, privateKey: alice.key });
      assert.equal(await store.save(Buffer.from('one'), undefined), true);
      await assert.rejects(new EtcdStore(place).load(), failing('store-unavailable'));
      const untrusting = new EtcdStore({ endpoints: [secured.url], key: 'kleis/keychain' });
      await assert.rejects(untrusting.load(), failing('store-unavailable'));
    } finally {
      await secured.stop();
    }
  });

  it('needs an endpoint', () => {
    assert.throws(() => new EtcdStore({ endpoints: [], key: 'x' }), failing('invalid-option'));
  });
});
