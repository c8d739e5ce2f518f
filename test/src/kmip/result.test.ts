import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { KmipError } from '../../../src/errors.ts';
import { fromTtlvError, resultOf } from '../../../src/kmip/result.ts';
import { TtlvError } from '../../../ttlv/errors.ts';
import { ResultReason, ResultStatus } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

const correlation = '7f3a';

describe('resultOf', () => {
  it('gives the reason that the operation has for the failure, and its message', () => {
    const error = new KmipError('wrong-state', 'the key is Pre-Active');
    assert.deepEqual(resultOf({ error, version: 21, operation: 'Encrypt', correlation }), {
      status: ResultStatus.OperationFailed,
      reason: ResultReason.WrongKeyLifecycleState,
      message: 'the key is Pre-Active',
    });
    const overrides = { 'wrong-state': { reason: ResultReason.InvalidField, source: 'a case' } } as const;
    assert.equal(
      resultOf({ error, version: 21, operation: 'Encrypt', overrides, correlation }).reason,
      ResultReason.InvalidField,
    );
  });

  it('cuts messages at 200 bytes, between characters', () => {
    const { message } = resultOf({
      error: new KmipError('invalid-field', 'ключ🔑'.repeat(50)),
      version: 12,
      correlation,
    });
    assert.ok(Buffer.byteLength(message) <= 200 && Buffer.byteLength(message) > 190);
    assert.ok('ключ🔑'.repeat(50).startsWith(message) && message.isWellFormed());
  });

  it('never has an empty message', () => {
    assert.notEqual(resultOf({ error: new KmipError('invalid-field', ''), version: 12, correlation }).message, '');
  });

  for (const error of [new Error('password=hunter2'), 'hunter2', undefined, new KmipError('internal', 'hunter2')]) {
    it(`hides ${String(error)}`, () => {
      const { reason, message } = resultOf({ error, version: 10, operation: 'Get', correlation });
      assert.equal(reason, ResultReason.GeneralFailure);
      assert.doesNotMatch(message, /hunter2/);
      assert.match(message, /7f3a/);
    });
  }
});

describe('fromTtlvError', () => {
  it('tells an unknown field or value from a message that is wrong', () => {
    const path = [Tag.RequestMessage, Tag.RequestHeader];
    assert.equal(fromTtlvError(new TtlvError('unknown-tag', 8, path)).error, 'invalid-field');
    assert.equal(fromTtlvError(new TtlvError('unknown-enumeration', 8, path)).error, 'invalid-field');
    assert.equal(fromTtlvError(new TtlvError('missing-field', 8, path)).error, 'invalid-message');
    assert.equal(fromTtlvError(new TtlvError('truncated', 8, path)).error, 'invalid-message');
  });
});
