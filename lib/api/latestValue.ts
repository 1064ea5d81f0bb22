/** A value that changes until it ends. Whoever iterates gets the newest each time, and none twice: slow readers skip some. */
export class LatestValue<T> implements AsyncIterable<T> {
  #value: T | undefined;
  #revision = 0;
  #end: { readonly error?: unknown } | null = null;
  #changed = Promise.withResolvers<void>();

  set(value: T): void {
    this.#value = value;
    this.#revision += 1;
    this.#wake();
  }

  /** Ends the iterations, in `error` where it is given. */
  end(outcome: { readonly error?: unknown } = {}): void {
    this.#end = outcome;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    let seen = 0;
    while (true) {
      if (this.#revision > seen) {
        seen = this.#revision;
        yield this.#value as T;
      } else if (this.#end !== null) {
        if ('error' in this.#end) throw this.#end.error;
        return;
      } else await this.#changed.promise;
    }
  }

  #wake(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}
