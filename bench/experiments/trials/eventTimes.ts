/** Events by the time at which they happen; of those at the same time, the one added first comes first. */
export class EventTimes<E> {
  #events: { readonly atMs: number; readonly event: E }[] = [];

  add(atMs: number, event: E): void {
    const place = this.#events.findLastIndex((other) => other.atMs <= atMs) + 1;
    this.#events.splice(place, 0, { atMs, event });
  }

  /** Takes the next event out; null where there is none. */
  takeFirst(): { readonly atMs: number; readonly event: E } | null {
    return this.#events.shift() ?? null;
  }

  clear(): void {
    this.#events = [];
  }
}
