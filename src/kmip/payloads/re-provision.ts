import { optional, structure, textString } from '../../../ttlv/structure.ts';
import { ObjectType } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { objects } from '../objects.ts';

/** Re-Provision (KMIP 2.1, 6.1.48). */
export const reProvisionRequest = structure({
  certificateRequest: optional(Tag.CertificateRequest, objects[ObjectType.CertificateRequest].codec),
  certificate: optional(Tag.Certificate, objects[ObjectType.Certificate].codec),
});

export const reProvisionResponse = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, textString),
});
