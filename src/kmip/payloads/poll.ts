import { byteString, required, structure } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** Poll (KMIP 2.1, 6.1.38). The answer is that of the operation that was polled. */
export const pollRequest = structure({
  asynchronousCorrelationValue: required(Tag.AsynchronousCorrelationValue, byteString),
});
