/** Bodies as they come in over HTTP. */
import type { IncomingMessage } from 'node:http';

/** All of a message's body, copied together once. */
export async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}
