interface Entry<V> {
  readonly value: V;
  readonly bytes: number;
}

/** Values by identifier, the least recently used ones forgotten beyond so many entries, or so many bytes in all. */
export class Lru<V> {
  readonly #most: { readonly entries: number; readonly bytes: number };
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry<V>>();
  #bytes = 0;

  constructor(most: { readonly entries: number; readonly bytes: number }) {
    this.#most = most;
  }

  get(id: string): V | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    return entry.value;
  }

  /** `bytes` is what the value costs, about. */
  set(id: string, value: V, bytes: number): void {
    this.delete(id);
    this.#entries.set(id, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#most.entries && this.#bytes <= this.#most.bytes) break;
      this.delete(oldest);
    }
  }

  delete(id: string): void {
    this.#bytes -= this.#entries.get(id)?.bytes ?? 0;
    this.#entries.delete(id);
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }
}
