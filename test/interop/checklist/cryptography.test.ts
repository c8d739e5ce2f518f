import assert from 'node:assert/strict';
import { constants, createCipheriv, createDecipheriv, privateDecrypt, publicEncrypt, verify } from 'node:crypto';
import { type Item, ItemType } from '../../../ttlv/item.ts';
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  HashingAlgorithm,
  Operation,
  PaddingMethod,
} from '../../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../../ttlv/tables/masks.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { childrenOf } from '../../conformance/walk.ts';
import { bool, code, hex, int, struct, text } from '../../support/items.ts';
import { valueIn } from '../../support/requests.ts';
import { namesOf } from '../answer.ts';
import { encryption, rsa, rsaPrivate, rsaPublic, symmetric } from '../material.ts';
import { type Session, served, usage } from '../session.ts';

const key = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
const plain = Buffer.from('a message of more than one block');
const nonce = Buffer.from('101112131415161718191a1b', 'hex');

const parameters = (...fields: Item[]) => struct('CryptographicParameters', ...fields);
const cbc = [code('BlockCipherMode', BlockCipherMode.CBC), code('PaddingMethod', PaddingMethod.PKCS5)];
const gcmMode = code('BlockCipherMode', BlockCipherMode.GCM);
const gcm = [gcmMode, int('TagLength', 16)];
const dataOf = (bytes: Buffer): Item => ({ tag: Tag.Data, type: ItemType.ByteString, value: bytes });
const ivOf = (bytes: Buffer): Item => ({ tag: Tag.IVCounterNonce, type: ItemType.ByteString, value: bytes });

describe('interop/checklist: cryptography', () => {
  const { session } = served();

  const active = async (one: Session, object: Item, mask: number, ...attributes: Item[]): Promise<string> => {
    const id = await one.register(object, usage(mask), ...attributes);
    await one.activate(id);
    return id;
  };

  for (const version of [12, 13, 14, 20, 21] as const) {
    const run = (operation: Operation, id: string, ...fields: Item[]): Promise<Item> =>
      session(version).done(operation, text('UniqueIdentifier', id), ...fields);
    const { Encrypt, Decrypt } = Operation;

    it(`28: in ${version} AES-CBC with the client's IV, which is not returned`, async () => {
      const id = await active(session(version), symmetric(key), encryption);
      const iv = Buffer.alloc(16);
      const payload = await run(Encrypt, id, parameters(...cbc), dataOf(plain), ivOf(iv));
      assert.deepEqual(namesOf(childrenOf(payload)), ['UniqueIdentifier', 'Data']);
      assert.equal(childrenOf(payload)[0]?.value, id);
      const cipher = createCipheriv('aes-256-cbc', key, iv);
      const expected = Buffer.concat([cipher.update(plain), cipher.final()]);
      assert.deepEqual(valueIn(payload, Tag.Data), expected);
      const opened = await run(Decrypt, id, parameters(...cbc), dataOf(expected), ivOf(iv));
      assert.deepEqual(valueIn(opened, Tag.Data), plain);
    });

    it(`28: in ${version} the server makes an IV and returns it, without one and with Random IV`, async () => {
      const id = await active(session(version), symmetric(key), encryption);
      for (const more of [[], [bool('RandomIV', true)]]) {
        const payload = await run(Encrypt, id, parameters(...cbc, ...more), dataOf(plain));
        assert.deepEqual(namesOf(childrenOf(payload)), ['UniqueIdentifier', 'Data', 'IVCounterNonce']);
        const iv = valueIn(payload, Tag.IVCounterNonce) as Buffer;
        const decipher = createDecipheriv('aes-256-cbc', key, iv);
        const opened = Buffer.concat([decipher.update(valueIn(payload, Tag.Data) as Buffer), decipher.final()]);
        assert.deepEqual(opened, plain);
      }
    });

    it(`28: in ${version} the IV Length of ovh/kmip-go, 12 for AES-GCM and 16 for AES-CBC, is in bytes`, async () => {
      const id = await active(session(version), symmetric(key), encryption);
      const given = { 12: [gcmMode, int('IVLength', 12), int('TagLength', 16)], 16: [...cbc, int('IVLength', 16)] };
      for (const [length, fields] of Object.entries(given)) {
        const payload = await run(Encrypt, id, parameters(...fields), dataOf(plain));
        assert.equal((valueIn(payload, Tag.IVCounterNonce) as Buffer).length, Number(length));
      }
    });

    it(`28: in ${version} the parameters of the key count where the request has none`, async () => {
      const id = await active(session(version), symmetric(key), encryption, parameters(...cbc));
      const payload = await run(Encrypt, id, dataOf(plain), ivOf(Buffer.alloc(16)));
      const cipher = createCipheriv('aes-256-cbc', key, Buffer.alloc(16));
      assert.deepEqual(valueIn(payload, Tag.Data), Buffer.concat([cipher.update(plain), cipher.final()]));
    });

    it(`28: in ${version} the tag of AES-GCM ${version < 14 ? 'ends the data' : 'has its own field'}`, async () => {
      const id = await active(session(version), symmetric(key), encryption);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const data = Buffer.concat([cipher.update(plain), cipher.final()]);
      const tag = cipher.getAuthTag();
      const payload = await run(Encrypt, id, parameters(...gcm), dataOf(plain), ivOf(nonce));
      const found = childrenOf(payload).map(({ value }) => value);
      assert.deepEqual(found, version < 14 ? [id, Buffer.concat([data, tag])] : [id, data, tag]);
    });

    it(`28: in ${version} Decrypt understands the tag of AES-GCM at the end of the data`, async () => {
      const id = await active(session(version), symmetric(key), encryption);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const data = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      const opened = await run(Decrypt, id, parameters(...gcm), dataOf(data), ivOf(nonce));
      assert.deepEqual(valueIn(opened, Tag.Data), plain);
      const on = text('UniqueIdentifier', id);
      const forged = Buffer.from(data.map((byte, at) => (at === 0 ? byte ^ 1 : byte)));
      const reason = await session(version).reason(Decrypt, on, parameters(...gcm), dataOf(forged), ivOf(nonce));
      assert.equal(reason, 'CryptographicFailure');
    });

    it(`28: in ${version} RSA-OAEP with SHA-256, SHA-384 and SHA-512`, async () => {
      const one = session(version);
      const privateId = await active(one, rsaPrivate(), CryptographicUsageMask.Decrypt);
      const publicId = await active(one, rsaPublic(), CryptographicUsageMask.Encrypt);
      const hashes = {
        sha256: HashingAlgorithm.SHA_256,
        sha384: HashingAlgorithm.SHA_384,
        sha512: HashingAlgorithm.SHA_512,
      };
      for (const [oaepHash, algorithm] of Object.entries(hashes)) {
        const oaep = parameters(
          code('PaddingMethod', PaddingMethod.OAEP),
          code('HashingAlgorithm', algorithm),
          code('CryptographicAlgorithm', CryptographicAlgorithm.RSA),
        );
        const padding = constants.RSA_PKCS1_OAEP_PADDING;
        const sealed = valueIn(await run(Encrypt, publicId, oaep, dataOf(plain)), Tag.Data) as Buffer;
        assert.deepEqual(privateDecrypt({ key: rsa.privateKey, padding, oaepHash }, sealed), plain);
        const ours = publicEncrypt({ key: rsa.publicKey, padding, oaepHash }, plain);
        assert.deepEqual(valueIn(await run(Decrypt, privateId, oaep, dataOf(ours)), Tag.Data), plain);
      }
    });

    it(`56: in ${version} Sign by RSA PKCS#1 v1.5 with SHA-256 on plain data`, async () => {
      const id = await active(session(version), rsaPrivate(), CryptographicUsageMask.Sign);
      const scheme = parameters(
        code('PaddingMethod', PaddingMethod.PKCS1V1_5),
        code('HashingAlgorithm', HashingAlgorithm.SHA_256),
        code('CryptographicAlgorithm', CryptographicAlgorithm.RSA),
      );
      const signed = await run(Operation.Sign, id, scheme, dataOf(plain));
      assert.deepEqual(namesOf(childrenOf(signed)), ['UniqueIdentifier', 'SignatureData']);
      assert.ok(verify('sha256', plain, rsa.publicKey, valueIn(signed, Tag.SignatureData) as Buffer));
    });
  }

  it('28: MongoDB drivers: Encrypt with Random IV on a key of the server, Decrypt with what came back', async () => {
    const one = session(12);
    const id = await active(one, symmetric(key), encryption);
    const given = parameters(
      ...cbc,
      code('CryptographicAlgorithm', CryptographicAlgorithm.AES),
      bool('RandomIV', true),
    );
    const on = text('UniqueIdentifier', id);
    const sealed = await one.done(Operation.Encrypt, on, given, hex('Data', plain.toString('hex')));
    const [data, iv] = [valueIn(sealed, Tag.Data) as Buffer, valueIn(sealed, Tag.IVCounterNonce) as Buffer];
    const opened = await one.done(Operation.Decrypt, on, parameters(...cbc), dataOf(data), ivOf(iv));
    assert.deepEqual(valueIn(opened, Tag.Data), plain);
  });
});
