import { State } from '../../../ttlv/tables/enums.ts';
import type { Condition, Query } from '../../objects/query.ts';
import { dateColumns } from './rows.ts';
import { join, marks, type Sql } from './sql.ts';

/**
 * Rows `d` of a table with a column `sequence`, found by an index: by equalities alone, so that the index has them in the
 * order of `sequence`; or within a range of a further column, and so in another order.
 */
export interface Source {
  readonly table: 'objects' | 'object_values' | 'read_access';
  readonly where: Sql;
  readonly inOrder: boolean;
}

/*
 * Equalities of sources are written `IN (?)`, which every database reads as one: with `= ?` beside an ORDER BY, SQLite's
 * planner looks at the value, and so plans the statement anew for each (50 us instead of 5).
 */

/** How one condition of a query is answered. */
export interface Lookup {
  /** Whether a row `o` of `objects` meets the condition. */
  readonly test: Sql;
  /** Sources that together hold every row that meets it: as few rows as possible. */
  readonly narrow: readonly Source[];
  /** The same from sources in order alone, which can be walked however large they are; empty where there are none. */
  readonly walk: readonly Source[];
}

type LookupOf = { readonly [K in Condition['kind']]: (condition: Extract<Condition, { kind: K }>) => Lookup };

const lookups: LookupOf = {
  type: ({ type }) => equality('type', type),
  algorithm: ({ algorithm }) => equality('algorithm', algorithm),
  length: ({ length }) => equality('length', length),
  state: ({ states, now }) => stateLookup(states, now),
  date: ({ attribute, from, to }) => dateLookup(dateColumns[attribute], from, to),
  value: ({ digest }) => {
    const exists = 'EXISTS (SELECT 1 FROM object_values v WHERE v.sequence = o.sequence AND v.digest = ?)';
    const source = { table: 'object_values', where: sql('d.digest IN (?)', digest), inOrder: true } as const;
    return { test: sql(exists, digest), narrow: [source], walk: [source] };
  },
};

/** Kinds of conditions, those first that are likely to find the least. */
const preference = ['value', 'visible', 'algorithm', 'length', 'date', 'type', 'state'] as const;

/** The conditions of a query in the order of preference. */
export function lookupsOf({ conditions, visibleTo }: Query): readonly Lookup[] {
  const byKind = conditions.map((condition) => ({ kind: condition.kind, lookup: lookupOf(condition) }));
  const visible = visibleTo === undefined ? [] : [{ kind: 'visible' as const, lookup: visibleLookup(visibleTo) }];
  return [...byKind, ...visible]
    .sort((a, b) => preference.indexOf(a.kind) - preference.indexOf(b.kind))
    .map(({ lookup }) => lookup);
}

function lookupOf<K extends Condition['kind']>(condition: Extract<Condition, { kind: K }>): Lookup {
  return lookups[condition.kind as K](condition);
}

function sql(text: string, ...parameters: Sql['parameters']): Sql {
  return { text, parameters };
}

function ordered(text: string, ...parameters: Sql['parameters']): Source {
  return { table: 'objects', where: { text, parameters }, inOrder: true };
}

function ranged(text: string, ...parameters: Sql['parameters']): Source {
  return { table: 'objects', where: { text, parameters }, inOrder: false };
}

function equality(column: string, value: number): Lookup {
  const source = ordered(`d.${column} IN (?)`, value);
  return { test: sql(`o.${column} = ?`, value), narrow: [source], walk: [source] };
}

function dateLookup(column: string, from: number, to: number): Lookup {
  const ends = [clamp(from), clamp(to)];
  return {
    test: sql(`o.${column} BETWEEN ? AND ?`, ...ends),
    narrow: [ranged(`d.${column} BETWEEN ? AND ?`, ...ends)],
    walk: [],
  };
}

function clamp(seconds: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, seconds));
}

/** The effective state of a row `o`: what `stateAt` of objects/lifecycle.ts computes. Takes the time twice. */
const effectiveState = `CASE
  WHEN o.state = ${State.PreActive} AND (o.activation_date IS NULL OR o.activation_date > ?) THEN ${State.PreActive}
  WHEN o.state IN (${State.PreActive}, ${State.Active}) AND o.deactivation_date <= ? THEN ${State.Deactivated}
  WHEN o.state = ${State.PreActive} THEN ${State.Active}
  ELSE o.state END`;

function stateLookup(states: readonly State[], now: number): Lookup {
  const written = [...new Set(states.flatMap((state) => [state, ...(writtenBefore[state] ?? [])]))];
  const moved = states.flatMap((state) => movedByDate[state]?.(now) ?? []);
  const test = sql(`${effectiveState} IN (${marks(states.length)})`, now, now, ...states);
  return {
    test: states.length > 0 ? test : sql('1 = 0'),
    narrow: [...states.map((state) => ordered('d.state IN (?)', state)), ...moved],
    walk: written.map((state) => ordered('d.state IN (?)', state)),
  };
}

/** Written states that dates may have moved on to a state. */
const writtenBefore: Partial<Record<State, readonly State[]>> = {
  [State.Active]: [State.PreActive],
  [State.Deactivated]: [State.PreActive, State.Active],
};

/** Where those are that dates have moved on to a state. */
const movedByDate: Partial<Record<State, (now: number) => readonly Source[]>> = {
  [State.Active]: (now) => [ranged('d.state IN (?) AND d.activation_date <= ?', State.PreActive, now)],
  [State.Deactivated]: (now) =>
    [State.PreActive, State.Active].map((state) => ranged('d.state IN (?) AND d.deactivation_date <= ?', state, now)),
};

/** A principal of more groups than this is not looked up by them: its objects are filtered from those of the others. */
const useridsLookedUp = 30;

function visibleLookup({ owner, userids }: NonNullable<Query['visibleTo']>): Lookup {
  const distinct = [...new Set(userids)];
  const granted = `EXISTS (SELECT 1 FROM read_access a WHERE a.id = o.id AND a.userid IN (${marks(distinct.length)}))`;
  const tests = [sql('o.owner = ?', owner), ...(distinct.length > 0 ? [sql(granted, ...distinct)] : [])];
  const sources: Source[] = [
    ordered('d.owner IN (?)', owner),
    ...distinct.map(
      (userid) => ({ table: 'read_access', where: sql('d.userid IN (?)', userid), inOrder: true }) as const,
    ),
  ];
  const few = distinct.length <= useridsLookedUp;
  return { test: join(tests, ' OR '), narrow: few ? sources : [], walk: few ? sources : [] };
}
