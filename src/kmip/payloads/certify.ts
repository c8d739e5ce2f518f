import {
  byteString,
  changing,
  enumeration,
  optional,
  required,
  structure,
  textString,
} from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { optionalAttributes } from '../attribute-fields.ts';
import { templateAttribute } from '../legacy.ts';
import { protectionStorageMasks } from '../structures/protection-storage.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Certificate Request Type, required in 1.0. */
export const certificateRequestType = changing(
  11,
  required(Tag.CertificateRequestType, enumeration(enumInfo.CertificateRequestType)),
  optional(Tag.CertificateRequestType, enumeration(enumInfo.CertificateRequestType)),
);

/** The bytes of a certificate request: Certificate Request in 1.x, where 1.0 requires it; Certificate Request Value in 2.x. */
export const certificateRequestValue = changing(
  20,
  optional(Tag.CertificateRequest, byteString),
  optional(Tag.CertificateRequestValue, byteString),
);

/** Certify (KMIP 2.1, 6.1.6). */
export const certifyRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  certificateRequestType,
  certificateRequestValue,
  attributes: optionalAttributes,
  protectionStorageMasks: optional(Tag.ProtectionStorageMasks, protectionStorageMasks, { since: 20 }),
});

export const certifyResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  /** 1.x: attributes that were set without being asked for. */
  attributes: optional(Tag.TemplateAttribute, templateAttribute, { until: 14 }),
});
