import { type Condition, dateAttributes } from '../../src/objects/query.ts';
import { CryptographicAlgorithm, ObjectType, State } from '../../ttlv/tables/enums.ts';
import { digest } from './rows.ts';

/** When it is asked; all dates of the objects lie before. */
export const now = 2_000_000_000;

/** Somebody who owns every object, and could see some by grants, too. */
export const visibleTo = { owner: 'somebody', userids: ['somebody', 'group:x', '*'] };

/** A condition of each kind, every state and every date. */
export const conditions: readonly Condition[] = [
  { kind: 'type', type: ObjectType.SymmetricKey },
  { kind: 'algorithm', algorithm: CryptographicAlgorithm.AES },
  { kind: 'length', length: 256 },
  { kind: 'value', digest: digest('name 7') },
  ...Object.values(State).map((state) => ({ kind: 'state', states: [state], now }) as const),
  ...dateAttributes.map((attribute) => ({ kind: 'date', attribute, from: 5, to: 9 }) as const),
];
