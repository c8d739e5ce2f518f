import { safeParse } from 'valibot';
import type { AuditEntry } from '../../audit/entry.ts';
import type { AuditWriter } from '../../audit/writer.ts';
import type { Secret } from '../../crypto/secret.ts';
import { KmipError } from '../../errors.ts';
import type { SealControl } from '../../seal/control.ts';
import { Attempts } from './attempts.ts';
import type { AdminOperation, AnyAdminOperation, Verdict } from './operation.ts';

/** Who asks, before it is known. */
export interface Caller {
  readonly address: string;
  /** The administrator token that came with the request. */
  readonly token: Secret | undefined;
  readonly correlation: string;
}

export interface AdminDispatcherParts {
  readonly control: SealControl;
  readonly audit: AuditWriter;
  /** Seconds since some moment. */
  readonly now: () => number;
}

/** The name of whoever has the administrator token. */
const ADMINISTRATOR = 'administrator';

/**
 * Runs the operations of administrators: token, payload, audit and the limit on attempts are checked here, as the
 * declaration of an operation says, so that no operation and no listener can forget them.
 */
export class AdminDispatcher {
  readonly #parts: AdminDispatcherParts;
  readonly #attempts: Attempts;
  #lastOverrun = Number.NEGATIVE_INFINITY;

  constructor(parts: AdminDispatcherParts) {
    this.#parts = parts;
    this.#attempts = new Attempts(parts.now);
  }

  /**
   * Runs an operation on a payload that its schema has not seen yet. Throws KmipErrors: `limit-exceeded`,
   * `not-authenticated`, `invalid-field`, and those of the operation.
   */
  async run(operation: AnyAdminOperation, payload: unknown, caller: Caller): Promise<unknown> {
    if (operation.authority === 'anyone') return operation.run(this.#parts.control, parse(operation, payload));
    if (!this.#attempts.take(caller.address)) throw await this.#overrun(operation, caller);
    return await this.#attempt(operation, payload, caller);
  }

  /** An attempt that has been counted; one that succeeds does not count. */
  async #attempt(operation: AnyAdminOperation, payload: unknown, caller: Caller): Promise<unknown> {
    let who: string | undefined;
    let object: string | undefined;
    const append = (kind: AuditEntry['kind'], verdict: Partial<Pick<AuditEntry, 'result' | 'reason'>>): Promise<void> =>
      this.#append(operation, caller, { kind, who, object, ...verdict });
    try {
      who = await this.#authenticate(operation, caller);
      const request = parse(operation, payload);
      object = operation.object?.(request);
      await append('attempt', {});
      const response = await operation.run(this.#parts.control, request);
      const verdict: Verdict = operation.verdict?.(response) ?? { result: 'success' };
      if (verdict.result === 'success') this.#attempts.giveBack(caller.address);
      await append('outcome', verdict);
      return response;
    } catch (error) {
      await append('outcome', refusal(error));
      throw error;
    }
  }

  /** Answers who asks. A token that is given must be the right one, also where none is needed. */
  async #authenticate({ authority }: AnyAdminOperation, { token }: Caller): Promise<string | undefined> {
    if (token === undefined) {
      if (authority === 'shares') return undefined;
      throw new KmipError('not-authenticated', 'the administrator token is required');
    }
    if (await this.#parts.control.verifyAdminToken(token)) return ADMINISTRATOR;
    throw new KmipError('not-authenticated', 'that is not the administrator token');
  }

  /** Audited once a second at most: who is turned away must not fill the disk. */
  async #overrun(operation: AnyAdminOperation, caller: Caller): Promise<KmipError> {
    const now = this.#parts.now();
    if (now - this.#lastOverrun >= 1) {
      this.#lastOverrun = now;
      await this.#append(operation, caller, {
        kind: 'outcome',
        who: undefined,
        result: 'denied',
        reason: 'limit-exceeded',
      });
    }
    return new KmipError('limit-exceeded', 'too many failed attempts; try again in a minute');
  }

  async #append(
    { name }: AnyAdminOperation,
    { address, correlation }: Caller,
    rest: Pick<AuditEntry, 'kind' | 'who'> & Partial<AuditEntry>,
  ): Promise<void> {
    const { audit } = this.#parts;
    audit.append({ result: undefined, ...rest, from: address, operation: name, correlation });
    await audit.accepted();
  }
}

function refusal(error: unknown): Pick<AuditEntry, 'result' | 'reason'> {
  const reason = error instanceof KmipError ? error.error : 'internal';
  return { result: reason === 'not-authenticated' ? 'denied' : 'failed', reason };
}

/** What the schema makes of the payload. The message names fields, and never what was in them. */
function parse<Request>({ request }: AdminOperation<Request, unknown>, payload: unknown): Request {
  const parsed = safeParse(request, payload, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  if (issue.expected === 'never') throw new KmipError('invalid-field', 'the request has a field that is not known');
  const path = issue.path?.map(({ key }) => String(key)).join('.') ?? '';
  throw new KmipError('invalid-field', `${path || 'the request'} must be ${issue.expected ?? issue.requirement}`);
}
