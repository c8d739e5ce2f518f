import type { AuditWriter } from '../../audit/writer.ts';
import type { Secret } from '../../crypto/secret.ts';
import { KmipError } from '../../errors.ts';
import { Attempts } from './attempts.ts';
import { parse, Run } from './audited.ts';
import type { AdminTools, AnyAdminOperation } from './operation.ts';

/** Who asks, before it is known. */
export interface Caller {
  readonly address: string;
  /** The administrator token that came with the request. */
  readonly token: Secret | undefined;
  readonly correlation: string;
}

/** What the dispatcher works with. */
export interface AdminDispatcherParts {
  readonly tools: AdminTools;
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
   * `not-authenticated`, `invalid-field`, `sealed`, and those of the operation.
   */
  async run(operation: AnyAdminOperation, payload: unknown, caller: Caller): Promise<unknown> {
    const { tools, audit } = this.#parts;
    if (operation.authority === 'anyone') return operation.run(tools, parse(operation, payload));
    const { address: from, correlation } = caller;
    if (!this.#attempts.take(from)) throw await this.#overrun(operation, caller);
    const run = new Run(operation, { audit, from, correlation, authenticate: () => this.#admit(operation, caller) });
    return run.on(payload, tools, () => this.#attempts.giveBack(from));
  }

  async #admit(operation: AnyAdminOperation, caller: Caller): Promise<string | undefined> {
    const who = await this.#authenticate(operation, caller);
    if (!operation.needsKeys || (await this.#parts.tools.control.status()).state === 'unsealed') return who;
    throw new KmipError('sealed', 'the server is sealed');
  }

  /** Answers who asks. A token that is given must be the right one, also where none is needed. */
  async #authenticate({ authority }: AnyAdminOperation, { token }: Caller): Promise<string | undefined> {
    if (token === undefined) {
      if (authority === 'shares') return undefined;
      throw new KmipError('not-authenticated', 'the administrator token is required');
    }
    if (await this.#parts.tools.control.verifyAdminToken(token)) return ADMINISTRATOR;
    throw new KmipError('not-authenticated', 'that is not the administrator token');
  }

  /** Audited once a second at most: who is turned away must not fill the disk. */
  async #overrun({ name: operation }: AnyAdminOperation, { address: from, correlation }: Caller): Promise<KmipError> {
    const { audit, now } = this.#parts;
    if (now() - this.#lastOverrun >= 1) {
      this.#lastOverrun = now();
      const verdict = { result: 'denied', reason: 'limit-exceeded' } as const;
      audit.append({ kind: 'outcome', who: undefined, from, operation, ...verdict, correlation });
      await audit.accepted();
    }
    return new KmipError('limit-exceeded', 'too many failed attempts; try again in a minute');
  }
}
