import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { Peer } from '../access/authenticate.ts';
import type { Log } from '../log.ts';
import { Acceptor, addressOf } from './acceptor.ts';
import { type ApplicationParts, application } from './application.ts';
import { ByteAnswers } from './byte-answers.ts';
import { type Clock, seconds } from './clock.ts';
import { Handshakes, type Report, refused, type Shown } from './handshakes.ts';
import type { TlsMaterial, TlsSettings } from './tls.ts';

/** The part of the settings that the listener looks at, named as in config/settings.ts. Times are in seconds. */
export interface HttpSettings extends TlsSettings {
  readonly hostname: string;
  readonly httpPort: number;
  /** Off: nobody is refused for what certificate they show, or asked to be slow for want of one. */
  readonly authentication: boolean;
  readonly maxMessageBytes: number;
  readonly messageTimeout: number;
}

export interface HttpListenerOptions {
  readonly settings: HttpSettings;
  readonly tls: TlsMaterial;
  /** Lets other processes listen on the same port. */
  readonly reusePort: boolean;
  readonly dispatcher: ApplicationParts['dispatcher'];
  /** Answers one KMIP request message; undefined where there is to be no answer. */
  readonly handle: (message: Buffer, peer: Peer) => Promise<Buffer | undefined>;
  readonly report: Report;
  readonly log: Log;
}

/** People and health checks come here; they must not use up what KMIP clients need. */
const MOST_CONNECTIONS = 512;
const MOST_CONNECTIONS_PER_PEER = 64;
const HEADER_BYTES = 8_192;
const MOST_HEADERS = 64;
/** Seconds. */
const HEADERS_TIMEOUT = 10;
const KEEP_ALIVE_TIMEOUT = 15;
const IDLE_TIMEOUT = 60;
const SWEEP = 1;
/** Seconds that requests at work and unread answers get on shutdown. */
const DRAIN = 10;
/** Of a connection that was closed meanwhile. */
const GONE: Peer = { address: 'gone', certificate: undefined };

/**
 * HTTPS: status, seal, what administrators do, and KMIP messages. Clients may have a certificate, and only for KMIP need one:
 * shares and tokens say what they may do.
 *
 * As with KMIP, a plain TCP server listens and hands over the connections that sent a first byte. Those without a complete
 * request at work are closed where others need their places.
 */
export class HttpListener {
  readonly #options: HttpListenerOptions;
  readonly #clock: Clock = { now: seconds() };
  readonly #acceptor: Acceptor;
  readonly #app: FastifyInstance<Server>;
  readonly #handshakes: Handshakes;
  readonly #streams = new ByteAnswers();
  /** Open connections, with their peers. */
  readonly #connections = new Map<Socket, Peer>();
  /** Those that have a complete request at work. */
  readonly #working = new Set<Socket>();
  /** Those that end after it. */
  readonly #ending = new WeakSet<Socket>();
  #sweep: NodeJS.Timeout | undefined;
  /** Set by `close`; resolved with the end of the last connection. */
  #drained: PromiseWithResolvers<void> | undefined;

  /** Throws an Error where the certificate or the key cannot be used. */
  constructor(options: HttpListenerOptions) {
    this.#options = options;
    const { settings, tls, reusePort, dispatcher, handle, report, log } = options;
    this.#app = application({
      server: (handler) => this.#httpServer(handler),
      dispatcher,
      streams: this.#streams,
      kmip: { maxMessageBytes: settings.maxMessageBytes, handle, report },
      log,
      peerOf: (socket) => this.#peerOf(socket),
      open: (socket) => settings.authentication && this.#peerOf(socket).certificate === undefined,
      working: (socket, whether) => this.#works(socket, whether),
      ending: (socket) => this.#ends(socket),
    });
    this.#handshakes = new Handshakes(
      {
        settings,
        protocol: 'HTTPS',
        secured: (socket, shown) => this.#secured(socket, shown),
        failed: (socket, reason) => log.debug({ peer: addressOf(socket), reason }, 'a TLS handshake for HTTPS failed'),
      },
      tls,
    );
    const where = { hostname: settings.hostname, port: settings.httpPort, reusePort };
    const limits = { maxConnections: MOST_CONNECTIONS, maxConnectionsPerPeer: MOST_CONNECTIONS_PER_PEER };
    this.#acceptor = new Acceptor({ ...where, ...limits, firstByteTimeout: settings.handshakeTimeout }, this.#clock, {
      begin: (socket) => this.#handshakes.begin(socket),
      gaveUp: (address, reason) => void report({ address, certificate: undefined }, 'failed', reason),
    });
  }

  /** Begins to listen; answers where. Rejects with the system's error (EADDRINUSE, ...). */
  async listen(): Promise<AddressInfo> {
    const { log } = this.#options;
    await this.#app.ready();
    // Node watches over the times of requests once the server listens, which it never does by itself.
    this.#app.server.emit('listening');
    const address = await this.#acceptor.listen((err) => log.error({ err }, 'HTTPS connections cannot be accepted'));
    this.#sweep = setInterval(() => this.#checkTimes(), SWEEP * 1000);
    return address;
  }

  /** New ticket keys, 48 bytes: sessions begun under the old ones are not resumed any more. */
  setTicketKeys(keys: Buffer): void {
    this.#handshakes.setTicketKeys(keys);
  }

  /**
   * Uses other certificates from now on; the ticket keys have to be new ones. Connections stay, but for those whose client
   * certificate the new authorities do not accept: they are closed after the answer at work. Throws an Error where the
   * certificates or the key cannot be used; nothing has changed then.
   */
  reload(material: TlsMaterial): void {
    const distrustOf = this.#handshakes.reload(material);
    for (const [socket, peer] of this.#connections) {
      const distrust = peer.certificate && distrustOf(peer.certificate);
      if (distrust === undefined) continue;
      refused(peer, distrust, this.#options);
      // For a request that is under way still.
      this.#connections.set(socket, { address: peer.address, certificate: undefined });
      this.#ending.add(socket);
      if (!this.#working.has(socket)) socket.destroySoon();
    }
  }

  /**
   * Stops accepting, answers all requests that are at work, and closes every connection. Answers that go on for long are broken
   * off at once: a node that is to be sealed does not wait for them.
   */
  async close(): Promise<void> {
    this.#acceptor.stop();
    this.#drained = Promise.withResolvers();
    const ended = this.#streams.end();
    if (this.#connections.size === 0) this.#drained.resolve();
    for (const socket of this.#connections.keys()) if (!this.#working.has(socket)) socket.destroySoon();
    const timer = setTimeout(this.#drained.resolve, DRAIN * 1000);
    await this.#drained.promise;
    clearTimeout(timer);
    await ended;
    await this.#acceptor.destroy();
    clearInterval(this.#sweep);
    await this.#app.close();
  }

  #httpServer(handler: RequestListener): Server {
    const requestTimeout = this.#options.settings.messageTimeout;
    const server = createServer(
      {
        maxHeaderSize: HEADER_BYTES,
        headersTimeout: Math.min(HEADERS_TIMEOUT, requestTimeout) * 1000,
        requestTimeout: requestTimeout * 1000,
        keepAliveTimeout: KEEP_ALIVE_TIMEOUT * 1000,
        connectionsCheckingInterval: SWEEP * 1000,
      },
      handler,
    );
    server.maxHeadersCount = MOST_HEADERS;
    server.timeout = IDLE_TIMEOUT * 1000;
    return server;
  }

  /** Who has no certificate, or none that is trusted, is a peer without. */
  #secured(socket: TLSSocket, { address, certificate, distrust }: Shown): void {
    this.#acceptor.begun(socket);
    if (this.#drained !== undefined) {
      socket.destroy();
      return;
    }
    if (distrust !== undefined && certificate !== undefined && this.#options.settings.authentication) {
      refused({ address, certificate }, distrust, this.#options);
    }
    this.#connections.set(socket, { address, certificate: distrust === undefined ? certificate : undefined });
    this.#works(socket, false);
    socket.once('close', () => this.#closed(socket));
    this.#app.server.emit('connection', socket);
  }

  #closed(socket: TLSSocket): void {
    this.#works(socket, true);
    this.#working.delete(socket);
    this.#connections.delete(socket);
    if (this.#connections.size === 0) this.#drained?.resolve();
  }

  #peerOf(socket: Socket): Peer {
    return this.#connections.get(socket) ?? GONE;
  }

  #ends(socket: Socket): boolean {
    return this.#drained !== undefined || this.#ending.has(socket);
  }

  /** A connection without work is closed where another one needs its place. */
  #works(socket: Socket, whether: boolean): void {
    const peer = this.#connections.get(socket);
    if (peer === undefined) return;
    this.#acceptor.evictable(peer.address, socket, !whether);
    if (whether) this.#working.add(socket);
    else this.#working.delete(socket);
    if (!whether && this.#ends(socket)) socket.destroySoon();
  }

  #checkTimes(): void {
    this.#clock.now = seconds();
    this.#acceptor.checkTimes();
    const connections = this.#acceptor.takeTurnedAway();
    if (connections > 0) this.#options.log.warn({ connections }, 'too many HTTPS connections: some were turned away');
  }
}
