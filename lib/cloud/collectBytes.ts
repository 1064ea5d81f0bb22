import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { freeMemory } from '../codec/freeMemory.ts';

/** Freeing takes a microsecond or two, as does allocating: below this there is nothing to gain. */
const LEAST_FREED_BYTES = 16_384;

/** Short buffers share memory with others, which whoever frees one would take along. */
function inMemoryOfItsOwn(shared: Buffer): Buffer<ArrayBuffer> {
  const bytes = Buffer.allocUnsafeSlow(shared.length);
  bytes.set(shared);
  return bytes;
}

/**
 * The body of a message, in memory that is nothing else's. Where its length is known, each piece is copied to its place when it comes, while the processor's cache
 * holds it, instead of all of them when the last one has come.
 *
 * @param length as the message says it; a message that comes in chunks says none.
 * @param take makes a buffer of that length, of which all is written.
 * @throws Error where the connection breaks, or gives more or fewer bytes.
 */
export async function collectBytes(
  message: IncomingMessage,
  length: number | undefined,
  take: (length: number) => Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow,
): Promise<Buffer<ArrayBuffer>> {
  if (length === undefined) return inMemoryOfItsOwn(await buffer(message));
  const bytes = take(length);
  let received = 0;
  let previous: Buffer<ArrayBuffer> = Buffer.alloc(0);
  message.on('data', (piece: Buffer<ArrayBuffer>) => {
    if (received + piece.length <= length) bytes.set(piece, received);
    received += piece.length;
    // The parser looks at a piece until it hands over the next one, which came with another read of the socket.
    if (previous.buffer !== piece.buffer && previous.length >= LEAST_FREED_BYTES) freeMemory(previous);
    previous = piece;
  });
  await finished(message, { writable: false });
  if (received !== length) throw new Error(`body: expected ${length} bytes, received ${received}`);
  return bytes;
}
