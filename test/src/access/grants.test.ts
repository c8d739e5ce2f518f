import assert from 'node:assert/strict';
import { granting, parsePermissions, parseUserid, revoking } from '../../../src/access/grants.ts';

const known = ['Create', 'Decrypt', 'Encrypt', 'Get', 'Rekey'];

describe('access/grants', () => {
  it('reads a list of permissions: sorted, each once', () => {
    assert.deepEqual(parsePermissions('Get, Encrypt,Get', known), ['Encrypt', 'Get']);
  });

  for (const text of ['', 'get', 'Get,', 'Get Encrypt', 'Fly', 'Get,*']) {
    it(`refuses the permissions "${text}"`, () => {
      assert.throws(() => parsePermissions(text, known), { error: 'invalid-field' });
    });
  }

  it('accepts users, groups and everyone', () => {
    for (const userid of ['alice@example.com', 'group:ops', '*', 'Jürgen']) assert.equal(parseUserid(userid), userid);
  });

  for (const userid of ['', ' ', 'group:', 'a\0b', 'a\nb']) {
    it(`refuses the user id ${JSON.stringify(userid)}`, () => {
      assert.throws(() => parseUserid(userid), { error: 'invalid-field' });
    });
  }

  it('adds permissions to those of the same user, and leaves the others alone', () => {
    const before = [
      { userid: 'bob', permissions: ['Get'] },
      { userid: '*', permissions: ['Locate'] },
    ];
    const after = granting(before, 'bob', ['Encrypt', 'Get']);
    assert.deepEqual(
      after.toSorted((a, b) => (a.userid < b.userid ? -1 : 1)),
      [
        { userid: '*', permissions: ['Locate'] },
        { userid: 'bob', permissions: ['Encrypt', 'Get'] },
      ],
    );
  });

  it('takes permissions away, and the grant with the last of them', () => {
    const before = [{ userid: 'bob', permissions: ['Encrypt', 'Get'] }];
    assert.deepEqual(revoking(before, 'bob', ['Get']), [{ userid: 'bob', permissions: ['Encrypt'] }]);
    assert.deepEqual(revoking(before, 'bob', ['Get', 'Encrypt']), []);
    assert.deepEqual(revoking(before, 'eve', ['Get']), before);
  });
});
