import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { collectBytes } from '../../lib/cloud/collectBytes.ts';

const HOST = '127.0.0.1';

/** Serves what each path says: how many bytes to announce, and the pieces to send. */
async function serve(answers: Map<string, { readonly announced: number; readonly pieces: Uint8Array[] }>) {
  const server = createServer(async ({ url = '', socket }, response) => {
    const { announced = 0, pieces = [] } = answers.get(url) ?? {};
    response.writeHead(200, { 'content-length': announced });
    for (const piece of pieces) {
      response.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const sent = pieces.reduce((sum, { length }) => sum + length, 0);
    if (sent === announced) response.end();
    else socket.destroy();
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return async (path: string): Promise<IncomingMessage> => {
    const [message] = await once(get({ host: HOST, port, path }), 'response');
    return message as IncomingMessage;
  };
}

const pieceOf = (length: number, start: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (start + 31 * i) % 251);

test('gives the bytes that were sent, in pieces of any size', async () => {
  const answers = new Map();
  const request = await serve(answers);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 8 }), async (sizes) => {
      const pieces = sizes.map(pieceOf);
      const expected = Buffer.concat(pieces);
      const path = `/${answers.size}`;
      answers.set(path, { announced: expected.length, pieces });
      const received = await collectBytes(await request(path), expected.length);
      expect(received.equals(expected)).toBe(true);
      // Whoever frees what was read must free that alone.
      expect(received.buffer.byteLength).toBe(expected.length);
    }),
    { numRuns: 40 },
  );
});

test('gives what comes in chunks, whose length nobody has said', async () => {
  const server = createServer((_request, response) => {
    response.write(pieceOf(700, 1));
    response.end(pieceOf(10, 2));
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const [message] = (await once(get({ host: HOST, port }), 'response')) as [IncomingMessage];
  expect(message.headers['content-length']).toBeUndefined();
  const received = await collectBytes(message, undefined);
  expect(received.equals(Buffer.concat([pieceOf(700, 1), pieceOf(10, 2)]))).toBe(true);
  expect(received.buffer.byteLength).toBe(received.length);
});

test.each([
  ['a connection that breaks', 5, 10, 10, /aborted|[Pp]remature/],
  ['more than was said', 12, 12, 10, /expected 10 bytes, received 12/],
  ['less than was said', 8, 8, 10, /expected 10 bytes, received 8/],
])('%s is an error', async (_, sent, announced, length, expected) => {
  const request = await serve(new Map([['/', { announced, pieces: [pieceOf(sent, 0)] }]]));
  await expect(request('/').then((message) => collectBytes(message, length))).rejects.toThrow(expected);
});
