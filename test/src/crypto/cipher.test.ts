import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { Decryption, decrypt, Encryption, encrypt } from '../../../src/crypto/cipher.ts';
import { cipherFor, ciphers } from '../../../src/crypto/cipher-table.ts';
import { BlockCipherMode, CryptographicAlgorithm, PaddingMethod } from '../../../ttlv/tables/enums.ts';
import { cipherVectors } from './cipher-vectors.ts';
import { failsWith } from './fails.ts';
import { symmetric } from './objects.ts';
import { openssl } from './openssl.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const A = CryptographicAlgorithm;
const M = BlockCipherMode;
const P = PaddingMethod;

const aes128 = '2b7e151628aed2a6abf7158809cf4f3c';
const iv = '000102030405060708090a0b0c0d0e0f';
const gcmKey = 'feffe9928665731c6d6a8f9467308308';
const gcmPlain =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39';
const gcmAad = 'feedfacedeadbeeffeedfacedeadbeefabaddad2';

describe('encrypting and decrypting', () => {
  for (const vector of cipherVectors) {
    const key = symmetric(vector.algorithm, hex(vector.key));
    const { parameters } = vector;
    const given = {
      parameters,
      ...(vector.iv !== undefined && { iv: hex(vector.iv) }),
      ...(vector.aad !== undefined && { additionalData: hex(vector.aad) }),
    };

    it(`gives the published result of ${vector.name}`, async () => {
      const { data, iv: made, tag } = await encrypt(key, { ...given, data: hex(vector.plain) });
      assert.equal(data.toString('hex'), hex(vector.cipher).toString('hex'));
      assert.equal(tag?.toString('hex'), vector.tag);
      assert.equal(made, undefined, 'a vector that was given is not made');
    });

    it(`opens the published result of ${vector.name}`, async () => {
      const tag = vector.tag === undefined ? {} : { tag: hex(vector.tag) };
      const plain = await decrypt(key, { ...given, ...tag, data: hex(vector.cipher) });
      assert.equal(plain.toString('hex'), hex(vector.plain).toString('hex'));
    });
  }

  for (const row of ciphers.filter((one) => one.tag === undefined && !one.whole)) {
    it(`agrees with openssl on ${row.name}`, async () => {
      const keyBytes = randomBytes(row.keyBytes);
      // 16 bytes do for ChaCha20 too: the counter and the nonce.
      const vector = randomBytes(row.algorithm === A.DES3 ? 8 : 16);
      const given = row.iv === undefined ? {} : { iv: vector };
      const plain = randomBytes(61);
      const mode = row.mode === undefined ? {} : { blockCipherMode: row.mode };
      const parameters = { ...mode, paddingMethod: P.PKCS5 };
      const key = symmetric(row.algorithm, keyBytes);
      const { data } = await encrypt(key, { parameters, data: plain, ...given });
      const name = `-${row.name.replace(/^(des-ede3?)-ecb$/, '$1')}`;
      const vectorArguments = row.iv === undefined ? [] : ['-iv', vector.toString('hex')];
      const expected = openssl(['enc', name, '-K', keyBytes.toString('hex'), ...vectorArguments], plain);
      assert.equal(data.toString('hex'), expected.toString('hex'));
      assert.deepEqual(await decrypt(key, { parameters, data, ...given }), plain);
    });
  }

  it('round trips with every cipher of the table, with a vector that it made itself', async () => {
    for (const row of ciphers) {
      const key = symmetric(row.algorithm, randomBytes(row.keyBytes));
      const parameters = row.mode === undefined ? {} : { blockCipherMode: row.mode };
      const plain = randomBytes(64);
      const { data, iv: made, tag } = await encrypt(key, { parameters, data: plain });
      assert.equal(made === undefined, row.iv === undefined, row.name);
      const opened = await decrypt(key, { parameters, data, iv: made, tag });
      assert.deepEqual(opened, plain, row.name);
    }
  });
});

describe('initialisation vectors', () => {
  const key = symmetric(A.AES, randomBytes(16));
  const data = Buffer.from('a message');

  it('are made where the client gives none, and never twice', async () => {
    const seen = new Set<string>();
    for (let count = 0; count < 2000; count++) {
      const { iv: made } = await encrypt(key, { parameters: { blockCipherMode: M.GCM }, data });
      seen.add(made?.toString('hex') ?? '');
    }
    assert.equal(seen.size, 2000);
  });

  it('have the IV Length that is asked for, in bits', async () => {
    const parameters = { blockCipherMode: M.GCM, randomIV: true, ivLength: 128 };
    assert.equal((await encrypt(key, { parameters, data })).iv?.length, 16);
  });

  it('are not made shorter than 96 bits for GCM', async () => {
    await failsWith('bad-parameters', () =>
      encrypt(key, { parameters: { blockCipherMode: M.GCM, ivLength: 32 }, data }),
    );
  });

  it('leave room for the counter of CTR, which starts at the Initial Counter Value', async () => {
    const parameters = { blockCipherMode: M.CTR, counterLength: 32, initialCounterValue: 1 };
    const { iv: made } = await encrypt(key, { parameters, data });
    assert.equal(made?.subarray(12).toString('hex'), '00000001');
  });

  it('of the wrong length are bad parameters', async () => {
    await failsWith('bad-parameters', () =>
      encrypt(key, { parameters: { blockCipherMode: M.CBC, paddingMethod: P.PKCS5 }, data, iv: Buffer.alloc(12) }),
    );
    await failsWith('bad-parameters', () =>
      decrypt(key, { parameters: { blockCipherMode: M.GCM }, data: Buffer.alloc(32), iv: Buffer.alloc(0) }),
    );
  });

  it('must be there for decryption: a missing one makes the message invalid (CS-BC-M-13)', async () => {
    await failsWith('invalid-message', () => decrypt(key, { parameters: { blockCipherMode: M.CBC }, data }));
  });
});

describe('padding', () => {
  const key = symmetric(A.AES, hex(aes128));
  const cbc = (paddingMethod: PaddingMethod) => ({ blockCipherMode: M.CBC, paddingMethod });
  const unpadded = { parameters: cbc(P.None), iv: hex(iv) };

  const padded: readonly [PaddingMethod, string, string, string][] = [
    [P.PKCS5, 'PKCS5', '010203', '0102030d0d0d0d0d0d0d0d0d0d0d0d0d'],
    [P.ANSIX9_23, 'ANSI X9.23', '010203', '0102030000000000000000000000000d'],
    [P.SSL3, 'SSL3', '010203', '0102030c0c0c0c0c0c0c0c0c0c0c0c0c'],
    [P.SSL3, 'SSL3 of a block but one byte', '11'.repeat(15), `${'11'.repeat(15)}00`],
    [P.SSL3, 'SSL3 of a full block', '11'.repeat(16), '11'.repeat(16) + '0f'.repeat(16)],
    [P.Zeros, 'Zeros', '010203', '01020300000000000000000000000000'],
    [P.PKCS5, 'PKCS5 of a full block', '11'.repeat(16), '11'.repeat(16) + '10'.repeat(16)],
    [P.ANSIX9_23, 'ANSI X9.23 of a full block', '11'.repeat(16), `${'11'.repeat(16)}${'00'.repeat(15)}10`],
    [P.Zeros, 'Zeros of a full block', '11'.repeat(16), '11'.repeat(16)],
  ];
  for (const [method, name, message, block] of padded) {
    it(`${name} fills the last block and is taken away again`, async () => {
      const { data } = await encrypt(key, { parameters: cbc(method), iv: hex(iv), data: hex(message) });
      assert.equal((await decrypt(key, { ...unpadded, data })).toString('hex'), block);
      assert.equal((await decrypt(key, { parameters: cbc(method), iv: hex(iv), data })).toString('hex'), message);
    });
  }

  it('ISO 10126 tells the number of bytes in the last one', async () => {
    const { data } = await encrypt(key, { parameters: cbc(P.ISO10126), iv: hex(iv), data: hex('010203') });
    const block = await decrypt(key, { ...unpadded, data });
    assert.equal(block.subarray(0, 3).toString('hex'), '010203');
    assert.equal(block[15], 13);
    assert.equal((await decrypt(key, { parameters: cbc(P.ISO10126), iv: hex(iv), data })).toString('hex'), '010203');
  });

  it('is none by default: data that fills no block is an invalid field', async () => {
    await failsWith('invalid-field', () =>
      encrypt(key, { parameters: { blockCipherMode: M.ECB }, data: Buffer.alloc(15) }),
    );
  });

  it('of RSA is not supported for block ciphers', async () => {
    await failsWith('unsupported-parameters', () =>
      encrypt(key, { parameters: cbc(P.OAEP), iv: hex(iv), data: Buffer.alloc(16) }),
    );
  });
});

describe('failures of decryption', () => {
  const key = symmetric(A.AES, hex(aes128));
  const pkcs5 = { blockCipherMode: M.CBC, paddingMethod: P.PKCS5 };
  const x923 = { blockCipherMode: M.CBC, paddingMethod: P.ANSIX9_23 };
  const ssl3 = { blockCipherMode: M.CBC, paddingMethod: P.SSL3 };
  const gcm = { blockCipherMode: M.GCM, tagLength: 16 };

  /** What makes a block decrypt to the given one. */
  async function sealed(block: string): Promise<Buffer> {
    const parameters = { blockCipherMode: M.CBC, paddingMethod: P.None };
    return (await encrypt(key, { parameters, iv: hex(iv), data: hex(block) })).data;
  }

  it('are all told in the same words', async () => {
    const { data, tag } = await encrypt(key, { parameters: gcm, iv: hex(iv), data: Buffer.alloc(20) });
    const flipped = Buffer.from(data);
    flipped[3] = (flipped[3] ?? 0) ^ 1;
    const attempts = [
      { parameters: pkcs5, iv: hex(iv), data: await sealed('00'.repeat(16)) },
      { parameters: pkcs5, iv: hex(iv), data: await sealed(`${'00'.repeat(14)}0302`) },
      { parameters: pkcs5, iv: hex(iv), data: await sealed('11'.repeat(16)) },
      { parameters: pkcs5, iv: hex(iv), data: Buffer.alloc(15) },
      { parameters: pkcs5, iv: hex(iv), data: Buffer.alloc(0) },
      { parameters: x923, iv: hex(iv), data: await sealed('00'.repeat(16)) },
      { parameters: x923, iv: hex(iv), data: await sealed(`${'00'.repeat(13)}010003`) },
      { parameters: x923, iv: hex(iv), data: await sealed('11'.repeat(16)) },
      { parameters: ssl3, iv: hex(iv), data: await sealed('10'.repeat(16)) },
      { parameters: { blockCipherMode: M.ECB }, data: Buffer.alloc(17) },
      { parameters: gcm, iv: hex(iv), data: flipped, tag },
      { parameters: gcm, iv: hex(iv), data, tag: Buffer.alloc(16) },
      { parameters: gcm, iv: hex(iv), data, tag, additionalData: Buffer.of(1) },
      { parameters: gcm, iv: Buffer.alloc(12), data, tag },
      { parameters: gcm, iv: hex(iv), data, tag: tag?.subarray(0, 12) },
      { parameters: gcm, iv: hex(iv), data: Buffer.alloc(3) },
    ];
    const texts = new Set<string>();
    for (const attempt of attempts) texts.add((await failsWith('crypto-failed', () => decrypt(key, attempt))).message);
    assert.equal(texts.size, 1);
  });

  it('include the wrong key', async () => {
    const { data, tag, iv: made } = await encrypt(key, { parameters: gcm, data: Buffer.alloc(20) });
    const other = symmetric(A.AES, randomBytes(16));
    await failsWith('crypto-failed', () => decrypt(other, { parameters: gcm, data, tag, iv: made }));
  });
});

describe('authenticated ciphertexts', () => {
  const key = symmetric(A.AES, hex(gcmKey));

  it('open with the tag at the end of the data, as KMIP 1.2 and 1.3 have it', async () => {
    const parameters = { blockCipherMode: M.GCM, tagLength: 13 };
    const message = Buffer.from('the message');
    const { data, tag, iv: made } = await encrypt(key, { parameters, data: message });
    assert.equal(tag?.length, 13);
    const joined = Buffer.concat([data, tag ?? Buffer.alloc(0)]);
    assert.deepEqual(await decrypt(key, { parameters, data: joined, iv: made }), message);
  });

  for (const tagLength of [0, 1, 8, 11, 17, 32, -1]) {
    it(`have no tag of ${tagLength} bytes (CS-BC-M-GCM-1)`, async () => {
      await failsWith('impossible-tag-length', () =>
        encrypt(key, { parameters: { blockCipherMode: M.GCM, tagLength }, data: Buffer.alloc(16) }),
      );
    });
  }
});

describe('parameters of ciphers', () => {
  it('need a Block Cipher Mode where the algorithm is a block cipher', async () => {
    await failsWith('bad-parameters', () => cipherFor(symmetric(A.AES, randomBytes(32)), undefined));
  });

  const unsupported: readonly [string, CryptographicAlgorithm, number, BlockCipherMode][] = [
    ['AES keys of 160 bits', A.AES, 20, M.CBC],
    ['PCBC', A.AES, 16, M.PCBC],
    ['GCM with 3DES', A.DES3, 24, M.GCM],
    ['Blowfish', A.Blowfish, 16, M.CBC],
    ['key wrapping as encryption', A.AES, 16, M.NISTKeyWrap],
  ];
  for (const [name, algorithm, bytes, blockCipherMode] of unsupported) {
    it(`do not support ${name}`, async () => {
      const key = symmetric(algorithm, randomBytes(bytes));
      await failsWith('unsupported-parameters', () =>
        encrypt(key, { parameters: { blockCipherMode }, data: Buffer.alloc(16) }),
      );
    });
  }
});

describe('messages in parts', () => {
  const key = symmetric(A.AES, hex('0123456789abcdef0123456789abcdef'));
  const start = {
    parameters: { blockCipherMode: M.CBC, paddingMethod: P.PKCS5 },
    iv: hex('01020304050607080910111213141516'),
  };

  it('give the published parts (TC-STREAM-ENCDEC-1)', () => {
    const encryption = new Encryption(key, start);
    assert.equal(encryption.update(hex('0102030405060708')).length, 0);
    assert.equal(encryption.update(hex('0910111213141516')).toString('hex'), '79abc5c23868ad84d388ce61110a6274');
    const rest = [encryption.update(hex('0102030405060708091011121314151601')), encryption.final().data];
    assert.equal(
      Buffer.concat(rest).toString('hex'),
      '2bda19d694bbcb757dd06617c0d80fb1df2e71864ad9633d7d797e30860df00d',
    );
    const decryption = new Decryption(key, start);
    assert.equal(decryption.update(hex('79abc5c23868ad84d388ce61110a6274')).length, 0);
    assert.equal(
      decryption.update(hex('2bda19d694bbcb757dd06617c0d80fb1')).toString('hex'),
      '01020304050607080910111213141516',
    );
    const end = [decryption.update(hex('df2e71864ad9633d7d797e30860df00d')), decryption.final()];
    assert.equal(Buffer.concat(end).toString('hex'), '0102030405060708091011121314151601');
  });

  it('give the published parts with GCM (CS-BC-M-GCM-3)', () => {
    const encryption = new Encryption(symmetric(A.AES, hex(gcmKey)), {
      parameters: { blockCipherMode: M.GCM, tagLength: 16 },
      iv: hex('cafebabefacedbad'),
      additionalData: hex(gcmAad),
    });
    const first = encryption.update(hex(gcmPlain.slice(0, 64)));
    assert.equal(first.toString('hex'), '61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c7423');
    encryption.update(hex(gcmPlain.slice(64)));
    assert.equal(encryption.final().tag?.toString('hex'), '3612d2e79e3b0785561be14aaca2fccb');
  });

  it('of an authenticated message come before its tag was checked, which fails the last one', async () => {
    const gcm = { parameters: { blockCipherMode: M.GCM } };
    const { data, iv: made, tag } = await encrypt(key, { ...gcm, data: Buffer.from('secret words') });
    const decryption = new Decryption(key, { ...gcm, iv: made, tag });
    assert.equal(decryption.update(data.subarray(0, 6)).toString(), 'secret');
    assert.equal(decryption.update(data.subarray(6)).toString(), ' words');
    assert.equal(decryption.final().length, 0);
    const forged = new Decryption(key, { ...gcm, iv: made, tag: Buffer.alloc(16) });
    forged.update(data);
    await failsWith('crypto-failed', () => forged.final());
  });

  it('have the tag at the end of the data where none is given', async () => {
    const gcm = { parameters: { blockCipherMode: M.GCM, tagLength: 12 } };
    const { data, iv: made, tag = Buffer.alloc(0) } = await encrypt(key, { ...gcm, data: Buffer.from('secret words') });
    const sealed = Buffer.concat([data, tag]);
    for (const size of [1, 5, 11, 12, 13, sealed.length]) {
      const decryption = new Decryption(key, { ...gcm, iv: made });
      const parts: Buffer[] = [];
      for (let at = 0; at < sealed.length; at += size) parts.push(decryption.update(sealed.subarray(at, at + size)));
      assert.equal(Buffer.concat([...parts, decryption.final()]).toString(), 'secret words');
    }
    const short = new Decryption(key, { ...gcm, iv: made });
    short.update(tag.subarray(0, 11));
    await failsWith('crypto-failed', () => short.final());
    const forged = new Decryption(key, { ...gcm, iv: made });
    forged.update(Buffer.concat([data, Buffer.alloc(12)]));
    await failsWith('crypto-failed', () => forged.final());
  });

  it('are padded and unpadded whatever the sizes of the parts', () => {
    for (const paddingMethod of [P.ANSIX9_23, P.ISO10126, P.PKCS5, P.SSL3]) {
      const parameters = { blockCipherMode: M.CBC, paddingMethod };
      for (let length = 0; length < 50; length++) {
        const message = randomBytes(length);
        const encryption = new Encryption(key, { ...start, parameters });
        const sealed = [...message].map((byte) => encryption.update(Buffer.of(byte)));
        const data = Buffer.concat([...sealed, encryption.final().data]);
        const decryption = new Decryption(key, { ...start, parameters });
        const opened = [...data].map((byte) => decryption.update(Buffer.of(byte)));
        assert.deepEqual(Buffer.concat([...opened, decryption.final()]), message);
      }
    }
  });

  it('are not possible with XTS', async () => {
    const xts = symmetric(A.AES, randomBytes(32));
    await failsWith('feature-not-supported', () => new Encryption(xts, { parameters: { blockCipherMode: M.XTS } }));
  });
});
