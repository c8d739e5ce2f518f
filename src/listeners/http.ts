import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { Log } from '../log.ts';
import { Acceptor, addressOf } from './acceptor.ts';
import { type ApplicationParts, application } from './application.ts';
import { type Clock, seconds } from './clock.ts';
import { type TlsMaterial, type TlsSettings, tlsOptions } from './tls.ts';

/** The part of the settings that the listener looks at, named as in config/settings.ts. Times are in seconds. */
export interface HttpSettings extends TlsSettings {
  readonly hostname: string;
  readonly httpPort: number;
  readonly messageTimeout: number;
}

export interface HttpListenerOptions {
  readonly settings: HttpSettings;
  readonly tls: TlsMaterial;
  /** Lets other processes listen on the same port. */
  readonly reusePort: boolean;
  readonly dispatcher: ApplicationParts['dispatcher'];
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

/**
 * HTTPS: status, seal, and what administrators do. Clients need no certificate: shares and tokens say what they may do.
 *
 * As with KMIP, a plain TCP server listens and hands over the connections that sent a first byte. Those without a complete
 * request at work are closed where others need their places.
 */
export class HttpListener {
  readonly #options: HttpListenerOptions;
  readonly #clock: Clock = { now: seconds() };
  readonly #acceptor: Acceptor;
  readonly #app: FastifyInstance<Server>;
  /** Open connections, with the addresses of their peers. */
  readonly #connections = new Map<Socket, string>();
  /** Those that have a complete request at work. */
  readonly #working = new Set<Socket>();
  #sweep: NodeJS.Timeout | undefined;
  /** Set by `close`; resolved with the end of the last connection. */
  #drained: PromiseWithResolvers<void> | undefined;

  /** Throws an Error where the certificate or the key cannot be used. */
  constructor(options: HttpListenerOptions) {
    this.#options = options;
    const { settings, reusePort, dispatcher, log } = options;
    this.#app = application({
      server: (handler) => this.#httpsServer(handler),
      dispatcher,
      log,
      working: (socket, whether) => this.#works(socket, whether),
      ending: () => this.#drained !== undefined,
    });
    const where = { hostname: settings.hostname, port: settings.httpPort, reusePort };
    const limits = { maxConnections: MOST_CONNECTIONS, maxConnectionsPerPeer: MOST_CONNECTIONS_PER_PEER };
    this.#acceptor = new Acceptor(
      { ...where, ...limits, firstByteTimeout: settings.handshakeTimeout },
      this.#clock,
      (socket) => this.#app.server.emit('connection', socket),
    );
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
    this.#app.server.setTicketKeys(keys);
  }

  /** Uses another certificate for new connections. Throws an Error where it or the key cannot be used. */
  reload(material: TlsMaterial): void {
    this.#app.server.setSecureContext(tlsOptions(this.#options.settings, material));
  }

  /** Stops accepting, answers all requests that are at work, and closes every connection. */
  async close(): Promise<void> {
    this.#acceptor.stop();
    this.#drained = Promise.withResolvers();
    if (this.#connections.size === 0) this.#drained.resolve();
    for (const socket of this.#connections.keys()) if (!this.#working.has(socket)) socket.destroySoon();
    const timer = setTimeout(this.#drained.resolve, DRAIN * 1000);
    await this.#drained.promise;
    clearTimeout(timer);
    await this.#acceptor.destroy();
    clearInterval(this.#sweep);
    await this.#app.close();
  }

  #httpsServer(handler: RequestListener): Server {
    const { settings, tls, log } = this.#options;
    const requestTimeout = settings.messageTimeout;
    const server = createServer(
      {
        ...tlsOptions(settings, tls),
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
    server.on('secureConnection', (socket) => this.#opened(socket));
    server.on('tlsClientError', (error, socket) => {
      const reason = 'code' in error ? String(error.code) : error.message;
      log.debug({ peer: addressOf(socket), reason }, 'a TLS handshake for HTTPS failed');
      socket.destroy();
    });
    return server;
  }

  #opened(socket: TLSSocket): void {
    const address = addressOf(socket);
    if (address === undefined || this.#drained !== undefined) {
      socket.destroy();
      return;
    }
    this.#connections.set(socket, address);
    this.#works(socket, false);
    socket.once('close', () => this.#closed(socket));
  }

  #closed(socket: TLSSocket): void {
    this.#works(socket, true);
    this.#working.delete(socket);
    this.#connections.delete(socket);
    if (this.#connections.size === 0) this.#drained?.resolve();
  }

  /** A connection without work is closed where another one needs its place. */
  #works(socket: Socket, whether: boolean): void {
    const address = this.#connections.get(socket);
    if (address === undefined) return;
    this.#acceptor.evictable(address, socket, !whether);
    if (whether) this.#working.add(socket);
    else this.#working.delete(socket);
  }

  #checkTimes(): void {
    this.#clock.now = seconds();
    this.#acceptor.checkTimes();
    const connections = this.#acceptor.takeTurnedAway();
    if (connections > 0) this.#options.log.warn({ connections }, 'too many HTTPS connections: some were turned away');
  }
}
