import type { TtlvError } from '../../ttlv/errors.ts';
import { AsynchronousIndicator } from '../../ttlv/tables/enums.ts';
import type { Authenticator, Peer } from '../access/authenticate.ts';
import type { Principal } from '../access/principal.ts';
import { type Awaitable, whenReady } from '../awaitable.ts';
import { KmipError } from '../errors.ts';
import {
  RequestDecoder,
  type RequestItem,
  type RequestLimits,
  type RequestMessage,
  RequestRejected,
} from '../kmip/request.ts';
import { type Outcome, ResponseEncoder, type ResponseItem } from '../kmip/response.ts';
import { fromTtlvError } from '../kmip/result.ts';
import type { Log } from '../log.ts';
import { auditRefusal, runBatch } from '../operations/batch.ts';
import type { Dispatcher, Origin } from '../operations/dispatch.ts';
import type { AnyOperation } from '../operations/operation.ts';
import { Turns } from '../operations/turns.ts';

export interface ExchangeParts {
  readonly operations: ReadonlyMap<number, AnyOperation>;
  readonly limits: RequestLimits;
  readonly authenticator: Authenticator;
  readonly dispatcher: Dispatcher;
  readonly log: Log;
  /** Seconds since the epoch. */
  readonly clock: () => number;
}

/** One KMIP request message in, one response message out. */
export class KmipExchange {
  readonly #parts: ExchangeParts;
  readonly #decoder: RequestDecoder<AnyOperation>;
  readonly #encoder: ResponseEncoder;
  readonly #turns: Turns;
  /** Correlation values are unique in the node's logs: the start of the process, and a number. */
  readonly #prefix = `${Date.now().toString(36)}-${process.pid.toString(36)}-`;
  #count = 0;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.#turns = new Turns(() => parts.dispatcher.records.received());
    this.#decoder = new RequestDecoder(parts.operations, parts.limits);
    this.#encoder = new ResponseEncoder((error, correlation) => this.#logInternal(error, correlation));
  }

  /** The answer to a whole message; undefined where the audit trail cannot be written, so that nothing is answered. */
  async answer(message: Buffer, peer: Peer): Promise<Buffer | undefined> {
    const correlation = this.#nextCorrelation();
    try {
      const request = this.#decoder.decode(message);
      await this.#turns.end();
      return this.#encode(request, await this.#outcomes(request, peer, correlation), correlation);
    } catch (error) {
      if (error instanceof RequestRejected) return this.#reject(error, peer, correlation);
      this.#logInternal(error, correlation);
      return undefined;
    }
  }

  /** The answer to bytes that are no message: in the lowest version, since none could be read. */
  refuse(error: TtlvError): Buffer {
    const rejected = new RequestRejected(fromTtlvError(error), undefined);
    return this.#encoder.encodeRejection(rejected, this.#parts.clock(), this.#nextCorrelation());
  }

  #encode(request: RequestMessage<AnyOperation>, outcomes: readonly Outcome[], correlation: string): Buffer {
    const { header, version, items } = request;
    for (const outcome of outcomes) if (outcome.status === 'failed') this.#logIfInternal(outcome.error, correlation);
    return this.#encoder.encode({
      version,
      timeStamp: this.#parts.clock(),
      items: outcomes.map((outcome, index) => toResponseItem(items[index] as RequestItem<AnyOperation>, outcome)),
      maximumSize: header.maximumResponseSize,
      correlation,
    });
  }

  #outcomes(request: RequestMessage<AnyOperation>, peer: Peer, correlation: string): Awaitable<readonly Outcome[]> {
    const from = peer.address;
    const refused = (error: unknown) => this.#refuseAll(request, { who: undefined, from, correlation }, error);
    let principal: Awaitable<Principal>;
    try {
      refuseAsynchronous(request);
      principal = this.#parts.authenticator.authenticate(peer, request.credentials);
    } catch (error) {
      return refused(error);
    }
    return whenReady(
      principal,
      (who) => {
        const { items, continuation, ordered, version } = request;
        const origin = { who: who.name, from, correlation };
        return runBatch({ items, continuation, ordered, version, principal: who, origin }, this.#parts.dispatcher);
      },
      refused,
    );
  }

  /** Every item fails for the same reason. */
  async #refuseAll(
    { items }: RequestMessage<AnyOperation>,
    origin: Origin,
    error: unknown,
  ): Promise<readonly Outcome[]> {
    await auditRefusal(
      items.map(({ name }) => name),
      origin,
      error,
      this.#parts.dispatcher,
    );
    return items.map(() => ({ status: 'failed', error }));
  }

  async #reject(rejected: RequestRejected, peer: Peer, correlation: string): Promise<Buffer> {
    const origin = { who: undefined, from: peer.address, correlation };
    await auditRefusal(['Message'], origin, rejected.cause, this.#parts.dispatcher);
    return this.#encoder.encodeRejection(rejected, this.#parts.clock(), correlation);
  }

  #nextCorrelation(): string {
    this.#count += 1;
    return `${this.#prefix}${this.#count}`;
  }

  #logIfInternal(error: unknown, correlation: string): void {
    if (!(error instanceof KmipError) || error.error === 'internal') this.#logInternal(error, correlation);
    else if (error.error === 'store-unavailable') this.#parts.log.warn({ err: error, correlation }, error.message);
  }

  #logInternal(err: unknown, correlation: string): void {
    this.#parts.log.error({ err, correlation }, 'a request failed for an internal reason');
  }
}

/** Results are given at once; a client that cannot take them so must be told (KMIP 2.1, 7.1). */
function refuseAsynchronous({ header, version }: RequestMessage<AnyOperation>): void {
  if (version >= 20 && header.asynchronousIndicator === AsynchronousIndicator.Mandatory) {
    throw new KmipError('feature-not-supported', 'asynchronous operations are not supported');
  }
}

function toResponseItem(
  { code, uniqueBatchItemId, request }: RequestItem<AnyOperation>,
  outcome: Outcome,
): ResponseItem {
  const operation = request instanceof KmipError ? undefined : request.operation;
  return { code, operation, uniqueBatchItemId, outcome };
}
