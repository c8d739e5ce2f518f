import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ManagedObjectValue } from '../../../src/kmip/objects.ts';
import { destroy } from '../../../src/operations/destroy.ts';
import { get } from '../../../src/operations/get.ts';
import { queryOf } from '../../../src/operations/query.ts';
import { register } from '../../../src/operations/register.ts';
import { operations } from '../../../src/operations/table.ts';
import {
  CertificateRequestType,
  KeyFormatType,
  ObjectType,
  QueryFunction,
  SplitKeyMethod,
} from '../../../ttlv/tables/enums.ts';
import { located, named, registered, shown } from '../../support/managed.ts';
import { TestNode } from '../../support/node.ts';

const bytes = Buffer.from('0123456789abcdef');
const keyBlock = { keyFormatType: KeyFormatType.Raw, keyValue: { keyMaterial: bytes, attributes: [] } };
const part = {
  type: ObjectType.SplitKey,
  splitKeyParts: 4,
  keyPartIdentifier: 2,
  splitKeyThreshold: 3,
  splitKeyMethod: SplitKeyMethod.PolynomialSharingGF2_8,
  keyBlock,
} as const;

const kept: readonly (readonly [name: string, value: ManagedObjectValue])[] = [
  ['PGP keys', { type: ObjectType.PGPKey, pgpKeyVersion: 4, keyBlock }],
  ['parts of keys', part],
  [
    'certificate requests',
    {
      type: ObjectType.CertificateRequest,
      certificateRequestType: CertificateRequestType.PKCS_10,
      certificateRequestValue: bytes,
    },
  ],
];

describe('objects that are kept without a look inside', () => {
  for (const [name, value] of kept) {
    it(`are ${name}: found, told of, got as they came, and destroyed`, async () => {
      const alice = (await TestNode.open()).as('alice', 20);
      const id = await registered(alice, value, named('it'));
      assert.deepEqual(await located(alice, [named('it'), { key: 'ObjectType', value: value.type }]), [id]);
      assert.deepEqual((await alice.ask(get, { uniqueIdentifier: id })).object, value);
      assert.deepEqual(await shown(alice, id, 'ObjectType'), [value.type]);
      const [digest] = await shown(alice, id, 'Digest');
      const { digestValue } = digest as { digestValue: Buffer };
      assert.deepEqual(digestValue, createHash('sha256').update(bytes).digest());
      await alice.fails('key-format-not-supported', get, { uniqueIdentifier: id, keyFormatType: KeyFormatType.PKCS_8 });
      await alice.ask(destroy, { uniqueIdentifier: id });
      await alice.fails('destroyed', get, { uniqueIdentifier: id });
    });
  }

  it('have the format that the standard gives certificate requests', async () => {
    const alice = (await TestNode.open()).as('alice', 20);
    const [, value] = kept[2] ?? assert.fail();
    const id = await registered(alice, value);
    assert.deepEqual(await shown(alice, id, 'KeyFormatType'), [KeyFormatType.PKCS_10]);
    const { object } = await alice.ask(get, { uniqueIdentifier: id, keyFormatType: KeyFormatType.PKCS_10 });
    assert.deepEqual(object, value);
  });

  it('are no parts that a key cannot have', async () => {
    const alice = (await TestNode.open()).as('alice', 20);
    for (const wrong of [
      { keyPartIdentifier: 0 },
      { keyPartIdentifier: 5 },
      { splitKeyThreshold: 0 },
      { splitKeyThreshold: 5 },
    ]) {
      const object = { ...part, ...wrong };
      await alice.fails('invalid-field', register, { objectType: part.type, object, attributes: [] });
    }
  });

  it('are hidden from versions that do not have their types', async () => {
    const node = await TestNode.open();
    const [, pgpKey] = kept[0] ?? assert.fail();
    const id = await registered(node.as('alice', 12), pgpKey);
    await node.as('alice', 11).fails('not-found', get, { uniqueIdentifier: id });
    assert.deepEqual(await located(node.as('alice', 11)), []);
    assert.deepEqual(await located(node.as('alice', 13)), [id]);
  });
});

describe('Query', () => {
  const query = queryOf(() => operations);

  it('lists the object types of the version', async () => {
    const node = await TestNode.open();
    const types = async (version: 10 | 12 | 20) => {
      const request = { queryFunction: [QueryFunction.QueryObjects] };
      return new Set((await node.as('alice', version).ask(query, request)).objectType);
    };
    const T = ObjectType;
    const first = [T.Certificate, T.SymmetricKey, T.PublicKey, T.PrivateKey, T.SplitKey, T.SecretData, T.OpaqueObject];
    assert.deepEqual(await types(10), new Set([...first, T.Template]));
    assert.deepEqual(await types(12), new Set([...first, T.Template, T.PGPKey]));
    assert.deepEqual(await types(20), new Set([...first, T.PGPKey, T.CertificateRequest]));
  });
});
