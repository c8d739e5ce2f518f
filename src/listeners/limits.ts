/** A connection that may be closed to make room. */
export interface Evictable {
  destroy(): void;
}

interface Peer {
  count: number;
  /** Its connections on which nothing was asked yet, the oldest first. */
  readonly quiet: Set<Evictable>;
}

/**
 * Counts connections, in total and for each peer address. Where there are too many, the oldest of those that never asked
 * anything has to go; so a flood of silent connections keeps nobody out, not even other clients of its own address.
 */
export class ConnectionLimits {
  readonly #maxTotal: number;
  readonly #maxPerPeer: number;
  readonly #peers = new Map<string, Peer>();
  readonly #quiet = new Set<Evictable>();
  #total = 0;

  constructor(maxTotal: number, maxPerPeer: number) {
    this.#maxTotal = maxTotal;
    this.#maxPerPeer = maxPerPeer;
  }

  /** Counts a new connection; false, and not counted, where there is no room and none can be made. */
  enter(address: string): boolean {
    const peer = this.#peers.get(address) ?? { count: 0, quiet: new Set() };
    if (peer.count >= this.#maxPerPeer && !this.#evict(peer.quiet)) return false;
    if (this.#total >= this.#maxTotal && !this.#evict(this.#quiet)) return false;
    this.#peers.set(address, peer);
    peer.count++;
    this.#total++;
    return true;
  }

  /** A counted connection is closed. */
  leave(address: string): void {
    const peer = this.#peers.get(address);
    if (peer === undefined) return;
    this.#total--;
    if (--peer.count === 0) this.#peers.delete(address);
  }

  /** From now on the connection may be closed to make room. */
  quiet(address: string, connection: Evictable): void {
    this.#peers.get(address)?.quiet.add(connection);
    this.#quiet.add(connection);
  }

  /** From now on it may not. */
  busy(address: string, connection: Evictable): void {
    this.#peers.get(address)?.quiet.delete(connection);
    this.#quiet.delete(connection);
  }

  /** Closes the oldest of the given connections. `leave` and `busy` follow as it closes. */
  #evict(connections: Set<Evictable>): boolean {
    for (const oldest of connections) {
      connections.delete(oldest);
      oldest.destroy();
      return true;
    }
    return false;
  }
}
