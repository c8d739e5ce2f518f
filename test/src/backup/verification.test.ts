import assert from 'node:assert/strict';
import { problemOf, withIndex } from '../../../src/backup/verification.ts';
import { destroy } from '../../../src/operations/destroy.ts';
import { openKeyring } from '../../../src/seal/opened-keyring.ts';
import { rowTag } from '../../../src/seal/row-tags.ts';
import type { InstallationRow, StoredObject } from '../../../src/store/store.ts';
import { named, newKey } from '../../support/managed.ts';
import { TestNode } from '../../support/node.ts';
import { openSeal } from '../../support/seal.ts';

describe('Verification', () => {
  let node: TestNode;
  let keyring: ReturnType<typeof openKeyring>;

  before(async () => {
    node = await TestNode.open();
    const installation = (await node.store.installation()) as InstallationRow;
    keyring = openKeyring(await openSeal.unwrap(installation), {
      installation,
      keyring: await node.store.keyring(),
      auditKeys: [],
    });
  });

  async function stored(id?: string): Promise<StoredObject> {
    const read = await node.store.read(id ?? (await newKey(node.as('alice'), named('blue'))));
    assert.ok(read);
    return read;
  }

  /** Tagged anew, as nobody without the keyring can. */
  function tagged({ row, grants }: StoredObject, change: Partial<StoredObject['row']>): StoredObject {
    const changed = { ...row, ...change };
    const covered = { material: changed.material, limited: changed.usageLeft !== null, grants };
    return { row: { ...changed, tag: rowTag(keyring.primary, changed, covered) }, grants };
  }

  const problem = (one: StoredObject) => problemOf(keyring.keys, one);

  it('finds nothing wrong with keys, also destroyed ones', async () => {
    const one = await stored();
    assert.equal(problem(one), undefined);
    await node.as('alice').ask(destroy, { uniqueIdentifier: one.row.id });
    assert.equal(problem(await stored(one.row.id)), undefined);
  });

  it('tells a tag, a generation, a material and attributes that are wrong apart', async () => {
    const one = await stored();
    const { row, grants } = one;
    const problems = [
      { row: { ...row, owner: 'mallory' }, grants },
      { row, grants: [{ userid: 'mallory', permissions: 'Get' }] },
      { row: { ...row, generation: 2 }, grants },
      tagged(one, { material: (await stored()).row.material }),
      tagged(one, { attributes: Buffer.from('none') }),
    ].map(problem);
    assert.deepEqual(problems, [
      'the tag is wrong: the row or its grants were changed',
      'the tag is wrong: the row or its grants were changed',
      'the keyring has no generation 2 that opens',
      'the material does not open',
      'the attributes cannot be read',
    ]);
  });

  it('has Locate look up nothing of attributes that cannot be read', async () => {
    const one = await stored();
    assert.equal(withIndex(one).index.values.length, 1);
    const index = withIndex({ ...one, row: { ...one.row, attributes: Buffer.from('none') } }).index;
    assert.deepEqual(index, { algorithm: null, length: null, dates: {}, values: [] });
  });
});
