import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { KmipError } from '../../../src/errors.ts';
import type { GivenAttribute } from '../../../src/kmip/attribute-set.ts';
import type { LocateRequest } from '../../../src/kmip/payloads/locate.ts';
import { RequestDecoder } from '../../../src/kmip/request.ts';
import { destroy } from '../../../src/operations/destroy.ts';
import { encrypt } from '../../../src/operations/encrypt.ts';
import { get } from '../../../src/operations/get.ts';
import { locate } from '../../../src/operations/locate.ts';
import { operationByCode } from '../../../src/operations/table.ts';
import { type Item, ItemType } from '../../../ttlv/item.ts';
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  HashingAlgorithm,
  LinkType,
  ObjectGroupMember,
  ObjectType,
  Operation,
  PaddingMethod,
  State,
  UsageLimitsUnit,
} from '../../../ttlv/tables/enums.ts';
import { CryptographicUsageMask, StorageStatusMask } from '../../../ttlv/tables/masks.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { attribute, code, itemOf, requestOf, struct, text } from '../../support/items.ts';
import { aesKey, located, named, newActiveKey, newKey, newPair, password, registered } from '../../support/managed.ts';
import { START, TestNode, type User } from '../../support/node.ts';
import { ttlvBytes } from '../../support/ttlv-bytes.ts';

const opened = async () => {
  const node = await TestNode.open();
  return { node, user: node.as('alice') };
};
const group = (value: string) => ({ key: 'ObjectGroup', value }) as const;
const application = (value: { applicationNamespace?: string; applicationData?: string }) =>
  ({ key: 'ApplicationSpecificInformation', value }) as const;
const link = (value: { linkType?: number; linkedObjectIdentifier?: string }) => ({ key: 'Link', value }) as const;

/** Asserts that each filter finds these objects, newest first, and nothing else. */
async function finds(user: User, found: readonly [GivenAttribute[], readonly string[]][]): Promise<void> {
  for (const [filter, ids] of found) assert.deepEqual(await located(user, filter), ids, JSON.stringify(filter, longs));
}

function longs(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

describe('Locate', () => {
  it('finds all without a filter, newest first', async () => {
    const { user } = await opened();
    const ids = [await newKey(user), await newKey(user), await newKey(user)];
    assert.deepEqual(await located(user), ids.reverse());
  });

  it('finds by type, algorithm, length, state, and all of them together', async () => {
    const { user } = await opened();
    const small = await newKey(user, { key: 'CryptographicLength', value: 128 });
    const large = await newActiveKey(user, START);
    const secret = await registered(user, password('p'));
    const { privateKey, publicKey } = await newPair(user);
    const type = (value: number) => ({ key: 'ObjectType', value }) as const;
    const length = (value: number) => ({ key: 'CryptographicLength', value }) as const;
    const aes = { key: 'CryptographicAlgorithm', value: CryptographicAlgorithm.AES } as const;
    const active = { key: 'State', value: State.Active } as const;
    await finds(user, [
      [[type(ObjectType.SymmetricKey)], [large, small]],
      [[type(ObjectType.PrivateKey)], [privateKey]],
      [[type(ObjectType.SecretData)], [secret]],
      [[type(ObjectType.Certificate)], []],
      [[aes], [large, small]],
      [[length(256)], [privateKey, publicKey, large]],
      [[aes, length(256)], [large]],
      [[active], [large]],
      [[aes, active, length(128)], []],
      [[{ key: 'UniqueIdentifier', value: small }, aes], [small]],
      [[{ key: 'UniqueIdentifier', value: small }, active], []],
      [[type(ObjectType.SymmetricKey), type(ObjectType.SecretData)], []],
    ]);
  });

  it('finds names exactly and wholly', async () => {
    const { user } = await opened();
    const a = await newKey(user, named('a'), named('b'));
    const b = await newKey(user, named('b'));
    await newKey(user, named('A'), named('ab'), named('a '), named('á'));
    await finds(user, [
      [[named('a')], [a]],
      [[named('b')], [b, a]],
      [[named('a'), named('b')], [a]],
      [[named('')], []],
    ]);
  });

  it('finds structures of which only some fields are given (KMIP 2.1, 6.1.28)', async () => {
    const { user } = await opened();
    const a = await newKey(user, named('a'), application({ applicationNamespace: 'n', applicationData: 'd' }));
    const b = await newKey(
      user,
      application({ applicationNamespace: 'm', applicationData: 'd' }),
      link({ linkType: LinkType.ParentLink, linkedObjectIdentifier: a }),
    );
    const parameters = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };
    const c = await newKey(user, link({ linkType: LinkType.ChildLink, linkedObjectIdentifier: a }), {
      key: 'CryptographicParameters',
      value: parameters,
    });
    await finds(user, [
      [[{ key: 'Name', value: { nameValue: 'a' } }], [a]],
      [[{ key: 'Name', value: { nameType: 2 } }], []],
      [[application({ applicationData: 'd' })], [b, a]],
      [[application({ applicationNamespace: 'n' })], [a]],
      [[application({ applicationNamespace: 'n', applicationData: 'd' })], [a]],
      [[application({ applicationNamespace: 'n', applicationData: 'e' })], []],
      [[link({ linkedObjectIdentifier: a })], [c, b]],
      [[link({ linkType: LinkType.ParentLink })], [b]],
      [[link({ linkType: LinkType.ParentLink, linkedObjectIdentifier: a })], [b]],
      [[link({})], [c, b]],
      [[{ key: 'CryptographicParameters', value: { paddingMethod: PaddingMethod.PKCS5 } }], [c]],
      [[{ key: 'CryptographicParameters', value: { ...parameters, hashingAlgorithm: 4 } }], []],
    ]);
  });

  it('reads such structures in 1.x and in 2.x, and in no other request', () => {
    const decoder = new RequestDecoder(operationByCode, { bytes: 1 << 16, depth: 16, items: 1000, batchCount: 1 });
    const decoded = (version: 14 | 21, operation: number, ...payload: Item[]) => {
      const [item] = decoder.decode(ttlvBytes(requestOf(version, [itemOf(operation, payload)]))).items;
      return item?.request;
    };
    const half = struct('Link', text('LinkedObjectIdentifier', 'id'));
    const filters = [link({ linkedObjectIdentifier: 'id' })];
    for (const [version, payload] of [
      [14, attribute('Link', half)],
      [21, struct('Attributes', half)],
    ] as const) {
      const request = decoded(version, Operation.Locate, payload);
      assert.ok(request !== undefined && !(request instanceof KmipError));
      assert.deepEqual((request.payload as LocateRequest).attributes, filters);
    }
    for (const [version, payload] of [
      [14, attribute('Link', half)],
      [21, struct('NewAttribute', half)],
    ] as const) {
      assert.ok(decoded(version, Operation.AddAttribute, payload) instanceof KmipError);
    }
  });

  it('finds a date, and a range of dates with both its ends', async () => {
    const { node, user } = await opened();
    const ids: string[] = [];
    for (let second = 0; second < 5; second++) {
      node.now = START + second;
      ids.push(await newKey(user, { key: 'ActivationDate', value: START + 100 * second }));
    }
    const dates = (key: 'InitialDate' | 'ActivationDate' | 'OriginalCreationDate', ...values: number[]) =>
      values.map((value) => ({ key, value: START + value }));
    const [a, b, c, d, e] = ids as [string, string, string, string, string];
    await finds(user, [
      [dates('InitialDate', 2), [c]],
      [dates('InitialDate', 1, 3), [d, c, b]],
      [dates('InitialDate', 3, 1), [d, c, b]],
      [dates('ActivationDate', 0), [a]],
      [dates('ActivationDate', 1, 399), [d, c, b]],
      [dates('ActivationDate', 300, 1000), [e, d]],
      [
        [...dates('ActivationDate', 0, 200), ...dates('OriginalCreationDate', 1, 9)],
        [c, b],
      ],
      [[{ key: 'DestroyDate', value: START }], []],
    ]);
  });

  it('finds keys whose usage mask has all the bits', async () => {
    const { user } = await opened();
    const { Encrypt, Decrypt, Sign } = CryptographicUsageMask;
    const mask = (value: number) => ({ key: 'CryptographicUsageMask', value }) as const;
    const both = await newKey(user, mask(Encrypt | Decrypt));
    const one = await newKey(user, mask(Encrypt));
    await registered(user, password('has no mask'));
    await finds(user, [
      [[mask(Encrypt)], [one, both]],
      [[mask(Encrypt | Decrypt)], [both]],
      [[mask(Encrypt | Sign)], []],
    ]);
    assert.equal((await located(user, [mask(0)])).length, 3);
  });

  it('finds keys whose usage limits are at least those asked for', async () => {
    const { user } = await opened();
    const limits = (value: object) => ({ key: 'UsageLimits', value }) as const;
    const unit = { usageLimitsUnit: UsageLimitsUnit.Object };
    const used = await newActiveKey(user, START, limits({ usageLimitsTotal: 9n, ...unit }));
    const small = await newKey(user, limits({ usageLimitsTotal: 5n, ...unit }));
    await newKey(user);
    const ecb = { blockCipherMode: BlockCipherMode.ECB, paddingMethod: PaddingMethod.None };
    for (let times = 0; times < 5; times++) {
      await user.ask(encrypt, { uniqueIdentifier: used, data: Buffer.alloc(16), cryptographicParameters: ecb });
    }
    await finds(user, [
      [[limits({ usageLimitsTotal: 5n, ...unit })], [small, used]],
      [[limits({ usageLimitsTotal: 6n })], [used]],
      [[limits({ usageLimitsTotal: 10n })], []],
      [[limits({ usageLimitsCount: 4n })], [small, used]],
      [[limits({ usageLimitsCount: 5n })], [small]],
      [[limits({ usageLimitsTotal: 1n, usageLimitsUnit: UsageLimitsUnit.Byte })], []],
    ]);
  });

  it('finds destroyed objects only where the Storage Status Mask asks for them', async () => {
    const { user } = await opened();
    const [gone, here] = [await newKey(user, named('n')), await newKey(user, named('n'))];
    await user.ask(destroy, { uniqueIdentifier: gone });
    const { OnLineStorage, ArchivalStorage, DestroyedStorage } = StorageStatusMask;
    for (const [storageStatusMask, ids] of [
      [OnLineStorage, [here]],
      [DestroyedStorage, [gone]],
      [OnLineStorage | DestroyedStorage, [here, gone]],
      [ArchivalStorage, []],
    ] as const) {
      assert.deepEqual(await located(user, [], { storageStatusMask }), ids);
      assert.deepEqual(await located(user, [named('n')], { storageStatusMask }), ids);
    }
    const destroyed = { key: 'State', value: State.Destroyed } as const;
    assert.deepEqual(await located(user, [destroyed]), []);
    assert.deepEqual(await located(user, [{ key: 'UniqueIdentifier', value: gone }]), []);
    assert.deepEqual(await located(user, [destroyed], { storageStatusMask: DestroyedStorage }), [gone]);
  });

  it('finds the fresh members of a group, and its default member', async () => {
    const { user } = await opened();
    const [first, second] = [await newKey(user, group('g')), await newKey(user, group('g'))];
    await newKey(user, group('h'));
    const { GroupMemberFresh, GroupMemberDefault } = ObjectGroupMember;
    const members = (objectGroupMember: ObjectGroupMember) => located(user, [group('g')], { objectGroupMember });
    assert.deepEqual(await members(GroupMemberFresh), [second, first]);
    for (const served of [first, second]) {
      assert.deepEqual(await members(GroupMemberDefault), [served]);
      await user.ask(get, { uniqueIdentifier: served });
    }
    assert.deepEqual(await members(GroupMemberFresh), []);
    assert.deepEqual(await members(GroupMemberDefault), [first]);
    assert.deepEqual(await located(user, [group('g')]), [second, first]);
  });

  it('goes page by page in one order, while others write', async () => {
    const { user, node } = await opened();
    const ids: string[] = [];
    for (let i = 0; i < 10; i++) ids.unshift(await newKey(user, group('g')));
    const page = (maximumItems: number, offsetItems: number) =>
      located(user, [group('g')], { maximumItems, offsetItems });
    for (const size of [1, 3, 4, 10, 11]) {
      const read: string[] = [];
      for (let offset = 0; offset < 10; offset += size) {
        read.push(...(await page(size, offset)));
        await newKey(node.as('bob'), group('g'));
      }
      assert.deepEqual(read, ids);
      assert.deepEqual(await page(size, 10), []);
    }
    assert.deepEqual(await located(user, [], { maximumItems: 0 }), []);
    const answer = await user.ask(locate, { attributes: [], maximumItems: 2, offsetItems: 3 });
    assert.equal(answer.locatedItems, 10);
    for (const wrong of [{ maximumItems: -1 }, { offsetItems: -1 }]) {
      await user.fails('invalid-field', locate, { attributes: [], ...wrong });
    }
  });

  it('takes a hundred attributes, each of which counts, and no more', async () => {
    const { user } = await opened();
    const groups = Array.from({ length: 99 }, (_, index) => group(`g${index}`));
    const id = await newKey(user, ...groups, group('last'));
    await newKey(user, ...groups);
    assert.deepEqual(await located(user, [...groups, group('last')]), [id]);
    await user.fails('invalid-field', locate, { attributes: [...groups, group('last'), group('g0')] });
  });

  it('finds vendor attributes of every type', async () => {
    const { user } = await opened();
    const value = (type: ItemType, one: unknown) => ({ tag: Tag.AttributeValue, type, value: one }) as Item;
    const values: Item[] = [
      value(ItemType.Integer, -1),
      value(ItemType.LongInteger, 2n ** 40n),
      value(ItemType.BigInteger, Buffer.from('0000000000000001', 'hex')),
      value(ItemType.Enumeration, 1),
      value(ItemType.Boolean, true),
      value(ItemType.TextString, '1'),
      value(ItemType.ByteString, Buffer.from('01', 'hex')),
      value(ItemType.DateTime, 1),
      value(ItemType.Interval, 1),
      value(ItemType.DateTimeExtended, 1n),
      value(ItemType.Structure, [text('Comment', 'a'), code('State', 1)]),
    ];
    const ids: string[] = [];
    for (const one of values) ids.push(await newKey(user, { key: 'Acme:n', value: one }));
    for (const [i, one] of values.entries()) {
      await finds(user, [
        [[{ key: 'Acme:n', value: one }], [ids[i] as string]],
        [[{ key: 'x:n', value: one }], []],
      ]);
    }
  });

  it('finds by digest, though that lies in the ciphertext', async () => {
    const { user } = await opened();
    const bytes = Buffer.alloc(32, 3);
    const id = await registered(user, aesKey(bytes));
    await newKey(user);
    const digestValue = createHash('sha256').update(bytes).digest();
    const digest = (value: object) => ({ key: 'Digest', value }) as const;
    await finds(user, [
      [[digest({ hashingAlgorithm: HashingAlgorithm.SHA_256, digestValue })], [id]],
      [[digest({ digestValue })], [id]],
      [[digest({ digestValue: Buffer.alloc(32) })], []],
      [[digest({ digestValue }), { key: 'State', value: State.Active }], []],
    ]);
  });

  it('lets nobody guess at a digest who may not read it', async () => {
    const { node, user } = await opened();
    const id = await registered(user, password('correct horse'));
    const digestValue = createHash('sha256').update('correct horse').digest();
    const guess = [{ key: 'Digest', value: { digestValue } }] as const;
    const bob = node.as('bob');
    await node.grant(id, 'bob', 'Locate', 'Get');
    assert.deepEqual([await located(bob), await located(bob, guess)], [[id], []]);
    await node.grant(id, 'bob', 'Locate', 'GetAttributes');
    assert.deepEqual(await located(bob, guess), [id]);
  });

  it('finds what has no index, too', async () => {
    const { user } = await opened();
    const id = await newKey(user, { key: 'Comment', value: 'c' }, { key: 'Sensitive', value: true });
    await newKey(user);
    await finds(user, [
      [[{ key: 'Comment', value: 'c' }], [id]],
      [[{ key: 'Comment', value: 'd' }], []],
      [[{ key: 'Sensitive', value: true }], [id]],
      [[{ key: 'AlwaysSensitive', value: true }], [id]],
      [[{ key: 'LeaseTime', value: 1 }], []],
    ]);
  });
});
