import {
  boolean,
  changing,
  enumeration,
  integer,
  optional,
  repeated,
  required,
  structure,
  textString,
} from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { attributes } from '../attribute-codec.ts';

/** What Query tells about a server. */

/** Extension Information (KMIP 2.1, 7.13). */
export const extensionInformation = structure({
  extensionName: required(Tag.ExtensionName, textString),
  extensionTag: optional(Tag.ExtensionTag, integer),
  extensionType: changing(
    20,
    optional(Tag.ExtensionType, integer),
    optional(Tag.ExtensionType, enumeration(enumInfo.ItemType)),
  ),
  extensionEnumeration: optional(Tag.ExtensionEnumeration, integer, { since: 20 }),
  extensionAttribute: optional(Tag.ExtensionAttribute, boolean, { since: 20 }),
  extensionParentStructureTag: optional(Tag.ExtensionParentStructureTag, integer, { since: 20 }),
  extensionDescription: optional(Tag.ExtensionDescription, textString, { since: 20 }),
});

const profileVersion = structure({
  profileVersionMajor: required(Tag.ProfileVersionMajor, integer),
  profileVersionMinor: required(Tag.ProfileVersionMinor, integer),
});

/** Profile Information (KMIP 2.1, 7.31). */
export const profileInformation = structure({
  profileName: required(Tag.ProfileName, enumeration(enumInfo.ProfileName)),
  profileVersion: optional(Tag.ProfileVersion, profileVersion, { since: 20 }),
  serverURI: optional(Tag.ServerURI, textString),
  serverPort: optional(Tag.ServerPort, integer),
});

/** Validation Information (KMIP 2.1, 7.41). */
export const validationInformation = structure({
  validationAuthorityType: required(Tag.ValidationAuthorityType, enumeration(enumInfo.ValidationAuthorityType)),
  validationAuthorityCountry: optional(Tag.ValidationAuthorityCountry, textString),
  validationAuthorityURI: optional(Tag.ValidationAuthorityURI, textString),
  validationVersionMajor: required(Tag.ValidationVersionMajor, integer),
  validationVersionMinor: optional(Tag.ValidationVersionMinor, integer),
  validationType: required(Tag.ValidationType, enumeration(enumInfo.ValidationType)),
  validationLevel: required(Tag.ValidationLevel, integer),
  validationCertificateIdentifier: optional(Tag.ValidationCertificateIdentifier, textString),
  validationCertificateURI: optional(Tag.ValidationCertificateURI, textString),
  validationVendorURI: optional(Tag.ValidationVendorURI, textString),
  validationProfile: repeated(Tag.ValidationProfile, textString),
});

/** Capability Information (KMIP 2.1, 7.5). */
export const capabilityInformation = structure({
  streamingCapability: optional(Tag.StreamingCapability, boolean),
  asynchronousCapability: optional(Tag.AsynchronousCapability, boolean),
  attestationCapability: optional(Tag.AttestationCapability, boolean),
  batchUndoCapability: optional(Tag.BatchUndoCapability, boolean, { since: 14 }),
  batchContinueCapability: optional(Tag.BatchContinueCapability, boolean, { since: 14 }),
  unwrapMode: optional(Tag.UnwrapMode, enumeration(enumInfo.UnwrapMode)),
  destroyAction: optional(Tag.DestroyAction, enumeration(enumInfo.DestroyAction)),
  shreddingAlgorithm: optional(Tag.ShreddingAlgorithm, enumeration(enumInfo.ShreddingAlgorithm)),
  rngMode: optional(Tag.RNGMode, enumeration(enumInfo.RNGMode)),
  quantumSafeCapability: optional(Tag.QuantumSafeCapability, boolean, { since: 20 }),
});

/** Server Information (KMIP 2.1, 7.37); in 1.x a structure whose content is the vendor's. */
export const serverInformation = structure(
  {
    serverName: optional(Tag.ServerName, textString, { since: 20 }),
    serverSerialNumber: optional(Tag.ServerSerialNumber, textString, { since: 20 }),
    serverVersion: optional(Tag.ServerVersion, textString, { since: 20 }),
    serverLoad: optional(Tag.ServerLoad, textString, { since: 20 }),
    productName: optional(Tag.ProductName, textString, { since: 20 }),
    buildLevel: optional(Tag.BuildLevel, textString, { since: 20 }),
    buildDate: optional(Tag.BuildDate, textString, { since: 20 }),
    clusterInfo: optional(Tag.ClusterInfo, textString, { since: 20 }),
    alternateFailoverEndpoints: repeated(Tag.AlternateFailoverEndpoints, textString, { since: 20 }),
  },
  { unknown: 'skip' },
);

/** Object Groups (KMIP 2.1, 7.23). */
export const objectGroups = structure({
  objectGroup: repeated(Tag.ObjectGroup, textString),
});

/** Object Types (KMIP 2.1, 7.24). */
export const objectTypes = structure({
  objectType: repeated(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
});

const objectDefaults = structure({
  objectType: optional(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
  objectTypes: optional(Tag.ObjectTypes, objectTypes, { since: 21 }),
  attributes: required(Tag.Attributes, attributes),
  objectGroups: optional(Tag.ObjectGroups, objectGroups, { since: 21 }),
});

/** Defaults Information (KMIP 2.1, 7.11). */
export const defaultsInformation = structure({
  objectDefaults: repeated(Tag.ObjectDefaults, objectDefaults),
});
