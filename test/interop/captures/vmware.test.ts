import assert from 'node:assert/strict';
import { State } from '../../../ttlv/tables/enums.ts';
import { childrenOf } from '../../conformance/walk.ts';
import { namesOf } from '../answer.ts';
import { aes256 } from '../material.ts';
import { attributesIn, identifierIn, payloadOf } from '../session.ts';
import { checkKey, describeCaptures, first, versionsIn } from './describe.ts';

describeCaptures('vmware', 'VMware vCenter', (captures) => {
  let [vm, host] = ['', ''];
  before(async () => {
    host = await captures.session(11).create(...aes256);
  });

  for (const one of ['vmware-01-discover-versions', 'vmware-02-discover-versions']) {
    it(`${one}: all versions, highest first`, async () => {
      assert.deepEqual(versionsIn(await captures.one(one)), ['2.1', '2.0', '1.4', '1.3', '1.2', '1.1', '1.0']);
    });
  }

  it('vmware-03-query: Vendor Identification and Server Information, nothing else', async () => {
    const payload = await captures.one('vmware-03-query');
    assert.deepEqual(namesOf(childrenOf(payload)), ['VendorIdentification', 'ServerInformation']);
  });

  it('vmware-04-create: Object Type and Unique Identifier', async () => {
    const payload = await captures.one('vmware-04-create');
    assert.deepEqual(namesOf(childrenOf(payload)), ['ObjectType', 'UniqueIdentifier']);
    vm = identifierIn(payload);
  });

  const absent = {
    'vmware-05-get-attributes': '1',
    'vmware-06-get-attributes': '1',
    'vmware-07-get-attributes': '1',
    'vmware-12-get-attributes': '2',
    'vmware-13-get-attributes': '2',
    'vmware-14-get-attributes': '2',
  };
  for (const one of Object.keys(absent)) {
    it(`${one}: an absent attribute is Success without it`, async () => {
      assert.deepEqual(namesOf(childrenOf(await captures.one(one, { 1: vm, 2: host }))), ['UniqueIdentifier']);
    });
  }

  const added = {
    'vmware-08-add-attribute-batch': { 'x-Product_Version': '7.0.3 build-19480866', 'x-Vendor': 'VMware, Inc.' },
    'vmware-15-add-attribute-batch': { 'x-Component': 'ESXi Server', 'x-Name': '172.16.220.132' },
    'vmware-16-add-attribute-batch': { 'x-Component': 'Virtual Machine', 'x-Name': 'test01' },
  };
  for (const [one, values] of Object.entries(added)) {
    it(`${one}: three attributes, each returned and kept`, async () => {
      const outcomes = await captures.all(one, { 1: vm, 2: host });
      assert.equal(outcomes.length, 3);
      const returned = outcomes.flatMap((outcome) => attributesIn(payloadOf(outcome)));
      assert.equal(returned.length, 3);
      const id = identifierIn(payloadOf(first(outcomes)));
      const kept = await captures.session(11).attributes(id, ...Object.keys(values));
      assert.deepEqual(Object.fromEntries(kept), values);
      for (const [key, value] of Object.entries(values)) {
        assert.ok(returned.some((found) => found[0] === key && found[1] === value));
      }
    });
  }

  it('vmware-09-get: a Raw key of 32 bytes with algorithm and length', async () => {
    checkKey(await captures.one('vmware-09-get', { 2: host }), 256);
  });

  it('vmware-10-get-attributes: Pre-Active; vmware-11-activate: Active', async () => {
    const state = await captures.one('vmware-10-get-attributes', { 2: host });
    assert.deepEqual(attributesIn(state), [['State', State.PreActive]]);
    assert.equal(identifierIn(await captures.one('vmware-11-activate', { 2: host })), host);
    assert.deepEqual(attributesIn(await captures.one('vmware-10-get-attributes', { 2: host })), [
      ['State', State.Active],
    ]);
  });
});
