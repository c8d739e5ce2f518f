import fc from 'fast-check';
import { type Condition, dateAttributes, type Query } from '../../src/objects/query.ts';
import type { RowPut, Store } from '../../src/store/store.ts';
import { State } from '../../ttlv/tables/enums.ts';
import { digest, found, generation, put } from '../support/rows.ts';

/** One thing asked of a store, as plain data: a failing list is printed so that it can be replayed. */
export type StoreOperation =
  | { readonly ask: 'commit'; readonly puts: readonly WantedPut[]; readonly primaryGeneration?: number }
  | { readonly ask: 'spend'; readonly id: string; readonly revision: number; readonly amount: number }
  | { readonly ask: 'read'; readonly ids: readonly string[] }
  | { readonly ask: 'find'; readonly conditions: readonly WantedCondition[]; readonly visibleTo?: Query['visibleTo'] }
  | { readonly ask: 'addGeneration'; readonly generation: number }
  | { readonly ask: 'reserve'; readonly generation: number; readonly encryptions: number };

interface WantedPut {
  readonly id: string;
  readonly expected?: number;
  readonly type: number;
  readonly state: State;
  readonly owner: string;
  readonly generation: number;
  readonly material?: string | null;
  readonly usageLeft?: number | null;
  readonly granted: readonly string[];
  readonly algorithm: number | null;
  readonly length: number | null;
  readonly dates: RowPut['index']['dates'];
  readonly values: readonly string[];
}

type WantedCondition = Exclude<Condition, { kind: 'value' }> | { readonly kind: 'value'; readonly value: string };

// Few of each, so that operations meet.
const id = fc.constantFrom('a', 'A', 'b', 'b ', 'ç');
const user = fc.constantFrom('ann', 'Ann', 'bob', 'group:x', '*');
const value = fc.constantFrom('name', 'group', 'link');
const revision = fc.integer({ min: 1, max: 4 });
const generationNumber = fc.integer({ min: 1, max: 4 });
const moment = fc.integer({ min: 0, max: 10 });
const type = fc.constantFrom(1, 2, 3);
const algorithm = fc.constantFrom(3, 4);
const length = fc.constantFrom(128, 256);
const state = fc.constantFrom(...Object.values(State));
const dateAttribute = fc.constantFrom(...dateAttributes);
const optional = { requiredKeys: [] as [] };

const wantedPut: fc.Arbitrary<WantedPut> = fc
  .tuple(
    fc.record({
      id,
      type,
      state,
      owner: user,
      generation: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: generationNumber }),
      granted: fc.uniqueArray(user, { maxLength: 3 }),
      algorithm: fc.option(algorithm),
      length: fc.option(length),
      dates: fc.oneof(
        fc.record({ ActivationDate: moment, DeactivationDate: moment }, optional),
        fc.dictionary(dateAttribute, moment, { maxKeys: 4 }),
      ),
      values: fc.array(value, { maxLength: 3 }),
    }),
    fc.record({ expected: revision, material: fc.option(fc.string()), usageLeft: fc.option(moment) }, optional),
  )
  .map(([always, sometimes]) => ({ ...always, ...sometimes }));

const condition: fc.Arbitrary<WantedCondition> = fc.oneof(
  fc.record({ kind: fc.constant('type' as const), type }) as fc.Arbitrary<WantedCondition>,
  fc.record({ kind: fc.constant('algorithm' as const), algorithm }) as fc.Arbitrary<WantedCondition>,
  fc.record({ kind: fc.constant('length' as const), length }),
  fc.record({ kind: fc.constant('state' as const), states: fc.uniqueArray(state, { maxLength: 3 }), now: moment }),
  fc
    .record({ kind: fc.constant('date' as const), attribute: dateAttribute, a: moment, b: moment })
    .map(({ a, b, ...rest }) => ({ ...rest, from: Math.min(a, b), to: Math.max(a, b) })),
  fc.record({ kind: fc.constant('value' as const), value }),
);

const visibleTo = fc.record({ owner: user, userids: fc.array(user, { maxLength: 3 }) });

const find = fc
  .tuple(fc.array(condition, { maxLength: 3 }), fc.option(visibleTo, { nil: undefined }))
  .map(([conditions, seen]) => ({ ask: 'find' as const, conditions, ...(seen && { visibleTo: seen }) }));

const commit = fc
  .tuple(fc.array(wantedPut, { minLength: 1, maxLength: 3 }), fc.option(generationNumber, { nil: undefined, freq: 9 }))
  .map(([puts, primaryGeneration]) => ({
    ask: 'commit' as const,
    puts,
    ...(primaryGeneration && { primaryGeneration }),
  }));

const operation: fc.Arbitrary<StoreOperation> = fc.oneof(
  { weight: 6, arbitrary: commit },
  { weight: 4, arbitrary: find },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('spend' as const), id, revision, amount: moment }) },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('read' as const), ids: fc.uniqueArray(id) }) },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('addGeneration' as const), generation: generationNumber }) },
  {
    weight: 1,
    arbitrary: fc.record({ ask: fc.constant('reserve' as const), generation: generationNumber, encryptions: moment }),
  },
);

export const storeOperations: fc.Arbitrary<readonly StoreOperation[]> = fc.array(operation, { maxLength: 40 });

/** What a store answers: a value, or the name of the error. */
export async function answer(store: Store, operation: StoreOperation): Promise<unknown> {
  try {
    return await perform(store, operation);
  } catch (error) {
    if (error instanceof Error && (error.name === 'ConflictError' || error.name === 'StaleGenerationError'))
      return error.name;
    throw error;
  }
}

async function perform(store: Store, operation: StoreOperation): Promise<unknown> {
  switch (operation.ask) {
    case 'commit':
      return store.commit({ ...operation, puts: operation.puts.map(rowPut) });
    case 'spend':
      return store.spend(operation.id, operation.revision, BigInt(operation.amount));
    case 'read':
      return { objects: await everyField(store, operation.ids), keyring: await store.keyring() };
    case 'find':
      return found(store, storeQuery(operation.conditions.map(storeCondition), operation.visibleTo));
    case 'addGeneration':
      return store.addGeneration(generation(operation.generation));
    case 'reserve':
      return store.reserve(operation.generation, operation.encryptions);
  }
}

function storeQuery(conditions: readonly Condition[], visibleTo: Query['visibleTo']): Query {
  return visibleTo === undefined ? { conditions } : { conditions, visibleTo };
}

/** Insertion numbers may have gaps; nothing else may differ. */
async function everyField(store: Store, ids: readonly string[]): Promise<unknown> {
  const objects = await store.readMany(ids);
  return objects.map(({ row: { sequence: _, ...row }, grants }) => ({ ...row, grants }));
}

function rowPut({ id, granted, material, usageLeft, algorithm, length, dates, values, ...row }: WantedPut): RowPut {
  return put(id, {
    ...row,
    ...(material === undefined ? {} : { material: material === null ? null : Buffer.from(material) }),
    ...(usageLeft === undefined ? {} : { usageLeft: usageLeft === null ? null : BigInt(usageLeft) }),
    grants: granted.map((userid) => ({ userid, permissions: 'Get' })),
    index: { algorithm, length, dates, values: values.map(digest) },
  });
}

function storeCondition(condition: WantedCondition): Condition {
  return condition.kind === 'value' ? { kind: 'value', digest: digest(condition.value) } : condition;
}
