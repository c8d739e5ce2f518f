import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';

/** Where the certificates lie. */
export interface TlsFiles {
  readonly caFile: string;
  readonly certificateFile: string;
  readonly privateKeyFile: string;
}

/** What the server proves itself with, and what it checks its clients with. */
export interface TlsMaterial {
  /** PEM: the authorities of client certificates. */
  readonly ca: string;
  /** PEM: the server's certificate, then those between it and its authority: all of them are sent. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
  /** 48 random bytes, the same for all workers of a node, so that each resumes the sessions of the others. */
  readonly ticketKeys: Buffer;
}

/** Settings of TLS, named as in config/settings.ts. */
export interface TlsSettings {
  readonly tlsMinVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly tlsCiphers: string;
  readonly tlsLegacyCiphers: boolean;
  /** Seconds. */
  readonly handshakeTimeout: number;
}

/** Reads the files of a server, at start and again on SIGHUP. Throws the system's error. */
export function readTlsMaterial(files: TlsFiles, ticketKeys: Buffer): TlsMaterial {
  const [ca, certificate, privateKey] = [files.caFile, files.certificateFile, files.privateKeyFile].map((file) =>
    readFileSync(file, 'latin1'),
  ) as [string, string, string];
  return { ca, certificate, privateKey, ticketKeys };
}

/** For old appliances: CBC suites, and RSA key exchange without forward secrecy. */
const legacyCiphers = [
  ...['ECDHE-ECDSA-AES256-SHA384', 'ECDHE-RSA-AES256-SHA384', 'ECDHE-ECDSA-AES128-SHA256', 'ECDHE-RSA-AES128-SHA256'],
  ...['ECDHE-ECDSA-AES256-SHA', 'ECDHE-RSA-AES256-SHA', 'ECDHE-ECDSA-AES128-SHA', 'ECDHE-RSA-AES128-SHA'],
  ...['AES256-GCM-SHA384', 'AES128-GCM-SHA256', 'AES256-SHA256', 'AES128-SHA256', 'AES256-SHA', 'AES128-SHA'],
];

/** Clients that look at a key every quarter of an hour are to resume their sessions. */
const SESSION_SECONDS = 3_600;

/**
 * The options of a TLS server. Certificates of clients are asked for, and judged by the listener, which can say why. Sessions
 * are resumed only where `sessionContext` is the same.
 */
export function tlsOptions(settings: TlsSettings, material: TlsMaterial, sessionContext: string): TlsOptions {
  const ciphers = settings.tlsLegacyCiphers ? [settings.tlsCiphers, ...legacyCiphers].join(':') : settings.tlsCiphers;
  return {
    ca: material.ca,
    requestCert: true,
    rejectUnauthorized: false,
    cert: material.certificate,
    key: material.privateKey,
    ticketKeys: material.ticketKeys,
    sessionIdContext: sessionContext,
    sessionTimeout: SESSION_SECONDS,
    handshakeTimeout: settings.handshakeTimeout * 1000,
    minVersion: settings.tlsMinVersion,
    ciphers,
  };
}
