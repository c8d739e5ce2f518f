import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { type Item, ItemType } from '../../../ttlv/item.ts';
import { CryptographicAlgorithm, Operation, State, ValidityIndicator } from '../../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../../ttlv/tables/masks.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { childrenOf } from '../../conformance/walk.ts';
import { text } from '../../support/items.ts';
import { valueIn } from '../../support/requests.ts';
import { namesOf } from '../answer.ts';
import { aes256, encryption, keyOf, rsaPrivate, rsaPublic, symmetric } from '../material.ts';
import { attributesIn, identifierIn, identifiersIn, name, payloadOf, type Session, usage } from '../session.ts';
import { captured } from './captured.ts';
import { checkKey, describeCaptures, first, versionsIn } from './describe.ts';

const { AES } = CryptographicAlgorithm;

describeCaptures('pykmip', 'PyKMIP', (captures) => {
  let session: Session;
  const made: string[] = [];
  before(async () => {
    session = captures.session(12);
  });

  it('pykmip-01-discover, pykmip-02-discover: versions, highest first', async () => {
    for (const one of ['pykmip-01-discover', 'pykmip-02-discover'])
      assert.equal(versionsIn(await captures.one(one))[0], '2.1');
  });

  it('pykmip-03-query: what there is, without what is empty', async () => {
    const found = new Set(namesOf(childrenOf(await captures.one('pykmip-03-query'))));
    assert.deepEqual([...found], ['Operation', 'ObjectType', 'VendorIdentification', 'ServerInformation']);
  });

  for (const one of ['04-create', '05-create', '06-create', '07-create', '08-create']) {
    it(`pykmip-${one}: Object Type, Unique Identifier`, async () => {
      const payload = await captures.one(`pykmip-${one}`);
      assert.deepEqual(namesOf(childrenOf(payload)), ['ObjectType', 'UniqueIdentifier']);
      made.unshift(identifierIn(payload));
    });
  }

  for (const one of ['pykmip-09-create-key-pair', 'pykmip-10-create-key-pair']) {
    it(`${one}: Private, then Public Key Unique Identifier`, async () => {
      const payload = await captures.one(one);
      assert.deepEqual(namesOf(childrenOf(payload)), ['PrivateKeyUniqueIdentifier', 'PublicKeyUniqueIdentifier']);
    });
  }

  for (const one of [
    '11-register-symmetric',
    '12-register-symmetric',
    '13-register-secret-data',
    '14-register-opaque',
  ]) {
    it(`pykmip-${one}: Unique Identifier alone`, async () => {
      const payload = await captures.one(`pykmip-${one}`);
      assert.deepEqual(namesOf(childrenOf(payload)), ['UniqueIdentifier']);
      if (one.includes('symmetric')) made.unshift(identifierIn(payload));
    });
  }

  for (const one of ['15-locate-all-options', '16-locate-all-options', '17-locate-all-options']) {
    it(`pykmip-${one}: the newest five of that name`, async () => {
      assert.deepEqual(identifiersIn(await captures.one(`pykmip-${one}`)), made.slice(0, 5));
    });
  }

  it('pykmip-18-locate-date-range: what was made in it', async () => {
    const now = Date.now() / 1000;
    const [from = 0, to = 0] = datesIn(captured('pykmip-18-locate-date-range'));
    const found = identifiersIn(await captures.one('pykmip-18-locate-date-range'));
    assert.equal(found.length > 0, from <= now && now <= to);
  });

  it('pykmip-19-locate-everything: all that the user made', async () => {
    const found = identifiersIn(await captures.one('pykmip-19-locate-everything'));
    for (const id of made) assert.ok(found.includes(id));
  });

  it('pykmip-20-get, pykmip-21-get, pykmip-22-get: Object Type, Unique Identifier, object', async () => {
    for (const one of ['pykmip-20-get', 'pykmip-21-get', 'pykmip-22-get']) {
      checkKey(
        await captures.one(one, { 1: made[0] ?? '' }),
        Number((await session.attributes(made[0] ?? '', 'Cryptographic Length'))[0]?.[1]),
      );
    }
  });

  it('pykmip-23-get-wrapped: Key Wrapping Data; without the wrapping key a clear failure', async () => {
    const wrapper = await session.create(...keyOf(AES, 256, CryptographicUsageMask.WrapKey));
    await session.activate(wrapper);
    const id = await session.create(...aes256);
    const payload = await captures.one('pykmip-23-get-wrapped', { 1: id, 2: wrapper });
    assert.equal((valueIn(payload, Tag.KeyValue) as Buffer).length, 40);
    assert.ok(Array.isArray(valueIn(payload, Tag.KeyWrappingData)));
    const [outcome] = await captures.all('pykmip-23-get-wrapped', { 1: id });
    assert.equal(outcome?.result, 'ItemNotFound');
  });

  it('pykmip-24-get-attributes, pykmip-25-get-attributes: those that exist', async () => {
    const id = await session.create(...aes256, name('some name'));
    const legacy = attributesIn(await captures.one('pykmip-24-get-attributes', { 1: id })).map(([key]) => key);
    assert.deepEqual(legacy, ['State', 'Name', 'Cryptographic Algorithm']);
    const [, attributes] = childrenOf(await captures.one('pykmip-25-get-attributes', { 1: id }));
    assert.deepEqual(namesOf(childrenOf(attributes)), ['State', 'Name', 'CryptographicAlgorithm']);
  });

  it('pykmip-26-get-attribute-list, pykmip-27-activate', async () => {
    const id = await session.create(...aes256);
    const list = childrenOf(await captures.one('pykmip-26-get-attribute-list', { 1: id })).map(({ value }) => value);
    assert.ok(list.includes('State'));
    await captures.one('pykmip-27-activate', { 1: id });
    assert.deepEqual(await session.attributes(id, 'State'), [['State', State.Active]]);
  });

  it('pykmip-28-encrypt, pykmip-29-decrypt: Unique Identifier, Data', async () => {
    const id = await session.register(symmetric(Buffer.alloc(32, 7)), usage(encryption));
    await session.activate(id);
    const encrypted = await captures.one('pykmip-28-encrypt', { 1: id });
    assert.deepEqual(namesOf(childrenOf(encrypted)), ['UniqueIdentifier', 'Data']);
    const data = valueIn(encrypted, Tag.Data) as Buffer;
    assert.equal(data.length, 16);
    const request = withData(captured('pykmip-29-decrypt', { 1: id }), data);
    const decrypted = payloadOf(first(await captures.send('pykmip-29-decrypt', request)));
    assert.equal(String(valueIn(decrypted, Tag.Data)), 'plain text');
  });

  it('pykmip-30-sign, pykmip-31-signature-verify: Signature Data, Validity Indicator', async () => {
    const { Sign, Verify } = CryptographicUsageMask;
    const [signer, verifier] = [
      await session.register(rsaPrivate(), usage(Sign)),
      await session.register(rsaPublic(), usage(Verify)),
    ];
    for (const id of [signer, verifier]) await session.activate(id);
    const signed = await captures.one('pykmip-30-sign', { 1: signer });
    assert.equal((valueIn(signed, Tag.SignatureData) as Buffer).length, 256);
    const verified = await captures.one('pykmip-31-signature-verify', { 1: verifier });
    assert.equal(valueIn(verified, Tag.ValidityIndicator), ValidityIndicator.Invalid);
  });

  it('pykmip-32-mac: MAC Data', async () => {
    const key = Buffer.alloc(32, 9);
    const id = await session.register(symmetric(key), usage(CryptographicUsageMask.MACGenerate));
    await session.activate(id);
    const payload = await captures.one('pykmip-32-mac', { 1: id });
    assert.deepEqual(valueIn(payload, Tag.MACData), createHmac('sha256', key).update('message').digest());
  });

  it('pykmip-33-derive-key: a new key, or a clear failure', async () => {
    const id = await session.create(...keyOf(AES, 256, CryptographicUsageMask.DeriveKey));
    const [outcome] = await captures.all('pykmip-33-derive-key', { 1: id });
    assert.ok(['Success', 'OperationNotSupported'].includes(outcome?.result ?? ''));
  });

  it('pykmip-34-rekey: a new Unique Identifier', async () => {
    const id = await session.create(...aes256);
    assert.notEqual(identifierIn(await captures.one('pykmip-34-rekey', { 1: id })), id);
  });

  it('pykmip-35-check: Unique Identifier', async () => {
    const id = await session.create(...aes256);
    assert.equal(identifierIn(await captures.one('pykmip-35-check', { 1: id })), id);
  });

  it('pykmip-36-set-attribute: Sensitive', async () => {
    const id = await session.create(...aes256);
    assert.deepEqual(childrenOf(await captures.one('pykmip-36-set-attribute', { 1: id })).length, 1);
    assert.deepEqual(await captures.session(14).attributes(id, 'Sensitive'), [['Sensitive', true]]);
  });

  it('pykmip-37-modify-attribute, pykmip-39-delete-attribute: a Name by its index', async () => {
    const id = await session.create(...aes256, name('before'));
    assert.equal(valueIn(await captures.one('pykmip-37-modify-attribute', { 1: id }), Tag.NameValue), 'renamed');
    assert.equal(valueIn(await captures.one('pykmip-39-delete-attribute', { 1: id }), Tag.NameValue), 'renamed');
    assert.deepEqual(await session.attributes(id, 'Name'), []);
    const [again] = await captures.all('pykmip-39-delete-attribute', { 1: id });
    assert.equal(again?.result, 'ItemNotFound');
  });

  it('pykmip-38-modify-attribute, pykmip-40-delete-attribute: Unique Identifier alone', async () => {
    const id = await session.create(...aes256, name('old'));
    const payload = await captures.one('pykmip-38-modify-attribute', { 1: id });
    assert.deepEqual(namesOf(childrenOf(payload)), ['UniqueIdentifier']);
    const attributes = await session.done(Operation.GetAttributes, text('UniqueIdentifier', id));
    assert.equal(valueIn(attributes, Tag.NameValue), 'new');
    const [deleted] = await captures.all('pykmip-40-delete-attribute', { 1: id });
    assert.equal(deleted?.result, 'AttributeNotFound');
  });

  it('pykmip-42-destroy: not while the key is Active; pykmip-41-revoke: then it is', async () => {
    const id = await session.create(...aes256);
    await session.activate(id);
    assert.equal((await captures.all('pykmip-42-destroy', { 1: id }))[0]?.result, 'PermissionDenied');
    assert.equal(identifierIn(await captures.one('pykmip-41-revoke', { 1: id })), id);
    assert.equal(identifierIn(await captures.one('pykmip-42-destroy', { 1: id })), id);
  });
});

function datesIn(item: Item): number[] {
  if (item.type === ItemType.DateTime) return [item.value];
  return childrenOf(item).flatMap(datesIn);
}

/** The request with other Data in it. */
function withData(item: Item, data: Buffer): Item {
  if (item.type === ItemType.Structure) return { ...item, value: item.value.map((child) => withData(child, data)) };
  return item.tag === Tag.Data ? { tag: Tag.Data, type: ItemType.ByteString, value: data } : item;
}
