import assert from 'node:assert/strict';
import type { GivenAttribute } from '../../../src/kmip/attribute-set.ts';
import type { ManagedObjectValue } from '../../../src/kmip/objects.ts';
import { RequestDecoder } from '../../../src/kmip/request.ts';
import { activate } from '../../../src/operations/activate.ts';
import { destroy } from '../../../src/operations/destroy.ts';
import { get } from '../../../src/operations/get.ts';
import { getAttributes } from '../../../src/operations/get-attributes.ts';
import { locate } from '../../../src/operations/locate.ts';
import { register } from '../../../src/operations/register.ts';
import { revoke } from '../../../src/operations/revoke.ts';
import { operationByCode } from '../../../src/operations/table.ts';
import type { Item } from '../../../ttlv/item.ts';
import {
  CryptographicAlgorithm,
  NameType,
  ObjectType,
  Operation,
  RevocationReasonCode,
  State,
} from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { named, registered } from '../../support/managed.ts';
import { resultOf, START, TestNode, type User } from '../../support/node.ts';
import { attribute, batchItem, bytes, enumeration, integer, request, structure, text } from '../../support/requests.ts';
import { ttlvBytes } from '../../support/ttlv-bytes.ts';

const decoder = new RequestDecoder(operationByCode, { bytes: 1e6, depth: 32, items: 1e4, batchCount: 10 });

/** Runs a request of KMIP 1.x from its bytes: the name of its error, or what it answers. */
async function sent(user: User, ...items: Item[]) {
  const { items: decoded } = decoder.decode(ttlvBytes(request(user.version, ...items)));
  const outcomes = await user.batch(decoded.map(({ name, request: one }) => ({ name, request: one })));
  const [outcome] = outcomes;
  if (outcome?.status !== 'success') return { result: resultOf(outcome), id: '' };
  const { uniqueIdentifier, privateKeyUniqueIdentifier, publicKeyUniqueIdentifier } = outcome.payload as Record<
    string,
    string
  >;
  return {
    result: 'success',
    id: uniqueIdentifier ?? privateKeyUniqueIdentifier ?? '',
    publicId: publicKeyUniqueIdentifier,
  };
}

const templateName = (value: string): Item =>
  structure(Tag.Name, text(Tag.NameValue, value), enumeration(Tag.NameType, NameType.UninterpretedTextString));
const lengthOf = (bits: number): Item => attribute('Cryptographic Length', (tag) => integer(tag, bits));
const group = (name: string): Item => attribute('Object Group', (tag) => text(tag, name));
const mask = attribute('Cryptographic Usage Mask', (tag) => integer(tag, 12));

const created = (user: User, ...inTemplateAttribute: Item[]) =>
  sent(
    user,
    batchItem(
      Operation.Create,
      enumeration(Tag.ObjectType, ObjectType.SymmetricKey),
      structure(Tag.TemplateAttribute, ...inTemplateAttribute),
    ),
  );

const template = (...attributes: GivenAttribute[]): ManagedObjectValue => ({ type: ObjectType.Template, attributes });
const aes = { key: 'CryptographicAlgorithm', value: CryptographicAlgorithm.AES } as const;
const length = (value: number): GivenAttribute => ({ key: 'CryptographicLength', value });
const inGroup = (value: string): GivenAttribute => ({ key: 'ObjectGroup', value });

async function values(user: User, uniqueIdentifier: string, key: GivenAttribute['key']): Promise<readonly unknown[]> {
  const { attributes } = await user.ask(getAttributes, { uniqueIdentifier, attributeReferences: [key] });
  return attributes.map(({ value }) => value);
}

describe('templates', () => {
  it('are got as they were registered, and have no state', async () => {
    const alice = (await TestNode.open()).as('alice', 12);
    const value = template(aes, { key: 'ActivationDate', value: START - 10 }, inGroup('disks'));
    const id = await registered(alice, value, named('t'), { key: 'ActivationDate', value: START - 10 });
    assert.deepEqual((await alice.ask(get, { uniqueIdentifier: id })).object, value);
    const { attributes } = await alice.ask(getAttributes, { uniqueIdentifier: id, attributeReferences: [] });
    const keys = attributes.map(({ key }) => key);
    for (const absent of ['State', 'Digest', 'Fresh', 'ObjectGroup', 'CryptographicAlgorithm'] as const) {
      assert.ok(!keys.includes(absent), absent);
    }
    await alice.fails('wrong-type', activate, { uniqueIdentifier: id });
    const revocationReason = { revocationReasonCode: RevocationReasonCode.Unspecified };
    await alice.fails('wrong-type', revoke, { uniqueIdentifier: id, revocationReason });
    const filter = [named('t'), { key: 'ObjectType', value: ObjectType.Template }] as const;
    assert.deepEqual((await alice.ask(locate, { attributes: filter })).uniqueIdentifier, [id]);
    await alice.ask(destroy, { uniqueIdentifier: id });
    assert.deepEqual((await alice.ask(locate, { attributes: filter })).uniqueIdentifier, []);
    await alice.fails('destroyed', get, { uniqueIdentifier: id });
  });

  it('give their attributes to a new key; the request overrides single values and adds to several', async () => {
    const alice = (await TestNode.open()).as('alice', 12);
    await registered(alice, template(aes, length(128), inGroup('a'), inGroup('b')), named('t'), inGroup('own'));
    const { result, id } = await created(alice, templateName('t'), lengthOf(256), mask, group('b'), group('c'));
    assert.equal(result, 'success');
    assert.deepEqual(await values(alice, id, 'CryptographicLength'), [256]);
    assert.deepEqual(await values(alice, id, 'ObjectGroup'), ['a', 'b', 'c']);
    assert.deepEqual(await values(alice, id, 'Name'), []);
  });

  it('override those named before them', async () => {
    const alice = (await TestNode.open()).as('alice', 12);
    await registered(alice, template(aes, length(128)), named('one'));
    await registered(alice, template(length(192)), named('two'));
    const { id } = await created(alice, mask, templateName('one'), templateName('two'));
    assert.deepEqual(await values(alice, id, 'CryptographicLength'), [192]);
    const other = await created(alice, mask, templateName('two'), templateName('one'));
    assert.deepEqual(await values(alice, other.id, 'CryptographicLength'), [128]);
  });

  it('of one key of a pair override what is common', async () => {
    const alice = (await TestNode.open()).as('alice', 12);
    const rsa = { key: 'CryptographicAlgorithm', value: CryptographicAlgorithm.RSA } as const;
    await registered(alice, template(rsa, length(2048), { key: 'ContactInformation', value: 'both' }), named('common'));
    await registered(alice, template({ key: 'ContactInformation', value: 'private' }), named('private'));
    const usage = (bits: number) => attribute('Cryptographic Usage Mask', (tag) => integer(tag, bits));
    const contact = attribute('Contact Information', (tag) => text(tag, 'explicit'));
    const pair = await sent(
      alice,
      batchItem(
        Operation.CreateKeyPair,
        structure(Tag.CommonTemplateAttribute, templateName('common'), contact),
        structure(Tag.PrivateKeyTemplateAttribute, templateName('private'), usage(1)),
        structure(Tag.PublicKeyTemplateAttribute, usage(2)),
      ),
    );
    assert.deepEqual(await values(alice, pair.id, 'ContactInformation'), ['private']);
    assert.deepEqual(await values(alice, pair.publicId ?? '', 'ContactInformation'), ['explicit']);
  });

  it('are named sixteen times at most', async () => {
    const alice = (await TestNode.open()).as('alice', 12);
    await registered(alice, template(aes, length(128)), named('t'));
    const names = Array.from({ length: 17 }, () => templateName('t'));
    assert.equal((await created(alice, mask, ...names)).result, 'invalid-field');
    assert.equal((await created(alice, mask, ...names.slice(1))).result, 'success');
  });

  it('are used in Re-key and Register', async () => {
    const alice = (await TestNode.open()).as('alice', 12);
    await registered(alice, template(aes, length(128)), named('key'));
    await registered(alice, template({ key: 'ContactInformation', value: 'Joe' }), named('more'));
    const key = await created(alice, mask, templateName('key'));
    const more = structure(Tag.TemplateAttribute, templateName('more'));
    const again = await sent(alice, batchItem(Operation.ReKey, text(Tag.UniqueIdentifier, key.id), more));
    assert.deepEqual(await values(alice, again.id, 'ContactInformation'), ['Joe']);
    const opaque = structure(
      Tag.OpaqueObject,
      enumeration(Tag.OpaqueDataType, 0x80000001),
      bytes(Tag.OpaqueDataValue, Buffer.from('o')),
    );
    const { id } = await sent(
      alice,
      batchItem(Operation.Register, enumeration(Tag.ObjectType, ObjectType.OpaqueObject), more, opaque),
    );
    assert.deepEqual(await values(alice, id, 'ContactInformation'), ['Joe']);
  });

  it('are not found where nobody made, destroyed, or may not get them', async () => {
    const node = await TestNode.open();
    const [alice, bob] = [node.as('alice', 12), node.as('bob', 12)];
    const id = await registered(alice, template(aes, length(128)), named('t'));
    assert.equal((await created(alice, mask, templateName('T'))).result, 'not-found');
    assert.equal((await created(bob, mask, templateName('t'))).result, 'not-found');
    await node.grant(id, 'bob', 'Locate');
    assert.equal((await created(bob, mask, templateName('t'))).result, 'not-found');
    await node.grant(id, 'bob', 'Get', 'Locate');
    assert.equal((await created(bob, mask, templateName('t'))).result, 'success');
    await alice.ask(destroy, { uniqueIdentifier: id });
    assert.equal((await created(alice, mask, templateName('t'))).result, 'not-found');
  });

  it('have their name inside in 1.0, and beside them since 1.2', async () => {
    const node = await TestNode.open();
    const value = template(aes, length(128), named('inside'));
    const id = await registered(node.as('alice', 10), value);
    const alice = node.as('alice', 12);
    assert.deepEqual(await values(alice, id, 'Name'), [named('inside').value]);
    const key = await created(alice, mask, templateName('inside'));
    assert.deepEqual(await values(alice, key.id, 'Name'), []);
    await alice.fails('invalid-field', register, { objectType: ObjectType.Template, object: value, attributes: [] });
  });

  it('hold what clients may set, and nothing else', async () => {
    const alice = (await TestNode.open()).as('alice', 12);
    const object = template({ key: 'State', value: State.Active });
    await alice.fails('read-only-attribute', register, { objectType: ObjectType.Template, object, attributes: [] });
  });

  it('are not there for 2.x, which has no such objects', async () => {
    const node = await TestNode.open();
    const id = await registered(node.as('alice', 12), template(aes), named('t'));
    const alice = node.as('alice', 20);
    await alice.fails('not-found', get, { uniqueIdentifier: id });
    assert.deepEqual((await alice.ask(locate, { attributes: [named('t')] })).uniqueIdentifier, []);
    const byId = [{ key: 'UniqueIdentifier', value: id }] as const;
    assert.deepEqual((await alice.ask(locate, { attributes: byId })).uniqueIdentifier, []);
  });
});
