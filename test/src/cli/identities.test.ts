import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasAge, makeAgeIdentity } from '../../support/age.ts';
import { TestServer } from '../../support/server.ts';

const spki = { type: 'spki', format: 'pem' } as const;
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;

/** The files of a person of each kind: the public key, as `--recipient` takes it, and the private one. */
function people(folder: string): readonly { readonly recipient: string; readonly identity: string }[] {
  const pairs = [
    generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: spki, privateKeyEncoding: pkcs8 }),
    generateKeyPairSync('x25519', { publicKeyEncoding: spki, privateKeyEncoding: pkcs8 }),
  ];
  const written = pairs.map(({ publicKey, privateKey }, index) => {
    const [recipient, identity] = [join(folder, `${index}.pub`), join(folder, `${index}.key`)];
    writeFileSync(recipient, publicKey);
    writeFileSync(identity, privateKey);
    return { recipient, identity };
  });
  if (!hasAge()) return written;
  const identity = join(folder, 'age.key');
  return [...written, { recipient: makeAgeIdentity(identity), identity }];
}

describe('shares that are encrypted to their owners', function () {
  this.timeout(60_000);
  let server: TestServer;

  afterEach(() => server.stop());

  it('are opened by the private key of each, wherever shares are given', async () => {
    server = await TestServer.start();
    const admin = ['--token-file', server.secretFile('token', tokenOf(server.initialised))];
    const owners = people(server.folder);
    const split = ['--shares', String(owners.length), '--threshold', String(owners.length), '--json'];
    const recipients = ['--recipient', ...owners.map(({ recipient }) => recipient)];
    const first = await server.command('rekey', '--by-seal', '--shares', '1', '--threshold', '1', '--json');
    const consent = ['--file', server.secretFile('recovery', JSON.parse(first.stdout).shares[0])];
    const migrate = ['seal', 'migrate', '--to', 'shamir', ...split, ...recipients];
    const made = await server.command(...migrate, ...admin, ...consent);
    assert.equal(made.code, 0, made.stderr);
    assert.doesNotMatch(made.stdout, /KLEIS1/);
    const files = JSON.parse(made.stdout).shares.map((share: string, index: number) =>
      server.secretFile(`share${index}`, `${share}\n`),
    );
    await server.end();
    await server.serve();

    const bare = await server.command('unseal', '--file', files[0]);
    assert.equal(bare.code, 1);
    assert.equal(bare.stderr, 'kleis: a share is encrypted: --identity opens it\n');
    const strange = await server.command('unseal', '--file', files[0], '--identity', owners[1]?.identity ?? '');
    assert.match(strange.stderr, /^kleis: the identity does not open this share: it was encrypted to somebody else\n$/);
    for (const [index, { identity }] of owners.entries()) {
      const given = await server.command('unseal', '--file', files[index], '--identity', identity);
      assert.equal(given.code, index + 1 === owners.length ? 0 : 2, given.stderr);
    }
    assert.match((await server.command('status')).stdout, /"state":"unsealed"/);
  });
});

function tokenOf(initialised: string): string {
  return /Administrator token: (\S+)/.exec(initialised)?.[1] ?? '';
}
