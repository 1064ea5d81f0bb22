import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { freeMemory, takeMemory } from '../codec/freeMemory.ts';

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
  take: (length: number) => Buffer<ArrayBuffer> = takeMemory,
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

/**
 * The body of a response. A client's parser copies what it takes for a piece of the body out of what the socket has read: that is freed
 * as well, when nothing of it waits to be taken, so that the next read finds the same memory, in the processor's cache.
 *
 * @throws as {@link collectBytes}.
 */
export async function collectResponse(
  response: IncomingMessage,
  length: number | undefined,
): Promise<Buffer<ArrayBuffer>> {
  const { socket } = response;
  // After the parser, which began to listen before it had a response to give.
  const freeRead = (read: Buffer<ArrayBuffer>): void => {
    if (response.readableLength === 0 && read.length >= LEAST_FREED_BYTES) freeMemory(read);
  };
  socket.on('data', freeRead);
  try {
    return await collectBytes(response, length);
  } finally {
    socket.removeListener('data', freeRead);
  }
}
