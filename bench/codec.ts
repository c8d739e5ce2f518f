/**
 * Microseconds for decoding the request and encoding the response of an Encrypt exchange (KMIP 2.1, AES-GCM, 64 bytes):
 *
 *   node bench/codec.ts [rounds]
 */
import { Buffer } from 'node:buffer';
import { argv, stdout } from 'node:process';
import { Budget } from '../ttlv/budget.ts';
import { ItemType } from '../ttlv/item.ts';
import { checkWellFormed, Reader } from '../ttlv/reader.ts';
import {
  boolean,
  byteString,
  type Codec,
  dateTime,
  dependent,
  enumeration,
  integer,
  oneOf,
  optional,
  repeated,
  required,
  structure,
  type TypeOf,
  textString,
} from '../ttlv/structure.ts';
import { BlockCipherMode, CryptographicAlgorithm, enumInfo, Operation, ResultStatus } from '../ttlv/tables/enums.ts';
import { Tag } from '../ttlv/tables/tags.ts';
import { Writer } from '../ttlv/writer.ts';

const VERSION = 21;

const uniqueIdentifier = oneOf({
  [ItemType.TextString]: textString,
  [ItemType.Enumeration]: enumeration(enumInfo.UniqueIdentifier),
  [ItemType.Integer]: integer,
});

const protocolVersion = structure({
  major: required(Tag.ProtocolVersionMajor, integer),
  minor: required(Tag.ProtocolVersionMinor, integer),
});

const cryptographicParameters = structure({
  blockCipherMode: optional(Tag.BlockCipherMode, enumeration(enumInfo.BlockCipherMode)),
  paddingMethod: optional(Tag.PaddingMethod, enumeration(enumInfo.PaddingMethod)),
  hashingAlgorithm: optional(Tag.HashingAlgorithm, enumeration(enumInfo.HashingAlgorithm)),
  keyRoleType: optional(Tag.KeyRoleType, enumeration(enumInfo.KeyRoleType)),
  algorithm: optional(Tag.CryptographicAlgorithm, enumeration(enumInfo.CryptographicAlgorithm), { since: 12 }),
  randomIV: optional(Tag.RandomIV, boolean, { since: 12 }),
  ivLength: optional(Tag.IVLength, integer, { since: 12 }),
  tagLength: optional(Tag.TagLength, integer, { since: 12 }),
});

const encryptRequest = structure({
  id: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  parameters: optional(Tag.CryptographicParameters, cryptographicParameters),
  data: optional(Tag.Data, byteString),
  iv: optional(Tag.IVCounterNonce, byteString),
  correlation: optional(Tag.CorrelationValue, byteString, { since: 13 }),
  init: optional(Tag.InitIndicator, boolean, { since: 13 }),
  final: optional(Tag.FinalIndicator, boolean, { since: 13 }),
  additional: optional(Tag.AuthenticatedEncryptionAdditionalData, byteString, { since: 14 }),
});

const encryptResponse = structure({
  id: required(Tag.UniqueIdentifier, uniqueIdentifier),
  data: optional(Tag.Data, byteString),
  iv: optional(Tag.IVCounterNonce, byteString),
  correlation: optional(Tag.CorrelationValue, byteString, { since: 13 }),
  tag: optional(Tag.AuthenticatedEncryptionTag, byteString, { since: 14 }),
});

const requestMessage = structure({
  header: required(
    Tag.RequestHeader,
    structure({
      version: required(Tag.ProtocolVersion, protocolVersion),
      maximumResponseSize: optional(Tag.MaximumResponseSize, integer),
      clientCorrelation: optional(Tag.ClientCorrelationValue, textString, { since: 14 }),
      order: optional(Tag.BatchOrderOption, boolean),
      timeStamp: optional(Tag.TimeStamp, dateTime),
      count: required(Tag.BatchCount, integer),
    }),
  ),
  items: repeated(
    Tag.BatchItem,
    structure({
      operation: required(Tag.Operation, enumeration(enumInfo.Operation)),
      batchItemId: optional(Tag.UniqueBatchItemID, byteString),
      payload: dependent(Tag.RequestPayload, (_sofar: { operation?: number }): Codec<Request> => encryptRequest),
    }),
  ),
});

type Request = TypeOf<typeof encryptRequest>;
type Response = TypeOf<typeof encryptResponse>;

const responseMessage = structure({
  header: required(
    Tag.ResponseHeader,
    structure({
      version: required(Tag.ProtocolVersion, protocolVersion),
      timeStamp: required(Tag.TimeStamp, dateTime),
      clientCorrelation: optional(Tag.ClientCorrelationValue, textString, { since: 14 }),
      count: required(Tag.BatchCount, integer),
    }),
  ),
  items: repeated(
    Tag.BatchItem,
    structure({
      operation: optional(Tag.Operation, enumeration(enumInfo.Operation)),
      batchItemId: optional(Tag.UniqueBatchItemID, byteString),
      status: required(Tag.ResultStatus, enumeration(enumInfo.ResultStatus)),
      payload: dependent(Tag.ResponsePayload, (_sofar: { operation?: number }): Codec<Response> => encryptResponse),
    }),
  ),
});

const id = { type: ItemType.TextString, value: '8e7c9b1e-3f52-4a57-9d0c-5b1f3a2d4c66' } as const;

const writer = new Writer();

function makeRequest(): Buffer {
  const value: TypeOf<typeof requestMessage> = {
    header: {
      version: { major: 2, minor: 1 },
      maximumResponseSize: 8192,
      clientCorrelation: 'client-1',
      order: true,
      timeStamp: 1_700_000_000,
      count: 1,
    },
    items: [
      {
        operation: Operation.Encrypt,
        batchItemId: Buffer.alloc(8, 1),
        payload: {
          id,
          parameters: {
            blockCipherMode: BlockCipherMode.GCM,
            algorithm: CryptographicAlgorithm.AES,
            ivLength: 12,
            tagLength: 16,
          },
          data: Buffer.alloc(64, 2),
          iv: Buffer.alloc(12, 3),
          additional: Buffer.alloc(16, 4),
        },
      },
    ],
  };
  writer.reset();
  requestMessage.write(writer, Tag.RequestMessage, value, VERSION);
  return writer.finish();
}

function exchange(message: Buffer): Buffer {
  const budget = new Budget();
  checkWellFormed(message, budget);
  const reader = new Reader(message, budget);
  reader.next();
  const { header, items } = requestMessage.read(reader, VERSION);
  reader.finish();
  writer.reset();
  const answer: TypeOf<typeof responseMessage> = {
    header: {
      version: header.version,
      timeStamp: 1_700_000_001,
      clientCorrelation: header.clientCorrelation ?? '',
      count: 1,
    },
    items: items.map(({ operation, batchItemId, payload }) => ({
      operation,
      batchItemId: batchItemId ?? message,
      status: ResultStatus.Success,
      payload: {
        id: payload.id ?? id,
        data: payload.data ?? message,
        iv: payload.iv ?? message,
        tag: payload.additional ?? message,
      },
    })),
  };
  responseMessage.write(writer, Tag.ResponseMessage, answer, VERSION);
  return writer.finish();
}

function measure(rounds: number): number {
  const message = makeRequest();
  const start = performance.now();
  for (let round = 0; round < rounds; round += 1) exchange(message);
  return ((performance.now() - start) * 1000) / rounds;
}

const rounds = Number(argv[2] ?? 300_000);
measure(rounds / 3);
const best = Math.min(measure(rounds), measure(rounds), measure(rounds));
const [requestBytes, responseBytes] = [makeRequest().length, exchange(makeRequest()).length];
stdout.write(
  `codec: decode + encode of an Encrypt exchange (${requestBytes} + ${responseBytes} bytes): ${best.toFixed(2)} us\n`,
);
