import assert from 'node:assert/strict';
import type { Item } from '../../../ttlv/item.ts';
import { LinkType, ObjectType, Operation, RevocationReasonCode, State } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { versions } from '../../../ttlv/tables/versions.ts';
import { childrenOf, find } from '../../conformance/walk.ts';
import { attribute, code, struct, text } from '../../support/items.ts';
import { type Outcome, valueIn } from '../../support/requests.ts';
import { aes256 } from '../material.ts';
import { attributeOf, name, Session, served, templateOf } from '../session.ts';

const { Activate, Create, Destroy, GetAttributes, ModifyAttribute, ReKey, Revoke } = Operation;

describe('interop/checklist: the life of objects', () => {
  const suite = served({ workers: 2 });
  const { session } = suite;
  let elsewhere: Session;
  before(async () => {
    elsewhere = new Session(await suite.server.connect(), 10);
  });

  /** State, asked for alone over another connection; anything else beside it fails. */
  const state = async (id: string): Promise<unknown> => {
    const shown = await elsewhere.attributes(id, 'State');
    assert.deepEqual(
      shown.map(([key]) => key),
      ['State'],
    );
    return shown[0]?.[1];
  };

  for (const version of versions) {
    it(`34: in ${version} Revoke takes every reason and a message`, async () => {
      const one = session(version);
      const reasons = Object.entries(RevocationReasonCode);
      assert.equal(reasons.length, 7);
      for (const [label, reason] of reasons) {
        const id = await one.create(...aes256);
        await one.activate(id);
        const message = text('RevocationMessage', 'no longer needed');
        const given = struct('RevocationReason', code('RevocationReasonCode', reason), message);
        await one.done(Revoke, text('UniqueIdentifier', id), given);
        assert.equal(await state(id), label.includes('Compromise') ? State.Compromised : State.Deactivated);
        const kept = await session(14).done(
          GetAttributes,
          text('UniqueIdentifier', id),
          text('AttributeName', 'Revocation Reason'),
        );
        assert.equal(valueIn(kept, Tag.RevocationReasonCode), reason);
        assert.equal(valueIn(kept, Tag.RevocationMessage), 'no longer needed');
      }
    });

    it(`40: in ${version} State, asked for alone elsewhere, is right at once after each change`, async () => {
      const one = session(version);
      const id = await one.create(...aes256);
      assert.equal(await state(id), State.PreActive);
      await one.activate(id);
      assert.equal(await state(id), State.Active);
      await one.revoke(id);
      assert.equal(await state(id), State.Deactivated);
      await one.destroy(id);
      assert.equal(await state(id), State.Destroyed);
    });

    it(`46: in ${version} Re-key makes a new key that takes over what the old one had`, async () => {
      const one = session(version);
      const own = version < 20 ? [attribute('x-Product', text('Name', 'a product'))] : [];
      const id = await one.create(...aes256, name(`rotated in ${version}`), text('ObjectGroup', 'rotated'), ...own);
      await one.activate(id);
      const replacement = await one.made(ReKey, text('UniqueIdentifier', id));
      assert.notEqual(replacement, id);
      assert.deepEqual([await state(id), await state(replacement)], [State.Active, State.Active]);
      assert.deepEqual(await one.locate([name(`rotated in ${version}`)]), [replacement]);
      const legacy = session(14);
      assert.deepEqual(await linksOf(legacy, id), [[LinkType.ReplacementObjectLink, replacement]]);
      assert.deepEqual(await linksOf(legacy, replacement), [[LinkType.ReplacedObjectLink, id]]);
      assert.deepEqual(await legacy.attributes(replacement, 'Object Group', 'x-Product'), [
        ['Object Group', 'rotated'],
        ...own.map(() => ['x-Product', 'a product']),
      ]);
    });
  }

  for (const version of [10, 11, 12, 13] as const) {
    it(`55: in ${version} a Template name in Create is Item Not Found, never Invalid Message`, async () => {
      const template = childrenOf(templateOf(version, ...aes256));
      const given = struct('TemplateAttribute', name('a template'), ...template);
      const type = code('ObjectType', ObjectType.SymmetricKey);
      assert.equal(await session(version).reason(Create, type, given), 'ItemNotFound');
    });
  }

  it('Activate on a destroyed key fails for its state', async () => {
    for (const version of versions) {
      const one = session(version);
      const id = await one.create(...aes256);
      await one.destroy(id);
      for (const operation of [Activate, Destroy]) {
        const reason = await one.reason(operation, text('UniqueIdentifier', id));
        assert.ok(['PermissionDenied', 'WrongKeyLifecycleState', 'ObjectDestroyed'].includes(reason), reason);
      }
    }
  });

  it('Modify Attribute holds Attribute in 1.x, New Attribute and perhaps Current Attribute in 2.x', async () => {
    const id = await session(14).create(...aes256, name('first'));
    const on = text('UniqueIdentifier', id);
    await session(10).done(ModifyAttribute, on, attributeOf(name('second')));
    await session(20).done(ModifyAttribute, on, struct('NewAttribute', name('third')));
    const current = struct('CurrentAttribute', name('third'));
    await session(21).done(ModifyAttribute, on, current, struct('NewAttribute', name('fourth')));
    assert.deepEqual(await session(12).locate([name('fourth')]), [id]);
    const outcomes: readonly Outcome[] = [
      await session(10).ask(ModifyAttribute, on, struct('NewAttribute', name('fifth'))),
      await session(20).ask(ModifyAttribute, on, attributeOf(name('fifth'))),
    ];
    for (const { result } of outcomes) assert.notEqual(result, 'Success');
  });
});

/** Type and identifier of each Link. */
async function linksOf(session: Session, id: string): Promise<[unknown, unknown][]> {
  const payload = await session.done(GetAttributes, text('UniqueIdentifier', id), text('AttributeName', 'Link'));
  return childrenOf(payload)
    .filter(({ tag }) => tag === Tag.Attribute)
    .map((one: Item) => {
      const link = find(childrenOf(one), Tag.AttributeValue) ?? assert.fail('no value');
      return [valueIn(link, Tag.LinkType), valueIn(link, Tag.LinkedObjectIdentifier)];
    });
}
