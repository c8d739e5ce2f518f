import assert from 'node:assert/strict';
import { type ErrorName, type OperationName, type ReasonOverrides, reasonOf } from '../../src/errors.ts';
import { enumInfo } from '../../ttlv/tables/enums.ts';
import { type Version, versions } from '../../ttlv/tables/versions.ts';
import { dotted, plain, publishedOperations, publishedReasons } from './standard.ts';

/** What any operation may answer (KMIP 1.4, 11.1, and the general reasons that the lists of 2.x leave out). */
const general: readonly ErrorName[] = [
  'invalid-message',
  'not-permitted',
  'response-too-large',
  'limit-exceeded',
  'not-supported',
  'feature-not-supported',
  'not-authenticated',
  'missing-data',
  'impossible-tag-length',
  'not-quantum-safe',
  'no-such-storage',
  'sealed',
  'not-ready',
  'store-unavailable',
  'internal',
];

const attributeErrors = [
  'invalid-attribute',
  'read-only-attribute',
  'attribute-single-valued',
  'duplicate-name',
] as const;

/** What goes beyond the tables, and why. */
const excused: readonly { name: ErrorName; operation: OperationName }[] = [
  // Re-key takes attributes as Create does, and its tables have no reasons for wrong ones.
  ...attributeErrors.flatMap((name) => [
    { name, operation: 'ReKey' as const },
    { name, operation: 'ReKeyKeyPair' as const },
  ]),
  // A published case wants it: BL-M-8-21.
  { name: 'destroyed', operation: 'Get' },
  // The tables of 1.x have no reason for the transitions that their own section 3.22 forbids.
  { name: 'wrong-state', operation: 'Revoke' },
  { name: 'destroyed', operation: 'Revoke' },
];

const published = publishedOperations();
const lists = new Map<Version, ReadonlyMap<string, ReadonlySet<string>>>();
for (const version of versions) {
  const list = version < 20 ? listsOf(version) : publishedReasons(version);
  if (list !== undefined) lists.set(version, list);
}

/** Asserts that the standard lists the reason of a failure for the operation in the version, where it is at hand. */
export function assertListed(
  error: ErrorName,
  version: Version,
  operation: OperationName,
  overrides: ReasonOverrides | undefined,
): void {
  const list = lists.get(version)?.get(plain(operation));
  if (list === undefined || general.includes(error) || overrides?.[error] !== undefined) return;
  if (excused.some((one) => one.name === error && one.operation === operation)) return;
  const reason = plain(enumInfo.ResultReason.byCode.get(reasonOf(error, version, operation))?.text ?? '');
  assert.ok(list.has(reason), `${operation} of KMIP ${dotted(version)} lists no ${reason} (${error})`);
}

/** The reasons of the error tables of 1.x, by the operation's normalised name. */
function listsOf(version: Version): ReadonlyMap<string, ReadonlySet<string>> | undefined {
  if (published === undefined) return undefined;
  const found = new Map<string, ReadonlySet<string>>();
  for (const [operation, byVersion] of Object.entries(published)) {
    const errors = byVersion[dotted(version)]?.errors;
    if (errors !== undefined) found.set(plain(operation), new Set(errors.flatMap(({ reason }) => spelled(reason))));
  }
  return found;
}

/** The texts have a slip of the pen, and one entry for two reasons. */
function spelled(reason: string | undefined): readonly string[] {
  const text = plain(reason ?? '');
  if (text === 'notextractble') return ['notextractable'];
  if (text.startsWith('keyformattypeandor')) return ['keyformattypenotsupported', 'keycompressiontypenotsupported'];
  return [text];
}
