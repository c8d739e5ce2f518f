import type { Buffer } from 'node:buffer';
import { X509Certificate } from 'node:crypto';
import { DigitalSignatureAlgorithm } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import { type DerElement, DerError, DerTag, derChildren, expectTag, readDer } from './der.ts';
import { type DistinguishedName, objectIdentifier, readGeneralName, readName } from './distinguished-name.ts';
import { type KeyFacts, knownFacts } from './keys.ts';

/** Subject or issuer of a certificate. */
export interface CertificateParty extends DistinguishedName {
  /** The alternative names of the extension: each GeneralName in DER. */
  readonly alternativeNames: readonly Buffer[];
  /** Those of them that are e-mail addresses, DNS names, URIs or IP addresses, as texts. */
  readonly alternativeTexts: readonly string[];
}

/** What the attributes of a certificate tell (KMIP 2.1, 4.6, 4.8, 4.61 to 4.63; 1.4, 3.9 to 3.15). */
export interface CertificateFacts {
  readonly subject: CertificateParty;
  readonly issuer: CertificateParty;
  /** The serial number: its INTEGER in DER, and the contents of that in hexadecimal digits. */
  readonly serial: { readonly der: Buffer; readonly text: string };
  /** Bytes of the certificate. */
  readonly length: number;
  /** The public key's algorithm and length; undefined for keys that the standard has no algorithm for. */
  readonly key: KeyFacts | undefined;
  /** Undefined where the standard has no value, as for Ed25519. */
  readonly signatureAlgorithm: DigitalSignatureAlgorithm | undefined;
}

/** Reads an X.509 certificate (RFC 5280, 4.1) in DER; `invalid-field` where it is none. */
export function readCertificate(certificate: Buffer): CertificateFacts {
  try {
    const parsed = new X509Certificate(certificate);
    const fields = tbsFields(certificate);
    const extensions = extensionsOf(fields.rest);
    return {
      subject: { ...readName(fields.subject), ...alternatives(extensions.get(subjectAltName)) },
      issuer: { ...readName(fields.issuer), ...alternatives(extensions.get(issuerAltName)) },
      serial: { der: fields.serial.whole, text: fields.serial.body.toString('hex').toUpperCase() },
      length: certificate.length,
      key: knownFacts(parsed.publicKey),
      signatureAlgorithm: signatureAlgorithmOf(fields.signature),
    };
  } catch (cause) {
    throw new KmipError('invalid-field', 'the Certificate Value is no X.509 certificate', { cause });
  }
}

const MOST_ALTERNATIVES = 10_000;
const subjectAltName = '2.5.29.17';
const issuerAltName = '2.5.29.18';

interface TbsFields {
  readonly serial: DerElement;
  readonly signature: DerElement;
  readonly issuer: DerElement;
  readonly subject: DerElement;
  readonly rest: readonly DerElement[];
}

/** TBSCertificate: [0] version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, ... */
function tbsFields(certificate: Buffer): TbsFields {
  const [tbs] = derChildren(readDer(certificate, DerTag.Sequence));
  const all = derChildren(expectTag(tbs, DerTag.Sequence));
  const [serial, signature, issuer, , subject, , ...rest] = all[0]?.tag === 0xa0 ? all.slice(1) : all;
  return {
    serial: expectTag(serial, DerTag.Integer),
    signature: expectTag(signature, DerTag.Sequence),
    issuer: expectTag(issuer, DerTag.Sequence),
    subject: expectTag(subject, DerTag.Sequence),
    rest,
  };
}

/** The extensions by object identifier: what is inside the OCTET STRING. */
function extensionsOf(rest: readonly DerElement[]): ReadonlyMap<string, Buffer> {
  const outer = rest.find((element) => element.tag === 0xa3);
  const found = new Map<string, Buffer>();
  if (outer === undefined) return found;
  for (const extension of derChildren(readDer(outer.body, DerTag.Sequence))) {
    const parts = derChildren(extension);
    // The last one: `critical` stands between them where it is true.
    const value = expectTag(parts.at(-1), DerTag.OctetString);
    found.set(objectIdentifier(parts[0]), value.body);
  }
  return found;
}

function alternatives(extension: Buffer | undefined) {
  const names = extension === undefined ? [] : derChildren(readDer(extension, DerTag.Sequence));
  if (names.length > MOST_ALTERNATIVES) throw new DerError('the certificate has too many alternative names');
  return {
    alternativeNames: names.map((name) => name.whole),
    alternativeTexts: names.flatMap((name) => readGeneralName(name) ?? []),
  };
}

const D = DigitalSignatureAlgorithm;

/** Object identifiers of RFC 3279, 4055, 5758 and NIST's. */
const signatureAlgorithms: ReadonlyMap<string, DigitalSignatureAlgorithm> = new Map<string, DigitalSignatureAlgorithm>([
  ['1.2.840.113549.1.1.2', D.MD2WithRSAEncryption],
  ['1.2.840.113549.1.1.4', D.MD5WithRSAEncryption],
  ['1.2.840.113549.1.1.5', D.SHA_1WithRSAEncryption],
  ['1.2.840.113549.1.1.14', D.SHA_224WithRSAEncryption],
  ['1.2.840.113549.1.1.11', D.SHA_256WithRSAEncryption],
  ['1.2.840.113549.1.1.12', D.SHA_384WithRSAEncryption],
  ['1.2.840.113549.1.1.13', D.SHA_512WithRSAEncryption],
  ['1.2.840.113549.1.1.10', D.RSASSA_PSS],
  ['1.2.840.10040.4.3', D.DSAWithSHA_1],
  ['2.16.840.1.101.3.4.3.1', D.DSAWithSHA224],
  ['2.16.840.1.101.3.4.3.2', D.DSAWithSHA256],
  ['1.2.840.10045.4.1', D.ECDSAWithSHA_1],
  ['1.2.840.10045.4.3.1', D.ECDSAWithSHA224],
  ['1.2.840.10045.4.3.2', D.ECDSAWithSHA256],
  ['1.2.840.10045.4.3.3', D.ECDSAWithSHA384],
  ['1.2.840.10045.4.3.4', D.ECDSAWithSHA512],
  ['2.16.840.1.101.3.4.3.14', D.SHA3_256WithRSAEncryption],
  ['2.16.840.1.101.3.4.3.15', D.SHA3_384WithRSAEncryption],
  ['2.16.840.1.101.3.4.3.16', D.SHA3_512WithRSAEncryption],
]);

function signatureAlgorithmOf(identifier: DerElement): DigitalSignatureAlgorithm | undefined {
  return signatureAlgorithms.get(objectIdentifier(derChildren(identifier)[0]));
}
