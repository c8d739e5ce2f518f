import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Peer } from '../access/authenticate.ts';
import type { Log } from '../log.ts';
import { addressOf } from './acceptor.ts';
import { Authorities, type Distrust } from './authorities.ts';
import { type TlsMaterial, type TlsSettings, tlsOptions } from './tls.ts';

/** What a handshake has shown of the other end of a connection. */
export interface Shown {
  readonly address: string;
  /** Undefined where the client has shown none. */
  readonly certificate: X509Certificate | undefined;
  /** Why the client is not who its certificate says: in TLS's words, a `Distrust`, or `no-certificate`. */
  readonly distrust: string | undefined;
}

/** What handshakes need of their listener. */
export interface HandshakesHost {
  readonly settings: TlsSettings;
  /** A session begun in one protocol is not resumed in the other, which may ask more of its clients. */
  readonly protocol: 'KMIP' | 'HTTPS';
  /** The handshake is done. */
  secured(socket: TLSSocket, shown: Shown): void;
  /** There was none; the connection is closed. */
  failed(socket: TLSSocket, reason: string): void;
}

/** What application protocols are offered (RFC 7301). For KMIP there is no name. */
const applicationProtocols = { KMIP: {}, HTTPS: { ALPNProtocols: ['http/1.1'] } };

/**
 * Does the handshakes of a listener, in which clients are asked for a certificate and may have none. Each loaded set of
 * certificates has a TLS server of its own, which takes over the connections that sent their first byte while it was current;
 * so a handshake knows under which authorities it was done.
 */
export class Handshakes {
  readonly #host: HandshakesHost;
  #authorities: Authorities;
  #server: Server;

  /** Throws an Error where the certificates or the key cannot be used. */
  constructor(host: HandshakesHost, material: TlsMaterial) {
    this.#host = host;
    this.#authorities = new Authorities(material.ca);
    this.#server = this.#tlsServer(material, this.#authorities);
  }

  /** Takes over a connection that has something to read. */
  begin(socket: Socket): void {
    this.#server.emit('connection', socket);
  }

  /** New ticket keys, 48 bytes: sessions begun under the old ones are not resumed any more. */
  setTicketKeys(keys: Buffer): void {
    this.#server.setTicketKeys(keys);
  }

  /**
   * Uses other certificates from now on; the ticket keys have to be new ones. Answers what the new authorities say of the
   * client certificates of open connections: why one is not trusted. Throws an Error where the certificates or the key cannot
   * be used; nothing has changed then.
   */
  reload(material: TlsMaterial): (certificate: X509Certificate) => Distrust | undefined {
    const authorities = new Authorities(material.ca);
    const haveOnlyGrown = authorities.include(this.#authorities);
    this.#server = this.#tlsServer(material, authorities);
    this.#authorities = authorities;
    const now = new Date();
    const verdicts = new Map<string, Distrust | undefined>();
    return (certificate) => {
      // Many connections share a certificate, and looking at one costs a signature verification.
      const print = certificate.fingerprint256;
      if (!verdicts.has(print)) {
        verdicts.set(
          print,
          haveOnlyGrown ? authorities.lapsed(certificate, now) : authorities.distrust(certificate, now),
        );
      }
      return verdicts.get(print);
    };
  }

  #tlsServer(material: TlsMaterial, authorities: Authorities): Server {
    const { settings, protocol } = this.#host;
    const sessions = authorities.contextOf(protocol);
    const server = createServer({ ...tlsOptions(settings, material, sessions), ...applicationProtocols[protocol] });
    server.on('secureConnection', (socket) => this.#secured(socket, authorities));
    server.on('tlsClientError', (error, socket) => {
      this.#host.failed(socket, 'code' in error ? String(error.code) : error.message);
      socket.destroy();
    });
    return server;
  }

  /** `authorities` are those that the handshake was done under. */
  #secured(socket: TLSSocket, authorities: Authorities): void {
    const address = addressOf(socket);
    if (address === undefined) {
      socket.destroy();
      return;
    }
    // Who the client is was decided by this handshake; another one would cost much, and change nothing. Node says that there is
    // one, but goes on with it.
    socket.disableRenegotiation();
    socket.once('error', () => socket.destroy());
    const certificate = socket.getPeerX509Certificate();
    this.#host.secured(socket, {
      address,
      certificate,
      distrust: this.#distrust(socket, certificate, authorities),
    });
  }

  #distrust(socket: TLSSocket, certificate: X509Certificate | undefined, authorities: Authorities): string | undefined {
    if (certificate === undefined) return 'no-certificate';
    if (!socket.authorized) return String(socket.authorizationError);
    const now = new Date();
    if (authorities !== this.#authorities) return this.#authorities.distrust(certificate, now);
    return socket.isSessionReused() ? authorities.lapsed(certificate, now) : undefined;
  }
}

/**
 * For the audit file: a certificate was refused (`denied`), or a connection was good for nothing by what its peer did
 * (`failed`). Resolves once that is on record, false where it cannot be; never rejects.
 */
export type Report = (peer: Peer, result: 'denied' | 'failed', reason: string) => Promise<boolean>;

/** Tells the log and the audit file that a certificate was shown and is not trusted. */
export function refused(peer: Peer, reason: string, { log, report }: { readonly log: Log; report: Report }): void {
  log.warn({ peer: peer.address, subject: subjectOf(peer), reason }, 'a client certificate was refused');
  void report(peer, 'denied', reason);
}

/** Anybody can show a certificate of many kilobytes, as often as connections are made. */
const LONGEST_SUBJECT = 1_000;

/** The subject of the certificate that the peer has shown, or its beginning, whether it was accepted or not. */
export function subjectOf({ certificate }: Peer): string | undefined {
  return certificate?.subject.replaceAll('\n', ', ').slice(0, LONGEST_SUBJECT);
}
