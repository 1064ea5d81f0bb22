import type { BodyMemory } from './bodyMemory.ts';

/** A stored body and the entity tag that names this very content. */
interface Recent {
  readonly etag: string;
  readonly body: Buffer;
}

/**
 * The bodies that were written or read last, within a number of bytes: what one process has just written several others
 * read at once. A body counts for its entity tag alone, so whatever replaces an object, none is out of date.
 */
export class RecentBodies {
  readonly #bodies = new Map<string, Recent>();
  readonly #capacityBytes: number;
  readonly #memory: BodyMemory;
  #sizeBytes = 0;

  /** @param memory is told which bodies are kept here. */
  constructor(capacityBytes: number, memory: BodyMemory) {
    this.#capacityBytes = capacityBytes;
    this.#memory = memory;
  }

  get(id: string, etag: string): Buffer | undefined {
    const recent = this.#bodies.get(id);
    if (recent?.etag !== etag) return undefined;
    this.#bodies.delete(id);
    this.#bodies.set(id, recent);
    return recent.body;
  }

  set(id: string, recent: Recent): void {
    this.delete(id);
    this.#bodies.set(id, recent);
    this.#sizeBytes += recent.body.length;
    this.#memory.hold(recent.body);
    for (const oldest of this.#bodies.keys()) {
      if (this.#sizeBytes <= this.#capacityBytes) return;
      this.delete(oldest);
    }
  }

  delete(id: string): void {
    const recent = this.#bodies.get(id);
    if (recent === undefined) return;
    this.#sizeBytes -= recent.body.length;
    this.#bodies.delete(id);
    this.#memory.release(recent.body);
  }
}
