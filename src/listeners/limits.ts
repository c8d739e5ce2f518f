/** A connection that may be closed to make room. */
export interface Evictable {
  destroy(): void;
}

/** Connections counted together: those of one address, or all of them. */
class Crowd {
  readonly #most: number;
  /** Those on which nothing was asked yet, the oldest first. */
  readonly quiet = new Set<Evictable>();
  count = 0;
  /** Evicted ones that are counted still, since their end has not been told. */
  #leaving = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get full(): boolean {
    return this.count - this.#leaving >= this.#most;
  }

  oldestQuiet(): Evictable | undefined {
    return this.quiet.values().next().value;
  }

  evicted(connection: Evictable): void {
    this.quiet.delete(connection);
    this.#leaving++;
  }

  left(): void {
    this.count--;
    if (this.#leaving > 0) this.#leaving--;
  }
}

/**
 * Counts connections, in total and for each peer address. Where there are too many, the oldest of those that never asked
 * anything has to go; so a flood of silent connections keeps nobody out, not even other clients of its own address.
 */
export class ConnectionLimits {
  readonly #maxPerPeer: number;
  readonly #all: Crowd;
  readonly #peers = new Map<string, Crowd>();
  readonly #evicted: (address: string) => void;
  /** The addresses of all quiet connections. */
  readonly #addresses = new Map<Evictable, string>();

  /** `evicted` hears of each connection that had to go, by its address. */
  constructor(maxTotal: number, maxPerPeer: number, evicted: (address: string) => void) {
    this.#all = new Crowd(maxTotal);
    this.#maxPerPeer = maxPerPeer;
    this.#evicted = evicted;
  }

  /** Counts a new connection; false, and not counted, where there is no room and none can be made. */
  enter(address: string): boolean {
    const peer = this.#peers.get(address) ?? new Crowd(this.#maxPerPeer);
    if (!this.#makeRoom(peer) || !this.#makeRoom(this.#all)) return false;
    this.#peers.set(address, peer);
    peer.count++;
    this.#all.count++;
    return true;
  }

  /** A counted connection is closed. */
  leave(address: string): void {
    const peer = this.#peers.get(address);
    if (peer === undefined) return;
    this.#all.left();
    peer.left();
    if (peer.count === 0) this.#peers.delete(address);
  }

  /** From now on the connection may be closed to make room. */
  quiet(address: string, connection: Evictable): void {
    this.#addresses.set(connection, address);
    this.#peers.get(address)?.quiet.add(connection);
    this.#all.quiet.add(connection);
  }

  /** From now on it may not. */
  busy(address: string, connection: Evictable): void {
    this.#addresses.delete(connection);
    this.#peers.get(address)?.quiet.delete(connection);
    this.#all.quiet.delete(connection);
  }

  #makeRoom(crowd: Crowd): boolean {
    if (!crowd.full) return true;
    const oldest = crowd.oldestQuiet();
    if (oldest === undefined) return false;
    const address = this.#addresses.get(oldest) ?? '';
    this.#all.evicted(oldest);
    this.#peers.get(address)?.evicted(oldest);
    this.#addresses.delete(oldest);
    oldest.destroy();
    this.#evicted(address);
    return true;
  }
}
