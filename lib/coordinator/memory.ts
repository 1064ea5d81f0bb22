import type { ParameterVector } from './parameterVector.ts';

/**
 * What a coordinator process has read already: a hint that spares reads of immutable objects between invocations. Nothing
 * depends on it; a fresh process begins empty.
 */
export class ParameterMemory {
  readonly #entries = new Map<string, ParameterVector>();
  readonly #capacity: number;

  /** @param capacity how many parameter sets are kept; the least recently used goes first. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string): ParameterVector | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.set(key, entry);
    return entry;
  }

  set(key: string, value: ParameterVector): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#capacity && oldest !== undefined) this.#entries.delete(oldest);
  }
}
