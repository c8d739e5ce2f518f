import { interval, optional, structure } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { optionalAttributes } from '../attribute-fields.ts';
import { protectionStorageMasks } from '../structures/protection-storage.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';
import { certificateRequestType, certificateRequestValue, certifyResponse } from './certify.ts';

/** Re-certify (KMIP 2.1, 6.1.45). */
export const reCertifyRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  certificateRequestUniqueIdentifier: optional(Tag.CertificateRequestUniqueIdentifier, uniqueIdentifier, {
    since: 20,
  }),
  certificateRequestType,
  certificateRequestValue,
  offset: optional(Tag.Offset, interval),
  attributes: optionalAttributes,
  protectionStorageMasks: optional(Tag.ProtectionStorageMasks, protectionStorageMasks, { since: 20 }),
});

export const reCertifyResponse = certifyResponse;
