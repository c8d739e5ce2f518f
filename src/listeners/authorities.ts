import { hash, X509Certificate } from 'node:crypto';

/** Why a client certificate is not accepted; a short name for the audit file and the log. */
export type Distrust = 'not-yet-valid' | 'expired' | 'unknown-issuer';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const MAX_DEPTH = 10;

/**
 * The authorities that issue client certificates. TLS checks a certificate when a connection begins; this answers the
 * same question later, for a connection that is open when the authorities change, and for a session that is resumed.
 */
export class Authorities {
  readonly #certificates: readonly X509Certificate[];
  readonly #fingerprints: readonly string[];

  /** Reads all certificates of a PEM text. Throws an Error where there is none, or one cannot be read. */
  constructor(pem: string) {
    const found = pem.match(PEM) ?? [];
    if (found.length === 0) throw new Error('there is no certificate among the authorities');
    this.#certificates = found.map((text) => new X509Certificate(text));
    this.#fingerprints = this.#certificates.map((certificate) => certificate.fingerprint256).sort();
  }

  /**
   * The session id context of a protocol: TLS resumes a session only in it, and only under the authorities under which its
   * client certificate was verified, whatever the ticket keys.
   */
  contextOf(protocol: string): string {
    return hash('sha256', [protocol, ...this.#fingerprints].join(), 'hex').slice(0, 32);
  }

  /** Whether all of the others are among these: then no certificate that they have issued loses its issuer. */
  include(others: Authorities): boolean {
    return others.#fingerprints.every((fingerprint) => this.#fingerprints.includes(fingerprint));
  }

  /**
   * Why the certificate cannot be trusted; undefined if it can. The certificates between it and an authority are those
   * its client sent in the handshake (`issuerCertificate`); a resumed session knows none, nor does Node 24.
   */
  distrust(certificate: X509Certificate, now: Date): Distrust | undefined {
    let current = certificate;
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      const distrust = outOfDate(current, now);
      if (distrust !== undefined) return distrust;
      const below = current;
      const issuer = this.#certificates.find((authority) => issued(authority, below));
      if (issuer !== undefined) return outOfDate(issuer, now);
      const next = current.issuerCertificate;
      if (next === undefined || !next.ca || !issued(next, current)) break;
      current = next;
    }
    return 'unknown-issuer';
  }

  /**
   * The same for a certificate that was trusted under these authorities before, as when its session is resumed: only time can
   * have changed. No signature is verified, as resumption is to be cheap.
   */
  lapsed(certificate: X509Certificate, now: Date): Distrust | undefined {
    const issuer = this.#certificates.find((authority) => certificate.checkIssued(authority));
    return outOfDate(certificate, now) ?? (issuer && outOfDate(issuer, now));
  }
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function outOfDate(certificate: X509Certificate, now: Date): Distrust | undefined {
  if (now < certificate.validFromDate) return 'not-yet-valid';
  return now > certificate.validToDate ? 'expired' : undefined;
}
