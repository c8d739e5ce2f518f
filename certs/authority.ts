// A certificate authority for development and tests: keys and certificates in PEM, nothing on disk.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** What a certificate is to say. Nothing is added: a subject or usage that is not asked for is absent. */
export interface Wanted {
  /** Common Name of the subject. */
  cn?: string;
  /** Organizational Units of the subject, in order. */
  ou?: readonly string[];
  /** Subject alternative names (RFC 5280, 4.2.1.6). */
  email?: readonly string[];
  dns?: readonly string[];
  ip?: readonly string[];
  /** Extended key usage; absent when empty. */
  usage?: readonly ('serverAuth' | 'clientAuth')[];
  /** An authority that may issue more; false by default. */
  ca?: boolean;
  /** RSA of 2048 bits, which every client accepts, unless 'ec' (P-256, made much faster) is asked for. */
  keys?: 'rsa' | 'ec';
  /** Validity; from an hour ago (clocks differ) for ten years by default. */
  notBefore?: Date;
  notAfter?: Date;
}

/** A certificate and its private key. */
export interface Issued {
  /** PEM of the certificate. */
  certificate: string;
  /** PEM of the private key, PKCS#8. */
  key: string;
}

const algorithms = {
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  ec: { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' },
} as const;

const hour = 3_600_000;
const tenYears = 3_650 * 24 * hour;

x509.cryptoProvider.set(webcrypto);

/** Makes an authority of its own: a self-signed certificate. */
export async function createAuthority(cn: string, wanted: Wanted = {}): Promise<Issued> {
  return issue(undefined, { cn, ca: true, ...wanted });
}

/** Makes a key pair and has it certified by the issuer (an authority or an intermediate), or by itself. */
export async function issue(issuer: Issued | undefined, wanted: Wanted): Promise<Issued> {
  const algorithm = algorithms[wanted.keys ?? 'rsa'];
  const pair = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const parent = issuer === undefined ? undefined : await open(issuer);
  const subject = subjectOf(wanted);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: parent?.certificate.subjectName ?? subject,
    notBefore: wanted.notBefore ?? new Date(Date.now() - hour),
    notAfter: wanted.notAfter ?? new Date(Date.now() + tenYears),
    publicKey: pair.publicKey,
    signingKey: parent?.key ?? pair.privateKey,
    signingAlgorithm: parent?.algorithm ?? algorithm,
    extensions: [
      ...extensionsOf(wanted),
      await x509.SubjectKeyIdentifierExtension.create(pair.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(parent?.certificate ?? pair.publicKey),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', pair.privateKey);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
  };
}

async function open(issuer: Issued) {
  const certificate = new x509.X509Certificate(issuer.certificate);
  const algorithm = certificate.publicKey.algorithm.name === 'ECDSA' ? algorithms.ec : algorithms.rsa;
  const [pkcs8] = x509.PemConverter.decode(issuer.key);
  if (pkcs8 === undefined) throw new Error('the key of the issuer is not PEM');
  const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
  return { certificate, key, algorithm };
}

function subjectOf({ cn, ou = [] }: Wanted): x509.Name {
  return new x509.Name([...(cn === undefined ? [] : [{ CN: [cn] }]), ...ou.map((unit) => ({ OU: [unit] }))]);
}

function extensionsOf(wanted: Wanted): x509.Extension[] {
  const { ca = false, usage = [], email = [], dns = [], ip = [] } = wanted;
  const flags = ca
    ? x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign
    : x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment;
  const names: x509.JsonGeneralNames = [
    ...email.map((value) => ({ type: 'email' as const, value })),
    ...dns.map((value) => ({ type: 'dns' as const, value })),
    ...ip.map((value) => ({ type: 'ip' as const, value })),
  ];
  return [
    new x509.BasicConstraintsExtension(ca, undefined, true),
    new x509.KeyUsagesExtension(flags, true),
    ...(usage.length === 0
      ? []
      : [new x509.ExtendedKeyUsageExtension(usage.map((name) => x509.ExtendedKeyUsage[name]))]),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
  ];
}

/** 16 random bytes in hex, the first bit zero: a positive INTEGER (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(Buffer.alloc(16));
  bytes[0] = (bytes.readUInt8(0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
