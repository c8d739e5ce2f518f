import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../../src/crypto/secret.ts';
import { PassphraseSeal, readPassphrase } from '../../../src/seal/passphrase.ts';

// Made with Python: hashlib.pbkdf2_hmac, cryptography's AESGCM, and the context as TTLV put together by hand.
const row = {
  id: '0b6f0b7e-5a0c-4d58-9d0e-1f2a3b4c5d6e',
  seal: 'passphrase',
  parameters: '{"kdf":"PBKDF2-HMAC-SHA256","iterations":600000,"salt":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}',
  wrapped: Buffer.from(
    '000102030405060708090a0bcca9dcc0db540f46bc07dba9af9bdca7eaba2a16d3f3ddab721dd2d7734d34e5afee4bc455d23dc4e0dbb6e20e2cfee6',
    'hex',
  ),
};
const passphrase = new Secret(Buffer.from('correct horse battery'));

describe('passphrase seal', () => {
  it('opens what an independent implementation wrapped', async () => {
    const rootKey = await new PassphraseSeal(passphrase, 'test').unwrap(row);
    assert.deepEqual(
      [...rootKey.expose()],
      [...Array(32).keys()].map((one) => one + 100),
    );
  });

  it('tells a wrong passphrase in words that do not hold it', async () => {
    const wrong = new PassphraseSeal(new Secret(Buffer.from('incorrect horse')), '/data/passphrase');
    await assert.rejects(wrong.unwrap(row), (error: Error) => {
      assert.equal(error.name, 'SealError');
      assert.match(error.message, /passphrase in \/data\/passphrase does not open this installation \(0b6f0b7e/);
      assert.doesNotMatch(error.message, /horse/);
      return true;
    });
  });

  it("does not open another installation's row", async () => {
    const moved = { ...row, id: '11111111-5a0c-4d58-9d0e-1f2a3b4c5d6e' };
    await assert.rejects(new PassphraseSeal(passphrase, 'test').unwrap(moved), { name: 'SealError' });
  });

  for (const parameters of [
    '',
    '[]',
    '{"kdf":"none"}',
    row.parameters.replace('600000', '1'),
    row.parameters.replace('600000', '1e15'),
  ]) {
    it(`refuses the parameters ${parameters || '(none)'} before any work`, async () => {
      const seal = new PassphraseSeal(passphrase, 'test');
      await assert.rejects(seal.unwrap({ ...row, parameters }), { name: 'SealError', message: /parameters/ });
    });
  }

  it('wraps with at least 600 000 rounds and a salt of its own each time', async () => {
    const seal = new PassphraseSeal(passphrase, 'test');
    const rootKey = new Secret(Buffer.alloc(32, 7));
    const [one, other] = await Promise.all([seal.wrap('id', rootKey), seal.wrap('id', rootKey)]);
    assert.notEqual(one.parameters, other.parameters);
    assert.match(one.parameters, /"iterations":600000/);
    assert.deepEqual((await seal.unwrap({ id: 'id', ...one })).expose(), Buffer.alloc(32, 7));
  });
});

describe('passphrase file', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kleis-'));
    path = join(folder, 'passphrase');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (text: string, mode = 0o400) => {
    writeFileSync(path, text);
    chmodSync(path, mode);
  };

  for (const ending of ['', '\n', '\r\n']) {
    it(`is read without its line end ${JSON.stringify(ending)}`, async () => {
      write(`two words  ${ending}`);
      await assert.rejects(readPassphrase(path), /at least 12/);
      write(`three words  ${ending}`);
      assert.equal((await readPassphrase(path)).expose().toString(), 'three words  ');
    });
  }

  for (const mode of [0o440, 0o404, 0o600, 0o500]) {
    it(`is refused with mode ${mode.toString(8)}, and told what to do`, async () => {
      write('a good passphrase', mode);
      await assert.rejects(readPassphrase(path), {
        name: 'SealError',
        message: `the passphrase file ${path} has mode 0${mode.toString(8)}, it must be 0400: chmod 0400 ${path}`,
      });
    });
  }

  it('is missed in words', async () => {
    await assert.rejects(readPassphrase(path), { name: 'SealError', message: /cannot be read \(ENOENT\)/ });
  });
});
