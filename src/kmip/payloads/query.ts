import { enumeration, optional, repeated, structure, type TypeOf, textString } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { rngParameters } from '../structures/cryptographic.ts';
import { anyCode } from '../structures/lenient.ts';
import { protectionStorageMasks } from '../structures/protection-storage.ts';
import {
  capabilityInformation,
  defaultsInformation,
  extensionInformation,
  objectGroups,
  profileInformation,
  serverInformation,
  validationInformation,
} from '../structures/server-information.ts';

/** Query (KMIP 2.1, 6.1.40). Codes that are no Query Function of the version are taken: clients probe for newer ones. */
export const queryRequest = structure({
  queryFunction: repeated(Tag.QueryFunction, anyCode, { min: 1 }),
  objectGroups: optional(Tag.ObjectGroups, objectGroups, { since: 21 }),
});

export const queryResponse = structure({
  operation: repeated(Tag.Operation, enumeration(enumInfo.Operation)),
  objectType: repeated(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
  vendorIdentification: optional(Tag.VendorIdentification, textString),
  serverInformation: optional(Tag.ServerInformation, serverInformation),
  applicationNamespace: repeated(Tag.ApplicationNamespace, textString),
  extensionInformation: repeated(Tag.ExtensionInformation, extensionInformation, { since: 11 }),
  attestationType: repeated(Tag.AttestationType, enumeration(enumInfo.AttestationType), { since: 12 }),
  rngParameters: repeated(Tag.RNGParameters, rngParameters, { since: 13 }),
  profileInformation: repeated(Tag.ProfileInformation, profileInformation, { since: 13 }),
  validationInformation: repeated(Tag.ValidationInformation, validationInformation, { since: 13 }),
  capabilityInformation: repeated(Tag.CapabilityInformation, capabilityInformation, { since: 13 }),
  clientRegistrationMethod: repeated(Tag.ClientRegistrationMethod, enumeration(enumInfo.ClientRegistrationMethod), {
    since: 13,
  }),
  defaultsInformation: optional(Tag.DefaultsInformation, defaultsInformation, { since: 20 }),
  protectionStorageMasks: optional(Tag.ProtectionStorageMasks, protectionStorageMasks, { since: 20 }),
});
export type QueryResponse = TypeOf<typeof queryResponse>;
