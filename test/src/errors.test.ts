import assert from 'node:assert/strict';
import { type ErrorName, type ErrorRow, errorTable, type OperationName, reasonOf } from '../../src/errors.ts';
import { enumInfo, Operation, ResultReason } from '../../ttlv/tables/enums.ts';
import { isDefined } from '../../ttlv/tables/table.ts';
import { type Version, versions } from '../../ttlv/tables/versions.ts';
import { dotted, plain, publishedReasons } from '../support/standard.ts';

const names = Object.keys(errorTable) as ErrorName[];
const operations = Object.keys(Operation) as OperationName[];

/** Reasons that may come from any operation, although the lists of 2.x leave them out. */
const general: ReadonlySet<number> = new Set([
  ResultReason.GeneralFailure,
  ResultReason.InternalServerError,
  ResultReason.ObjectArchived,
  ResultReason.UnsupportedProtocolVersion,
  ResultReason.AuthenticationNotSuccessful,
  ResultReason.MissingData,
]);

/** What goes beyond the list of an operation. */
const excused: readonly { operation: OperationName; reason: number }[] = [
  // A published case wants it: BL-M-8-21.
  { operation: 'Get', reason: ResultReason.ObjectDestroyed },
  // The list has it for every other operation.
  { operation: 'QueryAsynchronousRequests', reason: ResultReason.InvalidField },
];

describe('the error table', () => {
  for (const [name, row] of Object.entries(errorTable) as [ErrorName, ErrorRow][]) {
    it(`has reasons for ${name} that each version defines, an HTTP status and a sentence`, () => {
      for (const version of versions) {
        for (const operation of [undefined, ...operations]) {
          const reason = enumInfo.ResultReason.byCode.get(reasonOf(name, version, operation));
          assert.ok(reason !== undefined && isDefined(reason, version), `${operation} ${version}`);
        }
      }
      assert.ok(row.http >= 400 && row.http < 600);
      assert.match(row.text, /^[A-Z].*\.$/);
      assert.ok(row.reasons.length > 0);
    });
  }

  for (const version of [20, 21] as const satisfies readonly Version[]) {
    const lists = publishedReasons(version);
    for (const [operation, list] of lists ?? []) {
      it(`gives ${operation} of KMIP ${dotted(version)} only the reasons that its section lists`, () => {
        const known = operations.find(
          (one) => plain(one) === operation || plain(one) === operation.replace('11', '_11'),
        );
        assert.ok(known, operation);
        for (const name of names) {
          const reason = reasonOf(name, version, known);
          const text = plain(enumInfo.ResultReason.byCode.get(reason)?.text ?? '');
          const isExcused = excused.some((one) => one.operation === known && one.reason === reason);
          assert.ok(list.has(text) || general.has(reason) || isExcused, `${name}: ${text}`);
        }
      });
    }
  }

  it('lets an operation put another reason in the place of its own, in some versions', () => {
    const overrides = {
      'invalid-field': { reason: ResultReason.InvalidMessage, from: 12, to: 14, source: 'a case' },
    } as const;
    assert.equal(reasonOf('invalid-field', 12, 'Decrypt', overrides), ResultReason.InvalidMessage);
    assert.equal(reasonOf('invalid-field', 20, 'Decrypt', overrides), ResultReason.InvalidField);
    assert.equal(reasonOf('invalid-field', 11, 'Decrypt', overrides), ResultReason.InvalidField);
    assert.equal(reasonOf('missing-data', 12, 'Decrypt', overrides), ResultReason.MissingData);
  });

  // The published cases: SKLC-M-2, TC_314, AKLC-M-3, BL-M-3, BL-M-4, BL-M-8, BL-M-10, TC-SETATTR-3, TC-IMPEXP-3, TC-SENSITIVE-1.
  const cases: readonly [ErrorName, Version, OperationName, keyof typeof ResultReason][] = [
    ['wrong-state', 10, 'Destroy', 'PermissionDenied'],
    ['wrong-state', 20, 'Destroy', 'PermissionDenied'],
    ['wrong-state', 21, 'Destroy', 'WrongKeyLifecycleState'],
    ['wrong-state', 21, 'ModifyAttribute', 'WrongKeyLifecycleState'],
    ['destroyed', 12, 'Get', 'ItemNotFound'],
    ['destroyed', 21, 'Get', 'ObjectDestroyed'],
    ['not-found', 12, 'Get', 'ItemNotFound'],
    ['not-found', 21, 'Get', 'ObjectNotFound'],
    ['read-only-attribute', 21, 'ModifyAttribute', 'AttributeReadOnly'],
    ['duplicate-name', 21, 'AddAttribute', 'NonUniqueNameAttribute'],
    ['attribute-multi-valued', 20, 'SetAttribute', 'MultiValuedAttribute'],
    ['exists', 20, 'Import', 'ObjectAlreadyExists'],
    // By the example of CS-BC-M-14 (2.0), and KMIP 2.1, 6.1.17.
    ['usage-exceeded', 20, 'Encrypt', 'PermissionDenied'],
    ['usage-exceeded', 21, 'Encrypt', 'UsageLimitExceeded'],
    ['sensitive', 14, 'Get', 'Sensitive'],
    ['wrong-usage', 21, 'Check', 'IncompatibleCryptographicUsageMask'],
    ['crypto-failed', 14, 'Decrypt', 'CryptographicFailure'],
    ['response-too-large', 10, 'Query', 'ResponseTooLarge'],
    // KMIP 1.4, 11: tables of the operations.
    ['duplicate-name', 14, 'Create', 'InvalidField'],
    ['duplicate-name', 14, 'AddAttribute', 'IllegalOperation'],
    ['wrong-type', 14, 'Activate', 'IllegalOperation'],
    ['wrong-type', 14, 'Encrypt', 'PermissionDenied'],
    ['attribute-not-found', 14, 'ModifyAttribute', 'InvalidField'],
    ['attribute-not-found', 14, 'DeleteAttribute', 'ItemNotFound'],
  ];
  for (const [name, version, operation, reason] of cases) {
    it(`answers ${name} of ${operation} in KMIP ${dotted(version)} with ${reason}`, () => {
      assert.equal(reasonOf(name, version, operation), ResultReason[reason]);
    });
  }
});
