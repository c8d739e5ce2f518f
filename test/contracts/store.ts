import assert from 'node:assert/strict';
import { KmipError } from '../../src/errors.ts';
import type { Condition } from '../../src/objects/query.ts';
import { ConflictError, type Store } from '../../src/store/store.ts';
import { longestText } from '../../src/store/text.ts';
import { CryptographicAlgorithm, ObjectType, State } from '../../ttlv/tables/enums.ts';
import { digest, filled, found, generation, installation, put } from '../support/rows.ts';
import { claims } from './store-claims.ts';
import { keyring } from './store-keyring.ts';

/** What every store must do. `open` gives an empty one, with its schema; the suite closes it. */
export function storeContract(open: () => Promise<Store>): void {
  let store: Store;
  beforeEach(async () => {
    store = await open();
    await store.initialise(installation, generation(1));
  });
  afterEach(() => store.close());

  describe('writing', () => writing(() => store));
  describe('text', () => text(() => store));
  describe('usage', () => usage(() => store));
  describe('freshness', () => freshness(() => store));
  describe('keyring', () => keyring(() => store));
  describe('claims', () => claims(() => store));
  describe('find', () => finding(() => store));
}

const invalidField = (error: unknown): boolean => error instanceof KmipError && error.error === 'invalid-field';

function writing(the: () => Store): void {
  it('reads back what was inserted', async () => {
    const grants = [
      { userid: 'bob', permissions: 'Decrypt,Get' },
      { userid: '*', permissions: 'Get' },
    ];
    const material = Buffer.from([0, 1, 2, 255]);
    const one = put('one', {
      type: ObjectType.SecretData,
      state: State.PreActive,
      material,
      usageLeft: 2n ** 62n + 1n,
      grants,
    });
    await the().commit({ puts: [one] });

    const stored = await the().read('one');
    assert.deepEqual(stored?.row, { ...one.row, material, usageLeft: 2n ** 62n + 1n, sequence: stored?.row.sequence });
    assert.deepEqual(stored.grants, [grants[1], grants[0]]);
  });

  it('knows nothing of what was not inserted', async () => {
    assert.equal(await the().read('none'), undefined);
    assert.equal(await the().validate('none'), undefined);
    assert.deepEqual(await the().readMany(['none']), []);
  });

  it('numbers insertions in ascending order', async () => {
    await filled(the(), put('a'), put('b'), put('c'));
    const rows = await the().readMany(['a', 'b', 'c']);
    const [a, b, c] = rows.map(({ row }) => row.sequence);
    assert.ok(a !== undefined && b !== undefined && c !== undefined && a < b && b < c);
  });

  it('reads several in the order asked for, leaving out what is not there', async () => {
    const ids = Array.from({ length: 300 }, (_, i) => `object ${i}`);
    await the().commit({ puts: ids.map((id) => put(id, { grants: [{ userid: id, permissions: 'Get' }] })) });
    const asked = [...ids.toReversed(), 'none'];
    const rows = await the().readMany(asked);
    assert.deepEqual(
      rows.map(({ row, grants }) => [row.id, grants[0]?.userid]),
      ids.toReversed().map((id) => [id, id]),
    );
    assert.deepEqual(await the().readMany([]), []);
  });

  it('refuses to insert an identifier that exists', async () => {
    await filled(the(), put('one', { owner: 'first' }));
    await assert.rejects(the().commit({ puts: [put('one', { owner: 'second' })] }), ConflictError);
    assert.equal((await the().read('one'))?.row.owner, 'first');
  });

  it('changes a row at the revision that was read', async () => {
    await filled(the(), put('one', { material: Buffer.from('m') }));
    const { sequence } = (await the().read('one'))?.row ?? {};
    await the().commit({ puts: [put('one', { expected: 1, state: State.Destroyed, material: null })] });
    const row = (await the().read('one'))?.row;
    assert.deepEqual([row?.revision, row?.state, row?.material, row?.sequence], [2, State.Destroyed, null, sequence]);
  });

  it('refuses a change at another revision, or of no row', async () => {
    await filled(the(), put('one'), put('one', { expected: 1 }));
    await assert.rejects(the().commit({ puts: [put('one', { expected: 1 })] }), ConflictError);
    await assert.rejects(the().commit({ puts: [put('none', { expected: 1 })] }), ConflictError);
    assert.equal(await the().validate('one'), 2);
    assert.equal(await the().validate('none'), undefined);
  });

  it('keeps material and usage where a change does not give them', async () => {
    await filled(the(), put('one', { material: Buffer.from('m'), usageLeft: 5n }), put('one', { expected: 1 }));
    const row = (await the().read('one'))?.row;
    assert.deepEqual([row?.material, row?.usageLeft], [Buffer.from('m'), 5n]);
  });

  it('replaces all grants', async () => {
    const before = [
      { userid: 'a', permissions: 'Get' },
      { userid: 'b', permissions: 'Get' },
    ];
    const after = [{ userid: 'b', permissions: 'Get,Revoke' }];
    await filled(the(), put('one', { grants: before }), put('one', { expected: 1, grants: after }));
    assert.deepEqual((await the().read('one'))?.grants, after);
  });

  it('writes a change set whole or not at all', async () => {
    await filled(the(), put('old'), put('other', { usageLeft: 1n }));
    const puts = [put('new'), put('old', { expected: 1 }), put('other', { expected: 7, usageLeft: 9n })];
    await assert.rejects(the().commit({ puts }), ConflictError);
    assert.equal(await the().read('new'), undefined);
    assert.equal(await the().validate('old'), 1);
    assert.equal((await the().read('other'))?.row.usageLeft, 1n);
  });

  it('writes an object twice in one change set', async () => {
    await the().commit({ puts: [put('one'), put('one', { expected: 1 }), put('one', { expected: 2 })] });
    assert.equal(await the().validate('one'), 3);
  });

  it('refuses one of many change sets at the same time, and writes the others', async () => {
    await filled(the(), put('taken'));
    const ids = Array.from({ length: 40 }, (_, i) => (i === 20 ? 'taken' : `object ${i}`));
    const results = await Promise.allSettled(ids.map((id) => the().commit({ puts: [put(id)] })));
    assert.deepEqual(
      results.flatMap(({ status }, i) => (status === 'rejected' ? [ids[i]] : [])),
      ['taken'],
    );
    assert.equal((await the().readMany(ids)).length, 40);
  });

  it('lets one of several changes at the same revision win', async () => {
    await filled(the(), put('one'));
    const changes = Array.from({ length: 10 }, (_, i) =>
      the().commit({ puts: [put('one', { expected: 1, owner: `${i}` })] }),
    );
    const results = await Promise.allSettled(changes);
    const winners = results.flatMap(({ status }, i) => (status === 'fulfilled' ? [`${i}`] : []));
    assert.equal(winners.length, 1);
    assert.equal((await the().read('one'))?.row.owner, winners[0]);
  });

  it('keeps large material', async () => {
    const material = Buffer.alloc(3 << 20, 'x');
    await the().commit({ puts: [put('large', { material }), put('small')] });
    assert.ok((await the().read('large'))?.row.material?.equals(material));
  });
}

function text(the: () => Store): void {
  it('compares identifiers byte by byte', async () => {
    const ids = ['admin', 'Admin', 'admin ', 'àdmin', 'a\u0300dmin', 'adm%n', 'Straße', 'Strasse', '', '\u{1F511}'];
    for (const id of ids) await the().commit({ puts: [put(id, { owner: id })] });
    for (const id of ids) assert.equal((await the().read(id))?.row.owner, id);
    for (const id of ids)
      assert.deepEqual(await found(the(), { conditions: [], visibleTo: { owner: id, userids: [] } }), [id]);
  });

  it('compares user names in grants byte by byte, and sorts by bytes', async () => {
    const users = ['b', 'B', 'b ', 'ä', '\u{FF5E}', '\u{1F511}'];
    await filled(the(), put('one', { grants: users.map((userid) => ({ userid, permissions: 'Get' })) }));
    const names = (await the().read('one'))?.grants.map(({ userid }) => userid);
    assert.deepEqual(names, ['B', 'b', 'b ', 'ä', '\u{FF5E}', '\u{1F511}']);
    const visible = (userid: string) =>
      found(the(), { conditions: [], visibleTo: { owner: 'nobody', userids: [userid] } });
    assert.deepEqual(await visible('b '), ['one']);
    assert.deepEqual(await visible('Ä'), []);
  });

  for (const [what, bad] of [
    ['NUL', 'a\0b'],
    ['half a surrogate pair', 'a\ud83d'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const grants = [{ userid: bad, permissions: 'Get' }];
      await assert.rejects(the().commit({ puts: [put(bad)] }), invalidField);
      await assert.rejects(the().commit({ puts: [put('one', { owner: bad })] }), invalidField);
      await assert.rejects(the().commit({ puts: [put('one', { grants })] }), invalidField);
      await assert.rejects(the().read(bad), invalidField);
      await assert.rejects(the().readMany(['one', bad]), invalidField);
      await assert.rejects(the().validate(bad), invalidField);
      await assert.rejects(the().spend(bad, 1, 1n), invalidField);
      await assert.rejects(found(the(), { conditions: [], visibleTo: { owner: bad, userids: [] } }), invalidField);
      await assert.rejects(found(the(), { conditions: [], visibleTo: { owner: 'o', userids: [bad] } }), invalidField);
    });
  }

  it('stores the longest text, and refuses a longer one', async () => {
    const longest = 'é'.repeat(longestText / 2);
    await filled(the(), put(longest, { owner: longest }));
    assert.equal((await the().read(longest))?.row.owner, longest);
    await assert.rejects(the().commit({ puts: [put(`${longest}a`)] }), invalidField);
    assert.equal(await the().read(`${longest}a`), undefined);
  });
}

function usage(the: () => Store): void {
  it('lowers the count without a new revision', async () => {
    await filled(the(), put('one', { usageLeft: 2n ** 62n }));
    assert.equal(await the().spend('one', 1, 1n), 2n ** 62n - 1n);
    const row = (await the().read('one'))?.row;
    assert.deepEqual([row?.usageLeft, row?.revision], [2n ** 62n - 1n, 1]);
  });

  it('lowers nothing where less is left, or there is no limit', async () => {
    await filled(the(), put('one', { usageLeft: 3n }), put('free'));
    assert.equal(await the().spend('one', 1, 4n), undefined);
    assert.equal(await the().spend('one', 1, 2n ** 70n), undefined);
    assert.equal(await the().spend('free', 1, 1n), undefined);
    assert.equal(await the().spend('one', 1, 3n), 0n);
    assert.equal(await the().spend('one', 1, 1n), undefined);
  });

  it('spends at the current revision only', async () => {
    await filled(the(), put('one', { usageLeft: 3n }), put('one', { expected: 1 }));
    await assert.rejects(the().spend('one', 1, 1n), ConflictError);
    await assert.rejects(the().spend('none', 1, 1n), ConflictError);
    assert.equal(await the().spend('one', 2, 1n), 2n);
  });

  it('never spends more than there is, whoever spends at the same time', async () => {
    await filled(the(), put('one', { usageLeft: 10n }));
    const left = await Promise.all(Array.from({ length: 25 }, () => the().spend('one', 1, 1n)));
    assert.deepEqual(
      left.filter((one) => one !== undefined).sort((a, b) => Number(a - b)),
      [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n],
    );
  });

  it('tells each of those who spend at the same time what came of it', async () => {
    await filled(the(), put('one', { usageLeft: 10n }), put('other', { usageLeft: 5n }));
    const asked = [
      the().spend('one', 1, 4n),
      the().spend('one', 1, 7n),
      the().spend('other', 1, 5n),
      the().spend('one', 1, 3n),
      the().spend('one', 2, 1n),
      the().spend('one', 1, 3n),
      the().spend('one', 1, 1n),
    ];
    const outcomes = await Promise.allSettled(asked);
    assert.deepEqual(
      outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.name)),
      [6n, undefined, 0n, 3n, 'ConflictError', 0n, undefined],
    );
  });

  it('is not given back by a change that was computed before', async () => {
    await filled(the(), put('one', { usageLeft: 10n }));
    await the().spend('one', 1, 4n);
    await the().commit({ puts: [put('one', { expected: 1 })] });
    assert.equal((await the().read('one'))?.row.usageLeft, 6n);
  });
}

function freshness(the: () => Store): void {
  it('answers another version after every kind of write', async () => {
    await filled(the(), put('one', { usageLeft: 5n }));
    const writes: Record<string, () => Promise<unknown>> = {
      insertion: () => the().commit({ puts: [put('two')] }),
      change: () => the().commit({ puts: [put('one', { expected: 1 })] }),
      spending: () => the().spend('one', 2, 1n),
      generation: () => the().addGeneration(generation(2)),
      reservation: () => the().reserve(2, 10),
    };
    for (const [what, write] of Object.entries(writes)) {
      const before = the().version();
      await write();
      assert.ok(before === undefined || the().version() !== before, what);
    }
  });

  it('answers the same version while nothing is written', async () => {
    await filled(the(), put('one'));
    const before = the().version();
    await the().read('one');
    await found(the(), { conditions: [] });
    assert.equal(the().version(), before);
  });

  it('tells the revision after each acknowledged change', async () => {
    await filled(the(), put('one'));
    for (let revision = 1; revision <= 20; revision++) {
      assert.equal(await the().validate('one'), revision);
      await the().commit({ puts: [put('one', { expected: revision })] });
    }
  });

  it('tells the time', async () => {
    assert.ok(Math.abs((await the().clock()) - Date.now() / 1000) < 60);
  });
}

function finding(the: () => Store): void {
  const find = (...conditions: readonly Condition[]) => found(the(), { conditions });

  it('finds everything, newest first', async () => {
    const ids = Array.from({ length: 2500 }, (_, i) => `object ${i}`);
    await the().commit({ puts: ids.map((id) => put(id)) });
    assert.deepEqual(await find(), ids.toReversed());
  });

  it('finds nothing where there is nothing', async () => {
    assert.deepEqual(await find(), []);
    assert.deepEqual(await find({ kind: 'value', digest: digest('x') }), []);
  });

  it('finds by each kind of condition', async () => {
    const index = {
      algorithm: CryptographicAlgorithm.RSA,
      length: 2048,
      dates: { InitialDate: 100 },
      values: [digest('n')],
    };
    await filled(the(), put('this', { type: ObjectType.PrivateKey, state: State.Compromised, index }), put('that'));
    const conditions: readonly Condition[] = [
      { kind: 'type', type: ObjectType.PrivateKey },
      { kind: 'algorithm', algorithm: CryptographicAlgorithm.RSA },
      { kind: 'length', length: 2048 },
      { kind: 'date', attribute: 'InitialDate', from: 100, to: 100 },
      { kind: 'value', digest: digest('n') },
      { kind: 'state', states: [State.Compromised], now: 0 },
    ];
    for (const condition of conditions) assert.deepEqual(await find(condition), ['this'], condition.kind);
    assert.deepEqual(await find(...conditions), ['this']);
    for (const without of conditions) {
      const others = conditions.filter((one) => one !== without);
      const contrary: Condition = { kind: 'value', digest: digest('another') };
      assert.deepEqual(await find(...others, contrary), []);
    }
  });

  it('finds by a range of dates, ends included', async () => {
    const at = (InitialDate: number) => ({ index: { dates: { InitialDate } } });
    await filled(the(), put('a', at(-5)), put('b', at(10)), put('c', at(5_000_000_000)), put('none'));
    const between = (from: number, to: number) => find({ kind: 'date', attribute: 'InitialDate', from, to });
    assert.deepEqual(await between(-5, 10), ['b', 'a']);
    assert.deepEqual(await between(11, 5_000_000_000), ['c']);
    assert.deepEqual(await between(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY), ['c', 'b', 'a']);
    assert.deepEqual(await between(-4, 9), []);
  });

  it('finds by the state that dates have led to', async () => {
    const dated = (state: State, ActivationDate?: number, DeactivationDate?: number) => ({
      state,
      index: { dates: { ...(ActivationDate && { ActivationDate }), ...(DeactivationDate && { DeactivationDate }) } },
    });
    await filled(
      the(),
      put('waiting', dated(State.PreActive, 100)),
      put('ending', dated(State.Active, 1, 200)),
      put('both', dated(State.PreActive, 50, 150)),
      put('never activated', dated(State.PreActive, undefined, 10)),
      put('destroyed', dated(State.Destroyed, 10, 20)),
    );
    const inState = (state: State, now: number) => find({ kind: 'state', states: [state], now });
    assert.deepEqual(await inState(State.PreActive, 49), ['never activated', 'both', 'waiting']);
    assert.deepEqual(await inState(State.Active, 49), ['ending']);
    assert.deepEqual(await inState(State.Active, 100), ['both', 'ending', 'waiting']);
    assert.deepEqual(await inState(State.Active, 150), ['ending', 'waiting']);
    assert.deepEqual(await inState(State.Deactivated, 200), ['both', 'ending']);
    assert.deepEqual(await inState(State.PreActive, 200), ['never activated']);
    assert.deepEqual(await inState(State.Destroyed, 200), ['destroyed']);
    assert.deepEqual(await find({ kind: 'state', states: [], now: 1 }), []);
  });

  it('finds what somebody owns or was granted, once', async () => {
    const to = (...userids: string[]) => ({ grants: userids.map((userid) => ({ userid, permissions: 'Get' })) });
    await filled(
      the(),
      put('own', { owner: 'ann' }),
      put('granted', to('ann')),
      put('by group', to('group:x', '*')),
      put('own and granted', { owner: 'ann', ...to('ann', '*') }),
      put('foreign', to('bob')),
    );
    const visible = (owner: string, ...userids: string[]) =>
      found(the(), { conditions: [], visibleTo: { owner, userids } });
    assert.deepEqual(await visible('ann', 'ann', 'group:x', '*'), ['own and granted', 'by group', 'granted', 'own']);
    assert.deepEqual(await visible('ann', 'ann', 'ann'), ['own and granted', 'granted', 'own']);
    assert.deepEqual(await visible('bob'), []);
    const groups = Array.from({ length: 700 }, (_, i) => `group:${i}`);
    assert.deepEqual(await visible('bob', 'bob', ...groups), ['foreign']);
  });

  it('follows changes of what is looked up', async () => {
    const before = { index: { values: [digest('old'), digest('stays')], length: 128 } };
    const after = { expected: 1, index: { values: [digest('stays'), digest('new'), digest('new')], length: 256 } };
    await filled(the(), put('one', before), put('one', after));
    for (const [value, expected] of [
      ['old', []],
      ['stays', ['one']],
      ['new', ['one']],
    ] as const) {
      assert.deepEqual(await find({ kind: 'value', digest: digest(value) }), expected, value);
    }
    assert.deepEqual(await find({ kind: 'length', length: 128 }), []);
    await the().commit({ puts: [put('one', { expected: 2 })] });
    assert.deepEqual(await find({ kind: 'value', digest: digest('stays') }), []);
  });

  it('looks an object up by hundreds of values', async () => {
    const values = Array.from({ length: 300 }, (_, i) => digest(`value ${i}`));
    await filled(the(), put('one', { index: { values: values.slice(0, 150) } }));
    await the().commit({ puts: [put('one', { expected: 1, index: { values: values.slice(50) } })] });
    assert.deepEqual(await find({ kind: 'value', digest: digest('value 0') }), []);
    assert.deepEqual(
      await find(...[60, 149, 299].map((i) => ({ kind: 'value', digest: digest(`value ${i}`) }) as const)),
      ['one'],
    );
  });
}
