import type { X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { TtlvError } from '../../ttlv/errors.ts';
import type { Peer } from '../access/authenticate.ts';
import type { Log } from '../log.ts';
import { Acceptor, addressOf } from './acceptor.ts';
import { Authorities, type Distrust } from './authorities.ts';
import { type Clock, seconds } from './clock.ts';
import { Connection, type ConnectionHost, type ConnectionTimeouts } from './connection.ts';
import { type TlsMaterial, type TlsSettings, tlsOptions } from './tls.ts';

/** The part of the settings that the listener looks at, named as in config/settings.ts. Times are in seconds. */
export interface KmipSettings extends TlsSettings, ConnectionTimeouts {
  readonly hostname: string;
  readonly kmipPort: number;
  /** Off: clients need no certificate; who has none that verifies is a peer without. */
  readonly authentication: boolean;
  readonly maxMessageBytes: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerPeer: number;
}

export interface KmipListenerOptions {
  readonly settings: KmipSettings;
  readonly tls: TlsMaterial;
  /** Lets other processes listen on the same port. */
  readonly reusePort: boolean;
  /** Answers one request message; undefined closes the connection without an answer. */
  readonly handle: (message: Buffer, peer: Peer) => Promise<Buffer | undefined>;
  /** What to answer to bytes that cannot be framed, before the connection is closed; undefined: nothing. */
  readonly refuse: (error: TtlvError, peer: Peer) => Buffer | undefined;
  /** For the audit file: a certificate was refused (`denied`), or a connection closed for what the peer did (`failed`). */
  readonly report: (peer: Peer, result: 'denied' | 'failed', reason: string) => void;
  readonly log: Log;
}

/** Seconds that requests at work and unread answers get on shutdown. */
const DRAIN_SECONDS = 10;

/**
 * KMIP over TLS: checks client certificates, and hands whole request messages to `handle`.
 *
 * What listens is a plain TCP server. Each loaded set of certificates has a TLS server of its own, which takes over the
 * connections that sent their first byte while it was current; so a handshake knows under which authorities it was done.
 */
export class KmipListener {
  readonly #options: KmipListenerOptions;
  readonly #clock: Clock = { now: seconds() };
  readonly #acceptor: Acceptor;
  readonly #connections = new Set<Connection>();
  readonly #host: ConnectionHost;
  #authorities: Authorities;
  #tls: Server;
  #sweep: NodeJS.Timeout | undefined;
  /** Set by `close`; resolved with the end of the last connection. */
  #drained: PromiseWithResolvers<void> | undefined;

  /** Throws an Error where the certificates or the key cannot be used. */
  constructor(options: KmipListenerOptions) {
    this.#options = options;
    const { settings, tls, reusePort } = options;
    this.#authorities = new Authorities(tls.ca);
    this.#tls = this.#tlsServer(tls, this.#authorities);
    this.#host = this.#connectionHost();
    const where = { port: settings.kmipPort, reusePort, firstByteTimeout: settings.handshakeTimeout };
    this.#acceptor = new Acceptor({ ...settings, ...where }, this.#clock, (socket) => {
      this.#tls.emit('connection', socket);
    });
  }

  /** Begins to listen; answers where. Rejects with the system's error (EADDRINUSE, ...). */
  async listen(): Promise<AddressInfo> {
    const { settings, log } = this.#options;
    const address = await this.#acceptor.listen((err) => log.error({ err }, 'connections cannot be accepted'));
    const { handshakeTimeout, messageTimeout, idleTimeout } = settings;
    const interval = Math.min(1, handshakeTimeout / 4, messageTimeout / 4, idleTimeout / 4);
    this.#sweep = setInterval(() => this.#checkTimes(), interval * 1000);
    return address;
  }

  /** New ticket keys, 48 bytes: sessions begun under the old ones are not resumed any more. */
  setTicketKeys(keys: Buffer): void {
    this.#tls.setTicketKeys(keys);
  }

  /**
   * Uses other certificates from now on; the ticket keys have to be new ones. Connections stay, but for those whose client
   * certificate the new authorities do not accept: they are closed after the answer at work. Throws an Error where the
   * certificates or the key cannot be used; nothing has changed then.
   */
  reload(material: TlsMaterial): void {
    const authorities = new Authorities(material.ca);
    this.#tls = this.#tlsServer(material, authorities);
    this.#authorities = authorities;
    const now = new Date();
    const verdicts = new Map<string, Distrust | undefined>();
    for (const connection of this.#connections) {
      const { certificate } = connection.peer;
      if (certificate === undefined) continue;
      // Many connections share a certificate, and looking at one costs a signature verification.
      const print = certificate.fingerprint256;
      if (!verdicts.has(print)) verdicts.set(print, authorities.distrust(certificate, now));
      const distrust = verdicts.get(print);
      if (distrust === undefined) continue;
      this.#refused(connection.peer, distrust);
      connection.finish('handled');
    }
  }

  /** Stops accepting, answers all requests that were received, and closes every connection. */
  async close(): Promise<void> {
    this.#acceptor.stop();
    this.#drained = Promise.withResolvers();
    if (this.#connections.size === 0) this.#drained.resolve();
    for (const connection of this.#connections) connection.finish('received');
    const timer = setTimeout(this.#drained.resolve, DRAIN_SECONDS * 1000);
    await this.#drained.promise;
    clearTimeout(timer);
    await this.#acceptor.destroy();
    clearInterval(this.#sweep);
  }

  #tlsServer(material: TlsMaterial, authorities: Authorities): Server {
    const server = createServer(tlsOptions(this.#options.settings, material, authorities));
    server.on('secureConnection', (socket) => this.#secured(socket, authorities));
    server.on('tlsClientError', (error, socket) => this.#handshakeFailed(error, socket));
    return server;
  }

  #connectionHost(): ConnectionHost {
    const { settings, handle, refuse, report, log } = this.#options;
    return {
      clock: this.#clock,
      maxMessageBytes: settings.maxMessageBytes,
      handle,
      refuse,
      active: (connection) => this.#acceptor.evictable(connection.peer.address, connection, false),
      broken: ({ peer }, reason) => {
        log.info({ peer: peer.address, subject: subjectOf(peer), reason }, 'a connection was closed');
        report(peer, 'failed', reason);
      },
      failed: (err) => log.error({ err }, 'a request could not be answered'),
      closed: (connection) => this.#closed(connection),
    };
  }

  /** The handshake is done. `authorities` are those it was done under. */
  #secured(socket: TLSSocket, authorities: Authorities): void {
    const address = addressOf(socket);
    if (address === undefined || this.#drained !== undefined) {
      socket.destroy();
      return;
    }
    const certificate = socket.getPeerX509Certificate();
    const distrust = this.#distrust(socket, certificate, authorities);
    if (distrust === undefined) this.#open(socket, { address, certificate });
    else if (!this.#options.settings.authentication) this.#open(socket, { address, certificate: undefined });
    else {
      this.#refused({ address, certificate }, distrust);
      socket.on('error', () => {});
      socket.destroySoon();
    }
  }

  #open(socket: TLSSocket, peer: Peer): void {
    const connection = new Connection(socket, peer, this.#host);
    this.#connections.add(connection);
    this.#acceptor.evictable(peer.address, connection, true);
  }

  #closed(connection: Connection): void {
    this.#acceptor.evictable(connection.peer.address, connection, false);
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#drained?.resolve();
  }

  #distrust(socket: TLSSocket, certificate: X509Certificate | undefined, authorities: Authorities): string | undefined {
    if (certificate === undefined) return 'no-certificate';
    if (!socket.authorized) return String(socket.authorizationError);
    const now = new Date();
    if (authorities !== this.#authorities) return this.#authorities.distrust(certificate, now);
    return socket.isSessionReused() ? authorities.lapsed(certificate, now) : undefined;
  }

  #refused(peer: Peer, reason: string): void {
    const { log, report } = this.#options;
    log.warn({ peer: peer.address, subject: subjectOf(peer), reason }, 'a client certificate was refused');
    report(peer, 'denied', reason);
  }

  #handshakeFailed(error: Error, socket: TLSSocket): void {
    const reason = 'code' in error ? String(error.code) : error.message;
    // Clients that come and go without a word are no news: they test whether the server is there.
    const level = reason === 'ECONNRESET' ? 'debug' : 'info';
    this.#options.log[level]({ peer: addressOf(socket), reason }, 'a TLS handshake failed');
    socket.destroy();
  }

  #checkTimes(): void {
    this.#clock.now = seconds();
    this.#acceptor.checkTimes();
    for (const connection of this.#connections) connection.checkTime(this.#options.settings);
    const connections = this.#acceptor.takeTurnedAway();
    if (connections > 0) this.#options.log.warn({ connections }, 'too many connections: some were turned away');
  }
}

/** The subject of the certificate that the peer has shown, whether it was accepted or not. */
export function subjectOf({ certificate }: Peer): string | undefined {
  return certificate?.subject.replaceAll('\n', ', ');
}
