import type { NamePart } from '../crypto/distinguished-name.ts';
import { type CertificateFacts, type CertificateParty, readCertificate } from '../crypto/x509.ts';
import type { GivenAttribute } from '../kmip/attribute-set.ts';
import type { AttributeName } from '../kmip/attributes.ts';

/**
 * The attributes that a certificate in DER tells of itself (KMIP 1.4, 3.9 to 3.15; KMIP 2.1, 4.6 to 4.8 and 4.61 to 4.63),
 * in the forms of all versions. Throws `invalid-field` where it is no X.509 certificate.
 */
export function certificateAttributes(der: Buffer): readonly GivenAttribute[] {
  const facts = readCertificate(der);
  const { subject, issuer } = facts;
  return [
    { key: 'CertificateLength', value: facts.length },
    ...(facts.signatureAlgorithm === undefined
      ? []
      : [{ key: 'DigitalSignatureAlgorithm', value: facts.signatureAlgorithm } as const]),
    ...structured(facts),
    ...legacy(facts),
    ...flat('CertificateSubject', subject),
    ...flat('CertificateIssuer', issuer),
  ];
}

function structured({ subject, issuer, serial }: CertificateFacts): readonly GivenAttribute[] {
  return [
    {
      key: 'X_509CertificateIdentifier',
      value: { issuerDistinguishedName: issuer.der, certificateSerialNumber: serial.der },
    },
    {
      key: 'X_509CertificateSubject',
      value: { subjectDistinguishedName: subject.der, subjectAlternativeName: subject.alternativeNames },
    },
    {
      key: 'X_509CertificateIssuer',
      value: { issuerDistinguishedName: issuer.der, issuerAlternativeName: issuer.alternativeNames },
    },
  ];
}

/** The forms of 1.0, as texts; later 1.x versions still have them. */
function legacy({ subject, issuer, serial }: CertificateFacts): readonly GivenAttribute[] {
  return [
    { key: 'CertificateIdentifier', value: { issuer: issuer.text, serialNumber: serial.text } },
    {
      key: 'CertificateSubject',
      value: {
        certificateSubjectDistinguishedName: subject.text,
        certificateSubjectAlternativeName: subject.alternativeTexts,
      },
    },
    {
      key: 'CertificateIssuer',
      value: {
        certificateIssuerDistinguishedName: issuer.text,
        certificateIssuerAlternativeName: issuer.alternativeTexts,
      },
    },
  ];
}

/** One attribute a part of the name, such as Certificate Subject CN. */
function flat(
  prefix: 'CertificateSubject' | 'CertificateIssuer',
  { parts }: CertificateParty,
): readonly GivenAttribute[] {
  return (Object.keys(parts) as NamePart[]).flatMap((part) => {
    const key: AttributeName = `${prefix}${part}`;
    return (parts[part] ?? []).map((value) => ({ key, value }));
  });
}
