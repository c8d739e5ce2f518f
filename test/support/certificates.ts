import 'reflect-metadata';
import { type webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 86_400_000;

/** A certificate with its key and, in `chain`, the certificates of the authorities between it and the root. All PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
  readonly chain: string;
}

/** What a certificate is to say; a plain client certificate for a day, without extensions, where nothing is told. */
export interface CertificateOptions {
  /** A distinguished name (`CN=alice,OU=storage`), or its parts as library and standard have them. */
  readonly subject: x509.X509CertificateCreateParamsName;
  readonly san?: x509.JsonGeneralNames;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Extended key usages, as object identifiers. */
  readonly usages?: readonly string[];
}

/** An authority of the tests: made in memory, on first use, never stored. */
export class Authority {
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #certificate: x509.X509Certificate;
  /** Its own certificate first, then those above it, without the root. */
  readonly #chain: string;

  private constructor(keys: webcrypto.CryptoKeyPair, certificate: x509.X509Certificate, chain: string) {
    this.#keys = keys;
    this.#certificate = certificate;
    this.#chain = chain;
  }

  static async root(commonName: string): Promise<Authority> {
    const keys = await generate();
    const certificate = await signed(keys, { subject: `CN=${commonName}` }, authorityExtensions(), undefined);
    return new Authority(keys, certificate, '');
  }

  /** An authority below this one. */
  async intermediate(commonName: string): Promise<Authority> {
    const keys = await generate();
    const certificate = await signed(keys, { subject: `CN=${commonName}` }, authorityExtensions(), this.#signer());
    return new Authority(keys, certificate, `${certificate.toString('pem')}\n${this.#chain}`);
  }

  get certificate(): string {
    return `${this.#certificate.toString('pem')}\n`;
  }

  async issue(options: CertificateOptions): Promise<Identity> {
    const keys = await generate();
    const extensions: x509.Extension[] = [];
    if (options.san !== undefined) extensions.push(new x509.SubjectAlternativeNameExtension(options.san));
    if (options.usages !== undefined) extensions.push(new x509.ExtendedKeyUsageExtension([...options.usages]));
    const certificate = await signed(keys, options, extensions, this.#signer());
    return { certificate: `${certificate.toString('pem')}\n`, key: await pem(keys.privateKey), chain: this.#chain };
  }

  /** A certificate for the server on this machine, by name and by address. */
  server(): Promise<Identity> {
    return this.issue({
      subject: 'CN=localhost',
      san: [
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ],
      usages: [x509.ExtendedKeyUsage.serverAuth],
    });
  }

  #signer(): { issuer: string; key: webcrypto.CryptoKey } {
    return { issuer: this.#certificate.subject, key: this.#keys.privateKey };
  }
}

/** The certificate as TLS gives it to the server. */
export function parsed({ certificate }: Identity): X509Certificate {
  return new X509Certificate(certificate);
}

function generate(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

function authorityExtensions(): x509.Extension[] {
  return [new x509.BasicConstraintsExtension(true, undefined, true)];
}

function signed(
  keys: webcrypto.CryptoKeyPair,
  { subject, notBefore, notAfter }: CertificateOptions,
  extensions: x509.Extension[],
  signer: { issuer: string; key: webcrypto.CryptoKey } | undefined,
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    subject,
    issuer: signer?.issuer ?? subject,
    notBefore: notBefore ?? new Date(Date.now() - DAY),
    notAfter: notAfter ?? new Date(Date.now() + DAY),
    publicKey: keys.publicKey,
    signingKey: signer?.key ?? keys.privateKey,
    signingAlgorithm: ecdsa,
    extensions,
  });
}
