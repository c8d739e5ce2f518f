import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { Item } from '../../../ttlv/item.ts';
import {
  CryptographicAlgorithm,
  EncodingOption,
  KeyFormatType,
  ObjectType,
  Operation,
  WrappingMethod,
} from '../../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../../ttlv/tables/masks.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { type Version, versions } from '../../../ttlv/tables/versions.ts';
import { childrenOf, find } from '../../conformance/walk.ts';
import { code, hex, int, struct, text } from '../../support/items.ts';
import { valueIn } from '../../support/requests.ts';
import { namesOf } from '../answer.ts';
import {
  aes256,
  block,
  encryption,
  keyOf,
  opaque,
  rsa,
  rsaPrivate,
  rsaPublic,
  secret,
  symmetric,
} from '../material.ts';
import { identifiersIn, served, templateOf, usage } from '../session.ts';

const { AES, DES3, EC, RSA } = CryptographicAlgorithm;
const { Create, CreateKeyPair, Get, Register } = Operation;
const { Sign, Verify, WrapKey, UnwrapKey } = CryptographicUsageMask;

describe('interop/checklist: objects', () => {
  const { session } = served();

  for (const version of versions) {
    it(`3: in ${version} Get works for Pre-Active, Active and Deactivated keys; a destroyed or unknown one is not found`, async () => {
      const one = session(version);
      const id = await one.create(...aes256);
      const before = valueIn(await one.get(id), Tag.KeyMaterial);
      await one.activate(id);
      assert.deepEqual(valueIn(await one.get(id), Tag.KeyMaterial), before);
      await one.revoke(id);
      assert.deepEqual(valueIn(await one.get(id), Tag.KeyMaterial), before);
      await one.destroy(id);
      const gone = await one.reason(Get, text('UniqueIdentifier', id));
      assert.equal(gone, version < 20 ? 'ItemNotFound' : 'ObjectDestroyed');
      const unknown = await one.reason(Get, text('UniqueIdentifier', 'nobody'));
      assert.equal(unknown, version < 20 ? 'ItemNotFound' : 'ObjectNotFound');
    });

    it(`11, 17: in ${version} every object comes in the format of its registration, with Key Material only`, async () => {
      const one = session(version);
      const objects: readonly Item[] = [
        symmetric(Buffer.alloc(32, 1)),
        secret(Buffer.from('word')),
        secret(Buffer.alloc(96, 2), KeyFormatType.Raw),
        rsaPrivate(KeyFormatType.PKCS_1),
        rsaPrivate(KeyFormatType.PKCS_8),
        rsaPublic(KeyFormatType.PKCS_1),
        rsaPublic(KeyFormatType.X_509),
        opaque(Buffer.from('anything')),
      ];
      for (const object of objects) {
        const id = await one.register(object, ...(object.tag === Tag.OpaqueObject ? [] : [usage(Sign)]));
        const [, , found] = childrenOf(await one.get(id));
        assert.deepEqual(found, object);
      }
    });

    it(`11: in ${version} a created key is Raw, with algorithm and length in its Key Block`, async () => {
      const one = session(version);
      const payload = await one.get(await one.create(...aes256));
      const fields = childrenOf(
        find(childrenOf(payload)[2] === undefined ? [] : childrenOf(childrenOf(payload)[2]), Tag.KeyBlock),
      );
      assert.deepEqual(namesOf(fields), ['KeyFormatType', 'KeyValue', 'CryptographicAlgorithm', 'CryptographicLength']);
      assert.deepEqual([fields[0]?.value, fields[2]?.value, fields[3]?.value], [KeyFormatType.Raw, AES, 256]);
      assert.deepEqual(namesOf(childrenOf(fields[1])), ['KeyMaterial']);
    });

    it(`25: in ${version} Register answers the identifier alone, Create the type first, Create Key Pair private, then public`, async () => {
      const one = session(version);
      const [key, type] = [symmetric(Buffer.alloc(16)), code('ObjectType', ObjectType.SymmetricKey)];
      const registered = await one.done(Register, type, templateOf(version, usage(encryption)), key);
      assert.deepEqual(namesOf(childrenOf(registered)), ['UniqueIdentifier']);
      const created = await one.done(Create, type, templateOf(version, ...aes256));
      assert.deepEqual(namesOf(childrenOf(created)), ['ObjectType', 'UniqueIdentifier']);
      const pair = await one.done(CreateKeyPair, ...pairOf(version, RSA, 2048));
      assert.deepEqual(namesOf(childrenOf(pair)), ['PrivateKeyUniqueIdentifier', 'PublicKeyUniqueIdentifier']);
    });

    it(`36: in ${version} the Cryptographic Usage Mask may be absent or 0, and is stored so`, async () => {
      const one = session(version);
      const lax: readonly (readonly [Item, Item[]])[] = [
        [secret(Buffer.alloc(96), KeyFormatType.Raw), []],
        [secret(Buffer.alloc(96)), [usage(0)]],
        [rsaPrivate(), [usage(0)]],
        [rsaPublic(), []],
        [symmetric(Buffer.alloc(32)), [usage(0)]],
      ];
      for (const [object, attributes] of lax) {
        const id = await one.register(object, ...attributes);
        assert.deepEqual(childrenOf(await one.get(id))[2], object);
        const shown = await session(14).attributes(id, 'Cryptographic Usage Mask');
        assert.ok(shown.length === 0 || shown[0]?.[1] === 0);
      }
      await one.done(CreateKeyPair, ...pairOf(version, RSA, 2048));
    });
  }

  it('11: another format is given when it is asked for', async () => {
    const one = session(12);
    const id = await one.register(symmetric(Buffer.alloc(32, 3)), usage(encryption));
    const payload = await one.get(id, code('KeyFormatType', KeyFormatType.TransparentSymmetricKey));
    assert.equal(valueIn(payload, Tag.KeyFormatType), KeyFormatType.TransparentSymmetricKey);
    assert.deepEqual(valueIn(payload, Tag.Key), Buffer.alloc(32, 3));
    const opaqueKey = await session(10).get(id, code('KeyFormatType', KeyFormatType.Opaque));
    assert.deepEqual(valueIn(opaqueKey, Tag.KeyMaterial), Buffer.alloc(32, 3));
  });

  it('26: a key that came wrapped is unwrapped on a plain Get; wrapping is RFC 3394', async () => {
    const one = session(14);
    // The vector of RFC 3394, 4.6.
    const kek = Buffer.from('000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F', 'hex');
    const key = Buffer.from('00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F', 'hex');
    const wrapped = '28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21';
    const kekId = await one.register(symmetric(kek), usage(WrapKey | UnwrapKey));
    await one.activate(kekId);
    const wrapping = (tag: 'KeyWrappingData' | 'KeyWrappingSpecification') =>
      struct(
        tag,
        code('WrappingMethod', WrappingMethod.Encrypt),
        struct('EncryptionKeyInformation', text('UniqueIdentifier', kekId)),
        code('EncodingOption', EncodingOption.NoEncoding),
      );
    const object = struct(
      'SymmetricKey',
      struct(
        'KeyBlock',
        code('KeyFormatType', KeyFormatType.Raw),
        hex('KeyValue', wrapped),
        code('CryptographicAlgorithm', AES),
        int('CryptographicLength', 256),
        wrapping('KeyWrappingData'),
      ),
    );
    const id = await one.register(object, usage(encryption));
    assert.deepEqual(childrenOf(await one.get(id))[2], symmetric(key));
    const again = await one.get(id, wrapping('KeyWrappingSpecification'));
    assert.equal((valueIn(again, Tag.KeyValue) as Buffer).toString('hex').toUpperCase(), wrapped);
  });

  it('37: algorithm and length stand in the template, in the Key Block, or for Secret Data and Opaque Object nowhere', async () => {
    const one = session(12);
    const bare = struct('SymmetricKey', block(KeyFormatType.Raw, Buffer.alloc(32, 4)));
    const template = [code('CryptographicAlgorithm', AES), int('CryptographicLength', 256)];
    const inTemplate = await one.register(bare, ...template, usage(encryption));
    const inBlock = await one.register(symmetric(Buffer.alloc(32, 4)), usage(CryptographicUsageMask.Export));
    for (const id of [inTemplate, inBlock]) {
      assert.deepEqual(await one.attributes(id, 'Cryptographic Algorithm', 'Cryptographic Length'), [
        ['Cryptographic Algorithm', AES],
        ['Cryptographic Length', 256],
      ]);
      assert.deepEqual(childrenOf(await one.get(id))[2], symmetric(Buffer.alloc(32, 4)));
    }
    await one.register(secret(Buffer.from('word')), usage(Verify));
    await one.register(opaque(Buffer.from('data')));
  });

  it('42: RSA keys are turned from PKCS#1 to PKCS#8, X.509, transparent, and back', async () => {
    const one = session(14);
    const { PKCS_1, PKCS_8, X_509, TransparentRSAPrivateKey, TransparentRSAPublicKey } = KeyFormatType;
    const forms: readonly (readonly [Item, KeyFormatType, Buffer | undefined])[] = [
      [rsaPrivate(PKCS_1), PKCS_8, rsa.pkcs8],
      [rsaPrivate(PKCS_8), PKCS_1, rsa.pkcs1],
      [rsaPrivate(PKCS_1), TransparentRSAPrivateKey, undefined],
      [rsaPublic(PKCS_1), X_509, rsa.spki],
      [rsaPublic(X_509), PKCS_1, rsa.publicPkcs1],
      [rsaPublic(X_509), TransparentRSAPublicKey, undefined],
    ];
    for (const [object, format, expected] of forms) {
      const payload = await one.get(await one.register(object, usage(Sign)), code('KeyFormatType', format));
      assert.equal(valueIn(payload, Tag.KeyFormatType), format);
      if (expected === undefined) {
        const { n = '' } = rsa.publicKey.export({ format: 'jwk' });
        const modulus = (valueIn(payload, Tag.Modulus) as Buffer).subarray(-256);
        assert.equal(modulus.toString('base64url'), n);
      } else assert.deepEqual(valueIn(payload, Tag.KeyMaterial), expected);
    }
  });

  it('42: EC keys are turned from SEC1 to PKCS#8 and back', async () => {
    const one = session(14);
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const material = privateKey.export({ type: 'pkcs8', format: 'der' });
    const id = await one.register(struct('PrivateKey', block(KeyFormatType.PKCS_8, material, EC, 256)), usage(Sign));
    const sec1 = valueIn(await one.get(id, code('KeyFormatType', KeyFormatType.ECPrivateKey)), Tag.KeyMaterial);
    const read = createPrivateKey({ key: sec1 as Buffer, format: 'der', type: 'sec1' });
    assert.ok(createPublicKey(read).equals(publicKey));
    const back = await one.register(
      struct('PrivateKey', block(KeyFormatType.ECPrivateKey, sec1 as Buffer, EC, 256)),
      usage(Sign),
    );
    const pkcs8 = valueIn(await one.get(back, code('KeyFormatType', KeyFormatType.PKCS_8)), Tag.KeyMaterial);
    assert.ok(createPrivateKey({ key: pkcs8 as Buffer, format: 'der', type: 'pkcs8' }).equals(privateKey));
  });

  it('43: keys that were never activated are destroyed without Revoke', async () => {
    const one = session(14);
    for (const id of [await one.create(...aes256), await one.register(secret(Buffer.from('word')))])
      await one.destroy(id);
  });

  const { HMAC_SHA1, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512 } = CryptographicAlgorithm;
  const algorithms: readonly (readonly [
    name: string,
    algorithm: CryptographicAlgorithm,
    bits: number,
    bytes: number,
  ])[] = [
    ['AES-128', AES, 128, 16],
    ['AES-192', AES, 192, 24],
    ['AES-256', AES, 256, 32],
    ['3DES of 112 bits', DES3, 112, 16],
    ['3DES of 168 bits', DES3, 168, 24],
    ['3DES of 192 bits', DES3, 192, 24],
    ['HMAC-SHA1', HMAC_SHA1, 160, 20],
    ['HMAC-SHA256', HMAC_SHA256, 256, 32],
    ['HMAC-SHA384', HMAC_SHA384, 384, 48],
    ['HMAC-SHA512', HMAC_SHA512, 512, 64],
  ];
  for (const [label, algorithm, bits, bytes] of algorithms) {
    it(`47: Create and Register take a key of ${label}`, async () => {
      const one = session(12);
      const payload = await one.get(await one.create(...keyOf(algorithm, bits, CryptographicUsageMask.MACGenerate)));
      const material = valueIn(payload, Tag.KeyMaterial) as Buffer;
      assert.deepEqual([material.length, valueIn(payload, Tag.CryptographicLength)], [bytes, bits]);
      const key = struct('SymmetricKey', block(KeyFormatType.Raw, material, algorithm, bits));
      const id = await one.register(key, usage(CryptographicUsageMask.MACGenerate));
      assert.deepEqual(childrenOf(await one.get(id))[2], key);
    });
  }

  it('53: an empty Template-Attribute and empty texts are accepted', async () => {
    const one = session(10);
    const id = await one.register(secret(Buffer.alloc(96), KeyFormatType.Raw));
    assert.deepEqual(identifiersIn(await one.get(id)), [id]);
    await one.register(
      symmetric(Buffer.alloc(32)),
      usage(encryption),
      text('ObjectGroup', ''),
      text('ContactInformation', ''),
    );
  });
});

/** The attributes of a key pair to be created, in the form of a version. */
function pairOf(version: Version, algorithm: CryptographicAlgorithm, length: number): Item[] {
  const common = templateOf(version, code('CryptographicAlgorithm', algorithm), int('CryptographicLength', length));
  return [{ ...common, tag: version < 20 ? Tag.CommonTemplateAttribute : Tag.CommonAttributes }];
}
