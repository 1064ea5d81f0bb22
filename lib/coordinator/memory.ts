import { freeMemory } from '../codec/freeMemory.ts';
import { SumBuffer } from '../consensus/sumBuffer.ts';
import type { ParameterVector } from './parameterVector.ts';

/** A fold has one sum at a time. */
const KEPT_BUFFERS = 1;

/**
 * What a coordinator process has read already: a hint that spares reads of immutable objects between invocations. Nothing
 * depends on it; a fresh process begins empty. And the memory of sums that are over, for those that come.
 */
export class ParameterMemory {
  readonly #entries = new Map<string, ParameterVector>();
  readonly #capacity: number;
  #users = 0;
  #buffers: SumBuffer[] = [];

  /** @param capacity how many parameter sets are kept between uses; the least recently used goes first. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string): ParameterVector | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.set(key, entry);
    return entry;
  }

  /** Takes a set over; in a use alone, after which its memory may be another's. */
  set(key: string, value: ParameterVector): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
  }

  /**
   * Does what reads and forms parameter sets. When nobody does any more, what is over the capacity gives its memory back, which
   * serves the next ones: left to V8 it would have all of the heap marked for it.
   */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.#users += 1;
    try {
      return await work();
    } finally {
      this.#users -= 1;
      if (this.#users === 0) this.#trim();
    }
  }

  #trim(): void {
    for (const [key, { values }] of this.#entries) {
      if (this.#entries.size <= this.#capacity) return;
      this.#entries.delete(key);
      freeMemory(values);
    }
  }

  /** A sum of this length, all zero, to be handed back when nothing refers to it any more. Fresh memory takes longer to touch than to add up. */
  takeBuffer(length: number): SumBuffer {
    const at = this.#buffers.findIndex((buffer) => buffer.length === length);
    if (at === -1) return new SumBuffer(length);
    const [buffer] = this.#buffers.splice(at, 1) as [SumBuffer];
    buffer.clear();
    return buffer;
  }

  /** Takes back what {@link takeBuffer} gave; the next fold of the same length sums in it. */
  giveBuffer(buffer: SumBuffer): void {
    this.#buffers = [buffer, ...this.#buffers].slice(0, KEPT_BUFFERS);
  }
}
