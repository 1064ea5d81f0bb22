/** Gives every distinct string a number, in the order in which they come, and counts them. */
export class Interner {
  readonly #ids = new Map<string, number>();
  readonly #counts: number[] = [];

  /** The string's number; it is counted `times` more. */
  add(text: string, times = 1): number {
    const known = this.#ids.get(text);
    const id = known ?? this.#ids.size;
    if (known === undefined) this.#ids.set(text, id);
    this.#counts[id] = (this.#counts[id] ?? 0) + times;
    return id;
  }

  /** The strings by number. */
  names(): string[] {
    return [...this.#ids.keys()];
  }

  /** How often the string of this number was counted. */
  count(id: number): number {
    return this.#counts[id] ?? 0;
  }
}

/** Order of strings by their code units, which no locale changes. */
export const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
