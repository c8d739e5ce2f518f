import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { GivenAttribute } from '../../../src/kmip/attribute-set.ts';
import type { ManagedObjectValue } from '../../../src/kmip/objects.ts';
import { activate } from '../../../src/operations/activate.ts';
import { destroy } from '../../../src/operations/destroy.ts';
import { encrypt } from '../../../src/operations/encrypt.ts';
import { exportObject } from '../../../src/operations/export.ts';
import { get } from '../../../src/operations/get.ts';
import { getAttributes } from '../../../src/operations/get-attributes.ts';
import { importObject } from '../../../src/operations/import.ts';
import { reKey } from '../../../src/operations/re-key.ts';
import { revoke } from '../../../src/operations/revoke.ts';
import {
  BlockCipherMode,
  CertificateType,
  KeyWrapType,
  ObjectType,
  PaddingMethod,
  RevocationReasonCode,
  State,
  UsageLimitsUnit,
  WrappingMethod,
} from '../../../ttlv/tables/enums.ts';
import { text } from '../../support/items.ts';
import { certificates } from '../../support/listener.ts';
import {
  aes,
  aesKey,
  located,
  named,
  newActiveKey,
  newKey,
  newPair,
  password,
  registered,
  shown,
} from '../../support/managed.ts';
import { START, TestNode, type User } from '../../support/node.ts';

const key = aesKey(Buffer.alloc(32, 9));
const bringing = (uniqueIdentifier: string, ...attributes: GivenAttribute[]) => ({
  uniqueIdentifier,
  objectType: ObjectType.SymmetricKey,
  object: key,
  attributes,
});

async function opened(version: 14 | 20 | 21 = 21) {
  const node = await TestNode.open();
  return { node, user: node.as('alice', version) };
}

async function x509(): Promise<ManagedObjectValue> {
  const { raw } = new X509Certificate((await certificates()).server.certificate);
  return { type: ObjectType.Certificate, certificateType: CertificateType.X_509, certificateValue: raw };
}

/** The bytes of a key, wrapped or not. */
function keyValueOf(object: ManagedObjectValue): unknown {
  assert.ok('keyBlock' in object && object.keyBlock.keyValue !== undefined);
  const { keyValue } = object.keyBlock;
  return 'keyMaterial' in keyValue ? keyValue.keyMaterial : keyValue;
}

/** All attributes of an object by key, but for the numbers of their instances. */
async function attributesOf(user: User, id: string): Promise<Map<string, unknown[]>> {
  const { attributes } = await user.ask(getAttributes, { uniqueIdentifier: id, attributeReferences: [] });
  const found = new Map<string, unknown[]>();
  for (const one of attributes) found.set(one.key, [...(found.get(one.key) ?? []), one.value]);
  return found;
}

describe('Export and Import', () => {
  for (const version of [14, 20, 21] as const) {
    it(`carry objects with all their attributes to another node (${version})`, async () => {
      const from = await opened(version);
      const { user } = from;
      const limits = { usageLimitsTotal: 5n, usageLimitsUnit: UsageLimitsUnit.Object };
      const used = await newActiveKey(
        user,
        START - 9,
        named('a'),
        named('b'),
        { key: 'UsageLimits', value: limits },
        {
          key: 'x:n',
          value: text('AttributeValue', 'v'),
        },
      );
      const ecb = { blockCipherMode: BlockCipherMode.ECB, paddingMethod: PaddingMethod.None };
      const use = { uniqueIdentifier: used, data: Buffer.alloc(16), cryptographicParameters: ecb };
      await user.ask(encrypt, use);
      await user.ask(get, { uniqueIdentifier: used });
      const compromised = await newActiveKey(user, START - 9);
      const revocationReason = { revocationReasonCode: RevocationReasonCode.KeyCompromise };
      await user.ask(revoke, { uniqueIdentifier: compromised, revocationReason });
      const { uniqueIdentifier: successor } = await user.ask(reKey, { uniqueIdentifier: compromised });
      const pair = await newPair(user);
      const secret = await registered(user, password('p'), named('p'));
      const certificate = await registered(user, await x509());
      const to = await opened(version);
      to.node.now = START + 1000;
      for (const id of [used, compromised, successor, pair.privateKey, pair.publicKey, secret, certificate]) {
        const { objectType, object, attributes } = await user.ask(exportObject, { uniqueIdentifier: id });
        const request = { uniqueIdentifier: id, objectType, object, attributes };
        assert.deepEqual(await to.user.ask(importObject, request), { uniqueIdentifier: id });
        assert.deepEqual(await attributesOf(to.user, id), await attributesOf(user, id));
        const got = await to.user.ask(exportObject, { uniqueIdentifier: id });
        assert.deepEqual(got.object, object);
      }
      for (let times = 0; times < 4; times++) await to.user.ask(encrypt, use);
      await to.user.fails('usage-exceeded', encrypt, use);
    });
  }

  it('of a destroyed object give nothing', async () => {
    const { user } = await opened();
    const id = await newKey(user);
    await user.ask(destroy, { uniqueIdentifier: id });
    await user.fails('destroyed', exportObject, { uniqueIdentifier: id });
  });
});

describe('Import', () => {
  it('gives an object the identifier, dates and state that the client says', async () => {
    const { user } = await opened();
    const dates = [
      { key: 'InitialDate', value: 1 },
      { key: 'LastChangeDate', value: 2 },
      { key: 'ActivationDate', value: 3 },
      { key: 'DeactivationDate', value: 4 },
    ] as const;
    await user.ask(importObject, bringing('one', ...dates, { key: 'State', value: State.Deactivated }));
    for (const { key: name, value } of dates) assert.deepEqual(await shown(user, 'one', name), [value]);
    assert.deepEqual(await shown(user, 'one', 'State'), [State.Deactivated]);
    await user.ask(importObject, bringing('two', { key: 'State', value: State.Compromised }));
    assert.deepEqual(await shown(user, 'two', 'State'), [State.Compromised]);
    assert.deepEqual(await located(user, [{ key: 'State', value: State.Compromised }]), ['two']);
  });

  it('refuses the identifier of an object that is there, and replaces it on demand, also a destroyed one', async () => {
    const { node, user } = await opened();
    const id = await newKey(user, named('old'));
    const sequence = (await node.records.get(id))?.sequence;
    await user.fails('exists', importObject, bringing(id));
    await user.fails('exists', importObject, { ...bringing(id), replaceExisting: false });
    for (let times = 0; times < 2; times++) {
      await user.ask(importObject, { ...bringing(id, ...aes, named('new')), replaceExisting: true });
      assert.deepEqual((await user.ask(get, { uniqueIdentifier: id })).object, key);
      assert.deepEqual(await located(user, [named('old')]), []);
      assert.deepEqual(await located(user, [named('new')]), [id]);
      assert.deepEqual(await shown(user, id, 'State'), [State.PreActive]);
      assert.equal((await node.records.get(id))?.sequence, sequence);
      await user.ask(destroy, { uniqueIdentifier: id });
    }
  });

  it('takes no object that contradicts its type, its attributes or a destroyed state', async () => {
    const { user } = await opened();
    const wrong = (uniqueIdentifier: string, change: object) => ({ ...bringing(uniqueIdentifier), ...change });
    await user.fails('invalid-field', importObject, wrong('a', { objectType: ObjectType.SecretData }));
    for (const state of [State.Destroyed, State.DestroyedCompromised]) {
      await user.fails('invalid-attribute-value', importObject, bringing('a', { key: 'State', value: state }));
    }
    const twice = [
      { key: 'Comment', value: 'a' },
      { key: 'Comment', value: 'b' },
    ] as const;
    await user.fails('attribute-single-valued', importObject, bringing('a', ...twice));
    await user.fails('duplicate-name', importObject, bringing('a', named('n'), named('n')));
    assert.deepEqual(await located(user), []);
  });

  it('takes identifiers of printable ASCII below 128 characters', async () => {
    const { user } = await opened();
    for (const id of ['', 'a b', 'é', 'a\n', 'a'.repeat(128)]) {
      await user.fails('invalid-field', importObject, bringing(id));
    }
    await user.ask(importObject, bringing('a'.repeat(127)));
  });

  it('keeps a wrapped key as it came, or unwraps it', async () => {
    const { user } = await opened();
    const wrapping = await newActiveKey(user, START);
    const id = await registered(user, key);
    const { object } = await user.ask(get, {
      uniqueIdentifier: id,
      keyWrappingSpecification: {
        wrappingMethod: WrappingMethod.Encrypt,
        encryptionKeyInformation: {
          uniqueIdentifier: wrapping,
          cryptographicParameters: { blockCipherMode: BlockCipherMode.NISTKeyWrap },
        },
        attributeNames: [],
      },
    });
    const request = (as: string, keyWrapType: KeyWrapType) => ({ ...bringing(as, ...aes), object, keyWrapType });
    await user.ask(importObject, request('plain', KeyWrapType.NotWrapped));
    await user.ask(importObject, request('kept', KeyWrapType.AsRegistered));
    for (const [as, keyWrapType, found] of [
      ['plain', KeyWrapType.AsRegistered, key],
      ['kept', KeyWrapType.AsRegistered, object],
      ['kept', KeyWrapType.NotWrapped, key],
    ] as const) {
      const got = await user.ask(get, { uniqueIdentifier: as, keyWrapType });
      assert.deepEqual(keyValueOf(got.object), keyValueOf(found), as);
    }
  });

  it('makes objects that can be used as all others', async () => {
    const { user } = await opened();
    await user.ask(importObject, bringing('a', ...aes));
    await user.ask(activate, { uniqueIdentifier: 'a' });
    assert.deepEqual(await shown(user, 'a', 'State'), [State.Active]);
  });
});
