import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyChainErrorCode } from '../../src/keychain/error.ts';
import { Operation } from '../../ttlv/tables/enums.ts';
import { TestEtcd } from '../support/etcd.ts';
import { created, on, outcomeOf } from '../support/requests.ts';
import { identityOf, TestServer } from '../support/server.ts';
import { library, makeKey, makeToken, missingForTokens } from '../support/softhsm.ts';

const root = new URL('../..', import.meta.url);
const text = readFileSync(new URL('docs/keychain.md', root), 'utf8');

/** The programs of the page, each with the output that it shows below; '' where it shows none. */
const examples = [...text.matchAll(/```ts\n(.*?)```\n(?:\n```text\n(.*?)```)?/gs)].map(
  ([, program = '', output = '']) => ({ program, output }),
);

const using = (what: string) => examples.filter(({ program }) => program.includes(what));

describe('docs/keychain.md', function () {
  this.timeout(60_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kleis-docs-'));
    mkdirSync(join(folder, 'certs'));
  });

  beforeEach(() => {
    rmSync(join(folder, 'keychain'), { recursive: true, force: true });
    mkdirSync(join(folder, 'keychain'));
  });

  after(() => rmSync(folder, { recursive: true }));

  /** Runs programs of the page with places of this test instead of the page's. */
  function run(some: typeof examples, places: Readonly<Record<string, string>> = {}): void {
    assert(some.length > 0);
    const all = { '/var/lib/app/keychain': join(folder, 'keychain'), ...places };
    for (const { program, output } of some) {
      const local = Object.entries(all)
        .reduce((source, [from, to]) => source.replaceAll(from, to), program)
        .replaceAll("'kleis/keychain'", `'${root}src/keychain/key-chain.ts'`)
        .replaceAll(/'kleis\/keychain\/(.*)'/g, `'${root}src/keychain/$1.ts'`);
      const path = join(folder, 'program.ts');
      writeFileSync(path, local);
      const { stdout, stderr, status } = spawnSync(process.execPath, [path], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.equal(stdout, output);
    }
  }

  it('has programs that do what it says: chains in files and beside the ciphertext', () => {
    run(examples.filter(({ program }) => !/KmipRoot|HttpsRoot|Pkcs11Root|EtcdStore/.test(program)));
  });

  it('has programs that do what it says: a root on a server', async () => {
    const server = await TestServer.start();
    try {
      const client = await server.connect('alice');
      const id = await created(client);
      await outcomeOf(client, on(id, Operation.Activate));
      await client.close();
      const { certificate, key } = await identityOf('alice');
      writeFileSync(join(folder, 'certs/ca.pem'), server.ca);
      writeFileSync(join(folder, 'certs/client.pem'), certificate);
      writeFileSync(join(folder, 'certs/client.key'), key);
      const places = {
        'certs/dev': join(folder, 'certs'),
        '5696': String(server.port),
        '9998': String(server.httpPort),
        '6a1d0bfb-56a7-4a0e-a6c6-3b4a5a1f2b5e': id,
      };
      run(using('KmipRoot'), places);
      // With the chain that the first has sealed.
      run(using('HttpsRoot'), places);
    } finally {
      await server.stop();
    }
  });

  it('has programs that do what it says: a root on a token', async function () {
    const missing = missingForTokens();
    if (missing !== undefined) {
      console.log(`      left out, for want of ${missing}: the example of a PKCS#11 token`);
      this.skip();
    }
    await makeToken('app');
    await makeKey('app', 'root');
    run(using('Pkcs11Root'), { '/usr/lib/softhsm/libsofthsm2.so': library });
  });

  it('has programs that do what it says: a chain in etcd', async function () {
    if (!TestEtcd.isThere) {
      console.log('      left out, for want of etcd-server: the example of etcd');
      this.skip();
    }
    const etcd = await TestEtcd.start();
    try {
      run(using('EtcdStore'), { 'http://127.0.0.1:2379': etcd.url });
    } finally {
      await etcd.stop();
    }
  });

  it('names every error code', () => {
    const codes: Readonly<Record<KeyChainErrorCode, true>> = {
      malformed: true,
      truncated: true,
      'other-chain': true,
      'unknown-key': true,
      'not-authentic': true,
      'too-large': true,
      'wrong-root': true,
      'root-unavailable': true,
      'damaged-chain': true,
      'store-unavailable': true,
      closed: true,
      'invalid-option': true,
    };
    const [, section = ''] = text.split('## Errors');
    const named = [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
    assert.deepEqual(named, Object.keys(codes));
  });
});
