import { hash } from 'node:crypto';
import { State } from '../../../ttlv/tables/enums.ts';
import type { Dialect, Step } from '../dialects/abilities.ts';
import type { NameClaim } from '../store.ts';

/** Takes out a claim of the object itself, or one that does not hold any more. */
const removeClaim = `DELETE FROM claimed_names WHERE claim = ? AND (
  sequence = (SELECT sequence FROM objects WHERE id = ?) OR NOT EXISTS (
    SELECT 1 FROM objects o JOIN object_values v ON v.sequence = o.sequence WHERE o.sequence = claimed_names.sequence
      AND v.digest = ? AND o.owner = ? AND o.state NOT IN (${State.Destroyed}, ${State.DestroyedCompromised})))`;

/**
 * The statements that claim names, to come after those that write the objects: an object that gives a name up with the same
 * change set does not hold it any more. Each waits for whoever claims the same at that moment.
 */
export function claimSteps(claims: readonly NameClaim[], { insertOnce }: Pick<Dialect, 'insertOnce'>): readonly Step[] {
  const insert = `${insertOnce.begin} INTO claimed_names (claim, sequence)
    SELECT ?, sequence FROM objects WHERE id = ?${insertOnce.end}`;
  return (
    claims
      .map((one) => ({ ...one, claim: claimOf(one) }))
      // In one order, so that two who claim the same names do not wait for one another.
      .sort((a, b) => Buffer.compare(a.claim, b.claim))
      .flatMap(({ claim, id, owner, digest }) => [
        { sql: removeClaim, parameters: [claim, id, digest, owner] },
        { sql: insert, parameters: [claim, id], otherwise: 'name-taken' } as const,
      ])
  );
}

function claimOf({ owner, digest }: NameClaim): Buffer {
  return hash('sha256', Buffer.concat([digest, Buffer.from(owner)]), 'buffer').subarray(0, digest.length);
}
