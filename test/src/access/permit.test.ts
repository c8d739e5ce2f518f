import assert from 'node:assert/strict';
import { permit, sees } from '../../../src/access/permit.ts';
import { AttributeSet } from '../../../src/kmip/attribute-set.ts';
import type { Grant, ManagedObject } from '../../../src/objects/object.ts';
import { ObjectType, State } from '../../../ttlv/tables/enums.ts';

function objectOf(owner: string, ...grants: Grant[]): ManagedObject {
  return {
    id: 'an-id',
    sequence: 1,
    type: ObjectType.SymmetricKey,
    state: State.Active,
    owner,
    revision: 1,
    attributes: AttributeSet.empty,
    grants,
    usageLeft: undefined,
  };
}

const user = (name: string, ...groups: string[]): { name: string; groups: string[] } => ({ name, groups });

describe('access/permit', () => {
  it('lets the owner do everything, with and without grants', () => {
    assert.ok(permit(user('alice'), objectOf('alice'), 'Destroy'));
    assert.ok(permit(user('alice'), objectOf('alice', { userid: 'alice', permissions: ['Get'] }), 'Destroy'));
    assert.ok(permit(user('alice'), objectOf('alice'), undefined));
  });

  it('denies by default', () => {
    assert.ok(!permit(user('bob'), objectOf('alice'), 'Get'));
    assert.ok(!sees(user('bob'), objectOf('alice')));
  });

  for (const userid of ['bob', 'group:ops', '*']) {
    it(`permits what is granted to ${userid}, and nothing else`, () => {
      const shared = objectOf('alice', { userid, permissions: ['Encrypt', 'Get'] });
      assert.ok(permit(user('bob', 'ops'), shared, 'Get'));
      assert.ok(permit(user('bob', 'ops'), shared, 'Encrypt'));
      assert.ok(!permit(user('bob', 'ops'), shared, 'Decrypt'));
      assert.ok(!permit(user('bob', 'ops'), shared, undefined));
      assert.ok(sees(user('bob', 'ops'), shared));
    });
  }

  it('adds up several grants', () => {
    const shared = objectOf(
      'alice',
      { userid: '*', permissions: ['Locate'] },
      { userid: 'group:ops', permissions: ['Get'] },
      { userid: 'bob', permissions: ['Encrypt'] },
    );
    assert.deepEqual(
      ['Locate', 'Get', 'Encrypt', 'Destroy'].map((name) => permit(user('bob', 'ops'), shared, name)),
      [true, true, true, false],
    );
  });

  it('compares names as a whole and by their letters', () => {
    const shared = objectOf('alice', { userid: 'bob', permissions: ['Get'] });
    for (const name of ['Bob', 'bob ', 'bo', 'bobb', 'böb', '']) assert.ok(!permit(user(name), shared, 'Get'), name);
    assert.ok(!permit(user('Alice'), shared, 'Get'));
  });

  it('does not take a group for a user of the same name, nor the reverse', () => {
    assert.ok(!permit(user('ops'), objectOf('alice', { userid: 'group:ops', permissions: ['Get'] }), 'Get'));
    assert.ok(!permit(user('bob', 'ops'), objectOf('alice', { userid: 'ops', permissions: ['Get'] }), 'Get'));
  });

  it('shows nothing to whom an empty list was granted', () => {
    assert.ok(!sees(user('bob'), objectOf('alice', { userid: 'bob', permissions: [] })));
  });
});
