/** A value in memory, what it takes, and how it is let go. */
export interface Held<V> {
  readonly value: V;
  readonly sizeBytes: number;
  release(): void;
}

/**
 * Keeps what was used last within a number of bytes: a worker's memory does not grow with the shards and rounds that
 * pass through it. What was used last is kept even where it alone exceeds the bound.
 */
export class ByteCache<V> {
  readonly #entries = new Map<string, Held<V>>();
  readonly #capacityBytes: number;
  #sizeBytes = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get(key: string): V | undefined {
    const held = this.#entries.get(key);
    if (held === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, held);
    return held.value;
  }

  /** Takes a value over; one that was there under the same key is let go. */
  set(key: string, held: Held<V>): V {
    this.delete(key);
    this.#entries.set(key, held);
    this.#sizeBytes += held.sizeBytes;
    return held.value;
  }

  /** Lets go of what was used longest ago until the bound holds. Not while a value got before is still in use. */
  trim(): void {
    for (const key of this.#entries.keys()) {
      if (this.#sizeBytes <= this.#capacityBytes || this.#entries.size === 1) return;
      this.delete(key);
    }
  }

  clear(): void {
    for (const key of [...this.#entries.keys()]) this.delete(key);
  }

  /** Lets go of one value, if it is there. */
  delete(key: string): void {
    const held = this.#entries.get(key);
    if (held === undefined) return;
    this.#entries.delete(key);
    this.#sizeBytes -= held.sizeBytes;
    held.release();
  }
}
