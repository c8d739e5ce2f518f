import assert from 'node:assert/strict';
import { KmipError } from '../../src/errors.ts';
import { ConflictError, type Store } from '../../src/store/store.ts';
import { State } from '../../ttlv/tables/enums.ts';
import { digest, filled, put } from '../support/rows.ts';

const taken = (error: unknown): boolean => error instanceof KmipError && error.error === 'duplicate-name';

interface Named {
  readonly owner?: string;
  readonly expected?: number;
  readonly state?: State;
}

/** An object with names, and its claims to all of them. */
function named(id: string, names: readonly string[], wanted: Named = {}) {
  const { owner = 'owner' } = wanted;
  const values = names.map(digest);
  return {
    puts: [put(id, { ...wanted, owner, index: { values } })],
    claims: values.map((value) => ({ id, owner, digest: value })),
  };
}

/** What a store must do with names that are claimed. */
export function claims(the: () => Store): void {
  it('lets one object of an owner have a claimed name, and writes nothing of another one', async () => {
    await the().commit(named('one', ['a', 'b']));
    await assert.rejects(the().commit(named('two', ['c', 'b'])), taken);
    assert.equal(await the().validate('two'), undefined);
    await the().commit(named('two', ['c']));
    await the().commit(named('three', ['a', 'b', 'c'], { owner: 'somebody else' }));
    await the().commit(named('four', ['d'], { owner: 'Owner' }));
    await the().commit(named('five', ['d']));
  });

  it('lets one have it of many that come at the same time', async () => {
    for (let round = 0; round < 10; round += 1) {
      const names = [`name ${round}`, `other name ${round}`];
      const all = await Promise.allSettled(
        Array.from({ length: 12 }, (_, i) =>
          the().commit(named(`${round} ${i}`, i % 2 === 0 ? names : names.toReversed())),
        ),
      );
      assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const one of all) assert.ok(one.status === 'fulfilled' || taken(one.reason), String(one));
    }
  });

  it('lets an object claim a name again', async () => {
    await the().commit(named('one', ['a']));
    await the().commit(named('one', ['a'], { expected: 1 }));
    await assert.rejects(the().commit(named('two', ['a'])), taken);
  });

  for (const [how, change] of Object.entries<(id: string) => Promise<void>>({
    'has another name': (id) => the().commit({ puts: [put(id, { expected: 1, index: { values: [digest('b')] } })] }),
    'has another owner': (id) =>
      the().commit({ puts: [put(id, { expected: 1, owner: 'b', index: { values: [digest('a')] } })] }),
    'is destroyed': (id) => the().commit({ puts: named(id, ['a'], { expected: 1, state: State.Destroyed }).puts }),
    'is destroyed and compromised': (id) =>
      the().commit({ puts: named(id, ['a'], { expected: 1, state: State.DestroyedCompromised }).puts }),
  })) {
    it(`gives a name to another object once the first one ${how}`, async () => {
      await the().commit(named('one', ['a']));
      await change('one');
      await the().commit(named('two', ['a']));
      await assert.rejects(the().commit(named('three', ['a'])), taken);
    });
  }

  it('gives a name to an object with the change set that takes it from another one, in any order', async () => {
    await the().commit(named('one', ['a']));
    const given = named('two', ['a']);
    await the().commit({ ...given, puts: [...given.puts, put('one', { expected: 1 })] });
    const back = named('one', ['a'], { expected: 2 });
    await the().commit({ ...back, puts: [put('two', { expected: 1 }), ...back.puts] });
    await assert.rejects(the().commit(named('three', ['a'])), taken);
  });

  it('keeps what was claimed where a change is refused', async () => {
    await the().commit(named('one', ['a']));
    await filled(the(), put('two'));
    const change = named('two', ['b'], { expected: 7 });
    await assert.rejects(the().commit(change), ConflictError);
    await the().commit(named('three', ['b']));
    await assert.rejects(the().commit(named('four', ['a'])), taken);
  });
}
