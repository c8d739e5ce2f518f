import { byteString, enumeration, required, structure } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** Cancel (KMIP 2.1, 6.1.5). */
export const cancelRequest = structure({
  asynchronousCorrelationValue: required(Tag.AsynchronousCorrelationValue, byteString),
});

export const cancelResponse = structure({
  asynchronousCorrelationValue: required(Tag.AsynchronousCorrelationValue, byteString),
  cancellationResult: required(Tag.CancellationResult, enumeration(enumInfo.CancellationResult)),
});
