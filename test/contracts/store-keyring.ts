import assert from 'node:assert/strict';
import { ConflictError, StaleGenerationError, type Store } from '../../src/store/store.ts';
import { auditKey, generation, installation, put } from '../support/rows.ts';

/** What a store that holds `installation` and its first generation must do with the two. */
export function keyring(the: () => Store): void {
  it('is initialised once', async () => {
    await assert.rejects(the().initialise({ ...installation, id: 'another' }, generation(5)), ConflictError);
    assert.deepEqual(await the().installation(), installation);
    assert.deepEqual(await the().keyring(), [generation(1)]);
  });

  it('has one primary generation, the newest', async () => {
    await the().addGeneration(generation(2));
    assert.deepEqual(await the().keyring(), [{ ...generation(1), primary: false }, generation(2)]);
    await assert.rejects(the().addGeneration(generation(2)), ConflictError);
    assert.deepEqual(await the().keyring(), [{ ...generation(1), primary: false }, generation(2)]);
  });

  it('adds no generation for who knows another root key', async () => {
    await assert.rejects(the().addGeneration(generation(2), installation.revision + 1), ConflictError);
    await the().addGeneration(generation(2), installation.revision);
    assert.equal((await the().keyring()).length, 2);
  });

  it('replaces root key, seal and wrapped generations together', async () => {
    await the().addGeneration(generation(2));
    const replaced = {
      ...installation,
      seal: 'shamir',
      parameters: '{"threshold":3}',
      wrapped: Buffer.from('another root key'),
      revision: 2,
      adminToken: Buffer.from('a digest'),
      recovery: { parameters: '{"threshold":2}', wrapped: Buffer.from('once more') },
      tag: Buffer.from('a tag'),
    };
    const keyring = [1, 2].map((number) => ({
      generation: number,
      wrapped: Buffer.from(`kek ${number}, wrapped anew`),
    }));
    await the().replaceRoot({ installation: replaced, keyring, auditKeys: [], next: generation(3) });
    assert.deepEqual(await the().installation(), replaced);
    assert.deepEqual(
      (await the().keyring()).map(({ wrapped, primary }) => [wrapped.toString(), primary]),
      [
        ['kek 1, wrapped anew', false],
        ['kek 2, wrapped anew', false],
        ['kek 3', true],
      ],
    );
  });

  it('replaces the installation alone where what is wrapped stays as it was', async () => {
    await the().addGeneration(generation(2));
    await the().retireGeneration(auditKey(1), installation.revision);
    const replaced = { ...installation, revision: 2, adminToken: Buffer.from('another digest') };
    const [keyring, auditKeys] = [await the().keyring(), await the().auditKeys()];
    await the().replaceRoot({ installation: replaced, keyring, auditKeys });
    assert.deepEqual(await the().installation(), replaced);
    assert.deepEqual([await the().keyring(), await the().auditKeys()], [keyring, auditKeys]);
  });

  it('replaces nothing where installation or keyring were changed meanwhile', async () => {
    const next = { ...installation, seal: 'shamir', revision: 2 };
    const one = { generation: 1, wrapped: Buffer.from('wrapped anew') };
    for (const change of [
      { installation: { ...next, revision: 3 }, keyring: [one] },
      { installation: { ...next, id: 'another' }, keyring: [one] },
      { installation: next, keyring: [] },
      { installation: next, keyring: [{ ...one, generation: 2 }] },
      { installation: next, keyring: [one], auditKeys: [one] },
      { installation: next, keyring: [one], next: generation(1) },
    ]) {
      await assert.rejects(the().replaceRoot({ auditKeys: [], ...change }), ConflictError);
      assert.deepEqual(await the().installation(), installation);
      assert.deepEqual(await the().keyring(), [generation(1)]);
    }
  });

  it('counts how often all nodes were sealed', async () => {
    assert.equal(await the().sealEpoch(), 0);
    const before = the().version();
    await the().raiseSealEpoch();
    assert.equal(await the().sealEpoch(), 1);
    if (before !== undefined) assert.notEqual(the().version(), before);
  });

  it('tells with every look at an object how often all nodes were sealed', async () => {
    await the().commit({ puts: [put('one')] });
    for (const [epoch, look] of [
      () => the().read('one'),
      () => the().validate('one'),
      () => the().readMany(['one']),
    ].entries()) {
      const before = performance.now();
      await look();
      const seen = the().seenSealEpoch();
      assert.equal(seen?.epoch, epoch);
      assert.ok(seen.asked >= before);
      await the().raiseSealEpoch();
    }
  });

  it('writes nothing for who does not know that all nodes were sealed', async () => {
    const inserted = (sealEpoch: number) => the().commit({ puts: [put('one')], primaryGeneration: 1, sealEpoch });
    const updated = (sealEpoch: number) => the().commit({ puts: [put('one', { expected: 1 })], sealEpoch });
    const isRefusal = (error: unknown) => error instanceof ConflictError || error instanceof StaleGenerationError;
    await the().raiseSealEpoch();
    await assert.rejects(inserted(0), isRefusal);
    assert.equal(await the().read('one'), undefined);
    await inserted(1);
    await the().raiseSealEpoch();
    await assert.rejects(updated(1), isRefusal);
    assert.equal((await the().read('one'))?.row.revision, 1);
    const before = performance.now();
    await updated(2);
    const seen = the().seenSealEpoch();
    assert.equal(seen?.epoch, 2);
    assert.ok(seen.asked >= before);
  });

  it('finds what a generation seals, page by page, and how much that is', async () => {
    const ids = ['one', 'two', 'three', 'four'];
    for (const id of ids) await the().commit({ puts: [put(id)] });
    await the().addGeneration(generation(2));
    await the().commit({ puts: [put('five', { generation: 2 }), put('two', { generation: 2, expected: 1 })] });
    const found: string[] = [];
    for (let after = 0; ; ) {
      const page = await the().ofGeneration(1, after, 2);
      assert.ok(page.length <= 2);
      const last = page.at(-1);
      if (last === undefined) break;
      found.push(...page.map(({ id }) => id));
      after = last.sequence;
    }
    assert.deepEqual(found, ['one', 'three', 'four']);
    assert.deepEqual([...(await the().generationSizes())].sort(), [
      [1, 3],
      [2, 2],
    ]);
  });

  it('retires generations that seal nothing, and none else', async () => {
    await the().commit({ puts: [put('one')] });
    await the().addGeneration(generation(2));
    for (const kept of [1, 2, 3]) await assert.rejects(the().retireGeneration(auditKey(kept), 1), ConflictError);
    await the().commit({ puts: [put('one', { generation: 2, expected: 1 })] });
    await assert.rejects(the().retireGeneration(auditKey(1), 2), ConflictError);
    assert.deepEqual(await the().auditKeys(), []);
    await the().retireGeneration(auditKey(1), 1);
    await assert.rejects(the().retireGeneration(auditKey(1), 1), ConflictError);
    assert.deepEqual(await the().keyring(), [generation(2)]);
    assert.deepEqual(await the().auditKeys(), [auditKey(1)]);
    await assert.rejects(the().commit({ puts: [put('two', { generation: 1 })] }), StaleGenerationError);
    await assert.rejects(the().commit({ puts: [put('one', { generation: 1, expected: 2 })] }), StaleGenerationError);
    assert.equal((await the().read('one'))?.row.generation, 2);
  });

  it('wraps the audit keys of retired generations anew together with the keyring', async () => {
    await the().addGeneration(generation(2));
    await the().retireGeneration(auditKey(1), 1);
    const replaced = { ...installation, revision: 2 };
    const keyring = [{ generation: 2, wrapped: Buffer.from('kek 2, wrapped anew') }];
    const auditKeys = [{ generation: 1, wrapped: Buffer.from('audit key 1, wrapped anew') }];
    await assert.rejects(the().replaceRoot({ installation: replaced, keyring, auditKeys: [] }), ConflictError);
    await the().replaceRoot({ installation: replaced, keyring, auditKeys });
    assert.deepEqual(await the().auditKeys(), [{ ...auditKey(1), ...auditKeys[0] }]);
    assert.deepEqual(await the().keyring(), [{ ...generation(2), ...keyring[0] }]);
  });

  it('reserves encryptions of the primary generation', async () => {
    assert.deepEqual(await Promise.all([the().reserve(1, 100), the().reserve(1, 100)]), [100, 200]);
    await the().addGeneration(generation(2));
    await assert.rejects(the().reserve(1, 1), StaleGenerationError);
    assert.deepEqual(
      (await the().keyring()).map(({ reserved }) => reserved),
      [200, 0],
    );
  });

  it('refuses material sealed under a generation that is not primary any more', async () => {
    await the().commit({ puts: [put('one')], primaryGeneration: 1 });
    await the().addGeneration(generation(2));
    await assert.rejects(the().commit({ puts: [put('two')], primaryGeneration: 1 }), StaleGenerationError);
    assert.equal(await the().read('two'), undefined);
    await the().commit({ puts: [put('two', { generation: 2 })], primaryGeneration: 2 });
    await the().commit({ puts: [put('one', { expected: 1 })] });
  });

  it('refuses a row of a generation that it lacks', async () => {
    await assert.rejects(the().commit({ puts: [put('one', { generation: 9 })] }), StaleGenerationError);
    assert.equal(await the().read('one'), undefined);
  });
}
