import { ObjectType, State } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import type { ManagedObject } from './object.ts';

/** What moves an object from one state to another (KMIP 2.1, 4.57). */
export type LifecycleEvent = 'activate' | 'deactivate' | 'compromise' | 'destroy';

/** The ten transitions of KMIP 2.1, 4.57 but for the first (creation). Only these are permitted. */
const transitions: readonly { from: State; to: State; by: LifecycleEvent }[] = [
  { from: State.PreActive, to: State.Destroyed, by: 'destroy' },
  { from: State.PreActive, to: State.Compromised, by: 'compromise' },
  { from: State.PreActive, to: State.Active, by: 'activate' },
  { from: State.Active, to: State.Compromised, by: 'compromise' },
  { from: State.Active, to: State.Deactivated, by: 'deactivate' },
  { from: State.Deactivated, to: State.Destroyed, by: 'destroy' },
  { from: State.Deactivated, to: State.Compromised, by: 'compromise' },
  { from: State.Compromised, to: State.DestroyedCompromised, by: 'destroy' },
  { from: State.Destroyed, to: State.DestroyedCompromised, by: 'compromise' },
];

/** The states in which an event is possible, from the table. */
export function statesFor(event: LifecycleEvent): readonly State[] {
  return transitions.filter((one) => one.by === event).map((one) => one.from);
}

/** Where an event leads from a state; undefined where the table has no such transition. */
export function transition(from: State, event: LifecycleEvent): State | undefined {
  return transitions.find((one) => one.from === from && one.by === event)?.to;
}

/** The dates that change a state without anyone asking; whole seconds since the epoch. */
export interface LifecycleDates {
  readonly activation: number | undefined;
  readonly deactivation: number | undefined;
}

/**
 * The state at a moment: the last written one, moved on by the dates that have been reached since.
 * Activation comes before deactivation: an object that was never activated is not deactivated by its date.
 */
export function stateAt(written: State, dates: LifecycleDates, now: number): State {
  let state = written;
  if (dates.activation !== undefined && dates.activation <= now) state = transitionByDate(state, 'activate');
  if (dates.deactivation !== undefined && dates.deactivation <= now) state = transitionByDate(state, 'deactivate');
  return state;
}

function transitionByDate(state: State, event: 'activate' | 'deactivate'): State {
  return transition(state, event) ?? state;
}

/** The effective state of an object at `now` (seconds since the epoch). The dates of a template are none of its own. */
export function effectiveState(object: ManagedObject, now: number): State {
  const { attributes, state, type } = object;
  if ((state !== State.PreActive && state !== State.Active) || type === ObjectType.Template) return state;
  const dates = { activation: attributes.get('ActivationDate'), deactivation: attributes.get('DeactivationDate') };
  return stateAt(state, dates, now);
}

/** The states in which an object has its material. */
export const livingStates: readonly State[] = [State.PreActive, State.Active, State.Deactivated, State.Compromised];

/** Whether the material is gone. */
export function isDestroyed(state: State): boolean {
  return state === State.Destroyed || state === State.DestroyedCompromised;
}

/** The object with its effective state written down and Last Change Date set: what every change starts from. */
export function touched(object: ManagedObject, now: number): ManagedObject {
  return {
    ...object,
    state: effectiveState(object, now),
    attributes: object.attributes.with('LastChangeDate', now),
  };
}

/**
 * The object after an event, with the date that the standard has for it.
 * Throws `wrong-state` (or `destroyed`) where the table has no such transition.
 */
export function after(object: ManagedObject, event: LifecycleEvent, now: number): ManagedObject {
  const current = touched(object, now);
  const state = transition(current.state, event);
  if (state === undefined) throw wrongState(current.state);
  return { ...current, state, attributes: current.attributes.with(dateOf[event], now) };
}

const dateOf = {
  activate: 'ActivationDate',
  deactivate: 'DeactivationDate',
  compromise: 'CompromiseDate',
  destroy: 'DestroyDate',
} as const satisfies Record<LifecycleEvent, string>;

const stateNames = new Map<State, string>([
  [State.PreActive, 'Pre-Active'],
  [State.Active, 'Active'],
  [State.Deactivated, 'Deactivated'],
  [State.Compromised, 'Compromised'],
  [State.Destroyed, 'Destroyed'],
  [State.DestroyedCompromised, 'Destroyed Compromised'],
]);

/** The error for an object that is in the wrong state for what was asked. */
export function wrongState(state: State): KmipError {
  const name = isDestroyed(state) ? 'destroyed' : 'wrong-state';
  return new KmipError(name, `the object is ${stateNames.get(state)}`);
}
