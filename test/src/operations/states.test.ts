import assert from 'node:assert/strict';
import { type ErrorName, KmipError } from '../../../src/errors.ts';
import { activate } from '../../../src/operations/activate.ts';
import { addAttribute } from '../../../src/operations/add-attribute.ts';
import { check } from '../../../src/operations/check.ts';
import { deleteAttribute } from '../../../src/operations/delete-attribute.ts';
import { destroy } from '../../../src/operations/destroy.ts';
import { discoverVersions } from '../../../src/operations/discover-versions.ts';
import { exportObject } from '../../../src/operations/export.ts';
import { get } from '../../../src/operations/get.ts';
import { getAttributeList } from '../../../src/operations/get-attribute-list.ts';
import { getAttributes } from '../../../src/operations/get-attributes.ts';
import { modifyAttribute } from '../../../src/operations/modify-attribute.ts';
import type { AnyOperation } from '../../../src/operations/operation.ts';
import { reKey } from '../../../src/operations/re-key.ts';
import { revoke } from '../../../src/operations/revoke.ts';
import { operations } from '../../../src/operations/table.ts';
import { RevocationReasonCode, State } from '../../../ttlv/tables/enums.ts';
import { versions } from '../../../ttlv/tables/versions.ts';
import { named, newKey, shown } from '../../support/managed.ts';
import { item, resultOf, TestNode, type User } from '../../support/node.ts';

const revocation = (revocationReasonCode: RevocationReasonCode) => ({ revocationReason: { revocationReasonCode } });
const compromise = revocation(RevocationReasonCode.KeyCompromise);

/** How a key comes into each state. */
const ways: Readonly<Record<keyof typeof State, readonly (readonly [AnyOperation, object])[]>> = {
  PreActive: [],
  Active: [[activate, {}]],
  Deactivated: [
    [activate, {}],
    [revoke, revocation(RevocationReasonCode.Superseded)],
  ],
  Compromised: [[revoke, compromise]],
  Destroyed: [[destroy, {}]],
  DestroyedCompromised: [
    [revoke, compromise],
    [destroy, {}],
  ],
};

async function keyIn(user: User, state: keyof typeof State): Promise<string> {
  const uniqueIdentifier = await newKey(user, named('n'));
  for (const [operation, payload] of ways[state]) await user.ask(operation, { uniqueIdentifier, ...payload });
  assert.deepEqual(await shown(user, uniqueIdentifier, 'State'), [State[state]]);
  return uniqueIdentifier;
}

type Verdict = ErrorName | 'success';
const inAll: readonly Verdict[] = ['success', 'success', 'success', 'success', 'success', 'success'];
const inLiving: readonly Verdict[] = ['success', 'success', 'success', 'success', 'destroyed', 'destroyed'];
const newAttribute = { key: 'Comment', value: 'c' } as const;

/** What an operation answers in each state, in their order. */
const table: readonly [string, AnyOperation, object, readonly Verdict[]][] = [
  ['Get', get, {}, inLiving],
  ['Export', exportObject, {}, inLiving],
  ['Re-key', reKey, {}, inLiving],
  ['Check', check, {}, inLiving],
  ['Get Attributes', getAttributes, { attributeReferences: [] }, inAll],
  ['Get Attribute List', getAttributeList, {}, inAll],
  ['Add Attribute', addAttribute, { newAttribute }, inAll],
  ['Modify Attribute', modifyAttribute, { newAttribute: named('m') }, inAll],
  ['Delete Attribute', deleteAttribute, { attributeReference: 'Name' }, inAll],
  ['Activate', activate, {}, ['success', 'wrong-state', 'wrong-state', 'wrong-state', 'destroyed', 'destroyed']],
  ['Destroy', destroy, {}, ['success', 'wrong-state', 'success', 'success', 'destroyed', 'destroyed']],
  [
    'Revoke for a compromise',
    revoke,
    compromise,
    ['success', 'success', 'success', 'wrong-state', 'success', 'destroyed'],
  ],
  [
    'Revoke for another reason',
    revoke,
    revocation(RevocationReasonCode.CessationOfOperation),
    ['wrong-state', 'success', 'wrong-state', 'wrong-state', 'destroyed', 'destroyed'],
  ],
];

describe('operations on keys in each state', () => {
  for (const version of versions) {
    for (const [name, operation, payload, verdicts] of table) {
      if (operation.since > version || (operation === addAttribute && version < 14)) continue;
      it(`${name} (${version})`, async () => {
        const user = (await TestNode.open()).as('alice', version);
        const results: string[] = [];
        for (const state of Object.keys(ways) as (keyof typeof State)[]) {
          const uniqueIdentifier = await keyIn(user, state);
          const [outcome] = await user.batch([item(operation, { uniqueIdentifier, ...payload })]);
          results.push(resultOf(outcome));
        }
        assert.deepEqual(results, verdicts);
      });
    }
  }
});

describe('a sealed node', () => {
  it('answers Discover Versions and Query, and nothing else', async () => {
    const user = (await TestNode.open({ sealed: true })).as('alice');
    await user.ask(discoverVersions, { protocolVersion: [] });
    for (const operation of operations) {
      const [outcome] = await user.batch([item(operation, { queryFunction: [], protocolVersion: [] })]);
      const open = operation.name === 'Query' || operation.name === 'DiscoverVersions';
      assert.equal(resultOf(outcome), open ? 'success' : 'sealed', operation.name);
    }
  });

  it('says so as well where it can make nothing of an item', async () => {
    const user = (await TestNode.open({ sealed: true })).as('alice');
    const request = new KmipError('not-supported', 'the operation is not supported');
    const [outcome] = await user.batch([{ name: '0x7f', request }]);
    assert.equal(resultOf(outcome), 'sealed');
  });
});
