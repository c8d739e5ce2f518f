import { Buffer } from 'node:buffer';
import type { TtlvCode, TtlvError } from '../../ttlv/errors.ts';
import { type ResultReason, ResultStatus } from '../../ttlv/tables/enums.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { type ErrorName, KmipError, type OperationName, type ReasonOverrides, reasonOf } from '../errors.ts';

/** What the client is told of a failure. */
export interface Result {
  readonly status: ResultStatus;
  readonly reason: ResultReason;
  /** Never empty: Percona's libkmip reads it without looking whether it is there. */
  readonly message: string;
}

/** Where a failure happened. */
export interface Failure {
  readonly error: unknown;
  readonly version: Version;
  /** Absent where no operation could be told. */
  readonly operation?: OperationName | undefined;
  readonly overrides?: ReasonOverrides | undefined;
  /** The correlation value under which the log has the cause. */
  readonly correlation: string;
}

/** libkmip's users copy the message to the stack: longer ones are cut. */
const LONGEST_MESSAGE = 200;

/** A payload that is well-formed TTLV but not what the operation takes (KMIP 1.4, 11.1). */
const deviations: Partial<Readonly<Record<TtlvCode, ErrorName>>> = {
  'unknown-tag': 'invalid-field',
  'unknown-enumeration': 'invalid-field',
  'unknown-mask-bit': 'invalid-field',
  'invalid-value': 'invalid-field',
};

/** The failure that a decoding error is: its text names tags and never holds values. */
export function fromTtlvError(error: TtlvError): KmipError {
  return new KmipError(deviations[error.code] ?? 'invalid-message', error.message, { cause: error });
}

/** Status, reason and message of a failure. What is no KmipError is a bug: its text is for the log only. */
export function resultOf({ error, version, operation, overrides, correlation }: Failure): Result {
  const status = ResultStatus.OperationFailed;
  if (error instanceof KmipError && error.error !== 'internal') {
    const reason = reasonOf(error.error, version, operation, overrides);
    return { status, reason, message: cut(error.message) };
  }
  const reason = reasonOf('internal', version, operation, overrides);
  return { status, reason, message: `internal error, see the server's log: ${correlation}` };
}

function cut(message: string): string {
  if (message === '') return 'failed';
  if (Buffer.byteLength(message) <= LONGEST_MESSAGE) return message;
  let short = message.slice(0, LONGEST_MESSAGE);
  while (Buffer.byteLength(short) > LONGEST_MESSAGE || !short.isWellFormed()) short = short.slice(0, -1);
  return short;
}
