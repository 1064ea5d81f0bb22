/**
 * Gives the memory of a large body back when nobody holds it any more, instead of leaving it to V8, which looks for it rarely where
 * heaps may grow: until then each body goes to memory that nobody has touched, which the kernel clears first.
 */
import type { ServerResponse } from 'node:http';
import { freeMemory } from '../codec/freeMemory.ts';

export class BodyMemory {
  readonly #leastBytes: number;
  /** How many hold each memory that is counted. */
  readonly #holders = new WeakMap<ArrayBufferLike, number>();

  /** @param leastBytes of the bodies that are counted; others are V8's. */
  constructor(leastBytes: number) {
    this.#leastBytes = leastBytes;
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
    if (holders === 1) setImmediate(() => this.#free(buffer));
  }

  #free(buffer: ArrayBufferLike): void {
    if (this.#holders.get(buffer) !== 0) return;
    this.#holders.delete(buffer);
    // Node makes no buffer of memory that threads share.
    freeMemory({ buffer: buffer as ArrayBuffer });
  }

  /** Holds what is being sent until the last of it has gone; a connection that breaks leaves it to V8. */
  holdWhileSent(payload: unknown, response: ServerResponse): void {
    if (!(payload instanceof Buffer) || !this.#holders.has(payload.buffer)) return;
    this.hold(payload);
    response.once('finish', () => this.release(payload));
  }
}
