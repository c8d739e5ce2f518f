import { required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** Log (KMIP 2.1, 6.1.29). */
export const logRequest = structure({
  logMessage: required(Tag.LogMessage, textString),
});

export const logResponse = structure({});
