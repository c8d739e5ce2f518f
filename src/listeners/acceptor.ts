import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from './clock.ts';
import { ConnectionLimits, type Evictable } from './limits.ts';

/** Where to listen, and how many connections to hold. */
export interface AcceptorSettings {
  readonly hostname: string;
  readonly port: number;
  /** Lets other processes listen on the same port. */
  readonly reusePort: boolean;
  readonly maxConnections: number;
  readonly maxConnectionsPerPeer: number;
  /** Seconds for the first byte to come. */
  readonly firstByteTimeout: number;
}

/** What an acceptor needs of its listener. */
export interface AcceptorHost {
  /** Takes a connection that has something to read. */
  begin(socket: Socket): void;
  /**
   * Connections of the address were closed: `silent`, nothing came on them in time; `evicted`, nothing was at work on them, and
   * another one needed the place. Said once for all between two calls of `checkTimes`.
   */
  gaveUp(address: string, reason: 'silent' | 'evicted'): void;
}

/** TCP keep-alive: the first probe after a minute of silence, so that firewalls do not forget idle connections. */
const KEEP_ALIVE_MS = 60_000;
/** Connections that may wait to be accepted. With Node's 511 a burst makes others wait for a second TCP attempt, a second later. */
const BACKLOG = 4_096;

/**
 * Accepts TCP connections and hands over those that sent a first byte: until then a connection is a bare socket of some
 * 3 KiB, where TLS would take 24. Until its handshake is done, it may be closed to make room for another one.
 */
export class Acceptor {
  readonly #settings: AcceptorSettings;
  readonly #clock: Clock;
  readonly #host: AcceptorHost;
  readonly #server: Server;
  readonly #limits: ConnectionLimits;
  /** All sockets, and of these the ones without a first byte, with the time of their acceptance. */
  readonly #sockets = new Set<Socket>();
  readonly #silent = new Map<Socket, number>();
  /** Those whose handshake goes on, by the peer's address and port. */
  readonly #beginning = new Map<string, Socket>();
  /** What the host was told since the last `checkTimes`. */
  readonly #told = new Set<string>();
  #turnedAway = 0;

  constructor(settings: AcceptorSettings, clock: Clock, host: AcceptorHost) {
    this.#settings = settings;
    this.#clock = clock;
    this.#host = host;
    this.#limits = new ConnectionLimits(settings.maxConnections, settings.maxConnectionsPerPeer, (address) =>
      this.#tell(address, 'evicted'),
    );
    // Half-open: a client that has sent its last request may close its end and still gets the answer.
    this.#server = createServer(
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, allowHalfOpen: true },
      (socket) => this.#accept(socket),
    );
  }

  /** Begins to listen; answers where. Rejects with the system's error. `failed` hears of what goes wrong later. */
  async listen(failed: (error: Error) => void): Promise<AddressInfo> {
    const { hostname, port, reusePort } = this.#settings;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen({ host: hostname, port, reusePort, backlog: BACKLOG }, resolve);
    await promise;
    this.#server.off('error', reject);
    this.#server.on('error', failed);
    return this.#server.address() as AddressInfo;
  }

  /** How many connections were turned away since the last call, for want of room. */
  takeTurnedAway(): number {
    const count = this.#turnedAway;
    this.#turnedAway = 0;
    return count;
  }

  /** Closes the connections on which nothing was sent in time. */
  checkTimes(): void {
    this.#told.clear();
    for (const [socket, since] of this.#silent) {
      if (this.#clock.now - since <= this.#settings.firstByteTimeout) continue;
      this.#tell(addressOf(socket) ?? '', 'silent');
      socket.destroy();
    }
  }

  /** The handshake is done on a connection that was handed over: `socket` is what became of it. */
  begun(socket: Socket): void {
    const place = placeOf(socket);
    const begun = this.#beginning.get(place);
    if (begun === undefined) return;
    this.#beginning.delete(place);
    this.#limits.busy(addressOf(socket) ?? '', begun);
  }

  /** Whether the connection may be closed to make room for another one. */
  evictable(address: string, connection: Evictable, may: boolean): void {
    if (may) this.#limits.quiet(address, connection);
    else this.#limits.busy(address, connection);
  }

  /** Accepts no more, and closes what never sent anything. */
  stop(): void {
    this.#server.close();
    for (const socket of this.#silent.keys()) socket.destroy();
  }

  /** Closes every connection that is left, after `stop`. */
  async destroy(): Promise<void> {
    const closed = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  #tell(address: string, reason: 'silent' | 'evicted'): void {
    const said = `${reason} ${address}`;
    if (this.#told.has(said)) return;
    this.#told.add(said);
    this.#host.gaveUp(address, reason);
  }

  #accept(socket: Socket): void {
    const address = addressOf(socket);
    if (address === undefined || !this.#limits.enter(address)) {
      this.#turnedAway++;
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    this.#silent.set(socket, this.#clock.now);
    this.#limits.quiet(address, socket);
    // An error is followed by 'close', and says no more than that the peer has gone.
    socket.on('error', () => {});
    const place = placeOf(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#silent.delete(socket);
      if (this.#beginning.get(place) === socket) this.#beginning.delete(place);
      this.#limits.busy(address, socket);
      this.#limits.leave(address);
    });
    socket.once('readable', () => {
      this.#silent.delete(socket);
      // Without a byte it is the end: a health check, or a port scan.
      if (socket.readableLength === 0) {
        socket.destroy();
        return;
      }
      this.#beginning.set(place, socket);
      this.#host.begin(socket);
    });
  }
}

/** What tells a connection from all others that are open. */
function placeOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** The address of the peer, IPv4 as such; undefined once the peer has gone. */
export function addressOf({ remoteAddress }: Socket): string | undefined {
  return remoteAddress?.replace(/^::ffff:(?=[\d.]+$)/, '');
}
