import {
  byteString,
  dateTimeExtended,
  enumeration,
  optional,
  repeated,
  required,
  structure,
} from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { operations } from '../structures/rights.ts';

const asynchronousCorrelationValues = structure({
  asynchronousCorrelationValue: repeated(Tag.AsynchronousCorrelationValue, byteString),
});

/** Asynchronous Request (KMIP 2.1, 7.2). */
const asynchronousRequest = structure({
  asynchronousCorrelationValue: required(Tag.AsynchronousCorrelationValue, byteString),
  operation: required(Tag.Operation, enumeration(enumInfo.Operation)),
  submissionDate: required(Tag.SubmissionDate, dateTimeExtended),
  processingStage: required(Tag.ProcessingStage, enumeration(enumInfo.ProcessingStage)),
});

/** Query Asynchronous Requests (KMIP 2.1, 6.1.41). */
export const queryAsynchronousRequestsRequest = structure({
  asynchronousCorrelationValues: optional(Tag.AsynchronousCorrelationValues, asynchronousCorrelationValues),
  operations: optional(Tag.Operations, operations),
});

export const queryAsynchronousRequestsResponse = structure({
  asynchronousRequest: repeated(Tag.AsynchronousRequest, asynchronousRequest),
});
