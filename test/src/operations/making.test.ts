import assert from 'node:assert/strict';
import type { ManagedObjectValue } from '../../../src/kmip/objects.ts';
import { addAttribute } from '../../../src/operations/add-attribute.ts';
import { create } from '../../../src/operations/create.ts';
import { createKeyPair } from '../../../src/operations/create-key-pair.ts';
import { destroy } from '../../../src/operations/destroy.ts';
import { get } from '../../../src/operations/get.ts';
import { modifyAttribute } from '../../../src/operations/modify-attribute.ts';
import { reKey } from '../../../src/operations/re-key.ts';
import { register } from '../../../src/operations/register.ts';
import { setAttribute } from '../../../src/operations/set-attribute.ts';
import {
  CryptographicAlgorithm,
  KeyFormatType,
  LinkType,
  ObjectType,
  RecommendedCurve,
} from '../../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../../ttlv/tables/masks.ts';
import { versions } from '../../../ttlv/tables/versions.ts';
import { aesKey, located, named, newKey, newPair, registered, shown } from '../../support/managed.ts';
import { item, resultOf, START, TestNode } from '../../support/node.ts';

const algorithm = (value: CryptographicAlgorithm) => ({ key: 'CryptographicAlgorithm', value }) as const;
const length = (value: number) => ({ key: 'CryptographicLength', value }) as const;
const mask = (value: number) => ({ key: 'CryptographicUsageMask', value }) as const;

for (const version of versions) {
  const opened = async () => (await TestNode.open()).as('alice', version);

  describe(`Create in version ${version}`, () => {
    it('needs an algorithm, and makes symmetric keys of the lengths that it has', async () => {
      const user = await opened();
      const objectType = ObjectType.SymmetricKey;
      await user.fails('missing-data', create, { objectType, attributes: [length(256)] });
      for (const attributes of [
        [algorithm(CryptographicAlgorithm.AES), length(100)],
        [algorithm(CryptographicAlgorithm.AES), length(-1)],
        [algorithm(CryptographicAlgorithm.RSA), length(2048)],
      ]) {
        await user.fails('invalid-attribute-value', create, { objectType, attributes });
      }
      const wrong = { objectType: ObjectType.SecretData, attributes: [algorithm(CryptographicAlgorithm.AES)] };
      await user.fails('wrong-type', create, wrong);
      const answer = await user.ask(create, { objectType, attributes: [algorithm(CryptographicAlgorithm.AES)] });
      assert.deepEqual(answer, { objectType, uniqueIdentifier: answer.uniqueIdentifier });
    });

    it('takes each single value once', async () => {
      const user = await opened();
      const attributes = [algorithm(CryptographicAlgorithm.AES), length(256), length(128)];
      await user.fails('attribute-single-valued', create, { objectType: ObjectType.SymmetricKey, attributes });
    });
  });

  describe(`Create Key Pair in version ${version}`, () => {
    it('gives each key the common attributes and its own, which come first', async () => {
      const user = await opened();
      const { privateKey, publicKey } = await newPair(user, {
        common: [
          named('common'),
          { key: 'ContactInformation', value: 'common' },
          { key: 'ActivationDate', value: START },
        ],
        private: [named('private'), { key: 'ContactInformation', value: 'private' }],
        public: [named('public')],
      });
      assert.deepEqual(await shown(user, privateKey, 'Name'), [named('common').value, named('private').value]);
      assert.deepEqual(await shown(user, publicKey, 'Name'), [named('common').value, named('public').value]);
      assert.deepEqual(await shown(user, privateKey, 'ContactInformation'), ['private']);
      assert.deepEqual(await shown(user, publicKey, 'ContactInformation'), ['common']);
      assert.deepEqual(await shown(user, privateKey, 'CryptographicUsageMask'), [CryptographicUsageMask.Sign]);
      assert.deepEqual(await shown(user, publicKey, 'CryptographicUsageMask'), [CryptographicUsageMask.Verify]);
      assert.deepEqual(await shown(user, privateKey, 'Link'), [
        { linkType: LinkType.PublicKeyLink, linkedObjectIdentifier: publicKey },
      ]);
      assert.deepEqual(await shown(user, publicKey, 'Link'), [
        { linkType: LinkType.PrivateKeyLink, linkedObjectIdentifier: privateKey },
      ]);
    });

    it('needs an algorithm, and one value for both keys of what they share', async () => {
      const user = await opened();
      await user.fails('missing-data', createKeyPair, { commonAttributes: [length(2048)] });
      await user.fails('missing-data', createKeyPair, {});
      await user.fails('invalid-field', createKeyPair, {
        commonAttributes: [algorithm(CryptographicAlgorithm.EC)],
        privateKeyAttributes: [length(256)],
        publicKeyAttributes: [length(384)],
      });
      for (const attributes of [
        [algorithm(CryptographicAlgorithm.AES), length(256)],
        [algorithm(CryptographicAlgorithm.RSA), length(512)],
        [algorithm(CryptographicAlgorithm.EC), length(255)],
      ]) {
        await user.fails('invalid-attribute-value', createKeyPair, { commonAttributes: attributes });
      }
      const curve = {
        key: 'CryptographicDomainParameters',
        value: { recommendedCurve: RecommendedCurve.P_384 },
      } as const;
      const commonAttributes = [algorithm(CryptographicAlgorithm.EC), length(256), curve];
      await user.fails('invalid-attribute-value', createKeyPair, { commonAttributes });
    });
  });

  describe(`Register in version ${version}`, () => {
    const bare = (bytes: number): ManagedObjectValue => ({
      type: ObjectType.SymmetricKey,
      keyBlock: { keyFormatType: KeyFormatType.Raw, keyValue: { keyMaterial: Buffer.alloc(bytes, 1) } },
    });
    const objectType = ObjectType.SymmetricKey;

    it('finds algorithm and length in the attributes or in the Key Block (KMIP 1.4, table 171)', async () => {
      const user = await opened();
      const told = await registered(user, bare(16), algorithm(CryptographicAlgorithm.AES), length(128));
      const known = await registered(user, aesKey(Buffer.alloc(16, 1)), mask(CryptographicUsageMask.Encrypt));
      for (const id of [told, known]) {
        assert.deepEqual(await shown(user, id, 'CryptographicAlgorithm'), [CryptographicAlgorithm.AES]);
        assert.deepEqual(await shown(user, id, 'CryptographicLength'), [128]);
      }
      const { object } = await user.ask(get, { uniqueIdentifier: told });
      assert.ok('keyBlock' in object);
      assert.equal(object.keyBlock.cryptographicLength, 128);
    });

    it('refuses keys that contradict what is said of them', async () => {
      const user = await opened();
      const key = aesKey(Buffer.alloc(16, 1));
      const contradictions: [ManagedObjectValue, ReturnType<typeof algorithm | typeof length>[]][] = [
        [key, [length(256)]],
        [key, [algorithm(CryptographicAlgorithm.DES3)]],
        [bare(16), [algorithm(CryptographicAlgorithm.AES), length(256)]],
        [bare(15), [algorithm(CryptographicAlgorithm.AES)]],
      ];
      for (const [object, attributes] of contradictions) {
        const outcome = await user.ask(register, { objectType, object, attributes }).catch((error) => error.error);
        assert.ok(['invalid-field', 'invalid-attribute-value'].includes(outcome), String(outcome));
      }
      await user.fails('invalid-field', register, { objectType: ObjectType.SecretData, object: key, attributes: [] });
    });

    it('needs an object, and an algorithm for keys', async () => {
      const user = await opened();
      await user.fails('missing-data', register, { objectType, attributes: [] } as never);
      await user.fails('invalid-field', register, { objectType, object: bare(16), attributes: [] });
    });
  });
}

describe('names.unique = owner', () => {
  const opened = async () => {
    const node = await TestNode.open({ settings: { namesUnique: 'owner' } });
    return { node, alice: node.as('alice'), bob: node.as('bob') };
  };
  const object = aesKey(Buffer.alloc(32));
  const registering = (...names: string[]) => ({ objectType: object.type, object, attributes: names.map(named) });

  it('lets no two objects of one owner have a Name, whoever makes or changes them', async () => {
    const { alice, bob } = await opened();
    const id = await newKey(alice, named('n'));
    const other = await newKey(alice, named('m'));
    await alice.fails('duplicate-name', register, registering('n'));
    await alice.fails('duplicate-name', addAttribute, { uniqueIdentifier: other, newAttribute: named('n') });
    await alice.fails('duplicate-name', modifyAttribute, { uniqueIdentifier: other, newAttribute: named('n') });
    await alice.fails('duplicate-name', setAttribute, { uniqueIdentifier: other, newAttribute: named('n') });
    await alice.fails('duplicate-name', reKey, { uniqueIdentifier: other, attributes: [named('n')] });
    await alice.ask(modifyAttribute, { uniqueIdentifier: id, newAttribute: named('n') });
    await bob.ask(register, registering('n'));
    assert.deepEqual(await located(alice, [named('n')]), [id]);
  });

  it('lets a replacement take the names over, and a new object those of a destroyed one', async () => {
    const { alice } = await opened();
    const id = await newKey(alice, named('n'));
    const { uniqueIdentifier: next } = await alice.ask(reKey, { uniqueIdentifier: id });
    await alice.fails('duplicate-name', register, registering('n'));
    await alice.ask(destroy, { uniqueIdentifier: next });
    await alice.ask(register, registering('n'));
  });

  it('lets the two keys of a pair not have one Name', async () => {
    const { alice } = await opened();
    const commonAttributes = [algorithm(CryptographicAlgorithm.EC), length(256)];
    await alice.fails('duplicate-name', createKeyPair, { commonAttributes: [...commonAttributes, named('n')] });
    const own = { privateKeyAttributes: [named('n')], publicKeyAttributes: [named('m')] };
    await alice.ask(createKeyPair, { commonAttributes, ...own });
  });

  it('holds for what is made at the same time', async () => {
    const { alice } = await opened();
    const made = await Promise.allSettled([1, 2, 3].map(() => alice.ask(register, registering('n'))));
    assert.deepEqual(made.map(({ status }) => status).sort(), ['fulfilled', 'rejected', 'rejected']);
  });

  it('holds within a batch with Undo, too', async () => {
    const { alice } = await opened();
    const batch = (...names: string[]) =>
      alice.batch(
        names.map((name) => item(register, registering(name))),
        { continuation: 'undo' },
      );
    assert.deepEqual((await batch('a', 'b')).map(resultOf), ['success', 'success']);
    assert.deepEqual((await batch('c', 'c')).map(resultOf), ['undone', 'duplicate-name']);
    assert.deepEqual((await batch('c', 'a')).map(resultOf), ['undone', 'duplicate-name']);
  });
});
