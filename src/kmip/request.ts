import { Buffer } from 'node:buffer';
import { Budget, type Limits } from '../../ttlv/budget.ts';
import { TtlvError } from '../../ttlv/errors.ts';
import { checkWellFormed, Reader } from '../../ttlv/reader.ts';
import {
  boolean,
  byteString,
  type Codec,
  dependent,
  optional,
  repeated,
  required,
  structure,
} from '../../ttlv/structure.ts';
import { BatchErrorContinuationOption, enumInfo } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { LATEST, type Version, versions } from '../../ttlv/tables/versions.ts';
import { KmipError } from '../errors.ts';
import { messageExtension, type OperationCodecs, type RequestHeader } from './message.ts';
import { RequestHeaders } from './request-header.ts';
import { fromTtlvError } from './result.ts';
import type { Credential } from './structures/credentials.ts';
import { anyCode } from './structures/lenient.ts';
import { fromProtocolVersion, type ProtocolVersion, readProtocolVersion } from './structures/protocol-version.ts';

/** A batch item of a request. */
export interface RequestItem<O extends OperationCodecs> {
  /** The code of the operation, also of one that is not known: to be echoed. */
  readonly code: number;
  /** The operation's name for the audit entry; the code in hex where it has none. */
  readonly name: string;
  readonly uniqueBatchItemId: Buffer | undefined;
  /** The Data of the answer is not to be sent (2.x). */
  readonly ephemeral: boolean;
  /** The operation with its payload, or why there is none. */
  readonly request: { readonly operation: O; readonly payload: unknown } | KmipError;
}

/** A request message, all of its payloads decoded. */
export interface RequestMessage<O extends OperationCodecs> {
  readonly version: Version;
  readonly header: RequestHeader;
  readonly credentials: readonly Credential[];
  /** Batch Order Option; true without it, as 2.x assumes. (1.x assumes false, yet ovh/kmip-go refers to earlier items.) */
  readonly ordered: boolean;
  /** Batch Error Continuation Option. */
  readonly continuation: 'continue' | 'stop' | 'undo';
  readonly items: readonly RequestItem<O>[];
}

/** What a request message may cost. */
export interface RequestLimits extends Limits {
  /** Batch items. */
  readonly batchCount: number;
}

/** A request message of which no item can be answered for itself: one failed item without operation answers it. */
export class RequestRejected extends Error {
  override readonly name = 'RequestRejected';
  override readonly cause: KmipError;
  /** The version whose rules the answer follows. */
  readonly version: Version;
  /** What the answer's header says: the request's version; the lowest one if none could be read. */
  readonly protocolVersion: ProtocolVersion;

  constructor(cause: KmipError, asked: ProtocolVersion | undefined) {
    super(cause.message);
    this.cause = cause;
    this.protocolVersion = asked ?? { major: 1, minor: 0 };
    this.version = fromProtocolVersion(this.protocolVersion) ?? (this.protocolVersion.major < 2 ? 10 : LATEST);
  }
}

const continuations = {
  [BatchErrorContinuationOption.Continue]: 'continue',
  [BatchErrorContinuationOption.Stop]: 'stop',
  [BatchErrorContinuationOption.Undo]: 'undo',
} as const;

interface WireItem {
  readonly operation: number;
  readonly ephemeral?: boolean;
  readonly uniqueBatchItemId?: Buffer;
  readonly requestPayload: unknown;
  readonly messageExtension: readonly { readonly criticalityIndicator: boolean }[];
}

/** Decodes request messages for the operations of a table. */
export class RequestDecoder<O extends OperationCodecs> {
  readonly #operations: ReadonlyMap<number, O>;
  readonly #limits: RequestLimits;
  readonly #reader = new Reader(Buffer.alloc(0), new Budget());
  readonly #headers = new RequestHeaders();
  readonly #payloads: ReadonlyMap<number, Codec<unknown>>;
  readonly #batchItem: Codec<WireItem>;

  /** @param operations by code */
  constructor(operations: ReadonlyMap<number, O>, limits: RequestLimits) {
    this.#operations = operations;
    this.#limits = limits;
    this.#payloads = new Map([...operations].map(([code, operation]) => [code, new PayloadCodec(operation)]));
    this.#batchItem = structure({
      operation: required(Tag.Operation, anyCode),
      ephemeral: optional(Tag.Ephemeral, boolean, { since: 20 }),
      uniqueBatchItemId: optional(Tag.UniqueBatchItemID, byteString),
      requestPayload: dependent(
        Tag.RequestPayload,
        ({ operation }: { operation: number }) => this.#payloads.get(operation) ?? unknownOperation,
      ),
      messageExtension: repeated(Tag.MessageExtension, messageExtension),
    });
  }

  /**
   * Decodes a message that fills the buffer; its Byte Strings are views of it. A payload that is not what its operation
   * takes, and an operation that the version or the table does not have, fail that item alone; a critical extension all.
   * @throws RequestRejected when the message as a whole cannot be processed
   */
  decode(message: Buffer): RequestMessage<O> {
    const asked = readProtocolVersion(message);
    try {
      const version = asked === undefined ? 10 : fromProtocolVersion(asked);
      if (version === undefined) throw unsupportedVersion();
      return this.#decode(message, version);
    } catch (error) {
      const cause = error instanceof TtlvError ? fromTtlvError(error) : error;
      throw cause instanceof KmipError ? new RequestRejected(cause, asked) : cause;
    }
  }

  #decode(message: Buffer, version: Version): RequestMessage<O> {
    const reader = this.#reader;
    const budget = new Budget(this.#limits);
    reader.reset(message, budget);
    step(reader, Tag.RequestMessage);
    reader.enter();
    step(reader, Tag.RequestHeader);
    const header = this.#headers.read(reader, budget, version);
    this.#checkCount(header.batchCount);
    const items: RequestItem<O>[] = [];
    let isCritical = false;
    while (items.length < header.batchCount) {
      step(reader, Tag.BatchItem);
      const wire = this.#batchItem.read(reader, version);
      isCritical ||= wire.messageExtension.some((extension) => extension.criticalityIndicator);
      items.push(this.#item(wire, header));
    }
    reader.leave();
    reader.finish();
    // What lies in a payload behind its first error has not been looked at.
    if (items.some((item) => item.request instanceof KmipError)) checkWellFormed(message, new Budget(this.#limits));
    return {
      version,
      header,
      credentials: header.authentication?.credential ?? [],
      ordered: header.batchOrderOption ?? true,
      continuation: continuations[header.batchErrorContinuationOption ?? BatchErrorContinuationOption.Stop],
      items: isCritical ? items.map(refused) : items,
    };
  }

  #item(wire: WireItem, { batchCount }: RequestHeader): RequestItem<O> {
    const { operation: code, ephemeral = false, uniqueBatchItemId, requestPayload: payload } = wire;
    if (batchCount > 1 && uniqueBatchItemId === undefined) {
      throw new KmipError('invalid-message', 'each item of a batch needs a Unique Batch Item ID');
    }
    const operation = this.#operations.get(code);
    const name = operation?.name ?? enumInfo.Operation.byCode.get(code)?.name ?? `0x${code.toString(16)}`;
    if (payload instanceof KmipError) return { code, name, uniqueBatchItemId, ephemeral, request: payload };
    if (operation === undefined) throw new Error(`no operation ${code}`);
    return { code, name, uniqueBatchItemId, ephemeral, request: { operation, payload } };
  }

  #checkCount(batchCount: number): void {
    if (batchCount < 1) throw new KmipError('invalid-message', 'the Batch Count is below 1');
    if (batchCount > this.#limits.batchCount) {
      throw new KmipError('limit-exceeded', `a batch may have ${this.#limits.batchCount} items`);
    }
  }
}

/** A critical Message Extension that is not understood rejects the entire message (KMIP 1.2, 6.16), item by item. */
function refused<O extends OperationCodecs>(item: RequestItem<O>): RequestItem<O> {
  return {
    ...item,
    request: new KmipError('feature-not-supported', 'a critical Message Extension of the message is not understood'),
  };
}

/** Reads the payload of one operation; what is wrong with it is its value. */
class PayloadCodec implements Codec<unknown> {
  readonly type = undefined;
  readonly #operation: OperationCodecs;

  constructor(operation: OperationCodecs) {
    this.#operation = operation;
  }

  read(reader: Reader, version: Version): unknown {
    const { since, until = LATEST, request } = this.#operation;
    if (version < since || version > until) return unknownOperation.read(reader, version);
    const { depth } = reader;
    try {
      return request.read(reader, version);
    } catch (error) {
      if (error instanceof TtlvError ? error.malformed : !(error instanceof KmipError)) throw error;
      reader.abandon(depth);
      return error instanceof TtlvError ? fromTtlvError(error) : error;
    }
  }

  write(): void {
    throw new Error('requests are only read');
  }
}

const unknownOperation: Codec<unknown> = {
  type: undefined,
  read: (reader) => {
    reader.skip();
    return new KmipError('not-supported', 'the operation is not supported in this protocol version');
  },
  write: () => {
    throw new Error('requests are only read');
  },
};

/** Steps to the next item, which has to be the given one. */
function step(reader: Reader, tag: number): void {
  if (!reader.next()) reader.failMissing(tag);
  if (reader.tag !== tag) reader.fail('unexpected-tag');
}

function unsupportedVersion(): KmipError {
  const known = versions.map((version) => `${Math.floor(version / 10)}.${version % 10}`).join(', ');
  return new KmipError('unsupported-version', `the server speaks KMIP ${known}`);
}
