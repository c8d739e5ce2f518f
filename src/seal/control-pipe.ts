import { openBytes, sealBytes } from '../crypto/envelope.ts';
import { Secret, shownText } from '../crypto/secret.ts';
import { type ErrorName, errorTable, KmipError } from '../errors.ts';
import type { Begun, OperationResult, RootOperation, SealControl, SealStatus, Submission } from './control.ts';
import { Frame, type Handover, type Received } from './handover.ts';

/*
 * Calls of the seal's control over the pipe between a worker and its primary. The body of a call and of a result is JSON without
 * anything secret, and then, after a NUL, what is: shares or a token, joined by NULs, encrypted under the key of the link
 * (AES-256-GCM; additional data: the JSON). In the primary they are never text.
 */

/** The calls, with what their JSON holds. */
interface Calls {
  readonly status: null;
  readonly submit: { readonly nonce?: string };
  readonly seal: { readonly all: boolean };
  readonly begin: RootOperation;
  readonly replaceAdminToken: { readonly nonce?: string };
  readonly cancel: { readonly nonce: string };
  readonly brokenKeys: null;
  readonly verifyAdminToken: null;
}

interface Message {
  readonly json: unknown;
  readonly secrets: readonly Secret[];
}

/** The worker's side. Answers are matched to calls by `answer`. */
export class PipeControl implements SealControl {
  readonly #handover: Handover;
  readonly #waiting = new Map<number, PromiseWithResolvers<Message>>();
  #calls = 0;

  constructor(handover: Handover) {
    this.#handover = handover;
  }

  async status(): Promise<SealStatus> {
    return withAbsent((await this.#call('status', null)).json as SealStatus);
  }

  async submit(shares: readonly Secret[], nonce?: string): Promise<Submission> {
    return submissionOf(await this.#call('submit', nonce === undefined ? {} : { nonce }, shares));
  }

  async seal(options: { readonly all: boolean }): Promise<void> {
    await this.#call('seal', options);
  }

  async begin(operation: RootOperation): Promise<Begun> {
    const { json, secrets } = await this.#call('begin', operation);
    const { operation: begun, completed } = json as Begun;
    return { operation: begun, completed: completed && { ...completed, shares: secrets.map(shownText) } };
  }

  async replaceAdminToken(shares: readonly Secret[], nonce?: string): Promise<Submission> {
    return submissionOf(await this.#call('replaceAdminToken', nonce === undefined ? {} : { nonce }, shares));
  }

  async cancel(nonce: string): Promise<void> {
    await this.#call('cancel', { nonce });
  }

  async brokenKeys(): ReturnType<SealControl['brokenKeys']> {
    return (await this.#call('brokenKeys', null)).json as Awaited<ReturnType<SealControl['brokenKeys']>>;
  }

  async verifyAdminToken(token: Secret): Promise<boolean> {
    return (await this.#call('verifyAdminToken', null, [token])).json === true;
  }

  /** Takes the answer to a call. */
  answer({ kind, request, body }: Received): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    const message = unpack(this.#handover.link, body);
    if (kind === Frame.ControlResult) waiting?.resolve(message);
    else waiting?.reject(failureOf(message));
  }

  #call<Name extends keyof Calls>(name: Name, values: Calls[Name], secrets: readonly Secret[] = []): Promise<Message> {
    this.#calls += 1;
    const waiting = Promise.withResolvers<Message>();
    this.#waiting.set(this.#calls, waiting);
    this.#handover.send(Frame.Control, this.#calls, pack(this.#handover.link, { name, values }, secrets));
    return waiting.promise;
  }
}

/** The primary's side: runs a call, and sends its result. Never throws. */
export async function answerControl(
  control: SealControl<Secret>,
  handover: Handover,
  { request, body }: Received,
): Promise<void> {
  const { link } = handover;
  try {
    const { json, secrets } = unpack(link, body);
    const { name, values } = json as { name: keyof Calls; values: never };
    const { result, shown = [] } = await calls[name](control, values, secrets);
    handover.send(Frame.ControlResult, request, pack(link, result, shown));
  } catch (error) {
    const known = error instanceof KmipError;
    const failure = { error: known ? error.error : 'internal', message: error instanceof Error ? error.message : '' };
    handover.send(Frame.ControlFailed, request, pack(link, failure, []));
  }
}

interface Answer {
  readonly result: unknown;
  readonly shown?: readonly Secret[];
}

type Run<Name extends keyof Calls> = (
  control: SealControl<Secret>,
  values: Calls[Name],
  secrets: readonly Secret[],
) => Promise<Answer>;

const calls: { readonly [Name in keyof Calls]: Run<Name> } = {
  status: async (control) => ({ result: await control.status() }),
  submit: async (control, { nonce }, shares) => withShares(await control.submit(shares, nonce)),
  seal: async (control, options) => ({ result: (await control.seal(options)) ?? null }),
  begin: async (control, operation) => withShares(await control.begin(operation)),
  replaceAdminToken: async (control, { nonce }, shares) => withShares(await control.replaceAdminToken(shares, nonce)),
  cancel: async (control, { nonce }) => ({ result: (await control.cancel(nonce)) ?? null }),
  brokenKeys: async (control) => ({ result: await control.brokenKeys() }),
  verifyAdminToken: async (control, _, [token]) => ({
    result: token !== undefined && (await control.verifyAdminToken(token)),
  }),
};

function withShares(result: Submission<Secret> | Begun<Secret>): Answer {
  const { completed } = result;
  if (completed === undefined) return { result };
  const { kind, shares, adminToken } = completed;
  return { result: { ...result, completed: { kind, shares: [] } }, shown: adminToken ? [adminToken] : shares };
}

function submissionOf({ json, secrets }: Message): Submission {
  const { refused, status, completed } = json as Submission;
  return {
    refused,
    status: withAbsent(status),
    completed: completed && resultOf(completed.kind, secrets.map(shownText)),
  };
}

/** What an operation has shown: the token, or the shares. */
function resultOf(kind: OperationResult['kind'], shown: readonly string[]): OperationResult {
  const [adminToken] = kind === 'admin-token' ? shown : [];
  return adminToken === undefined ? { kind, shares: shown } : { kind, shares: [], adminToken };
}

/** JSON leaves out what is undefined. */
function withAbsent(status: SealStatus): SealStatus {
  return { ...status, seal: status.seal, reason: status.reason, operation: status.operation };
}

function failureOf({ json }: Message): KmipError {
  const { error, message } = json as { error: string; message: string };
  return error in errorTable && error !== 'internal'
    ? new KmipError(error as ErrorName, message)
    : new KmipError('internal', 'the server failed', { cause: new Error(message) });
}

/** Wipes the secrets. */
function pack(link: Secret, json: unknown, secrets: readonly Secret[]): Buffer {
  const head = Buffer.from(JSON.stringify(json));
  if (secrets.length === 0) return head;
  using joined = new Secret(Buffer.concat(secrets.flatMap((secret) => [NUL, secret.expose()]).slice(1)));
  for (const secret of secrets) secret.wipe();
  return Buffer.concat([head, NUL, sealBytes(link.expose(), joined.expose(), head)]);
}

const NUL = Buffer.of(0);

function unpack(link: Secret, body: Buffer): Message {
  const end = body.indexOf(0);
  const head = end === -1 ? body : body.subarray(0, end);
  return { json: JSON.parse(head.toString()), secrets: end === -1 ? [] : opened(link, body.subarray(end + 1), head) };
}

function opened(link: Secret, sealed: Buffer, head: Buffer): readonly Secret[] {
  const bytes = openBytes(link.expose(), sealed, head);
  if (bytes === undefined) throw new Error('the key of the link does not open what came');
  using joined = new Secret(bytes);
  const secrets: Secret[] = [];
  for (let start = 0; start !== -1; ) {
    const next = bytes.indexOf(0, start);
    secrets.push(new Secret(Buffer.from(joined.expose().subarray(start, next === -1 ? bytes.length : next))));
    start = next === -1 ? -1 : next + 1;
  }
  return secrets;
}
