import type { CryptographicAlgorithm, ObjectType, State } from '../../ttlv/tables/enums.ts';

/** The attributes that a date range may ask for, each an indexed column. */
export const dateAttributes = [
  'InitialDate',
  'ActivationDate',
  'ProcessStartDate',
  'ProtectStopDate',
  'DeactivationDate',
  'DestroyDate',
  'CompromiseDate',
  'CompromiseOccurrenceDate',
  'ArchiveDate',
  'LastChangeDate',
  'OriginalCreationDate',
] as const;
export type DateAttribute = (typeof dateAttributes)[number];

/**
 * A condition that a store answers by index. All conditions of a query hold together. They find candidates only:
 * the caller checks each candidate's tag-checked attributes against the exact filter again.
 */
export type Condition =
  | { readonly kind: 'type'; readonly type: ObjectType }
  | { readonly kind: 'algorithm'; readonly algorithm: CryptographicAlgorithm }
  | { readonly kind: 'length'; readonly length: number }
  /** The effective state at `now` (seconds). */
  | { readonly kind: 'state'; readonly states: readonly State[]; readonly now: number }
  /** Both ends included, whole seconds. */
  | { readonly kind: 'date'; readonly attribute: DateAttribute; readonly from: number; readonly to: number }
  /** Names, groups, application specific information, links, vendor attributes: by digest of key and value. */
  | { readonly kind: 'value'; readonly digest: Buffer };

/** Candidates come newest first (largest insertion number first). */
export interface Query {
  readonly conditions: readonly Condition[];
  /** Only objects this principal owns or is granted something on; undefined: all. */
  readonly visibleTo?: { readonly owner: string; readonly userids: readonly string[] };
}
