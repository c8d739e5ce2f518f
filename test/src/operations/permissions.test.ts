import assert from 'node:assert/strict';
import { ResponseEncoder } from '../../../src/kmip/response.ts';
import type { ItemOutcome } from '../../../src/operations/batch.ts';
import { get } from '../../../src/operations/get.ts';
import { importObject } from '../../../src/operations/import.ts';
import type { AnyOperation } from '../../../src/operations/operation.ts';
import { operations, permissionNames } from '../../../src/operations/table.ts';
import {
  BlockCipherMode,
  HashingAlgorithm,
  KeyFormatType,
  ObjectType,
  PaddingMethod,
  RevocationReasonCode,
} from '../../../ttlv/tables/enums.ts';
import { aes, aesKey, located, named, newActiveKey, newKey, newPair } from '../../support/managed.ts';
import { item, resultOf, START, TestNode, type User } from '../../support/node.ts';

/** What an operation asks of objects of somebody else. */
interface Case {
  /** The objects that it touches, the target first. */
  readonly ids: readonly string[];
  readonly payload: (id: string) => object;
}

const data = Buffer.alloc(16, 7);
const since = START - 10;
const comment = { key: 'Comment', value: 'c' } as const;
const onId = (uniqueIdentifier: string) => ({ uniqueIdentifier });
const ecb = { blockCipherMode: BlockCipherMode.ECB, paddingMethod: PaddingMethod.None };
const sha256 = { hashingAlgorithm: HashingAlgorithm.SHA_256 };

async function one(id: Promise<string>, payload: Case['payload'] = onId): Promise<Case> {
  return { ids: [await id], payload };
}

async function hmacKey(owner: User): Promise<string> {
  return newActiveKey(
    owner,
    since,
    { key: 'CryptographicAlgorithm', value: 9 },
    { key: 'CryptographicLength', value: 256 },
  );
}

async function signingPair(owner: User): Promise<[string, string]> {
  const pair = await newPair(owner, { common: [{ key: 'ActivationDate', value: since }] });
  return [pair.privateKey, pair.publicKey];
}

/** How each operation on objects is tried. */
const cases: Readonly<Record<string, (owner: User) => Promise<Case>>> = {
  ReKey: (owner) => one(newKey(owner)),
  Check: (owner) => one(newKey(owner)),
  Get: (owner) => one(newKey(owner)),
  GetAttributes: (owner) => one(newKey(owner), (id) => ({ uniqueIdentifier: id, attributeReferences: [] })),
  GetAttributeList: (owner) => one(newKey(owner)),
  AddAttribute: (owner) => one(newKey(owner), (id) => ({ uniqueIdentifier: id, newAttribute: comment })),
  ModifyAttribute: (owner) => one(newKey(owner, comment), (id) => ({ uniqueIdentifier: id, newAttribute: comment })),
  DeleteAttribute: (owner) =>
    one(newKey(owner, comment), (id) => ({ uniqueIdentifier: id, attributeReference: comment.key })),
  SetAttribute: (owner) => one(newKey(owner), (id) => ({ uniqueIdentifier: id, newAttribute: comment })),
  Activate: (owner) => one(newKey(owner)),
  Revoke: (owner) =>
    one(newActiveKey(owner, since), (id) => ({
      uniqueIdentifier: id,
      revocationReason: { revocationReasonCode: RevocationReasonCode.Unspecified },
    })),
  Destroy: (owner) => one(newKey(owner)),
  ReKeyKeyPair: async (owner) => ({ ids: await signingPair(owner), payload: onId }),
  Encrypt: (owner) =>
    one(newActiveKey(owner, since), (id) => ({ uniqueIdentifier: id, data, cryptographicParameters: ecb })),
  Decrypt: (owner) =>
    one(newActiveKey(owner, since), (id) => ({
      uniqueIdentifier: id,
      data,
      cryptographicParameters: ecb,
    })),
  Sign: async (owner) => ({
    ids: (await signingPair(owner)).slice(0, 1),
    payload: (id) => ({ uniqueIdentifier: id, data, cryptographicParameters: sha256 }),
  }),
  SignatureVerify: async (owner) => ({
    ids: (await signingPair(owner)).slice(1),
    payload: (id) => ({ uniqueIdentifier: id, data, signatureData: data, cryptographicParameters: sha256 }),
  }),
  MAC: (owner) => one(hmacKey(owner), (id) => ({ uniqueIdentifier: id, data })),
  MACVerify: (owner) => one(hmacKey(owner), (id) => ({ uniqueIdentifier: id, data, macData: data })),
  Export: (owner) => one(newKey(owner)),
};

const onObjects = operations.filter(({ target }) => target === 'one');
const permissionOf = ({ permission }: AnyOperation): string => permission ?? assert.fail('nobody but the owner');

/** Runs one item; answers its outcome. */
async function outcomeOf(user: User, operation: AnyOperation, payload: object): Promise<ItemOutcome> {
  const [outcome] = await user.batch([item(operation, payload)]);
  return outcome ?? assert.fail('no outcome');
}

/** The whole answer as it goes to the client. */
function answerBytes(operation: AnyOperation, outcome: ItemOutcome): Buffer {
  const encoder = new ResponseEncoder((error) => assert.fail(String(error)));
  return encoder.encode({
    version: 21,
    timeStamp: START,
    items: [{ code: operation.code, operation, outcome }],
    correlation: 'c',
  });
}

async function opened(make: (owner: User) => Promise<Case>) {
  const node = await TestNode.open();
  const { ids, payload } = await make(node.as('alice'));
  const [id] = ids;
  assert.ok(id);
  const grantAll = async (userid: string, permission: string) => {
    for (const each of ids) await node.grant(each, userid, permission);
  };
  return { node, id, payload, grantAll };
}

describe('permissions', () => {
  it('are tried for every operation on objects', () => {
    assert.deepEqual(onObjects.map(({ name }) => name).sort(), Object.keys(cases).sort());
  });

  for (const operation of onObjects) {
    const make = cases[operation.name] ?? (() => assert.fail('no case'));
    describe(operation.name, () => {
      it('is for the owner', async () => {
        const { node, id, payload } = await opened(make);
        assert.equal(resultOf(await outcomeOf(node.as('alice'), operation, payload(id))), 'success');
      });

      for (const [to, userid, groups] of [
        ['a user', 'bob', []],
        ['a group', 'group:backup', ['backup']],
        ['everyone', '*', []],
      ] as const) {
        it(`is for ${to} with the permission ${permissionOf(operation)}`, async () => {
          const { node, id, payload, grantAll } = await opened(make);
          await grantAll(userid, permissionOf(operation));
          assert.equal(resultOf(await outcomeOf(node.as('bob', 21, groups), operation, payload(id))), 'success');
        });
      }

      it('is not for somebody with another permission, and that is on record', async () => {
        const { node, id, payload, grantAll } = await opened(make);
        for (const other of permissionNames.filter((name) => name !== permissionOf(operation))) {
          await grantAll('bob', other);
          assert.equal(resultOf(await outcomeOf(node.as('bob'), operation, payload(id))), 'not-permitted', other);
          assertDenied(node, operation, 'bob', id);
        }
      });

      it('answers a stranger as if there was no such object, and is on record as denied', async () => {
        const { node, id, payload } = await opened(make);
        const stranger = node.as('mallory', 21, ['backup']);
        const denied = await outcomeOf(stranger, operation, payload(id));
        assertDenied(node, operation, 'mallory', id);
        const absent = await outcomeOf(stranger, operation, payload('there-is-none'));
        assert.equal(resultOf(absent), 'not-found');
        assert.deepEqual(answerBytes(operation, denied), answerBytes(operation, absent));
        const last = node.audited.at(-1);
        assert.deepEqual([last?.result, last?.reason], ['failed', 'not-found']);
      });
    });
  }

  it('of Locate decide what it shows', async () => {
    const node = await TestNode.open();
    const alice = node.as('alice');
    const [, granted, other] = [await newKey(alice), await newKey(alice), await newKey(alice)];
    await node.grant(granted, 'bob', 'Locate');
    await node.grant(other, 'bob', 'Get');
    const own = await newKey(node.as('bob'));
    assert.deepEqual(await located(node.as('bob')), [own, granted]);
    assert.deepEqual(await located(node.as('bob'), [{ key: 'UniqueIdentifier', value: other }]), []);
    assert.deepEqual(await located(node.as('bob'), [{ key: 'UniqueIdentifier', value: granted }]), [granted]);
    assert.deepEqual(await located(node.as('mallory')), []);
    assert.equal((await located(alice)).length, 3);
  });

  it('of the wrapping key are asked, too: to a stranger there is none', async () => {
    const node = await TestNode.open();
    const key = await newActiveKey(node.as('alice'), since);
    const own = await newKey(node.as('bob'));
    const wrappedWith = (uniqueIdentifier: string) =>
      ({
        uniqueIdentifier: own,
        keyWrappingSpecification: {
          wrappingMethod: 1,
          encryptionKeyInformation: { uniqueIdentifier, cryptographicParameters: { blockCipherMode: 13 } },
          attributeNames: [],
        },
      }) as const;
    const bob = node.as('bob');
    const denied = await outcomeOf(bob, get, wrappedWith(key));
    assertDenied(node, get, 'bob', own);
    const absent = await outcomeOf(bob, get, wrappedWith('there-is-none'));
    assert.equal(resultOf(absent), 'wrapping-object-not-found');
    assert.deepEqual(answerBytes(get, denied), answerBytes(get, absent));
    await node.grant(key, 'bob', 'Decrypt');
    await bob.fails('not-permitted', get, wrappedWith(key));
    await node.grant(key, 'bob', 'Encrypt');
    await bob.ask(get, wrappedWith(key));
  });

  it('of Get Attributes are asked for what goes along with a wrapped key', async () => {
    const node = await TestNode.open();
    const [alice, bob] = [node.as('alice'), node.as('bob')];
    const id = await newKey(alice, named('private name'));
    const wrapping = await newActiveKey(bob, since);
    const request = {
      uniqueIdentifier: id,
      keyWrappingSpecification: {
        wrappingMethod: 1,
        encryptionKeyInformation: { uniqueIdentifier: wrapping, cryptographicParameters: { blockCipherMode: 13 } },
        attributeNames: ['Name'],
      },
    } as const;
    await node.grant(id, 'bob', 'Get');
    await bob.fails('not-permitted', get, request);
    await node.grant(id, 'bob', 'Get', 'GetAttributes');
    await bob.ask(get, request);
  });

  it('of Import decide who may replace an object, and its owner stays', async () => {
    const node = await TestNode.open();
    const [alice, bob, mallory] = [node.as('alice'), node.as('bob'), node.as('mallory')];
    const id = await newKey(alice, named('k'));
    const request = {
      uniqueIdentifier: id,
      objectType: ObjectType.SymmetricKey,
      replaceExisting: true,
      attributes: aes,
      object: aesKey(Buffer.alloc(32, 1)),
    };
    await mallory.fails('exists', importObject, request);
    assertDenied(node, importObject, 'mallory', id);
    await node.grant(id, 'bob', 'Get');
    await bob.fails('exists', importObject, request);
    await node.grant(id, 'bob', 'Import');
    await bob.ask(importObject, request);
    const { object } = await alice.ask(get, { uniqueIdentifier: id, keyFormatType: KeyFormatType.Raw });
    assert.deepEqual(object, aesKey(Buffer.alloc(32, 1)));
    await bob.fails('not-permitted', get, { uniqueIdentifier: id });
  });
});

function assertDenied(node: TestNode, operation: AnyOperation, who: string, object: string): void {
  const entry = node.audited.at(-1);
  assert.deepEqual(
    [entry?.kind, entry?.operation, entry?.who, entry?.object, entry?.result, entry?.reason],
    ['outcome', operation.name, who, object, 'denied', 'not-permitted'],
  );
}
