import { safeParse } from 'valibot';
import type { AuditEntry } from '../../audit/entry.ts';
import type { AuditWriter } from '../../audit/writer.ts';
import { KmipError } from '../../errors.ts';
import { type AdminOperation, ByteStream, type Verdict } from './operation.ts';

/** Whose request it is, and who writes that down. */
export interface Origin {
  readonly audit: AuditWriter;
  /** A peer's address, or what stands for it. */
  readonly from: string;
  readonly correlation: string;
  /** Answers who asks; undefined: whoever has shares. Throws KmipErrors. */
  readonly authenticate: () => Promise<string | undefined>;
}

/** One run of an operation, between two entries in the audit. */
export class Run<Request, Response, Tools> {
  readonly #operation: AdminOperation<Request, Response, Tools>;
  readonly #origin: Origin;
  #who: string | undefined;
  #object: string | undefined;

  constructor(operation: AdminOperation<Request, Response, Tools>, origin: Origin) {
    this.#operation = operation;
    this.#origin = origin;
  }

  /**
   * Runs on a payload that the operation's schema has not seen yet; `succeeded` is called before the answer. The outcome of
   * an answer of bytes is written after the last of them, or when nobody wants more. Throws `invalid-field`, and what
   * authentication and operation throw.
   */
  async on(payload: unknown, tools: Tools, succeeded: () => void = () => {}): Promise<Response | ByteStream> {
    try {
      this.#who = await this.#origin.authenticate();
      const request = parse(this.#operation, payload);
      this.#object = this.#operation.object?.(request);
      await this.#append('attempt', {});
      const response = await this.#operation.run(tools, request);
      const verdict = this.#operation.verdict?.(response) ?? success;
      if (verdict.result === 'success') succeeded();
      if (response instanceof ByteStream) return new ByteStream(response.mediaType, this.#watched(response.bytes));
      await this.#append('outcome', verdict);
      return response;
    } catch (error) {
      await this.#append('outcome', refusal(error));
      throw error;
    }
  }

  async *#watched(bytes: ByteStream['bytes']): ByteStream['bytes'] {
    let verdict: Pick<AuditEntry, 'result' | 'reason'> = { result: 'failed' };
    try {
      const end = yield* bytes;
      verdict = success;
      return end;
    } catch (error) {
      verdict = refusal(error);
      throw error;
    } finally {
      await this.#append('outcome', verdict);
    }
  }

  async #append(kind: AuditEntry['kind'], verdict: Partial<Pick<AuditEntry, 'result' | 'reason'>>): Promise<void> {
    const { audit, from, correlation } = this.#origin;
    const entry = { kind, who: this.#who, from, operation: this.#operation.name, object: this.#object, correlation };
    audit.append({ result: undefined, ...entry, ...verdict });
    await audit.accepted();
  }
}

const success: Verdict = { result: 'success' };

function refusal(error: unknown): Pick<AuditEntry, 'result' | 'reason'> {
  const reason = error instanceof KmipError ? error.error : 'internal';
  return { result: reason === 'not-authenticated' ? 'denied' : 'failed', reason };
}

/** What the schema makes of the payload. Throws `invalid-field`. The message names fields, and never what was in them. */
export function parse<Request>(
  { request }: Pick<AdminOperation<Request, unknown>, 'request'>,
  payload: unknown,
): Request {
  const parsed = safeParse(request, payload, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  if (issue.expected === 'never') throw new KmipError('invalid-field', 'the request has a field that is not known');
  const path = issue.path?.map(({ key }) => String(key)).join('.') ?? '';
  if (path !== '' && issue.input === undefined) throw new KmipError('invalid-field', `${path} is missing`);
  throw new KmipError('invalid-field', `${path || 'the request'} must be ${issue.expected ?? issue.requirement}`);
}
