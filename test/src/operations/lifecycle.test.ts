import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ErrorName } from '../../../src/errors.ts';
import type { GivenAttribute } from '../../../src/kmip/attribute-set.ts';
import { activate } from '../../../src/operations/activate.ts';
import { addAttribute } from '../../../src/operations/add-attribute.ts';
import type { BatchItem } from '../../../src/operations/batch.ts';
import { create } from '../../../src/operations/create.ts';
import { destroy } from '../../../src/operations/destroy.ts';
import { modifyAttribute } from '../../../src/operations/modify-attribute.ts';
import { revoke } from '../../../src/operations/revoke.ts';
import { ObjectType, RevocationReasonCode, State } from '../../../ttlv/tables/enums.ts';
import { StorageStatusMask } from '../../../ttlv/tables/masks.ts';
import { type Version, versions } from '../../../ttlv/tables/versions.ts';
import { aes, aesKey, located, newActiveKey, newKey, registered, shown } from '../../support/managed.ts';
import { item, resultOf, START, TestNode, type User } from '../../support/node.ts';

type StateName = keyof typeof State;
type DateName = 'ActivationDate' | 'DeactivationDate';
type Verdict = ErrorName | 'success';

/**
 * A key as figure 1 of KMIP 2.1, 4.57 and the text below it tell, watched second by second. Written down apart from
 * the code, which computes states only when it is asked.
 */
class Key {
  state: StateName = 'PreActive';
  readonly dates: Partial<Record<DateName, number>> = {};

  constructor(dates: Partial<Record<DateName, number>>, now: number) {
    this.dates = { ...dates };
    this.watch(now);
  }

  /** Transitions 4 and 6: dates that are reached. */
  watch(now: number): void {
    if (this.state === 'PreActive' && (this.dates.ActivationDate ?? Infinity) <= now) this.state = 'Active';
    if (this.state === 'Active' && (this.dates.DeactivationDate ?? Infinity) <= now) this.state = 'Deactivated';
  }

  activate(now: number): Verdict {
    if (this.state !== 'PreActive') return this.#refusal();
    this.state = 'Active';
    this.dates.ActivationDate = now;
    return 'success';
  }

  /** Transitions 3, 5, 8 and 10 for a compromise, else 6. */
  revoke(compromised: boolean, now: number): Verdict {
    if (compromised) {
      if (this.state === 'Destroyed') this.state = 'DestroyedCompromised';
      else if (this.state === 'Compromised' || this.state === 'DestroyedCompromised') return this.#refusal();
      else this.state = 'Compromised';
      return 'success';
    }
    if (this.state !== 'Active') return this.#refusal();
    this.state = 'Deactivated';
    this.dates.DeactivationDate = now;
    return 'success';
  }

  /** Transitions 2, 7 and 9. */
  destroy(): Verdict {
    if (this.state === 'Compromised') this.state = 'DestroyedCompromised';
    else if (this.state === 'PreActive' || this.state === 'Deactivated') this.state = 'Destroyed';
    else return this.#refusal();
    return 'success';
  }

  /** The rules of Activation Date (4.1) and Deactivation Date (4.21): until when clients may change them. */
  setDate(name: DateName, date: number, adding: boolean): Verdict {
    const has = this.dates[name] !== undefined;
    if (adding && has) return 'attribute-single-valued';
    const isChangeable = this.state === 'PreActive' || (name === 'DeactivationDate' && this.state === 'Active');
    if (!isChangeable) return this.#refusal();
    if (!adding && !has) return 'attribute-not-found';
    this.dates[name] = date;
    return 'success';
  }

  #refusal(): Verdict {
    return this.state.startsWith('Destroyed') ? 'destroyed' : 'wrong-state';
  }
}

type Step =
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'activate' }
  | { readonly do: 'destroy' }
  | { readonly do: 'revoke'; readonly reason: RevocationReasonCode }
  | { readonly do: 'add' | 'modify'; readonly name: DateName; readonly offset: number };

const offset = fc.integer({ min: -5, max: 8 });
const dateName = fc.constantFrom<DateName>('ActivationDate', 'DeactivationDate');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 4 }) }),
  fc.constantFrom<Step>({ do: 'activate' }, { do: 'destroy' }),
  fc.record({ do: fc.constant('revoke' as const), reason: fc.constantFrom(...Object.values(RevocationReasonCode)) }),
  fc.record({ do: fc.constantFrom('add' as const, 'modify' as const), name: dateName, offset }),
);
const given = fc.record({ ActivationDate: offset, DeactivationDate: offset }, { requiredKeys: [] });

function requestOf(uniqueIdentifier: string, step: Exclude<Step, { do: 'wait' }>, now: number): BatchItem {
  if (step.do === 'activate') return item(activate, { uniqueIdentifier });
  if (step.do === 'destroy') return item(destroy, { uniqueIdentifier });
  if (step.do === 'revoke') {
    return item(revoke, { uniqueIdentifier, revocationReason: { revocationReasonCode: step.reason } });
  }
  const newAttribute: GivenAttribute = { key: step.name, value: now + step.offset };
  return item(step.do === 'add' ? addAttribute : modifyAttribute, { uniqueIdentifier, newAttribute });
}

function expectedOf(key: Key, step: Exclude<Step, { do: 'wait' }>, now: number): Verdict {
  if (step.do === 'activate') return key.activate(now);
  if (step.do === 'destroy') return key.destroy();
  if (step.do === 'revoke') {
    const { KeyCompromise, CACompromise } = RevocationReasonCode;
    return key.revoke(step.reason === KeyCompromise || step.reason === CACompromise, now);
  }
  return key.setDate(step.name, now + step.offset, step.do === 'add');
}

const everywhere = { storageStatusMask: StorageStatusMask.OnLineStorage | StorageStatusMask.DestroyedStorage };

/** Asserts that the server says of a key, however it is asked, what the model says. */
async function assertIs(user: User, id: string, key: Key): Promise<void> {
  assert.deepEqual(await shown(user, id, 'State'), [State[key.state]]);
  for (const name of ['ActivationDate', 'DeactivationDate'] as const) {
    assert.deepEqual(await shown(user, id, name), key.dates[name] === undefined ? [] : [key.dates[name]]);
  }
  for (const [name, value] of Object.entries(State)) {
    const ids = await located(user, [{ key: 'State', value }], everywhere);
    assert.deepEqual(ids, name === key.state ? [id] : [], `located as ${name}`);
  }
  assert.equal((await located(user)).includes(id), !key.state.startsWith('Destroyed'));
}

describe('the lifecycle', () => {
  for (const version of [10, 21] as const satisfies Version[]) {
    it(`is that of the figure, whatever comes (${version})`, async () => {
      await fc.assert(
        fc.asyncProperty(given, fc.array(step, { maxLength: 15 }), async (offsets, steps) => {
          const node = await TestNode.open();
          const user = node.as('alice', version);
          const dates = Object.fromEntries(Object.entries(offsets).map(([name, by]) => [name, START + by]));
          const attributes = Object.entries(dates).map(([key, value]) => ({ key: key as DateName, value }));
          const id = await newKey(user, ...attributes);
          const key = new Key(dates, START);
          const check = () => assertIs(user, id, key);
          await check();
          for (const one of steps) {
            if (one.do === 'wait') {
              node.now += one.seconds;
            } else {
              const [outcome] = await user.batch([requestOf(id, one, node.now)]);
              assert.equal(resultOf(outcome), expectedOf(key, one, node.now), JSON.stringify(one));
            }
            key.watch(node.now);
            await check();
          }
        }),
        { numRuns: 150 },
      );
    });
  }

  it('leaves its dates in the attributes', async () => {
    const node = await TestNode.open();
    const alice = node.as('alice');
    const id = await newKey(alice);
    const at = async (seconds: number, run: () => Promise<unknown>) => {
      node.now = START + seconds;
      await run();
    };
    await at(1, () => alice.ask(activate, { uniqueIdentifier: id }));
    const cessation = { revocationReasonCode: RevocationReasonCode.CessationOfOperation, revocationMessage: 'moved' };
    await at(2, () => alice.ask(revoke, { uniqueIdentifier: id, revocationReason: cessation }));
    assert.deepEqual(await shown(alice, id, 'RevocationReason'), [cessation]);
    await at(3, () => alice.ask(destroy, { uniqueIdentifier: id }));
    const compromise = { revocationReasonCode: RevocationReasonCode.KeyCompromise };
    await at(4, () => alice.ask(revoke, { uniqueIdentifier: id, revocationReason: compromise }));
    for (const [key, seconds] of Object.entries({
      InitialDate: 0,
      ActivationDate: 1,
      DeactivationDate: 2,
      DestroyDate: 3,
      CompromiseDate: 4,
      // Not given, and so the Initial Date (KMIP 2.1, 6.1.44).
      CompromiseOccurrenceDate: 0,
      LastChangeDate: 4,
    })) {
      assert.deepEqual(await shown(alice, id, key as DateName), [START + seconds], key);
    }
    assert.deepEqual(await shown(alice, id, 'RevocationReason'), [compromise]);
  });

  it('takes the Compromise Occurrence Date that a revocation brings, for a compromise only', async () => {
    const node = await TestNode.open();
    const alice = node.as('alice');
    const id = await newActiveKey(alice, START - 1);
    const revocation = (revocationReasonCode: RevocationReasonCode) => ({
      uniqueIdentifier: id,
      revocationReason: { revocationReasonCode },
      compromiseOccurrenceDate: 6,
    });
    await alice.fails('invalid-field', revoke, revocation(RevocationReasonCode.Superseded));
    await alice.ask(revoke, revocation(RevocationReasonCode.CACompromise));
    assert.deepEqual(await shown(alice, id, 'CompromiseOccurrenceDate'), [6]);
  });

  for (const version of versions) {
    it(`has opaque objects that cannot be activated before 2.0, but destroyed (${version})`, async () => {
      const alice = (await TestNode.open()).as('alice', version);
      const opaque = { type: ObjectType.OpaqueObject, opaqueDataType: 0x80000001, opaqueDataValue: Buffer.from('o') };
      const id = await registered(alice, opaque as never);
      if (version < 20) {
        await alice.fails('wrong-type', activate, { uniqueIdentifier: id });
        assert.deepEqual(await shown(alice, id, 'State'), []);
      }
      await alice.ask(destroy, { uniqueIdentifier: id });
      await alice.fails('destroyed', destroy, { uniqueIdentifier: id });
    });
  }

  it('begins at registration, too', async () => {
    const node = await TestNode.open();
    const alice = node.as('alice');
    const object = aesKey(Buffer.alloc(32, 1));
    const date = (key: DateName, value: number) => ({ key, value });
    const early = await registered(alice, object, date('ActivationDate', START), date('DeactivationDate', START + 2));
    assert.deepEqual(await shown(alice, early, 'State'), [State.Active]);
    node.now += 2;
    assert.deepEqual(await shown(alice, early, 'State'), [State.Deactivated]);
    const late = await alice.ask(create, {
      objectType: ObjectType.SymmetricKey,
      attributes: [...aes, date('ActivationDate', START + 3)],
    });
    assert.deepEqual(await shown(alice, late.uniqueIdentifier, 'State'), [State.PreActive]);
  });
});
