import assert from 'node:assert/strict';
import { activate } from '../../../src/operations/activate.ts';
import { addAttribute } from '../../../src/operations/add-attribute.ts';
import { destroy } from '../../../src/operations/destroy.ts';
import { encrypt } from '../../../src/operations/encrypt.ts';
import { get } from '../../../src/operations/get.ts';
import { reKey } from '../../../src/operations/re-key.ts';
import { reKeyKeyPair } from '../../../src/operations/re-key-key-pair.ts';
import { revoke } from '../../../src/operations/revoke.ts';
import { sign } from '../../../src/operations/sign.ts';
import {
  BlockCipherMode,
  HashingAlgorithm,
  LinkType,
  PaddingMethod,
  RevocationReasonCode,
  State,
  UsageLimitsUnit,
} from '../../../ttlv/tables/enums.ts';
import { versions } from '../../../ttlv/tables/versions.ts';
import { text } from '../../support/items.ts';
import { located, named, newActiveKey, newKey, newPair, password, registered, shown } from '../../support/managed.ts';
import { item, resultOf, START, TestNode, type User } from '../../support/node.ts';

const dateNames = ['ActivationDate', 'ProcessStartDate', 'ProtectStopDate', 'DeactivationDate'] as const;
type Dates = Partial<Record<(typeof dateNames)[number], number>>;

/** Every set of some of the dates, each at another second from `start` on. */
function combinations(start: number, names: readonly (keyof Dates)[] = dateNames): Dates[] {
  return Array.from({ length: 2 ** names.length }, (_, bits) =>
    Object.fromEntries(names.flatMap((name, i) => ((bits >> i) & 1 ? [[name, start + 10 * i]] : []))),
  );
}

const toAttributes = (dates: Dates) =>
  Object.entries(dates).map(([key, value]) => ({ key: key as keyof Dates, value }));

async function datesOf(user: User, id: string): Promise<Dates> {
  const found: Dates = {};
  for (const name of dateNames) {
    const [value] = await shown(user, id, name);
    if (value !== undefined) found[name] = value as number;
  }
  return found;
}

/** Table 303 of KMIP 2.1: AT2 = IT2 + Offset, the others move by AT2 - AT1. */
function byOffset({ ActivationDate: before, ...others }: Dates, initial: number, offset: number): Dates {
  if (before === undefined) return others;
  const activation = initial + offset;
  const moved = Object.entries(others).map(([name, date]) => [name, date + activation - before]);
  return { ActivationDate: activation, ...Object.fromEntries(moved) };
}

async function opened() {
  const node = await TestNode.open();
  return { node, user: node.as('alice') };
}

const names = async (user: User, id: string) =>
  ((await shown(user, id, 'Name')) as { nameValue: string }[]).map(({ nameValue }) => nameValue);
const replacementLink = (id: string) => ({ linkType: LinkType.ReplacementObjectLink, linkedObjectIdentifier: id });
const replacedLink = (id: string) => ({ linkType: LinkType.ReplacedObjectLink, linkedObjectIdentifier: id });
const limits = { usageLimitsTotal: 5n, usageLimitsUnit: UsageLimitsUnit.Object };

describe('Re-key', () => {
  for (const dates of combinations(START + 1000)) {
    it(`copies ${Object.keys(dates).join(', ') || 'no dates'}, and moves them by an Offset`, async () => {
      const { node, user } = await opened();
      const [first, second] = [await newKey(user, ...toAttributes(dates)), await newKey(user, ...toAttributes(dates))];
      node.now = START + 50;
      const copied = await user.ask(reKey, { uniqueIdentifier: first });
      assert.deepEqual(await datesOf(user, copied.uniqueIdentifier), dates);
      const offset = { uniqueIdentifier: second, offset: 7 };
      if (dates.ActivationDate === undefined && Object.keys(dates).length > 0) {
        await user.fails('no-activation-date', reKey, offset);
        return;
      }
      const moved = await user.ask(reKey, offset);
      assert.deepEqual(await datesOf(user, moved.uniqueIdentifier), byOffset(dates, node.now, 7));
      assert.deepEqual(await datesOf(user, second), dates);
    });
  }

  it('takes dates of the request, but not beside an Offset', async () => {
    const { user } = await opened();
    const old = { ActivationDate: START + 1, DeactivationDate: START + 2 };
    const wanted = { ActivationDate: START + 100, ProtectStopDate: START + 200 };
    const id = await newKey(user, ...toAttributes(old));
    for (const attribute of toAttributes({ ...wanted, ProcessStartDate: 1, DeactivationDate: 2 })) {
      await user.fails('invalid-message', reKey, { uniqueIdentifier: id, offset: 0, attributes: [attribute] });
    }
    const answer = await user.ask(reKey, { uniqueIdentifier: id, attributes: toAttributes(wanted) });
    assert.deepEqual(await datesOf(user, answer.uniqueIdentifier), { ...old, ...wanted });
  });

  it('moves the names, links both keys and copies the other attributes (KMIP 2.1, table 304)', async () => {
    const { node, user } = await opened();
    const vendor = { key: 'x:n', value: text('AttributeValue', 'v') } as const;
    const group = { key: 'ObjectGroup', value: 'g' } as const;
    const id = await newActiveKey(user, START - 5, named('a'), named('b'), vendor, group, {
      key: 'UsageLimits',
      value: limits,
    });
    const ecb = { blockCipherMode: BlockCipherMode.ECB, paddingMethod: PaddingMethod.None };
    const data = Buffer.alloc(16);
    await user.ask(encrypt, { uniqueIdentifier: id, data, cryptographicParameters: ecb });
    await user.ask(addAttribute, {
      uniqueIdentifier: id,
      newAttribute: { key: 'Link', value: { linkType: LinkType.ParentLink, linkedObjectIdentifier: 'p' } },
    });
    await user.ask(get, { uniqueIdentifier: id });
    await node.grant(id, 'bob', 'Get');
    node.now = START + 10;
    const { uniqueIdentifier: next } = await user.ask(reKey, { uniqueIdentifier: id, attributes: [named('c')] });
    assert.deepEqual(await names(user, next), ['a', 'b', 'c']);
    assert.deepEqual(await names(user, id), []);
    assert.deepEqual(await located(user, [named('a')]), [next]);
    assert.deepEqual(await shown(user, next, 'Link'), [replacedLink(id)]);
    assert.deepEqual((await shown(user, id, 'Link'))[1], replacementLink(next));
    for (const [key, value] of Object.entries({
      'x:n': vendor.value,
      ObjectGroup: 'g',
      State: State.Active,
      InitialDate: node.now,
      LastChangeDate: node.now,
      OriginalCreationDate: node.now,
      CryptographicLength: 256,
      UsageLimits: { ...limits, usageLimitsCount: 5n },
      Fresh: true,
    })) {
      assert.deepEqual(await shown(user, next, key as 'State'), [value], key);
    }
    assert.notDeepEqual(await shown(user, next, 'Digest'), await shown(user, id, 'Digest'));
    assert.deepEqual(await shown(user, id, 'State'), [State.Active]);
    const [old, made] = [
      await user.ask(get, { uniqueIdentifier: id }),
      await user.ask(get, { uniqueIdentifier: next }),
    ];
    assert.notDeepEqual(made.object, old.object);
    await node.as('bob').ask(get, { uniqueIdentifier: next });
  });

  it('of a compromised key makes one that is not', async () => {
    const { user } = await opened();
    const id = await newActiveKey(user, START - 5);
    const revocationReason = { revocationReasonCode: RevocationReasonCode.KeyCompromise };
    await user.ask(revoke, { uniqueIdentifier: id, revocationReason });
    const { uniqueIdentifier: next } = await user.ask(reKey, { uniqueIdentifier: id });
    assert.deepEqual(await shown(user, next, 'State'), [State.Active]);
    for (const key of ['CompromiseDate', 'CompromiseOccurrenceDate', 'RevocationReason'] as const) {
      assert.deepEqual(await shown(user, next, key), [], key);
    }
    assert.deepEqual(await shown(user, id, 'State'), [State.Compromised]);
  });

  for (const version of versions) {
    it(`is done once on a key, also by two at once; not on what is no key, or gone (${version})`, async () => {
      const user = (await TestNode.open()).as('alice', version);
      const id = await newKey(user);
      const outcomes = await Promise.all([1, 2, 3].map(() => user.batch([item(reKey, { uniqueIdentifier: id })])));
      assert.deepEqual(outcomes.map(([one]) => resultOf(one)).sort(), ['success', 'wrong-state', 'wrong-state']);
      await user.fails('wrong-type', reKey, { uniqueIdentifier: await registered(user, password('p')) });
      const gone = await newKey(user);
      await user.ask(destroy, { uniqueIdentifier: gone });
      await user.fails('destroyed', reKey, { uniqueIdentifier: gone });
      const other = { uniqueIdentifier: await newKey(user), attributes: [{ key: 'State', value: 2 }] as const };
      await user.fails('read-only-attribute', reKey, other);
      const dated = await newKey(user, { key: 'ProtectStopDate', value: START + 1 });
      await user.fails('no-activation-date', reKey, { uniqueIdentifier: dated, offset: 1 });
    });
  }
});

describe('Re-key Key Pair', () => {
  for (const dates of combinations(START + 1000, ['ActivationDate', 'DeactivationDate'])) {
    it(`copies ${Object.keys(dates).join(', ') || 'no dates'}, and moves them by an Offset`, async () => {
      const { node, user } = await opened();
      const common = toAttributes(dates);
      const [first, second] = [await newPair(user, { common }), await newPair(user, { common })];
      node.now = START + 50;
      const copied = await user.ask(reKeyKeyPair, { uniqueIdentifier: first.privateKey });
      for (const id of [copied.privateKeyUniqueIdentifier, copied.publicKeyUniqueIdentifier]) {
        assert.deepEqual(await datesOf(user, id), dates);
      }
      const offset = { uniqueIdentifier: second.privateKey, offset: 7 };
      if (dates.ActivationDate === undefined && dates.DeactivationDate !== undefined) {
        await user.fails('no-activation-date', reKeyKeyPair, offset);
        return;
      }
      const moved = await user.ask(reKeyKeyPair, offset);
      for (const id of [moved.privateKeyUniqueIdentifier, moved.publicKeyUniqueIdentifier]) {
        assert.deepEqual(await datesOf(user, id), byOffset(dates, node.now, 7));
      }
    });
  }

  it('moves the names of each key, and links the four keys', async () => {
    const { user } = await opened();
    const old = await newPair(user, {
      common: [{ key: 'ActivationDate', value: START }],
      private: [named('private')],
      public: [named('public'), named('known')],
    });
    const request = {
      uniqueIdentifier: old.privateKey,
      commonAttributes: [{ key: 'ObjectGroup', value: 'g' }],
      publicKeyAttributes: [{ key: 'ContactInformation', value: 'Ada' }],
    } as const;
    const { privateKeyUniqueIdentifier: privateKey, publicKeyUniqueIdentifier: publicKey } = await user.ask(
      reKeyKeyPair,
      request,
    );
    assert.deepEqual(await names(user, privateKey), ['private']);
    assert.deepEqual(await names(user, publicKey), ['public', 'known']);
    const to = (linkType: LinkType, linkedObjectIdentifier: string) => ({ linkType, linkedObjectIdentifier });
    assert.deepEqual(await shown(user, privateKey, 'Link'), [
      replacedLink(old.privateKey),
      to(LinkType.PublicKeyLink, publicKey),
    ]);
    assert.deepEqual(await shown(user, publicKey, 'Link'), [
      replacedLink(old.publicKey),
      to(LinkType.PrivateKeyLink, privateKey),
    ]);
    assert.deepEqual(await shown(user, old.privateKey, 'Link'), [
      to(LinkType.PublicKeyLink, old.publicKey),
      replacementLink(privateKey),
    ]);
    assert.deepEqual(await shown(user, old.publicKey, 'Link'), [
      to(LinkType.PrivateKeyLink, old.privateKey),
      replacementLink(publicKey),
    ]);
    for (const id of [old.privateKey, old.publicKey]) assert.deepEqual(await names(user, id), []);
    for (const id of [privateKey, publicKey]) assert.deepEqual(await shown(user, id, 'ObjectGroup'), ['g']);
    assert.deepEqual(await shown(user, privateKey, 'ContactInformation'), []);
    assert.deepEqual(await shown(user, publicKey, 'ContactInformation'), ['Ada']);
    await user.ask(sign, {
      uniqueIdentifier: privateKey,
      data: Buffer.from('d'),
      cryptographicParameters: { hashingAlgorithm: HashingAlgorithm.SHA_256 },
    });
  });

  for (const version of versions.filter((one) => one >= 11)) {
    it(`is done once on a pair, which a private key that is linked to its public key stands for (${version})`, async () => {
      const user = (await TestNode.open()).as('alice', version);
      const { privateKey, publicKey } = await newPair(user);
      await user.fails('wrong-type', reKeyKeyPair, { uniqueIdentifier: publicKey });
      await user.fails('wrong-type', reKeyKeyPair, { uniqueIdentifier: await newKey(user) });
      const { object } = await user.ask(get, { uniqueIdentifier: privateKey });
      await user.fails('wrong-type', reKeyKeyPair, { uniqueIdentifier: await registered(user, object) });
      const beside = { uniqueIdentifier: privateKey, offset: 1 };
      const commonAttributes = [{ key: 'ActivationDate', value: START }] as const;
      await user.fails('invalid-message', reKeyKeyPair, { ...beside, commonAttributes });
      await user.ask(reKeyKeyPair, { uniqueIdentifier: privateKey });
      await user.fails('wrong-state', reKeyKeyPair, { uniqueIdentifier: privateKey });
      const next = await newPair(user);
      await user.ask(activate, { uniqueIdentifier: next.privateKey });
    });
  }
});
