/** Events in the order of time: a binary heap. */
export class Timeline<Event> {
  readonly #heap: { readonly atSeconds: number; readonly event: Event }[] = [];

  add(atSeconds: number, event: Event): void {
    const heap = this.#heap;
    let at = heap.push({ atSeconds, event }) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#at(parent) <= this.#at(at)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** The next event, whenever it comes, and those that have come by then or by `nowSeconds`; at most `limit`. */
  takeUpTo(limit: number, nowSeconds: number): { readonly atSeconds: number; readonly events: Event[] } {
    const atSeconds = this.#at(0);
    const until = Math.max(nowSeconds, atSeconds);
    const events: Event[] = [];
    while (events.length < limit && this.#at(0) <= until) events.push(this.#pop());
    if (events.length === 0) throw new Error('nothing is under way');
    return { atSeconds, events };
  }

  #at(index: number): number {
    return this.#heap[index]?.atSeconds ?? Number.POSITIVE_INFINITY;
  }

  #pop(): Event {
    const heap = this.#heap;
    this.#swap(0, heap.length - 1);
    const popped = heap.pop();
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const least = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(at) <= this.#at(least)) break;
      this.#swap(at, least);
      at = least;
    }
    if (popped === undefined) throw new Error('the timeline is empty');
    return popped.event;
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const [x, y] = [heap[a], heap[b]];
    if (x === undefined || y === undefined) return;
    heap[a] = y;
    heap[b] = x;
  }
}
