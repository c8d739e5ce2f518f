import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { armor, Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { encryptShare } from '../../../src/seal/recipients.ts';

const share = Buffer.from(`KLEIS1${'-ABCD'.repeat(18)}`);

describe('a share for one person', () => {
  for (const type of ['spki', 'pkcs1'] as const) {
    it(`is opened by OpenSSL with the person's RSA key (${type})`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'kleis-share-'));
      const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const encrypted = await encryptShare(publicKey.export({ type, format: 'pem' }).toString(), share);
      const key = join(folder, 'key.pem');
      writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
      const oaep = ['-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', 'rsa_oaep_md:sha256'];
      const opened = execFileSync('openssl', ['pkeyutl', '-decrypt', '-inkey', key, ...oaep], {
        input: Buffer.from(encrypted, 'base64'),
      });
      assert.deepEqual(opened, share);
      rmSync(folder, { recursive: true });
    });
  }

  it('is an armored age file', async () => {
    const identity = await generateX25519Identity();
    const encrypted = await encryptShare(await identityToRecipient(identity), share);
    assert.match(encrypted, /^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    assert.equal(await decrypter.decrypt(armor.decode(encrypted), 'text'), share.toString());
  });

  it('is not made for what is no public key of a person', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    for (const recipient of [
      'alice',
      'age1alice',
      privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      short.export({ type: 'spki', format: 'pem' }).toString(),
      curve.export({ type: 'spki', format: 'pem' }).toString(),
    ]) {
      await assert.rejects(encryptShare(recipient, share), { name: 'KmipError', error: 'invalid-field' });
    }
  });
});
