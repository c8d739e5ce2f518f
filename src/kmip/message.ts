import { ItemType } from '../../ttlv/item.ts';
import {
  anyItem,
  boolean,
  byteString,
  type Codec,
  changing,
  dateTime,
  enumeration,
  integer,
  optional,
  repeated,
  required,
  structure,
  type TypeOf,
  textString,
} from '../../ttlv/structure.ts';
import { AsynchronousIndicator, enumInfo } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import type { OperationName, ReasonOverrides } from '../errors.ts';
import { credential, nonce } from './structures/credentials.ts';
import { protocolVersion } from './structures/protocol-version.ts';

/** What the protocol has to know of an operation: a part of its declaration (operations/operation.ts). */
export interface OperationCodecs {
  readonly name: OperationName;
  readonly code: number;
  readonly since: Version;
  readonly until?: Version;
  readonly request: Codec<unknown>;
  readonly response: Codec<unknown>;
  readonly reasons?: ReasonOverrides;
}

/** The Boolean that Asynchronous Indicator is in 1.x. */
const asynchronousFlag: Codec<AsynchronousIndicator> = {
  type: ItemType.Boolean,
  read: (reader) => (reader.readBoolean() ? AsynchronousIndicator.Optional : AsynchronousIndicator.Prohibited),
  write: (writer, tag, value) => writer.writeBoolean(tag, value !== AsynchronousIndicator.Prohibited),
};

const authentication = structure({
  credential: repeated(Tag.Credential, credential, { min: 1 }),
});

/** Request Header (KMIP 2.1, 8.2). */
export const requestHeader = structure({
  protocolVersion: required(Tag.ProtocolVersion, protocolVersion),
  maximumResponseSize: optional(Tag.MaximumResponseSize, integer),
  clientCorrelationValue: optional(Tag.ClientCorrelationValue, textString, { since: 14 }),
  serverCorrelationValue: optional(Tag.ServerCorrelationValue, textString, { since: 14 }),
  asynchronousIndicator: changing(
    20,
    optional(Tag.AsynchronousIndicator, asynchronousFlag),
    optional(Tag.AsynchronousIndicator, enumeration(enumInfo.AsynchronousIndicator)),
  ),
  attestationCapableIndicator: optional(Tag.AttestationCapableIndicator, boolean, { since: 12 }),
  attestationType: repeated(Tag.AttestationType, enumeration(enumInfo.AttestationType), { since: 12 }),
  authentication: optional(Tag.Authentication, authentication),
  batchErrorContinuationOption: optional(
    Tag.BatchErrorContinuationOption,
    enumeration(enumInfo.BatchErrorContinuationOption),
  ),
  batchOrderOption: optional(Tag.BatchOrderOption, boolean),
  timeStamp: optional(Tag.TimeStamp, dateTime),
  batchCount: required(Tag.BatchCount, integer),
});
export type RequestHeader = TypeOf<typeof requestHeader>;

/** Response Header (KMIP 2.1, 8.5). */
export const responseHeader = structure({
  protocolVersion: required(Tag.ProtocolVersion, protocolVersion),
  timeStamp: required(Tag.TimeStamp, dateTime),
  nonce: optional(Tag.Nonce, nonce, { since: 12 }),
  serverHashedPassword: optional(Tag.ServerHashedPassword, byteString, { since: 20 }),
  attestationType: repeated(Tag.AttestationType, enumeration(enumInfo.AttestationType), { since: 12 }),
  clientCorrelationValue: optional(Tag.ClientCorrelationValue, textString, { since: 14 }),
  serverCorrelationValue: optional(Tag.ServerCorrelationValue, textString, { since: 14 }),
  batchCount: required(Tag.BatchCount, integer),
});

/** Message Extension (KMIP 2.1, 9.13). None is understood here. */
export const messageExtension = structure({
  vendorIdentification: required(Tag.VendorIdentification, textString),
  criticalityIndicator: required(Tag.CriticalityIndicator, boolean),
  vendorExtension: required(Tag.VendorExtension, anyItem),
});
