import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../../src/crypto/secret.ts';
import { encryptShare } from '../../../src/seal/recipients.ts';
import { hasAge, makeAgeIdentity, writeAsAgeIdentity } from '../../support/age.ts';

const share = Buffer.from(`KLEIS1${'-ABCD'.repeat(18)}`);

describe('a share for one person', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kleis-share-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  for (const type of ['spki', 'pkcs1'] as const) {
    it(`is opened by OpenSSL with the person's RSA key (${type})`, async () => {
      const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const encrypted = await encryptShare(publicKey.export({ type, format: 'pem' }).toString(), new Secret(share));
      const key = join(folder, 'key.pem');
      writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
      const oaep = ['-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', 'rsa_oaep_md:sha256'];
      const opened = execFileSync('openssl', ['pkeyutl', '-decrypt', '-inkey', key, ...oaep], {
        input: Buffer.from(encrypted, 'base64'),
      });
      assert.deepEqual(opened, share);
    });
  }

  describe('is opened by age', () => {
    before(function () {
      if (hasAge()) return;
      console.log('      left out, for want of age: shares that it opens');
      this.skip();
    });

    const opened = (identity: string, encrypted: string): Buffer =>
      execFileSync('age', ['--decrypt', '--identity', identity], { input: encrypted });

    it("with the person's identity", async () => {
      const identity = join(folder, 'identity');
      const encrypted = await encryptShare(makeAgeIdentity(identity), new Secret(share));
      assert.deepEqual(opened(identity, encrypted), share);
    });

    it("with the person's X25519 key of OpenSSL, written as an identity", async () => {
      const [key, identity] = [join(folder, 'key.pem'), join(folder, 'identity')];
      execFileSync('openssl', ['genpkey', '-algorithm', 'X25519', '-out', key]);
      const encrypted = await encryptShare(
        execFileSync('openssl', ['pkey', '-in', key, '-pubout']).toString(),
        new Secret(share),
      );
      writeAsAgeIdentity(identity, createPrivateKey(readFileSync(key)));
      assert.deepEqual(opened(identity, encrypted), share);
    });
  });

  it('is not made for what is no public key of a person', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    // With such a key everybody agrees on the same secret (RFC 7748, 6.1): SPKI of 32 zeros.
    const zero = Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), Buffer.alloc(32)]).toString('base64');
    for (const recipient of [
      `-----BEGIN PUBLIC KEY-----\n${zero}\n-----END PUBLIC KEY-----`,
      generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      'alice',
      'age1alice',
      privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      short.export({ type: 'spki', format: 'pem' }).toString(),
      curve.export({ type: 'spki', format: 'pem' }).toString(),
    ]) {
      await assert.rejects(encryptShare(recipient, new Secret(share)), { name: 'KmipError', error: 'invalid-field' });
    }
  });
});
