import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type LifecycleEvent, stateAt, statesFor, transition } from '../../../src/objects/lifecycle.ts';
import { State } from '../../../ttlv/tables/enums.ts';

/** Figure 1 of KMIP 2.1, 4.57, arrow by arrow; written down apart from the code's table. */
const figure: Record<string, Partial<Record<LifecycleEvent, keyof typeof State>>> = {
  PreActive: { activate: 'Active', compromise: 'Compromised', destroy: 'Destroyed' },
  Active: { deactivate: 'Deactivated', compromise: 'Compromised' },
  Deactivated: { compromise: 'Compromised', destroy: 'Destroyed' },
  Compromised: { destroy: 'DestroyedCompromised' },
  Destroyed: { compromise: 'DestroyedCompromised' },
  DestroyedCompromised: {},
};

const events: LifecycleEvent[] = ['activate', 'deactivate', 'compromise', 'destroy'];

describe('lifecycle', () => {
  for (const [name, arrows] of Object.entries(figure)) {
    const from = State[name as keyof typeof State];
    for (const event of events) {
      const to = arrows[event];
      it(`${name}: ${event} leads to ${to ?? 'nowhere'}`, () => {
        assert.equal(transition(from, event), to && State[to]);
        assert.equal(statesFor(event).includes(from), to !== undefined);
      });
    }
  }

  it('reaches the state at a moment as if somebody had watched every second', () => {
    const second = fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined });
    const written = fc.constantFrom(...Object.values(State));
    fc.assert(
      fc.property(written, second, second, fc.integer({ min: 0, max: 12 }), (state, activation, deactivation, now) => {
        assert.equal(stateAt(state, { activation, deactivation }, now), watched(state, activation, deactivation, now));
      }),
    );
  });
});

function watched(start: State, activation: number | undefined, deactivation: number | undefined, now: number): State {
  let state = start;
  for (let second = 0; second <= now; second++) {
    if (state === State.PreActive && activation !== undefined && second >= activation) state = State.Active;
    if (state === State.Active && deactivation !== undefined && second >= deactivation) state = State.Deactivated;
  }
  return state;
}
