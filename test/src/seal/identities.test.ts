import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../../src/crypto/secret.ts';
import { identityOf } from '../../../src/seal/identities.ts';
import { encryptShare } from '../../../src/seal/recipients.ts';
import { hasAge, makeAgeIdentity } from '../../support/age.ts';

const share = Buffer.from(`KLEIS1${'-ABCD'.repeat(18)}`);
const unasked = (): Promise<Secret> => Promise.reject(new Error('nobody is asked'));
const secret = (text: string | Buffer): Secret => new Secret(Buffer.from(text));

describe('the identity of a person', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kleis-identity-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  /** A private key in PEM, as OpenSSL writes it. */
  function keyOf(...args: readonly string[]): Buffer {
    const path = join(folder, 'key.pem');
    execFileSync('openssl', ['genpkey', '-quiet', ...args, '-out', path], { stdio: 'ignore' });
    return readFileSync(path);
  }

  const publicPem = (key: Buffer, passphrase = ''): string =>
    createPublicKey(createPrivateKey({ key, passphrase }).export({ type: 'pkcs8', format: 'pem' }))
      .export({ type: 'spki', format: 'pem' })
      .toString();

  it('opens what OpenSSL has encrypted to an RSA key', async () => {
    const key = keyOf('-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048');
    const oaep = ['-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', 'rsa_oaep_md:sha256'];
    const encrypted = execFileSync('openssl', ['pkeyutl', '-encrypt', '-inkey', join(folder, 'key.pem'), ...oaep], {
      input: share,
    });
    const identity = await identityOf(new Secret(key), unasked);
    assert.deepEqual((await identity.open(encrypted.toString('base64'))).expose(), share);
  });

  it('opens what was encrypted to an X25519 key of OpenSSL', async () => {
    const key = keyOf('-algorithm', 'X25519');
    const identity = await identityOf(new Secret(key), unasked);
    assert.deepEqual((await identity.open(await encryptShare(publicPem(key), secret(share)))).expose(), share);
  });

  it('opens what age has encrypted to an identity of age-keygen', async function () {
    if (!hasAge()) this.skip();
    const recipient = makeAgeIdentity(join(folder, 'identity'));
    const armored = execFileSync('age', ['--armor', '--recipient', recipient], { input: share, encoding: 'utf8' });
    const identity = await identityOf(secret(readFileSync(join(folder, 'identity'))), unasked);
    assert.deepEqual((await identity.open(armored)).expose(), share);
  });

  it('is opened by its passphrase, where it has one', async () => {
    const key = keyOf('-algorithm', 'X25519', '-aes256', '-pass', 'pass:open sesame');
    const encrypted = await encryptShare(publicPem(key, 'open sesame'), secret(share));
    const identity = await identityOf(secret(key), async () => secret('open sesame'));
    assert.deepEqual((await identity.open(encrypted)).expose(), share);
    await assert.rejects(
      identityOf(secret(key), async () => secret('open barley')),
      { name: 'SealError', message: 'the private key of the identity does not open' },
    );
  });

  it('opens nothing of somebody else, and says so without a word of the key', async () => {
    const [key, other] = [keyOf('-algorithm', 'X25519'), keyOf('-algorithm', 'X25519')];
    const encrypted = await encryptShare(publicPem(other), secret(share));
    const identity = await identityOf(new Secret(key), unasked);
    for (const text of [encrypted, share.toString(), '']) {
      await assert.rejects(identity.open(text), {
        name: 'SealError',
        message: 'the identity does not open this share: it was encrypted to somebody else',
      });
    }
    const typo = 'AGE-SECRET-KEY-1QQPQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ';
    const broken = await identityOf(secret(`${typo}\n`), unasked);
    await assert.rejects(broken.open(encrypted), (error: Error) => !`${error.message}${error.cause}`.includes(typo));
  });

  it('is none where the file has no such key', async () => {
    const signing = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const text of ['', 'age1abc', signing]) {
      await assert.rejects(identityOf(secret(text), unasked), {
        name: 'SealError',
        message: /^the identity is neither/,
      });
    }
  });
});
