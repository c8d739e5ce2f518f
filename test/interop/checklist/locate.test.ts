import assert from 'node:assert/strict';
import { CryptographicAlgorithm, ObjectGroupMember, ObjectType, Operation, State } from '../../../ttlv/tables/enums.ts';
import { CryptographicUsageMask, StorageStatusMask } from '../../../ttlv/tables/masks.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { versions } from '../../../ttlv/tables/versions.ts';
import { childrenOf } from '../../conformance/walk.ts';
import { attribute, code, date, int, itemOf, struct, text } from '../../support/items.ts';
import { namesOf } from '../answer.ts';
import { aes256, encryption, keyOf, secret } from '../material.ts';
import { attributeOf, identifiersIn, name, payloadOf, Session, served, templateOf, usage } from '../session.ts';

const { Locate } = Operation;
const { AES, DES3 } = CryptographicAlgorithm;
const symmetricKeys = code('ObjectType', ObjectType.SymmetricKey);

describe('interop/checklist: locate', () => {
  const suite = served();
  const { session } = suite;
  let bob: Session;
  before(async () => {
    bob = new Session(await suite.server.connect('bob'), 14);
  });

  for (const version of versions) {
    it(`9: in ${version} no match is Success without an identifier; Located Items only from 1.3 on`, async () => {
      const one = session(version);
      const filter = version < 20 ? attributeOf(name('nobody')) : struct('Attributes', name('nobody'));
      assert.deepEqual(childrenOf(await one.done(Locate, filter)), []);
      const paged = await one.done(Locate, int('OffsetItems', 0), filter);
      assert.deepEqual(namesOf(childrenOf(paged)), version < 13 ? [] : ['LocatedItems']);
    });

    it(`10: in ${version} destroyed objects, and those of others, are not located`, async () => {
      const one = session(version);
      const unique = name(`destroyed in ${version}`);
      const id = await one.create(...aes256, unique);
      const foreign = await bob.create(...aes256, unique);
      assert.deepEqual(await one.locate([unique]), [id]);
      assert.deepEqual(await bob.locate([unique]), [foreign]);
      await one.destroy(id);
      assert.deepEqual(await one.locate([unique]), []);
      assert.deepEqual(await one.locate([unique, text('UniqueIdentifier', id)]), []);
      assert.deepEqual(await one.locate([text('UniqueIdentifier', foreign)]), []);
    });

    it(`39: in ${version} Maximum and Offset Items page through what is found, in one order, to an empty page`, async () => {
      const one = session(version);
      const group = text('ObjectGroup', `pages in ${version}`);
      const made: string[] = [];
      for (let number = 0; number < 7; number++) made.unshift(await one.create(...aes256, group));
      const pages: string[][] = [];
      for (let offset = 0; offset <= 8; offset += 2) {
        pages.push(await one.locate([group], int('MaximumItems', 2), int('OffsetItems', offset)));
      }
      assert.deepEqual(
        pages.map(({ length }) => length),
        [2, 2, 2, 1, 0],
      );
      assert.deepEqual(pages.flat(), made);
      assert.deepEqual(await one.locate([group], int('OffsetItems', 5)), made.slice(5));
    });

    it(`49: in ${version} two objects may have one Name, and a repeated Create makes a second one`, async () => {
      const one = session(version);
      const shared = name(`shared in ${version}`);
      const made = [await one.create(...aes256, shared), await one.create(...aes256, shared)];
      assert.deepEqual(await one.locate([shared]), made.reverse());
    });

    it(`50: in ${version} Storage Status Mask and Object Group Member are accepted`, async () => {
      const one = session(version);
      const own = name(`storage in ${version}`);
      const id = await one.create(...aes256, own);
      const fresh = code('ObjectGroupMember', ObjectGroupMember.GroupMemberFresh);
      assert.deepEqual(await one.locate([own], int('StorageStatusMask', StorageStatusMask.OnLineStorage), fresh), [id]);
      assert.deepEqual(await one.locate([own], int('StorageStatusMask', StorageStatusMask.ArchivalStorage)), []);
      const both = StorageStatusMask.OnLineStorage | StorageStatusMask.ArchivalStorage;
      assert.deepEqual(await one.locate([own], int('StorageStatusMask', both)), [id]);
    });
  }

  it('13: a Name is compared exactly and wholly, whatever is in it, among many similar ones', async () => {
    const one = session(10);
    const names = [
      'key',
      'key ',
      ' key',
      'Key',
      'KEY',
      'key1',
      'key10',
      'key%',
      'ke_',
      'k*',
      'kéy',
      'ke\u0301y',
      'k\u00e9y ',
      "ke'y",
      'ke"y',
      'ke\\y',
      'bucket/path/to key/{"a": 1}',
      'naïve Ωμέγα 鍵',
      'f'.repeat(128),
      `${'f'.repeat(127)}e`,
      'f'.repeat(127),
      'f'.repeat(300),
      'x',
      '',
    ];
    const made = new Map<string, string>();
    for (const value of names) made.set(value, await one.create(...aes256, name(value)));
    for (const [value, id] of made) assert.deepEqual(await one.locate([name(value)]), [id], value);
    for (const value of ['ke', 'y', 'key%%', 'f'.repeat(129), '%', 'kéy1']) {
      assert.deepEqual(await one.locate([name(value)]), [], value);
    }
  });

  it('14: all filters must match, as ScyllaDB combines them', async () => {
    const one = session(12);
    const namespace = attribute('x-key-namespace', text('Name', 'scylla'));
    const id = await one.create(...aes256, namespace);
    await one.activate(id);
    const filters = {
      type: symmetricKeys,
      algorithm: code('CryptographicAlgorithm', AES),
      length: int('CryptographicLength', 256),
      state: code('State', State.Active),
      mask: usage(encryption),
    };
    const others = {
      type: code('ObjectType', ObjectType.SecretData),
      algorithm: code('CryptographicAlgorithm', DES3),
      length: int('CryptographicLength', 128),
      state: code('State', State.PreActive),
      mask: usage(encryption | CryptographicUsageMask.Sign),
    };
    const ask = async (all: Readonly<Record<string, (typeof filters)['type']>>) =>
      identifiersIn(await one.done(Locate, int('MaximumItems', 1), ...Object.values(all).map(attributeOf), namespace));
    assert.deepEqual(await ask(filters), [id]);
    assert.deepEqual(await ask({ mask: usage(CryptographicUsageMask.Encrypt) }), [id]);
    for (const [key, value] of Object.entries(others))
      assert.deepEqual(await ask({ ...filters, [key]: value }), [], key);
  });

  it('14: group, application specific information, and a range of dates narrow each other down', async () => {
    const one = session(14);
    const application = (data: string) =>
      struct(
        'ApplicationSpecificInformation',
        text('ApplicationNamespace', 'LIBRARY-LTO'),
        text('ApplicationData', data),
      );
    const group = text('ObjectGroup', 'tapes');
    const first = await one.create(...aes256, group, application('tape 1'));
    const second = await one.create(...aes256, group, application('tape 2'));
    const now = Math.floor(Date.now() / 1000);
    const range = [date('InitialDate', now - 60), date('InitialDate', now + 60)];
    assert.deepEqual(await one.locate([group, ...range]), [second, first]);
    assert.deepEqual(await one.locate([group, application('tape 1'), ...range]), [first]);
    assert.deepEqual(await one.locate([group, date('InitialDate', now - 90), date('InitialDate', now - 60)]), []);
    assert.deepEqual(await one.locate([text('ObjectGroup', 'tape'), application('tape 1')]), []);
  });

  it('14: a filter that is not understood fails or matches nothing, and is never dropped', async () => {
    const one = session(12);
    await one.create(...aes256);
    const unknown = [
      attribute('No Such Attribute', text('Name', 'x')),
      attribute('Comment', text('Name', 'of 1.4')),
      attribute('x-unknown', text('Name', 'x')),
      attribute('Cryptographic Domain Parameters', struct('Name', int('Qlength', 160))),
    ];
    for (const filter of unknown) {
      const [outcome] = await one.batch([itemOf(Locate, [filter])]);
      const found = outcome?.result === 'Success' ? identifiersIn(payloadOf(outcome)) : [];
      assert.deepEqual(found, []);
    }
  });

  it('58: filters inside a Template-Attribute count, exactly, as FortiGate asks for four names at once', async () => {
    const one = session(10);
    const made: string[] = [];
    for (const value of ['vpn-1', 'vpn-1-old', 'vpn-10']) made.push(await one.create(...aes256, name(value)));
    const wanted = (value: string) => [int('MaximumItems', 1), templateOf(10, name(value), symmetricKeys)];
    const outcomes = await one.batch(['vpn-1', 'vpn-10', 'vpn', 'vpn-2'].map((value) => itemOf(Locate, wanted(value))));
    const found = outcomes.map((outcome) => identifiersIn(payloadOf(outcome)));
    assert.deepEqual(found, [[made[0]], [made[2]], [], []]);
  });

  it('59: Storage Status Mask as an attribute is what MySQL Enterprise means by it', async () => {
    const one = session(11);
    const id = await one.create(...aes256, name('MySQL'));
    const mask = (value: number) => attribute('Storage Status Mask', int('Name', value));
    const find = async (value: number) =>
      identifiersIn(await one.done(Locate, attributeOf(name('MySQL')), mask(value)));
    assert.deepEqual(await find(StorageStatusMask.OnLineStorage), [id]);
    assert.deepEqual(await find(StorageStatusMask.ArchivalStorage), []);
  });

  it('newest first, of every type, in every version', async () => {
    const one = session(14);
    const group = text('ObjectGroup', 'newest first');
    const made = [
      await one.create(...keyOf(AES, 128), group),
      await one.register(secret(Buffer.from('word')), group),
      await one.create(...keyOf(DES3, 168), group),
    ].reverse();
    for (const version of versions) assert.deepEqual(await session(version).locate([group]), made);
    assert.equal((await one.done(Locate, int('MaximumItems', 1), attributeOf(group))).tag, Tag.ResponsePayload);
  });
});
