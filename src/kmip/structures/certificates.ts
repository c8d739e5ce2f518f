import { byteString, optional, repeated, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** X.509 Certificate Identifier (KMIP 2.1, 4.61): DER of the name, and the serial number. */
export const x509CertificateIdentifier = structure({
  issuerDistinguishedName: required(Tag.IssuerDistinguishedName, byteString),
  certificateSerialNumber: required(Tag.CertificateSerialNumber, byteString),
});

/** X.509 Certificate Subject (KMIP 2.1, 4.63). */
export const x509CertificateSubject = structure({
  subjectDistinguishedName: required(Tag.SubjectDistinguishedName, byteString),
  subjectAlternativeName: repeated(Tag.SubjectAlternativeName, byteString),
});

/** X.509 Certificate Issuer (KMIP 2.1, 4.62). */
export const x509CertificateIssuer = structure({
  issuerDistinguishedName: required(Tag.IssuerDistinguishedName, byteString),
  issuerAlternativeName: repeated(Tag.IssuerAlternativeName, byteString),
});

/** Certificate Identifier (KMIP 1.4, 3.12), deprecated since 1.1. */
export const certificateIdentifier = structure({
  issuer: required(Tag.Issuer, textString),
  serialNumber: optional(Tag.SerialNumber, textString),
});

/** Certificate Subject (KMIP 1.4, 3.13), deprecated since 1.1. */
export const certificateSubject = structure({
  certificateSubjectDistinguishedName: required(Tag.CertificateSubjectDistinguishedName, textString),
  certificateSubjectAlternativeName: repeated(Tag.CertificateSubjectAlternativeName, textString),
});

/** Certificate Issuer (KMIP 1.4, 3.14), deprecated since 1.1. */
export const certificateIssuer = structure({
  certificateIssuerDistinguishedName: required(Tag.CertificateIssuerDistinguishedName, textString),
  certificateIssuerAlternativeName: repeated(Tag.CertificateIssuerAlternativeName, textString),
});
