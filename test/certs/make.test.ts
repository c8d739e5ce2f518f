import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const script = new URL('../../certs/make.ts', import.meta.url).pathname;

describe('make certs', () => {
  let folder: string;

  const make = (environment: NodeJS.ProcessEnv = {}, ...clients: string[]) => {
    const env = { ...process.env, KMS_CERTS_DIR: folder, KMS_HOSTNAME: '127.0.0.1', ...environment };
    execFileSync(process.execPath, [script, ...clients], { env, stdio: 'pipe' });
  };
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kleis-certs-'));
    make();
  });

  after(() => rmSync(folder, { recursive: true }));

  for (const [name, purpose] of [
    ['server', 'sslserver'],
    ['client', 'sslclient'],
  ] as const) {
    it(`makes a ${name} certificate that OpenSSL accepts for its purpose and no other`, () => {
      openssl('verify', '-x509_strict', '-CAfile', 'ca.pem', '-purpose', purpose, `${name}.pem`);
      const other = purpose === 'sslserver' ? 'sslclient' : 'sslserver';
      assert.throws(() => openssl('verify', '-CAfile', 'ca.pem', '-purpose', other, `${name}.pem`), /unsuitable/);
    });

    it(`makes the key of the ${name} certificate`, () => {
      assert.equal(
        openssl('pkey', '-in', `${name}.key`, '-pubout'),
        openssl('x509', '-in', `${name}.pem`, '-noout', '-pubkey'),
      );
    });
  }

  for (const host of ['127.0.0.1', '::1', 'localhost']) {
    it(`makes a server certificate for ${host}`, () => {
      const option = host === 'localhost' ? '-verify_hostname' : '-verify_ip';
      openssl('verify', '-CAfile', 'ca.pem', option, host, 'server.pem');
    });
  }

  it('shows private keys to their owner alone', () => {
    const modes = ['ca.key', 'server.key', 'client.key'].map((name) => statSync(join(folder, name)).mode & 0o777);
    assert.deepEqual(modes, [0o600, 0o600, 0o600]);
  });

  it('writes a configuration for PyKMIP that names the files and the port', () => {
    make({ KMS_KMIP_PORT: '5999' });
    const lines = read('pykmip.conf').split('\n');
    for (const line of ['host=127.0.0.1', 'port=5999', `certfile=${join(folder, 'client.pem')}`]) {
      assert(lines.includes(line), line);
    }
  });

  it('keeps what is there', () => {
    const before = ['ca.pem', 'server.pem', 'client.pem'].map(read);
    make();
    assert.deepEqual(['ca.pem', 'server.pem', 'client.pem'].map(read), before);
  });

  it('makes the server certificate anew for another host name', () => {
    make({ KMS_HOSTNAME: 'kms.example' });
    openssl('verify', '-CAfile', 'ca.pem', '-verify_hostname', 'kms.example', 'server.pem');
  });

  it('makes a certificate for each further client', () => {
    make({}, 'bob');
    openssl('verify', '-CAfile', 'ca.pem', '-purpose', 'sslclient', 'bob.pem');
    assert.equal(
      openssl('x509', '-in', 'bob.pem', '-noout', '-subject', '-nameopt', 'RFC2253').trim(),
      'subject=CN=bob',
    );
    assert.throws(() => make({}, '../bob'), /not a name/);
  });

  it('says that it cannot issue without the key of the CA', () => {
    rmSync(join(folder, 'ca.key'));
    assert.throws(() => make({ KMS_HOSTNAME: 'other.example' }), /there is no ca\.key to issue one/);
  });
});
