import type { Buffer } from 'node:buffer';
import { Budget } from '../../../ttlv/budget.ts';
import { Framer } from '../../../ttlv/framer.ts';
import { Reader } from '../../../ttlv/reader.ts';
import {
  byteString,
  type Codec,
  enumeration,
  optional,
  repeated,
  required,
  structure,
  type TypeOf,
  textString,
} from '../../../ttlv/structure.ts';
import { enumInfo, Operation, ResultReason, ResultStatus } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import type { Version } from '../../../ttlv/tables/versions.ts';
import { Writer } from '../../../ttlv/writer.ts';
import { requestHeader, responseHeader } from '../../kmip/message.ts';
import { decryptRequest, decryptResponse } from '../../kmip/payloads/decrypt.ts';
import { encryptRequest, encryptResponse } from '../../kmip/payloads/encrypt.ts';
import { toProtocolVersion } from '../../kmip/structures/protocol-version.ts';
import { KeyChainError } from '../error.ts';

/** The first version with additional data, which more servers speak than 2.x. */
const VERSION: Version = 14;
const MOST_ANSWER = 64 * 1024;

/** A KMIP request of one batch item, and its answer. */
export class Exchange<Request, Response> {
  readonly #operation: number;
  readonly #request: Codec<Request>;
  readonly #response: Codec<{ items: readonly TypeOf<ReturnType<typeof answerOf<Response>>>[] }>;

  constructor(operation: number, request: Codec<Request>, response: Codec<Response>) {
    this.#operation = operation;
    this.#request = request;
    this.#response = structure({
      header: required(Tag.ResponseHeader, responseHeader),
      items: repeated(Tag.BatchItem, answerOf(response), { min: 1 }),
    });
  }

  /** A request message. */
  write(payload: Request): Buffer {
    const writer = new Writer();
    const message = writer.begin(Tag.RequestMessage);
    const header = { protocolVersion: toProtocolVersion(VERSION), attestationType: [], batchCount: 1 };
    requestHeader.write(writer, Tag.RequestHeader, header, VERSION);
    const item = writer.begin(Tag.BatchItem);
    writer.writeEnumeration(Tag.Operation, this.#operation);
    this.#request.write(writer, Tag.RequestPayload, payload, VERSION);
    writer.end(item);
    writer.end(message);
    return writer.finish();
  }

  /**
   * What a response message answers.
   * @throws KeyChainError `wrong-root` where the server says that the cryptography failed, `root-unavailable` where it refuses;
   * TtlvError where the message is not as it must be
   */
  read(message: Buffer): Response {
    const reader = new Reader(message, new Budget());
    reader.next();
    const [item] = this.#response.read(reader, VERSION).items;
    if (item?.resultStatus === ResultStatus.Success && item.responsePayload !== undefined) return item.responsePayload;
    if (item?.resultReason === ResultReason.CryptographicFailure) {
      throw new KeyChainError(
        'wrong-root',
        'the key of the KMIP server does not open the chain: the chain was changed',
      );
    }
    const reason = enumInfo.ResultReason.byCode.get(item?.resultReason ?? 0)?.text ?? 'no reason';
    throw unavailable(`refuses: ${reason}`);
  }
}

function answerOf<Response>(response: Codec<Response>) {
  return structure({
    operation: optional(Tag.Operation, enumeration(enumInfo.Operation)),
    resultStatus: required(Tag.ResultStatus, enumeration(enumInfo.ResultStatus)),
    resultReason: optional(Tag.ResultReason, enumeration(enumInfo.ResultReason)),
    resultMessage: optional(Tag.ResultMessage, textString),
    asynchronousCorrelationValue: optional(Tag.AsynchronousCorrelationValue, byteString),
    responsePayload: optional(Tag.ResponsePayload, response),
  });
}

export const encrypt = new Exchange(Operation.Encrypt, encryptRequest, encryptResponse);
export const decrypt = new Exchange(Operation.Decrypt, decryptRequest, decryptResponse);

/**
 * The response message that a stream of bytes begins with. Throws a TtlvError for anything else, and an Error where the stream
 * ends before the message does.
 */
export async function answerFrom(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const framer = new Framer(Tag.ResponseMessage, MOST_ANSWER);
  for await (const chunk of stream) {
    framer.push(chunk);
    const answer = framer.next();
    if (answer !== undefined) return answer;
  }
  throw new Error('it closed the connection');
}

/** A server that cannot be asked: `how` completes "the KMIP server". */
export function unavailable(how: string, cause?: unknown): KeyChainError {
  return new KeyChainError('root-unavailable', `the KMIP server ${how}`, { cause });
}
