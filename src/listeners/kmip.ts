import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { TtlvError } from '../../ttlv/errors.ts';
import type { Peer } from '../access/authenticate.ts';
import type { Log } from '../log.ts';
import { Acceptor, addressOf } from './acceptor.ts';
import { type Clock, seconds } from './clock.ts';
import { Connection, type ConnectionHost, type ConnectionTimeouts } from './connection.ts';
import { Handshakes, type Report, refused, type Shown, subjectOf } from './handshakes.ts';
import type { TlsMaterial, TlsSettings } from './tls.ts';
import { Unfinished } from './unfinished.ts';

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
  readonly report: Report;
  readonly log: Log;
}

/** Seconds that requests at work and unread answers get on shutdown. */
const DRAIN_SECONDS = 10;

/** KMIP over TLS: checks client certificates, and hands whole request messages to `handle`. */
export class KmipListener {
  readonly #options: KmipListenerOptions;
  readonly #clock: Clock = { now: seconds() };
  readonly #acceptor: Acceptor;
  readonly #connections = new Set<Connection>();
  readonly #host: ConnectionHost;
  readonly #handshakes: Handshakes;
  #sweep: NodeJS.Timeout | undefined;
  /** Set by `close`; resolved with the end of the last connection. */
  #drained: PromiseWithResolvers<void> | undefined;

  /** Throws an Error where the certificates or the key cannot be used. */
  constructor(options: KmipListenerOptions) {
    this.#options = options;
    const { settings, tls, reusePort } = options;
    this.#handshakes = new Handshakes(
      {
        settings,
        protocol: 'KMIP',
        secured: (socket, shown) => this.#secured(socket, shown),
        failed: (socket, reason) => this.#handshakeFailed(socket, reason),
      },
      tls,
    );
    this.#host = this.#connectionHost();
    const where = { port: settings.kmipPort, reusePort, firstByteTimeout: settings.handshakeTimeout };
    this.#acceptor = new Acceptor({ ...settings, ...where }, this.#clock, {
      begin: (socket) => this.#handshakes.begin(socket),
      gaveUp: (address, reason) => void options.report({ address, certificate: undefined }, 'failed', reason),
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
    this.#handshakes.setTicketKeys(keys);
  }

  /**
   * Uses other certificates from now on; the ticket keys have to be new ones. Connections stay, but for those whose client
   * certificate the new authorities do not accept: they are closed after the answer at work. Throws an Error where the
   * certificates or the key cannot be used; nothing has changed then.
   */
  reload(material: TlsMaterial): void {
    const distrustOf = this.#handshakes.reload(material);
    for (const connection of this.#connections) {
      const { peer } = connection;
      const distrust = peer.certificate && distrustOf(peer.certificate);
      if (distrust === undefined) continue;
      refused(peer, distrust, this.#options);
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

  #connectionHost(): ConnectionHost {
    const { settings, handle, refuse, report, log } = this.#options;
    return {
      clock: this.#clock,
      maxMessageBytes: settings.maxMessageBytes,
      unfinished: new Unfinished(settings.maxMessageBytes),
      handle,
      refuse,
      active: (connection) => this.#acceptor.evictable(connection.peer.address, connection, false),
      broken: ({ peer }, reason) => {
        log.info({ peer: peer.address, subject: subjectOf(peer), reason }, 'a connection was closed');
        return report(peer, 'failed', reason);
      },
      failed: (err) => log.error({ err }, 'a request could not be answered'),
      closed: (connection) => this.#closed(connection),
    };
  }

  #secured(socket: TLSSocket, { address, certificate, distrust }: Shown): void {
    this.#acceptor.begun(socket);
    if (this.#drained !== undefined) socket.destroy();
    else if (distrust === undefined) this.#open(socket, { address, certificate });
    else if (!this.#options.settings.authentication) this.#open(socket, { address, certificate: undefined });
    else {
      refused({ address, certificate }, distrust, this.#options);
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

  #handshakeFailed(socket: TLSSocket, reason: string): void {
    // Clients that come and go without a word are no news: they test whether the server is there.
    const level = reason === 'ECONNRESET' ? 'debug' : 'info';
    this.#options.log[level]({ peer: addressOf(socket), reason }, 'a TLS handshake failed');
  }

  #checkTimes(): void {
    this.#clock.now = seconds();
    this.#acceptor.checkTimes();
    for (const connection of this.#connections) connection.checkTime(this.#options.settings);
    const connections = this.#acceptor.takeTurnedAway();
    if (connections > 0) this.#options.log.warn({ connections }, 'too many connections: some were turned away');
  }
}
