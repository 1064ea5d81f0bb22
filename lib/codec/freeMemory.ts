/**
 * Arrays that come and go by the megabyte. V8 gives their memory back when it next looks through its whole heap, which it does the
 * sooner the more of such memory there is: at some megabytes of parameters that was a third of the coordinator's time. And what
 * goes back to the C library often goes back to the kernel, which clears it before it comes again.
 */
import { MemoryPool } from './memoryPool.ts';

/** What is kept for arrays to come: the contributions of some megabytes that are read at once. */
const CAPACITY_BYTES = 64 * 2 ** 20;
/** Below, memory comes and goes within the C library's own. */
const LEAST_KEPT_BYTES = 256 * 1024;

const pool = new MemoryPool(CAPACITY_BYTES);

/** A buffer of so many bytes, which may be anything, in memory that is nothing else's. */
export const takeMemory = (sizeBytes: number): Buffer<ArrayBuffer> => pool.take(sizeBytes);

/** Gives the memory of an array back at once. The array, and whatever else lies in the same memory, is empty afterwards. */
export function freeMemory({ buffer }: { readonly buffer: ArrayBuffer }): void {
  if (buffer.byteLength < LEAST_KEPT_BYTES) buffer.transfer(0);
  else pool.give({ buffer });
}
