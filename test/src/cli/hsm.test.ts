import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Operation } from '../../../ttlv/tables/enums.ts';
import { created, on, outcomeOf } from '../../support/requests.ts';
import { TestServer } from '../../support/server.ts';
import { library, makeToken, missingForTokens, pin } from '../../support/softhsm.ts';

describe('a node sealed with an HSM', function () {
  this.timeout(90_000);
  const token = 'kleis node';
  let server: TestServer;

  before(async function () {
    const missing = missingForTokens();
    if (missing !== undefined) {
      console.log(`      left out, for want of ${missing}: a node sealed with an HSM`);
      this.skip();
    }
    await makeToken(token);
  });

  afterEach(() => server?.stop());

  const getResult = async (id: string) => {
    const client = await server.connect();
    const { result } = await outcomeOf(client, on(id, Operation.Get));
    client.socket.destroy();
    return result;
  };

  it('opens by itself; recovery shares open it when the HSM is away; it can move to another seal', async () => {
    const tokens = join(dirname(process.env['SOFTHSM2_CONF'] ?? ''), 'tokens');
    server = await TestServer.start({
      init: ['--seal', 'pkcs11', '--json'],
      secrets: { pin },
      env: { KMS_PKCS11_LIBRARY: library, KMS_PKCS11_TOKEN: token },
    });
    const { shares: none, admin_token: adminToken } = JSON.parse(server.initialised);
    assert.deepEqual(none, []);
    const admin = ['--token-file', server.secretFile('token', adminToken)];
    const client = await server.connect();
    const id = await created(client);
    client.socket.destroy();

    const rekeyed = await server.command('rekey', '--by-seal', '--shares', '3', '--threshold', '2', '--json');
    assert.equal(rekeyed.code, 0, rekeyed.stderr);
    const shares: readonly string[] = JSON.parse(rekeyed.stdout).shares;

    // Sealed by command, and told to try again.
    await server.command('seal', ...admin);
    const again = await server.command('unseal');
    assert.equal(again.stdout, 'The node is unsealed.\n', again.stderr);
    await server.end();

    renameSync(tokens, `${tokens}-away`);
    try {
      await server.serve();
      assert.match(server.log, /"alarm":true,"msg":"the HSM does not open the seal: .*; recovery shares are taken"/);
      const opened = await server.commandWith(`${shares.slice(1).join('\n')}\n`, 'unseal');
      assert.equal(opened.code, 0, opened.stderr);
      assert.equal(await getResult(id), 'Success');

      writeFileSync(join(server.folder, 'var', 'passphrase'), 'correct horse battery', { mode: 0o400 });
      const lines = `${shares.slice(0, 2).join('\n')}\n`;
      const moved = await server.commandWith(lines, 'seal', 'migrate', '--to', 'passphrase', ...admin);
      assert.equal(moved.code, 0, moved.stderr);
      await server.end();
      await server.serve();
      assert.equal(await getResult(id), 'Success');
    } finally {
      renameSync(`${tokens}-away`, tokens);
    }
  });

  it('says what is wrong where it cannot start', async () => {
    server = await TestServer.start({
      init: ['--seal', 'pkcs11'],
      secrets: { pin },
      env: { KMS_PKCS11_LIBRARY: library, KMS_PKCS11_TOKEN: token },
    });
    await server.end();
    for (const [flags, message] of [
      [
        ['--pkcs11-token', 'gone'],
        /^kleis: the HSM does not open the seal: there is no PKCS#11 token with the label gone\n$/,
      ],
      [
        ['--pkcs11-library', '/nowhere.so'],
        /^kleis: the HSM does not open the seal: the PKCS#11 token kleis node failed: /,
      ],
      [['--pkcs11-pin-file', '/nowhere'], /^kleis: the PIN file \/nowhere cannot be read \(ENOENT\)\n$/],
    ] as const) {
      const { code, stderr } = await server.command('serve', ...flags);
      assert.equal(code, 1);
      assert.match(stderr, message);
    }
  });
});
