import {
  boolean,
  byteString,
  type Codec,
  dateTime,
  enumeration,
  integer,
  interval,
  mask,
  type TypeOf,
  textString,
} from '../../ttlv/structure.ts';
import { enumInfo, ObjectType } from '../../ttlv/tables/enums.ts';
import { maskInfo } from '../../ttlv/tables/masks.ts';
import { type AttributeRow, type AttributeRules, allObjects, cryptographic, keys, making } from './attribute-rules.ts';
import {
  certificateIdentifier,
  certificateIssuer,
  certificateSubject,
  x509CertificateIdentifier,
  x509CertificateIssuer,
  x509CertificateSubject,
} from './structures/certificates.ts';
import {
  cryptographicDomainParameters,
  cryptographicParameters,
  digest,
  rngParameters,
} from './structures/cryptographic.ts';
import { extensible, usageMask } from './structures/lenient.ts';
import {
  alternativeName,
  applicationSpecificInformation,
  keyValueLocation,
  link,
  name,
  rotateName,
} from './structures/naming.ts';
import { uniqueIdentifier } from './structures/unique-identifier.ts';
import { revocationReason, usageLimits } from './structures/usage.ts';

function row<T>(codec: Codec<T>, rules: AttributeRules): AttributeRow<T> {
  return { codec, ...rules };
}

const certificates = [ObjectType.Certificate];
// The tables of 1.x name symmetric keys only; published case CS-AC-M-8 gives both dates to an RSA key pair.
const withUseDates = [...keys.filter((type) => type !== ObjectType.PGPKey), ObjectType.Template];
const withValue = [ObjectType.SymmetricKey, ObjectType.PrivateKey, ObjectType.SplitKey, ObjectType.SecretData];
const withTemplates = [...cryptographic, ObjectType.Template];
const withOpaque = [...cryptographic, ObjectType.OpaqueObject];
const certifying = ['Register', 'Certify', 'ReCertify'] as const;
const rekeying = ['ReKey', 'ReKeyKeyPair', 'ReCertify'] as const;
const generating = ['Create', 'CreateKeyPair', 'DeriveKey', 'ReKey', 'ReKeyKeyPair'] as const;
const changing = ['AddAttribute', 'ModifyAttribute', 'DeleteAttribute', 'GetUsageAllocation'] as const;
const lifecycle = ['Activate', 'Revoke', 'Destroy'] as const;

/** The client's own: set, changed and deleted at will. */
const free = { modifiable: 'always', deletable: 'always' } as const;
/** A fact of a certificate, found by the server. */
const ofCertificate = { setBy: 'server', always: true, appliesTo: certificates, implicitlySetBy: certifying } as const;
/** A field of the subject or issuer of a certificate (KMIP 2.1, 4.6); TC-CERTATTR-1-14 shows them in 1.4 already. */
const certificateField = () =>
  row(textString, { since: 14, setBy: 'server', multiple: true, appliesTo: certificates, implicitlySetBy: certifying });

/**
 * The attributes of the standard, one row each (KMIP 2.1, 4; 1.4, 3), by the normalised name of their tag. Custom
 * attributes of 1.x and vendor attributes of 2.x have no row: see attribute-codec.ts.
 */
export const attributes = {
  UniqueIdentifier: row(uniqueIdentifier, {
    setBy: 'server',
    always: true,
    appliesTo: allObjects,
    implicitlySetBy: making,
  }),
  Name: row(name, { setBy: 'client', multiple: true, ...free, appliesTo: allObjects, implicitlySetBy: rekeying }),
  ObjectType: row(enumeration(enumInfo.ObjectType), {
    setBy: 'server',
    always: true,
    appliesTo: allObjects,
    implicitlySetBy: making,
  }),
  CryptographicAlgorithm: row(enumeration(enumInfo.CryptographicAlgorithm), {
    setBy: 'server',
    asked: true,
    always: true,
    appliesTo: [...keys, ObjectType.Certificate, ObjectType.Template],
    widened: true,
    implicitlySetBy: making,
  }),
  CryptographicLength: row(integer, {
    setBy: 'server',
    asked: true,
    always: true,
    appliesTo: [...keys, ObjectType.Certificate, ObjectType.Template],
    widened: true,
    implicitlySetBy: making,
  }),
  CryptographicParameters: row(cryptographicParameters, {
    setBy: 'client',
    multiple: true,
    ...free,
    appliesTo: [...keys, ObjectType.Certificate, ObjectType.Template],
    widened: true,
    implicitlySetBy: rekeying,
  }),
  CryptographicDomainParameters: row(cryptographicDomainParameters, {
    setBy: 'client',
    appliesTo: [ObjectType.PublicKey, ObjectType.PrivateKey, ObjectType.Template],
    implicitlySetBy: ['ReKey', 'ReKeyKeyPair'],
  }),
  CertificateType: row(enumeration(enumInfo.CertificateType), { ...ofCertificate, asked: true }),
  CertificateLength: row(integer, { since: 11, ...ofCertificate }),
  X_509CertificateIdentifier: row(x509CertificateIdentifier, { since: 11, ...ofCertificate }),
  X_509CertificateSubject: row(x509CertificateSubject, { since: 11, ...ofCertificate }),
  X_509CertificateIssuer: row(x509CertificateIssuer, { since: 11, ...ofCertificate }),
  CertificateIdentifier: row(certificateIdentifier, { until: 14, ...ofCertificate }),
  CertificateSubject: row(certificateSubject, { until: 14, ...ofCertificate }),
  CertificateIssuer: row(certificateIssuer, { until: 14, ...ofCertificate }),
  DigitalSignatureAlgorithm: row(enumeration(enumInfo.DigitalSignatureAlgorithm), {
    since: 11,
    ...ofCertificate,
    multiple: true,
    appliesTo: [ObjectType.Certificate, ObjectType.PGPKey],
  }),
  Digest: row(digest, {
    setBy: 'server',
    multiple: true,
    secret: true,
    appliesTo: withOpaque,
    widened: true,
    implicitlySetBy: making,
  }),
  OperationPolicyName: row(textString, { until: 14, setBy: 'either', appliesTo: allObjects, implicitlySetBy: making }),
  CryptographicUsageMask: row(usageMask, {
    setBy: 'either',
    always: true,
    appliesTo: withTemplates,
    widened: true,
    implicitlySetBy: making,
  }),
  // Published cases show it for templates too.
  LeaseTime: row(interval, { setBy: 'server', appliesTo: withTemplates, widened: true, implicitlySetBy: making }),
  UsageLimits: row(usageLimits, {
    setBy: 'either',
    modifiable: 'until-allocated',
    deletable: 'until-allocated',
    appliesTo: [...keys, ObjectType.Template],
    widened: true,
    implicitlySetBy: [
      'Create',
      'CreateKeyPair',
      'Register',
      'DeriveKey',
      'ReKey',
      'ReKeyKeyPair',
      'GetUsageAllocation',
    ],
  }),
  State: row(enumeration(enumInfo.State), {
    setBy: 'server',
    always: true,
    appliesTo: cryptographic,
    widened: true,
    implicitlySetBy: [...making, ...lifecycle],
  }),
  InitialDate: row(dateTime, { setBy: 'server', always: true, appliesTo: allObjects, implicitlySetBy: making }),
  ActivationDate: row(dateTime, {
    setBy: 'either',
    modifiable: 'pre-active',
    appliesTo: withTemplates,
    widened: true,
    implicitlySetBy: [...making, 'Activate'],
  }),
  ProcessStartDate: row(dateTime, {
    setBy: 'either',
    modifiable: 'until-reached',
    appliesTo: withUseDates,
    widened: true,
    implicitlySetBy: ['Create', 'Register', 'DeriveKey', 'ReKey'],
  }),
  ProtectStopDate: row(dateTime, {
    setBy: 'either',
    modifiable: 'until-reached',
    appliesTo: withUseDates,
    widened: true,
    implicitlySetBy: ['Create', 'Register', 'DeriveKey', 'ReKey'],
  }),
  DeactivationDate: row(dateTime, {
    setBy: 'either',
    modifiable: 'pre-active-or-active',
    appliesTo: withTemplates,
    widened: true,
    implicitlySetBy: [...making, 'Revoke'],
  }),
  DestroyDate: row(dateTime, { setBy: 'server', appliesTo: withOpaque, widened: true, implicitlySetBy: ['Destroy'] }),
  CompromiseOccurrenceDate: row(dateTime, {
    setBy: 'server',
    appliesTo: withOpaque,
    widened: true,
    implicitlySetBy: ['Revoke'],
  }),
  CompromiseDate: row(dateTime, { setBy: 'server', appliesTo: withOpaque, widened: true, implicitlySetBy: ['Revoke'] }),
  RevocationReason: row(revocationReason, {
    setBy: 'server',
    appliesTo: withOpaque,
    widened: true,
    implicitlySetBy: ['Revoke'],
  }),
  ArchiveDate: row(dateTime, { setBy: 'server', appliesTo: allObjects, implicitlySetBy: ['Archive'] }),
  ObjectGroup: row(textString, {
    setBy: 'either',
    multiple: true,
    ...free,
    appliesTo: allObjects,
    implicitlySetBy: making,
  }),
  Fresh: row(boolean, { since: 11, setBy: 'either', appliesTo: cryptographic, widened: true, implicitlySetBy: making }),
  Link: row(link, {
    setBy: 'either',
    multiple: true,
    ...free,
    appliesTo: cryptographic,
    widened: true,
    implicitlySetBy: ['CreateKeyPair', 'DeriveKey', 'Certify', 'ReCertify', 'ReKey', 'ReKeyKeyPair', 'Register'],
  }),
  ApplicationSpecificInformation: row(applicationSpecificInformation, {
    setBy: 'either',
    multiple: true,
    ...free,
    appliesTo: allObjects,
    implicitlySetBy: rekeying,
  }),
  ContactInformation: row(textString, { setBy: 'either', ...free, appliesTo: allObjects, implicitlySetBy: making }),
  LastChangeDate: row(dateTime, {
    setBy: 'server',
    always: true,
    appliesTo: allObjects,
    implicitlySetBy: [...making, ...lifecycle, 'Archive', 'Recover', ...changing],
  }),
  AlternativeName: row(alternativeName, {
    since: 12,
    setBy: 'client',
    multiple: true,
    ...free,
    appliesTo: allObjects,
    implicitlySetBy: [],
  }),
  KeyValuePresent: row(boolean, {
    since: 12,
    setBy: 'server',
    appliesTo: withValue,
    widened: true,
    implicitlySetBy: ['Register'],
  }),
  KeyValueLocation: row(keyValueLocation, {
    since: 12,
    setBy: 'client',
    multiple: true,
    ...free,
    appliesTo: withValue,
    widened: true,
    implicitlySetBy: [],
  }),
  OriginalCreationDate: row(dateTime, {
    since: 12,
    setBy: 'either',
    appliesTo: allObjects,
    implicitlySetBy: generating,
  }),
  RandomNumberGenerator: row(rngParameters, {
    since: 13,
    setBy: 'either',
    appliesTo: cryptographic,
    widened: true,
    implicitlySetBy: generating,
  }),
  PKCS_12FriendlyName: row(textString, {
    since: 14,
    setBy: 'either',
    ...free,
    appliesTo: cryptographic,
    widened: true,
    implicitlySetBy: [],
  }),
  Description: row(textString, { since: 14, setBy: 'either', ...free, appliesTo: allObjects, implicitlySetBy: [] }),
  Comment: row(textString, { since: 14, setBy: 'either', ...free, appliesTo: allObjects, implicitlySetBy: [] }),
  Sensitive: row(boolean, {
    since: 14,
    setBy: 'either',
    always: true,
    modifiable: 'always',
    appliesTo: allObjects,
    implicitlySetBy: making,
  }),
  AlwaysSensitive: row(boolean, {
    since: 14,
    setBy: 'server',
    always: true,
    appliesTo: allObjects,
    implicitlySetBy: making,
  }),
  Extractable: row(boolean, {
    since: 14,
    setBy: 'either',
    always: true,
    modifiable: 'always',
    appliesTo: allObjects,
    implicitlySetBy: making,
  }),
  NeverExtractable: row(boolean, {
    since: 14,
    setBy: 'server',
    always: true,
    appliesTo: allObjects,
    implicitlySetBy: making,
  }),
  CertificateSubjectCN: certificateField(),
  CertificateSubjectO: certificateField(),
  CertificateSubjectOU: certificateField(),
  CertificateSubjectEmail: certificateField(),
  CertificateSubjectC: certificateField(),
  CertificateSubjectST: certificateField(),
  CertificateSubjectL: certificateField(),
  CertificateSubjectUID: certificateField(),
  CertificateSubjectSerialNumber: certificateField(),
  CertificateSubjectTitle: certificateField(),
  CertificateSubjectDC: certificateField(),
  CertificateSubjectDNQualifier: certificateField(),
  CertificateIssuerCN: certificateField(),
  CertificateIssuerO: certificateField(),
  CertificateIssuerOU: certificateField(),
  CertificateIssuerEmail: certificateField(),
  CertificateIssuerC: certificateField(),
  CertificateIssuerST: certificateField(),
  CertificateIssuerL: certificateField(),
  CertificateIssuerUID: certificateField(),
  CertificateIssuerSerialNumber: certificateField(),
  CertificateIssuerTitle: certificateField(),
  CertificateIssuerDC: certificateField(),
  CertificateIssuerDNQualifier: certificateField(),
  KeyFormatType: row(enumeration(enumInfo.KeyFormatType), {
    since: 20,
    setBy: 'server',
    always: true,
    appliesTo: allObjects,
    implicitlySetBy: making,
  }),
  NISTKeyType: row(enumeration(enumInfo.NISTKeyType), {
    since: 20,
    setBy: 'client',
    multiple: true,
    appliesTo: allObjects,
    implicitlySetBy: [],
  }),
  OpaqueDataType: row(extensible(enumInfo.OpaqueDataType), {
    since: 20,
    setBy: 'server',
    always: true,
    appliesTo: [ObjectType.OpaqueObject],
    implicitlySetBy: ['Register'],
  }),
  ProtectionLevel: row(enumeration(enumInfo.ProtectionLevel), {
    since: 20,
    setBy: 'client',
    ...free,
    appliesTo: allObjects,
    implicitlySetBy: [],
  }),
  ProtectionPeriod: row(interval, { since: 20, setBy: 'client', ...free, appliesTo: allObjects, implicitlySetBy: [] }),
  ProtectionStorageMask: row(mask(maskInfo.ProtectionStorageMask), {
    since: 20,
    setBy: 'server',
    always: true,
    appliesTo: allObjects,
    implicitlySetBy: making,
  }),
  QuantumSafe: row(boolean, { since: 20, setBy: 'client', ...free, appliesTo: allObjects, implicitlySetBy: [] }),
  ShortUniqueIdentifier: row(byteString, {
    since: 20,
    setBy: 'server',
    always: true,
    appliesTo: allObjects,
    implicitlySetBy: making,
  }),
  RotateAutomatic: row(boolean, { since: 21, setBy: 'either', appliesTo: allObjects, implicitlySetBy: [] }),
  RotateDate: row(dateTime, { since: 21, setBy: 'server', appliesTo: allObjects, implicitlySetBy: [] }),
  RotateGeneration: row(integer, { since: 21, setBy: 'server', appliesTo: allObjects, implicitlySetBy: [] }),
  RotateInterval: row(interval, { since: 21, setBy: 'either', appliesTo: allObjects, implicitlySetBy: making }),
  RotateLatest: row(boolean, { since: 21, setBy: 'server', appliesTo: allObjects, implicitlySetBy: [] }),
  RotateName: row(rotateName, { since: 21, setBy: 'client', ...free, appliesTo: allObjects, implicitlySetBy: [] }),
  RotateOffset: row(interval, { since: 21, setBy: 'either', appliesTo: allObjects, implicitlySetBy: making }),
};

/** The standard's attributes, by registry name. */
export type AttributeName = keyof typeof attributes;

/** The type of an attribute's values. */
export type AttributeValue<N extends AttributeName> = TypeOf<(typeof attributes)[N]['codec']>;
