import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { KeyHandle } from '../../../src/crypto/keys.ts';
import { messageHash, sign, verify } from '../../../src/crypto/signature.ts';
import type { CryptographicParameters } from '../../../src/kmip/structures/cryptographic.ts';
import {
  CryptographicAlgorithm,
  DigitalSignatureAlgorithm,
  HashingAlgorithm,
  KeyFormatType,
  PaddingMethod,
} from '../../../ttlv/tables/enums.ts';
import { failsWith } from './fails.ts';
import { privateKey, publicKey, symmetric } from './objects.ts';
import { openssl } from './openssl.ts';
import { ecdsaSignature, ecPrivate, ecPublic, pssSignature, rsaPrivate, rsaPublic, signedData } from './vectors.ts';

const F = KeyFormatType;
const H = HashingAlgorithm;
const P = PaddingMethod;
const D = DigitalSignatureAlgorithm;
const RSA = CryptographicAlgorithm.RSA;

const rsa = { private: privateKey(F.PKCS_1, rsaPrivate), public: publicKey(F.PKCS_1, rsaPublic) };
const secp256k1 = { private: privateKey(F.ECPrivateKey, ecPrivate), public: publicKey(F.X_509, ecPublic) };

interface TestPair {
  readonly private: KeyHandle;
  readonly public: KeyHandle;
}

function pairOf(keys: { privateKey: KeyObject; publicKey: KeyObject }): TestPair {
  return {
    private: privateKey(F.PKCS_8, keys.privateKey.export({ format: 'der', type: 'pkcs8' })),
    public: publicKey(F.X_509, keys.publicKey.export({ format: 'der', type: 'spki' })),
  };
}

function pem(key: KeyHandle): Buffer {
  const type = key.object.type === 'private' ? 'pkcs8' : 'spki';
  return Buffer.from(key.object.export({ format: 'pem', type }));
}

const hashNames: readonly [HashingAlgorithm, string][] = [
  [H.SHA_1, 'sha1'],
  [H.SHA_224, 'sha224'],
  [H.SHA_256, 'sha256'],
  [H.SHA_384, 'sha384'],
  [H.SHA_512, 'sha512'],
  [H.SHA3_256, 'sha3-256'],
];

/** Whether the command line tool accepts a signature of `signedData`. */
function opensslVerifies(key: KeyHandle, signature: Buffer, options: readonly string[]): boolean {
  const output = openssl(['dgst', ...options, '-verify', pem(key), '-signature', signature], signedData);
  return output.toString().includes('Verified OK');
}

describe('RSA signatures', () => {
  it('verify as published: PSS with a salt of the longest possible length (CS-AC-M-2)', async () => {
    const parameters = { paddingMethod: P.PSS, hashingAlgorithm: H.SHA_256, cryptographicAlgorithm: RSA };
    const changed = Buffer.from(pssSignature);
    changed[0] = 0xff;
    assert.equal(await verify(rsa.public, { parameters, data: signedData }, pssSignature), true);
    assert.equal(await verify(rsa.public, { parameters, data: Buffer.from('other') }, pssSignature), false);
    assert.equal(await verify(rsa.public, { parameters, data: signedData }, changed), false);
    const withSalt = { ...parameters, saltLength: 32 };
    assert.equal(await verify(rsa.public, { parameters: withSalt, data: signedData }, pssSignature), false);
    const sha1 = { ...parameters, hashingAlgorithm: H.SHA_1 };
    assert.equal(await verify(rsa.public, { parameters: sha1, data: signedData }, pssSignature), false);
  });

  for (const [hashingAlgorithm, name] of hashNames) {
    it(`of PKCS#1 v1.5 with ${name} are those of openssl`, async () => {
      const parameters = { hashingAlgorithm, paddingMethod: P.PKCS1V1_5 };
      const expected = openssl(['dgst', `-${name}`, '-sign', pem(rsa.private)], signedData);
      assert.deepEqual(await sign(rsa.private, { parameters, data: signedData }), expected);
      const digestedData = createHash(name).update(signedData).digest();
      assert.deepEqual(await sign(rsa.private, { parameters, digestedData }), expected);
      assert.equal(await verify(rsa.public, { parameters, data: signedData }, expected), true);
      assert.equal(await verify(rsa.public, { parameters, digestedData }, expected), true);
    });

    it(`of PSS with ${name} are accepted by openssl, and openssl's here`, async () => {
      const parameters = { hashingAlgorithm, paddingMethod: P.PSS };
      const options = [`-${name}`, '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest'];
      const digestedData = createHash(name).update(signedData).digest();
      for (const input of [{ data: signedData }, { digestedData }]) {
        const signature = await sign(rsa.private, { parameters, ...input });
        assert.ok(opensslVerifies(rsa.public, signature, options));
        const theirs = openssl(['dgst', ...options, '-sign', pem(rsa.private)], signedData);
        assert.equal(await verify(rsa.public, { parameters, ...input }, theirs), true);
        theirs[40] = (theirs[40] ?? 0) ^ 1;
        assert.equal(await verify(rsa.public, { parameters, ...input }, theirs), false);
      }
    });
  }

  it('have the Salt Length and the mask hash that are asked for', async () => {
    const parameters = {
      paddingMethod: P.PSS,
      hashingAlgorithm: H.SHA_256,
      maskGeneratorHashingAlgorithm: H.SHA_1,
      saltLength: 20,
    };
    const options = ['rsa_padding_mode:pss', 'rsa_pss_saltlen:20', 'rsa_mgf1_md:sha1'].flatMap((o) => ['-sigopt', o]);
    const signature = await sign(rsa.private, { parameters, data: signedData });
    assert.ok(opensslVerifies(rsa.public, signature, ['-sha256', ...options]));
    assert.equal(await verify(rsa.public, { parameters, data: signedData }, signature), true);
  });

  it('are of keys whose length is no multiple of 8 too', async () => {
    for (const modulusLength of [1025, 1026, 1031]) {
      const pair = pairOf(generateKeyPairSync('rsa', { modulusLength }));
      const parameters = { paddingMethod: P.PSS, hashingAlgorithm: H.SHA_256 };
      const digestedData = createHash('sha256').update(signedData).digest();
      const signature = await sign(pair.private, { parameters, digestedData });
      assert.equal(await verify(pair.public, { parameters, data: signedData }, signature), true, `${modulusLength}`);
      const other = await sign(pair.private, { parameters, data: signedData });
      assert.equal(await verify(pair.public, { parameters, digestedData }, other), true, `${modulusLength}`);
    }
  });

  it('are PKCS#1 v1.5 with SHA-256 where nothing is said', async () => {
    const expected = openssl(['dgst', '-sha256', '-sign', pem(rsa.private)], signedData);
    assert.deepEqual(await sign(rsa.private, { parameters: {}, data: signedData }), expected);
  });

  it('cover Digested Data of any length as it is where no hash is named (TC-RSA-SIGN-DIGESTEDDATA)', async () => {
    const parameters = { cryptographicAlgorithm: RSA };
    const signature = await sign(rsa.private, { parameters, digestedData: signedData });
    const raw = openssl(['pkeyutl', '-sign', '-inkey', pem(rsa.private), '-in', signedData]);
    assert.deepEqual(signature, raw);
    assert.equal(await verify(rsa.public, { parameters, digestedData: signedData }, signature), true);
    const pss = { ...parameters, paddingMethod: P.PSS, hashingAlgorithm: H.SHA_1 };
    assert.equal(await verify(rsa.public, { parameters: pss, data: signedData }, signature), false);
  });

  it('do not cover Digested Data of another length than the hash that is named', async () => {
    const parameters = { hashingAlgorithm: H.SHA_256 };
    await failsWith('invalid-field', () => sign(rsa.private, { parameters, digestedData: signedData }));
  });

  it('are false, not errors, where they are too short, too long or zero', async () => {
    for (const paddingMethod of [P.PSS, P.PKCS1V1_5]) {
      const parameters = { paddingMethod, hashingAlgorithm: H.SHA_256 };
      const digestedData = createHash('sha256').update(signedData).digest();
      for (const signature of [0, 1, 255, 256, 257].map((length) => Buffer.alloc(length, 0))) {
        assert.equal(await verify(rsa.public, { parameters, data: signedData }, signature), false);
        assert.equal(await verify(rsa.public, { parameters, digestedData }, signature), false);
      }
      const large = Buffer.alloc(256, 0xff);
      assert.equal(await verify(rsa.public, { parameters, data: signedData }, large), false);
    }
  });
});

describe('ECDSA signatures', () => {
  it('verify as published, whatever is said of RSA (TC-ECDSA-SIGN-1, CS-AC-M-3-ECC)', async () => {
    const changed = Buffer.from(ecdsaSignature);
    changed[69] = (changed[69] ?? 0) ^ 1;
    const parameters = { hashingAlgorithm: H.SHA_256 };
    assert.equal(await verify(secp256k1.public, { parameters, data: signedData }, ecdsaSignature), true);
    assert.equal(await verify(secp256k1.public, { parameters, data: signedData }, changed), false);
    const odd = { hashingAlgorithm: H.SHA_256, paddingMethod: P.PSS, cryptographicAlgorithm: RSA };
    assert.equal(await verify(secp256k1.public, { parameters: odd, data: signedData }, ecdsaSignature), true);
    const sha1 = { ...odd, hashingAlgorithm: H.SHA_1 };
    assert.equal(await verify(secp256k1.public, { parameters: sha1, data: signedData }, ecdsaSignature), false);
  });

  const curveNames = ['P-224', 'P-256', 'P-384', 'P-521', 'secp256k1', 'prime192v1', 'brainpoolP384r1', 'sect233r1'];
  for (const namedCurve of curveNames) {
    const pair = pairOf(generateKeyPairSync('ec', { namedCurve }));

    it(`on ${namedCurve} of a digest are those of its message, for openssl too`, async () => {
      for (const [hashingAlgorithm, name] of hashNames) {
        const parameters = { hashingAlgorithm };
        const digestedData = createHash(name).update(signedData).digest();
        const ofDigest = await sign(pair.private, { parameters, digestedData });
        assert.equal(await verify(pair.public, { parameters, data: signedData }, ofDigest), true, name);
        const ofMessage = await sign(pair.private, { parameters, data: signedData });
        assert.equal(await verify(pair.public, { parameters, digestedData }, ofMessage), true, name);
        const other = createHash(name).update('another message').digest();
        assert.equal(await verify(pair.public, { parameters, digestedData: other }, ofMessage), false, name);
      }
      const parameters = { hashingAlgorithm: H.SHA_256 };
      const digestedData = createHash('sha256').update(signedData).digest();
      const signature = await sign(pair.private, { parameters, digestedData });
      assert.ok(opensslVerifies(pair.public, signature, ['-sha256']));
      const theirs = openssl(['pkeyutl', '-sign', '-inkey', pem(pair.private), '-in', digestedData]);
      assert.equal(await verify(pair.public, { parameters, digestedData }, theirs), true);
    });
  }

  it('of another key are false, for digests too', async () => {
    const one = pairOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    const other = pairOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    const signature = await sign(one.private, { parameters: {}, digestedData: Buffer.alloc(32, 7) });
    assert.equal(await verify(one.public, { parameters: {}, digestedData: Buffer.alloc(32, 7) }, signature), true);
    assert.equal(await verify(other.public, { parameters: {}, digestedData: Buffer.alloc(32, 7) }, signature), false);
  });

  it('that are no signatures are false', async () => {
    const digestedData = Buffer.alloc(32, 7);
    // Empty; (0, 0); (1, 0); (0, 1); a negative r; bytes behind the end.
    const values = ['', '3006020100020100', '3006020101020100', '3006020100020101', '30060201ff020101'];
    for (const text of [...values, `${ecdsaSignature.toString('hex')}00`]) {
      const signature = Buffer.from(text, 'hex');
      assert.equal(await verify(secp256k1.public, { parameters: {}, data: signedData }, signature), false, text);
      assert.equal(await verify(secp256k1.public, { parameters: {}, digestedData }, signature), false, text);
    }
  });

  it('have Digested Data of any length where no hash is named (TC-ECDSA-SIGN-DIGESTEDDATA)', async () => {
    const signature = await sign(secp256k1.private, { parameters: {}, digestedData: signedData });
    const verified = ['pkeyutl', '-verify', '-pubin', '-inkey', pem(secp256k1.public), '-sigfile', signature];
    assert.match(openssl([...verified, '-in', signedData]).toString(), /Success/);
    assert.equal(await verify(secp256k1.public, { parameters: {}, digestedData: signedData }, signature), true);
  });

  it('have no digest of zeros', async () => {
    const digestedData = Buffer.alloc(32);
    await failsWith('crypto-failed', () => sign(secp256k1.private, { parameters: {}, digestedData }));
    assert.equal(await verify(secp256k1.public, { parameters: {}, digestedData }, ecdsaSignature), false);
  });
});

describe('EdDSA signatures', () => {
  it('of Ed25519 are those of RFC 8032 (7.1, test 3)', async () => {
    const seed = 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7';
    const key = privateKey(F.PKCS_8, Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex'));
    const signature = await sign(key, { parameters: {}, data: Buffer.from('af82', 'hex') });
    assert.equal(
      signature.toString('hex'),
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    );
    const point = 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025';
    const pub = publicKey(F.X_509, Buffer.from(`302a300506032b6570032100${point}`, 'hex'));
    assert.equal(await verify(pub, { parameters: {}, data: Buffer.from('af82', 'hex') }, signature), true);
    assert.equal(await verify(pub, { parameters: {}, data: Buffer.from('af83', 'hex') }, signature), false);
  });

  it('do not cover Digested Data or messages in parts', async () => {
    const pair = pairOf(generateKeyPairSync('ed25519'));
    await failsWith('unsupported-parameters', () =>
      sign(pair.private, { parameters: {}, digestedData: Buffer.alloc(32) }),
    );
    await failsWith('feature-not-supported', () => messageHash(pair.private, {}));
  });
});

describe('parameters of signatures', () => {
  const cases: readonly [string, TestPair, CryptographicParameters, string][] = [
    ['Digital Signature Algorithm of RSA', rsa, { digitalSignatureAlgorithm: D.SHA_512WithRSAEncryption }, '-sha512'],
    ['Digital Signature Algorithm of ECDSA', secp256k1, { digitalSignatureAlgorithm: D.ECDSAWithSHA384 }, '-sha384'],
  ];
  for (const [name, pair, parameters, option] of cases) {
    it(`take the ${name}`, async () => {
      const signature = await sign(pair.private, { parameters, data: signedData });
      assert.ok(opensslVerifies(pair.public, signature, [option]));
    });
  }

  it('refuse a Digital Signature Algorithm of another kind of key', async () => {
    const parameters = { digitalSignatureAlgorithm: D.ECDSAWithSHA256 };
    await failsWith('bad-parameters', () => sign(rsa.private, { parameters, data: signedData }));
  });

  it('refuse hashes and paddings that are not supported', async () => {
    const tiger = { hashingAlgorithm: H.Tiger };
    await failsWith('unsupported-parameters', () => sign(rsa.private, { parameters: tiger, data: signedData }));
    const oaep = { paddingMethod: P.OAEP };
    await failsWith('unsupported-parameters', () => sign(rsa.private, { parameters: oaep, data: signedData }));
  });

  it('refuse a salt that does not fit', async () => {
    const parameters = { paddingMethod: P.PSS, saltLength: 300 };
    await failsWith('bad-parameters', () => sign(rsa.private, { parameters, data: signedData }));
  });

  it('default to the hash of the strength of a longer curve', async () => {
    const pair = pairOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }));
    const signature = await sign(pair.private, { parameters: {}, data: signedData });
    assert.ok(opensslVerifies(pair.public, signature, ['-sha384']));
  });
});

describe('keys of signatures', () => {
  it('sign if they are private, verify if they are public', async () => {
    const aes = symmetric(CryptographicAlgorithm.AES, Buffer.alloc(16));
    for (const key of [rsa.public, aes]) {
      await failsWith('wrong-type', () => sign(key, { parameters: {}, data: signedData }));
    }
    for (const key of [rsa.private, aes]) {
      await failsWith('wrong-type', () => verify(key, { parameters: {}, data: signedData }, pssSignature));
    }
  });

  it('sign messages in parts by their hash', async () => {
    const hash = messageHash(rsa.private, {});
    for (const byte of signedData) hash.update(Buffer.of(byte));
    const inParts = await sign(rsa.private, { parameters: {}, digestedData: hash.digest() });
    assert.deepEqual(inParts, await sign(rsa.private, { parameters: {}, data: signedData }));
  });
});
