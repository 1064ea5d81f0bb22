/**
 * The memory of large bodies: where nobody holds a body any more it serves the next one of that length. Left to V8 it would be looked
 * for rarely, and left to the C library it would often go back to the kernel, which clears each page before it lends it again: that took
 * as long as sending a body does.
 */
import type { ServerResponse } from 'node:http';
import { MemoryPool } from '../codec/memoryPool.ts';

/** What is kept for bodies to come: most of what a sweep deletes of a run of some megabytes of parameters. */
const SPARE_BYTES = 128 * 2 ** 20;

export class BodyMemory {
  readonly #leastBytes: number;
  readonly #pool: MemoryPool;
  /** How many hold each memory that is counted. */
  readonly #holders = new WeakMap<ArrayBufferLike, number>();

  /**
   * @param leastBytes of the bodies that are counted; others are V8's.
   * @param spareBytes how much is kept for bodies to come.
   */
  constructor(leastBytes: number, spareBytes = SPARE_BYTES) {
    this.#leastBytes = leastBytes;
    this.#pool = new MemoryPool(spareBytes);
  }

  /** A buffer of so many bytes, which may be anything, in memory that is nothing else's. */
  take(sizeBytes: number): Buffer<ArrayBuffer> {
    return this.#pool.take(sizeBytes);
  }

  /** Has the memory of a body kept until it is released as often; for good where it never is. */
  hold({ buffer }: Buffer): void {
    if (buffer.byteLength < this.#leastBytes) return;
    this.#holders.set(buffer, 1 + (this.#holders.get(buffer) ?? 0));
  }

  /** Takes a hold back. Whoever has got the body in this turn of the event loop may still hold it. */
  release({ buffer }: Buffer): void {
    const holders = this.#holders.get(buffer);
    if (holders === undefined) return;
    this.#holders.set(buffer, holders - 1);
    // Node makes no buffer of memory that threads share.
    if (holders === 1) setImmediate(() => this.#recycle(buffer as ArrayBuffer));
  }

  #recycle(buffer: ArrayBuffer): void {
    if (this.#holders.get(buffer) !== 0) return;
    this.#holders.delete(buffer);
    this.#pool.give({ buffer });
  }

  /** Holds what is being sent until the last of it has gone; a connection that breaks leaves it to V8. */
  holdWhileSent(payload: unknown, response: ServerResponse): void {
    if (!(payload instanceof Buffer) || !this.#holders.has(payload.buffer)) return;
    this.hold(payload);
    response.once('finish', () => this.release(payload));
  }
}
