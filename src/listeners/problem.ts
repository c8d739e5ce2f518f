import { STATUS_CODES } from 'node:http';
import { errorTable, KmipError } from '../errors.ts';

/** The media type of failures, RFC 9457. */
export const PROBLEM = 'application/problem+json';

/** A failure as HTTP tells it (RFC 9457, section 3). */
export interface Problem {
  /** `urn:kleis:error:` and a name of the table of errors; `about:blank` where the status says it all. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  /** What the log has about it stands beside this value. */
  readonly correlation: string;
}

/**
 * The twin of kmip/result.ts: what the client is told of a failure. The text of what is no KmipError is never shown: it is a
 * bug, or the HTTP library's remark on the request, which may quote it.
 */
export function problemOf(error: unknown, correlation: string): Problem {
  const status = statusOf(error);
  if (error instanceof KmipError && error.error !== 'internal') {
    const { text: title } = errorTable[error.error];
    return { type: `urn:kleis:error:${error.error}`, title, status, detail: error.message, correlation };
  }
  if (status < 500) return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Bad Request', status, correlation };
  return { type: 'urn:kleis:error:internal', title: errorTable.internal.text, status, correlation };
}

function statusOf(error: unknown): number {
  if (error instanceof KmipError) return errorTable[error.error].http;
  const claimed = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof claimed === 'number' && claimed >= 400 && claimed < 500 ? claimed : 500;
}
