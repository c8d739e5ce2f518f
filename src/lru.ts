interface Entry<V> {
  readonly value: V;
  readonly bytes: number;
  /** Since it was added, or since it was last spared. */
  isUsed: boolean;
}

/**
 * Values by identifier; beyond so many entries, or so many bytes in all, the oldest are forgotten that were not used
 * lately (second chance: a use only leaves a mark, since to move an entry on each use costs more than to find it).
 */
export class Lru<V> {
  readonly #most: { readonly entries: number; readonly bytes: number };
  /** In the order in which they were added or last spared. */
  readonly #entries = new Map<string, Entry<V>>();
  #bytes = 0;

  constructor(most: { readonly entries: number; readonly bytes: number }) {
    this.#most = most;
  }

  get(id: string): V | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    entry.isUsed = true;
    return entry.value;
  }

  /** `bytes` is what the value costs, about. What is too large alone is not kept. */
  set(id: string, value: V, bytes: number): void {
    this.delete(id);
    if (bytes > this.#most.bytes) return;
    this.#entries.set(id, { value, bytes, isUsed: false });
    this.#bytes += bytes;
    // An entry that is spared comes once more, at the end, and is not spared twice.
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= this.#most.entries && this.#bytes <= this.#most.bytes) break;
      if (entry.isUsed) this.#spare(oldest, entry);
      else if (oldest !== id) this.delete(oldest);
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

  #spare(id: string, entry: Entry<V>): void {
    entry.isUsed = false;
    this.#entries.delete(id);
    this.#entries.set(id, entry);
  }
}
