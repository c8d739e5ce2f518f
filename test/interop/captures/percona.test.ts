import assert from 'node:assert/strict';
import { KeyFormatType, ObjectType, State } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { childrenOf } from '../../conformance/walk.ts';
import { valueIn } from '../../support/requests.ts';
import { namesOf } from '../answer.ts';
import { attributesIn, identifierIn, identifiersIn, payloadOf } from '../session.ts';
import { checkKey, describeCaptures, versionsIn } from './describe.ts';

describeCaptures('pg_tde', 'Percona pg_tde', (captures) => {
  let id = '';
  it('pg_tde-02-locate: no key', async () => {
    assert.deepEqual(identifiersIn(await captures.one('pg_tde-02-locate')), []);
  });

  it('pg_tde-01-register: a Unique Identifier alone', async () => {
    const payload = await captures.one('pg_tde-01-register');
    assert.deepEqual(namesOf(childrenOf(payload)), ['UniqueIdentifier']);
    id = identifierIn(payload);
  });

  it('pg_tde-02-locate: exactly the key that was registered', async () => {
    assert.deepEqual(identifiersIn(await captures.one('pg_tde-02-locate')), [id]);
  });

  it('pg_tde-03-get: the Raw key', async () => {
    const payload = await captures.one('pg_tde-03-get', { '9dbf2ba6-36d6-49ed-9bae-905a66fd009f': id });
    checkKey(payload, 128);
    assert.deepEqual(valueIn(payload, Tag.KeyMaterial), Buffer.from('c1be2b9c939788a7cd09a50d5870d6c0', 'hex'));
  });
});

describeCaptures('kmippp', 'Percona Server for MySQL (kmippp)', (captures) => {
  let [created, registered] = ['', ''];
  it('kmippp-01-create: Object Type and Unique Identifier', async () => {
    const payload = await captures.one('kmippp-01-create');
    assert.deepEqual(namesOf(childrenOf(payload)), ['ObjectType', 'UniqueIdentifier']);
    created = identifierIn(payload);
  });

  it('kmippp-02-register: an empty Object Group is taken and kept', async () => {
    registered = identifierIn(await captures.one('kmippp-02-register'));
    assert.deepEqual(await captures.session(14).attributes(registered, 'Object Group'), [['Object Group', '']]);
  });

  it('kmippp-03-activate: in 1.0, a key that was registered in 1.4', async () => {
    assert.equal(identifierIn(await captures.one('kmippp-03-activate', { 4: registered })), registered);
  });

  it('kmippp-04-locate-first-page: at most 16, those of the group', async () => {
    assert.deepEqual(identifiersIn(await captures.one('kmippp-04-locate-first-page')), [created]);
  });

  it('kmippp-05-locate-next-page: from the offset on, none at the end', async () => {
    assert.deepEqual(identifiersIn(await captures.one('kmippp-05-locate-next-page')), []);
    const another = identifierIn(await captures.one('kmippp-01-create'));
    assert.deepEqual(identifiersIn(await captures.one('kmippp-04-locate-first-page')), [another, created]);
    assert.deepEqual(identifiersIn(await captures.one('kmippp-05-locate-next-page')), [created]);
  });

  it('kmippp-06-locate-by-name', async () => {
    assert.deepEqual(identifiersIn(await captures.one('kmippp-06-locate-by-name')), [registered]);
  });

  it('kmippp-07-locate-secrets: none matches', async () => {
    assert.deepEqual(childrenOf(await captures.one('kmippp-07-locate-secrets')), []);
  });

  it('kmippp-08-get: the Raw key', async () => {
    const payload = await captures.one('kmippp-08-get', { 3: registered });
    checkKey(payload, 256);
    assert.equal(String(valueIn(payload, Tag.KeyMaterial)), '00112233445566778899aabbccddeeff');
  });

  it('kmippp-09-get-attributes-name: exactly one attribute', async () => {
    const payload = await captures.one('kmippp-09-get-attributes-name', { 3: registered });
    assert.equal(attributesIn(payload).length, 1);
    assert.equal(valueIn(payload, Tag.NameValue), 'regname');
  });

  it('kmippp-10-register-secret-data: comes back as it came', async () => {
    const id = identifierIn(await captures.one('kmippp-10-register-secret-data'));
    const payload = await captures.session(10).get(id);
    assert.equal(String(valueIn(payload, Tag.KeyMaterial)), 's3cr3t');
    assert.equal(valueIn(payload, Tag.KeyFormatType), KeyFormatType.Opaque);
  });

  it('kmippp-11-revoke: the key becomes Deactivated', async () => {
    await captures.one('kmippp-11-revoke', { 4: registered });
    assert.deepEqual(await captures.session(14).attributes(registered, 'State'), [['State', State.Deactivated]]);
  });

  it('kmippp-12-destroy, kmippp-13-get-unknown: Item Not Found, with a message', async () => {
    await captures.one('kmippp-12-destroy', { 4: registered });
    assert.equal((await captures.all('kmippp-08-get', { 3: registered }))[0]?.result, 'ItemNotFound');
    assert.equal((await captures.all('kmippp-13-get-unknown'))[0]?.result, 'ItemNotFound');
  });
});

describeCaptures('kmipclient', 'kmipclient', (captures) => {
  let id = '';
  it('kmipclient-01-query: operations, objects and the server', async () => {
    const found = new Set(namesOf(childrenOf(await captures.one('kmipclient-01-query'))));
    assert.deepEqual([...found], ['Operation', 'ObjectType', 'VendorIdentification', 'ServerInformation']);
  });

  it('kmipclient-02-discover-versions: all versions', async () => {
    assert.equal(versionsIn(await captures.one('kmipclient-02-discover-versions')).length, 7);
  });

  it('kmipclient-03-create', async () => {
    id = identifierIn(await captures.one('kmipclient-03-create'));
  });

  it('kmipclient-04-batch-get-get-attributes: key, then all attributes', async () => {
    const [get, attributes] = await captures.all('kmipclient-04-batch-get-get-attributes', { 6: id });
    checkKey(payloadOf(get ?? assert.fail()), 256);
    const found = attributesIn(payloadOf(attributes ?? assert.fail())).map(([key]) => key);
    for (const key of ['Unique Identifier', 'Object Type', 'Name', 'Object Group', 'State', 'Digest', 'Sensitive']) {
      assert.ok(found.includes(key), `${key} is missing`);
    }
  });

  it('kmipclient-05-batch-get-get-attributes: those of six that the key has', async () => {
    const [get, attributes] = await captures.all('kmipclient-05-batch-get-get-attributes', { 1: id });
    checkKey(payloadOf(get ?? assert.fail()), 256);
    assert.equal(attributesIn(payloadOf(attributes ?? assert.fail())).length, 6);
  });

  it('kmipclient-06-get-attribute-list: names', async () => {
    const list = namesOf(childrenOf(await captures.one('kmipclient-06-get-attribute-list', { 1: id })));
    assert.ok(list.filter((one) => one === 'AttributeName').length > 10);
  });

  it('kmipclient-07-get-attributes: ten names, each once', async () => {
    const found = attributesIn(await captures.one('kmipclient-07-get-attributes', { 1: id }));
    assert.equal(found.length, 10);
    const values = Object.fromEntries(found);
    assert.equal(values['Unique Identifier'], id);
    assert.equal(values['Object Type'], ObjectType.SymmetricKey);
    assert.equal(values['Operation Policy Name'], 'default');
    assert.equal(values['Sensitive'], false);
  });
});
