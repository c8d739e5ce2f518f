import type { Buffer } from 'node:buffer';
import { KmipError } from '../../src/errors.ts';
import { type OperationCodecs, requestHeader, responseHeader } from '../../src/kmip/message.ts';
import type { RequestMessage } from '../../src/kmip/request.ts';
import { Budget } from '../../ttlv/budget.ts';
import { Reader } from '../../ttlv/reader.ts';
import {
  byteString,
  type Codec,
  dependent,
  enumeration,
  optional,
  repeated,
  required,
  structure,
  textString,
} from '../../ttlv/structure.ts';
import { enumInfo } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { Writer } from '../../ttlv/writer.ts';
import { payloads } from './payloads.ts';

/** The side of messages that a client has: requests are written, answers are read. */

/** The bytes of a request that was decoded, from its typed values. */
export function encodeRequest({ version, header, items }: RequestMessage<OperationCodecs>): Buffer {
  const writer = new Writer();
  const message = writer.begin(Tag.RequestMessage);
  requestHeader.write(writer, Tag.RequestHeader, header, version);
  for (const { request, ephemeral, uniqueBatchItemId } of items) {
    if (request instanceof KmipError) throw request;
    const item = writer.begin(Tag.BatchItem);
    writer.writeEnumeration(Tag.Operation, request.operation.code);
    if (ephemeral) writer.writeBoolean(Tag.Ephemeral, true);
    if (uniqueBatchItemId !== undefined) writer.writeByteString(Tag.UniqueBatchItemID, uniqueBatchItemId);
    request.operation.request.write(writer, Tag.RequestPayload, request.payload, version);
    writer.end(item);
  }
  writer.end(message);
  return writer.finish();
}

const responseItem = structure({
  operation: optional(Tag.Operation, enumeration(enumInfo.Operation)),
  uniqueBatchItemId: optional(Tag.UniqueBatchItemID, byteString),
  resultStatus: required(Tag.ResultStatus, enumeration(enumInfo.ResultStatus)),
  resultReason: optional(Tag.ResultReason, enumeration(enumInfo.ResultReason)),
  resultMessage: optional(Tag.ResultMessage, textString),
  asynchronousCorrelationValue: optional(Tag.AsynchronousCorrelationValue, byteString),
  responsePayload: dependent(
    Tag.ResponsePayload,
    ({ operation }: { operation?: number }): Codec<unknown> => payloads.get(operation ?? 0)?.response ?? structure({}),
    { optional: true },
  ),
});

const responseMessage = structure({
  header: required(Tag.ResponseHeader, responseHeader),
  items: repeated(Tag.BatchItem, responseItem),
});

/** An answer with typed payloads. */
export function decodeResponse(bytes: Buffer, version: Version) {
  const reader = new Reader(bytes, new Budget());
  reader.next();
  const message = responseMessage.read(reader, version);
  reader.finish();
  return message;
}

/** The bytes of an answer with typed payloads. */
export function encodeResponse(message: ReturnType<typeof decodeResponse>, version: Version): Buffer {
  const writer = new Writer();
  responseMessage.write(writer, Tag.ResponseMessage, message, version);
  return writer.finish();
}
