import type { Refusal, StepResult } from './abilities.ts';
import { refused, unavailable } from './failures.ts';

/** What the event loop asks of the writer thread: a batch (packed.ts), and the texts of statements it had not named before. */
export interface Request {
  readonly statements: readonly string[];
  readonly batch: ArrayBuffer;
}

/** An error of the driver, as it crosses from the writer thread. */
export interface Failure {
  readonly code: string | undefined;
  readonly message: string;
}

/** What became of a change set: the results of its steps, the number of a refusal, or a failure. */
export type Answer = readonly StepResult[] | number | Failure;

/** Refusals by number; 0 is none. */
export const refusals: readonly (Refusal | 'none')[] = ['none', 'conflict', 'stale-generation', 'name-taken'];

/** Result codes (the primary ones) that tell of a database that cannot be used now, rather than of a mistake in this program. */
const unavailableCodes = [
  'SQLITE_BUSY',
  'SQLITE_CANTOPEN',
  'SQLITE_CORRUPT',
  'SQLITE_FULL',
  'SQLITE_IOERR',
  'SQLITE_LOCKED',
  'SQLITE_NOMEM',
  'SQLITE_NOTADB',
  'SQLITE_PERM',
  'SQLITE_PROTOCOL',
  'SQLITE_READONLY',
];

/** SQLite's result code, extended, by name; undefined for an error of another kind. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function failureOf(error: unknown): Failure {
  return { code: codeOf(error), message: error instanceof Error ? error.message : String(error) };
}

/** Whether another process is in the way, for a moment. */
export function isBusy(error: unknown): boolean {
  return codeOf(error)?.startsWith('SQLITE_BUSY') ?? false;
}

/** The error that callers of the store get for one of the driver. */
export function errorOf({ code, message }: Failure): Error {
  const cause = new Error(code === undefined ? message : `${code}: ${message}`);
  if (unavailableCodes.some((one) => code === one || code?.startsWith(`${one}_`))) {
    return unavailable(cause);
  }
  return cause;
}

/** The results of a change set that was written. Throws what else became of it. */
export function resultsOf(answer: Answer): readonly StepResult[] {
  if (typeof answer === 'number') {
    const refusal = refusals[answer];
    throw refusal === undefined || refusal === 'none' ? new Error('refused without a reason') : refused(refusal);
  }
  if ('message' in answer) throw errorOf(answer);
  return answer;
}
