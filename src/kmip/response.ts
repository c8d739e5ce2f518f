import type { Buffer } from 'node:buffer';
import { type ResultReason, ResultStatus } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { Writer } from '../../ttlv/writer.ts';
import { KmipError } from '../errors.ts';
import type { OperationCodecs } from './message.ts';
import type { RequestRejected } from './request.ts';
import { ResponseHeaders, writeHeader } from './response-header.ts';
import { resultOf } from './result.ts';

/** What came of a batch item. */
export type Outcome =
  | { readonly status: 'success'; readonly payload: unknown }
  | { readonly status: 'failed'; readonly error: unknown }
  /** Was processed, and taken back because a later item of the batch failed. */
  | { readonly status: 'undone' }
  | { readonly status: 'pending'; readonly asynchronousCorrelationValue: Buffer };

/** A batch item of an answer. */
export interface ResponseItem {
  /** The code to echo; absent where the request did not tell one. */
  readonly code?: number;
  /** Absent where the server has no such operation. */
  readonly operation?: OperationCodecs | undefined;
  readonly uniqueBatchItemId?: Buffer | undefined;
  readonly outcome: Outcome;
}

/** An answer to one request. */
export interface ResponseMessage {
  readonly version: Version;
  /** Seconds since the epoch. */
  readonly timeStamp: number;
  readonly items: readonly ResponseItem[];
  /** The Maximum Response Size of the request. */
  readonly maximumSize?: number | undefined;
  /** Under which the log has the cause of an internal error. */
  readonly correlation: string;
}

/** Encodes answers, one after the other, with one buffer. */
export class ResponseEncoder {
  readonly #writer = new Writer();
  readonly #headers = new ResponseHeaders();
  readonly #report: (error: unknown, correlation: string) => void;

  /** @param report is told of payloads that could not be encoded: a bug, answered as `internal` */
  constructor(report: (error: unknown, correlation: string) => void) {
    this.#report = report;
  }

  /**
   * The bytes of an answer. An item that would make it longer than the Maximum Response Size fails as
   * `response-too-large`; the items after it are still tried.
   */
  encode(response: ResponseMessage): Buffer {
    const { version, items, timeStamp } = response;
    const writer = this.#writer;
    writer.reset();
    const message = writer.begin(Tag.ResponseMessage);
    this.#headers.write(writer, { version, timeStamp, batchCount: items.length });
    for (const item of items) this.#item(item, response);
    writer.end(message);
    return writer.finish();
  }

  /** The answer to a request that was rejected as a whole. */
  encodeRejection(rejected: RequestRejected, timeStamp: number, correlation: string): Buffer {
    const { version, protocolVersion, cause: error } = rejected;
    const writer = this.#writer;
    writer.reset();
    const message = writer.begin(Tag.ResponseMessage);
    writeHeader(writer, protocolVersion, { version, timeStamp, batchCount: 1 });
    const item = writer.begin(Tag.BatchItem);
    this.#failure({ outcome: { status: 'failed', error } }, error, { version, correlation });
    writer.end(item);
    writer.end(message);
    return writer.finish();
  }

  #item(item: ResponseItem, response: ResponseMessage): void {
    const start = this.#writer.length;
    try {
      this.#whole(item, item.outcome, response);
    } catch (error) {
      this.#report(error, response.correlation);
      this.#writer.rewind(start);
      this.#whole(item, { status: 'failed', error }, response);
    }
    const { maximumSize } = response;
    if (maximumSize === undefined || this.#writer.length <= maximumSize || item.outcome.status !== 'success') return;
    const size = this.#writer.length;
    this.#writer.rewind(start);
    const error = new KmipError('response-too-large', `the answer has ${size} bytes, ${maximumSize} are allowed`);
    this.#whole(item, { status: 'failed', error }, response);
  }

  #whole(item: ResponseItem, outcome: Outcome, response: ResponseMessage): void {
    const writer = this.#writer;
    const start = writer.begin(Tag.BatchItem);
    if (item.code !== undefined) writer.writeEnumeration(Tag.Operation, item.code);
    if (item.uniqueBatchItemId !== undefined) writer.writeByteString(Tag.UniqueBatchItemID, item.uniqueBatchItemId);
    this.#outcome(item, outcome, response);
    writer.end(start);
  }

  #outcome(item: ResponseItem, outcome: Outcome, response: ResponseMessage): void {
    const writer = this.#writer;
    if (outcome.status === 'failed') this.#failure(item, outcome.error, response);
    else if (outcome.status === 'undone') {
      writer.writeEnumeration(Tag.ResultStatus, ResultStatus.OperationUndone);
    } else if (outcome.status === 'pending') {
      writer.writeEnumeration(Tag.ResultStatus, ResultStatus.OperationPending);
      writer.writeByteString(Tag.AsynchronousCorrelationValue, outcome.asynchronousCorrelationValue);
    } else {
      writer.writeEnumeration(Tag.ResultStatus, ResultStatus.Success);
      item.operation?.response.write(writer, Tag.ResponsePayload, outcome.payload, response.version);
    }
  }

  #failure(
    item: ResponseItem,
    error: unknown,
    { version, correlation }: Pick<ResponseMessage, 'version' | 'correlation'>,
  ): void {
    const { operation } = item;
    const failure = { error, version, operation: operation?.name, overrides: operation?.reasons, correlation };
    const { status, reason, message }: { status: ResultStatus; reason: ResultReason; message: string } =
      resultOf(failure);
    this.#writer.writeEnumeration(Tag.ResultStatus, status);
    this.#writer.writeEnumeration(Tag.ResultReason, reason);
    this.#writer.writeTextString(Tag.ResultMessage, message);
  }
}
