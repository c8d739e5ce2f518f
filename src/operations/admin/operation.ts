import type { GenericSchema } from 'valibot';
import type { SealControl } from '../../seal/control.ts';
import type { Records } from '../../seal/records.ts';

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

/** What operations work with. */
export interface AdminTools {
  readonly control: SealControl;
  readonly records: Records;
  /** The bytes of a new backup file; what it returns in the end tells what it is of. */
  readonly backup: () => AsyncGenerator<Buffer, unknown>;
  /** Opens every object; lines of JSON. `broken` are the keys that do not open. */
  readonly verification: (broken: Awaited<ReturnType<SealControl['brokenKeys']>>) => AsyncGenerator<Buffer, unknown>;
}

/** An answer of bytes, which are made as fast as they are taken. What `bytes` returns in the end is told after them. */
export class ByteStream {
  readonly mediaType: string;
  readonly bytes: AsyncGenerator<Buffer, unknown>;

  constructor(mediaType: string, bytes: AsyncGenerator<Buffer, unknown>) {
    this.mediaType = mediaType;
    this.bytes = bytes;
  }
}

/**
 * An operation that KMIP does not have: its payloads are declared here, not in kmip/payloads. `Tools` are those of the tools that
 * it works with: what a command has, too, needs no node.
 */
export interface AdminOperation<Request, Response, Tools = AdminTools> {
  /** In the audit file and in the description of the HTTP interface. */
  readonly name: string;
  /** One sentence for the description of the HTTP interface. */
  readonly summary: string;
  readonly authority: Authority;
  /** Refused as `sealed` while the node is. */
  readonly needsKeys?: true;
  readonly request: GenericSchema<unknown, Request>;
  /** Absent where the answer is empty; a media type where it is bytes. For the description: answers are not checked against it. */
  readonly response?: GenericSchema | string;
  /** What the request is about, for the audit file. */
  object?(request: Request): string | undefined;
  run(tools: Tools, request: Request): Promise<Response>;
  verdict?(response: Response): Verdict;
}

/** An operation whose payload types do not matter: those of a request are what its own schema let through. */
export type AnyAdminOperation = AdminOperation<unknown, unknown>;

/** Declares an operation: the types of payloads are taken from its schemas. */
export function adminOperation<Request, Response, Tools = AdminTools>(
  one: AdminOperation<Request, Response, Tools>,
): AdminOperation<Request, Response, Tools> {
  return one;
}
