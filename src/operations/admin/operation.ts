import type { GenericSchema } from 'valibot';
import type { SealControl } from '../../seal/control.ts';

/**
 * Who may ask: `anyone`; whoever has `shares`, which are an authority of their own (an administrator token is checked all the
 * same where one is given); or the `administrator`, by the token. What `anyone` may ask changes nothing: it is neither
 * counted as an attempt nor audited.
 */
export type Authority = 'anyone' | 'shares' | 'administrator';

/** What the audit file says of an answer that is no exception. */
export interface Verdict {
  readonly result: 'success' | 'failed';
  readonly reason?: string;
}

/** An operation that KMIP does not have: its payloads are declared here, not in kmip/payloads. */
export interface AdminOperation<Request, Response> {
  /** In the audit file and in the description of the HTTP interface. */
  readonly name: string;
  /** One sentence for the description of the HTTP interface. */
  readonly summary: string;
  readonly authority: Authority;
  readonly request: GenericSchema<unknown, Request>;
  /** Absent where the answer is empty. For the description: answers are not checked against it. */
  readonly response?: GenericSchema;
  /** What the request is about, for the audit file. */
  object?(request: Request): string | undefined;
  run(control: SealControl, request: Request): Promise<Response>;
  verdict?(response: Response): Verdict;
}

/** An operation whose payload types do not matter: those of a request are what its own schema let through. */
export type AnyAdminOperation = AdminOperation<unknown, unknown>;

/** Declares an operation: the types of payloads are taken from its schemas. */
export function adminOperation<Request, Response>(
  one: AdminOperation<Request, Response>,
): AdminOperation<Request, Response> {
  return one;
}
