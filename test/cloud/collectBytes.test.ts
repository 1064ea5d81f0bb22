import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { collectBytes, collectResponse } from '../../lib/cloud/collectBytes.ts';
import { freeMemory } from '../../lib/codec/freeMemory.ts';

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
  return async (path: string, agent?: Agent): Promise<IncomingMessage> => {
    const [message] = await once(get({ host: HOST, port, path, ...(agent && { agent }) }), 'response');
    return message as IncomingMessage;
  };
}

const pieceOf = (length: number, start: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (start + 31 * i) % 251);

const collectors = [
  ['bytes', collectBytes],
  ['a response', collectResponse],
] as const;

test.each(collectors)('%s: gives the bytes that were sent, in pieces of any size', async (_, collect) => {
  const answers = new Map();
  const request = await serve(answers);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 8 }), async (sizes) => {
      const pieces = sizes.map(pieceOf);
      const expected = Buffer.concat(pieces);
      const path = `/${answers.size}`;
      answers.set(path, { announced: expected.length, pieces });
      const message = await request(path);
      // Some of it waits by then.
      if (answers.size % 2 === 0) await delay(2);
      const received = await collect(message, expected.length);
      expect(received.equals(expected)).toBe(true);
      // Whoever frees what was read must free that alone.
      expect(received.buffer.byteLength).toBe(expected.length);
    }),
    { numRuns: 40 },
  );
});

test.each(collectors)('%s: gives what comes in chunks, whose length nobody has said', async (_, collect) => {
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
  const received = await collect(message, undefined);
  expect(received.equals(Buffer.concat([pieceOf(700, 1), pieceOf(10, 2)]))).toBe(true);
  expect(received.buffer.byteLength).toBe(received.length);
});

test('what a connection has read of a response is free again, and nothing listens to it any more', async () => {
  const pieces = [pieceOf(4_000_000, 3)];
  const request = await serve(new Map([['/', { announced: 4_000_000, pieces }]]));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const read = async (): Promise<number> => {
    const message = await request('/', agent);
    const { socket } = message;
    const received = await collectResponse(message, 4_000_000);
    expect(received.equals(pieces[0] as Uint8Array)).toBe(true);
    freeMemory(received);
    expect(socket.listenerCount('data')).toBeLessThanOrEqual(1);
    return process.memoryUsage().arrayBuffers;
  };
  for (let i = 0; i < 3; i += 1) await read();
  const before = await read();
  // The server, which is in this process, frees what it sends only with the heap; a client that did as well would double that.
  expect((await read()) - before).toBeLessThan(2_000_000);
});

test.each([
  ['a connection that breaks', 5, 10, 10, /aborted|[Pp]remature/],
  ['more than was said', 12, 12, 10, /expected 10 bytes, received 12/],
  ['less than was said', 8, 8, 10, /expected 10 bytes, received 8/],
])('%s is an error', async (_, sent, announced, length, expected) => {
  const request = await serve(new Map([['/', { announced, pieces: [pieceOf(sent, 0)] }]]));
  await expect(request('/').then((message) => collectBytes(message, length))).rejects.toThrow(expected);
});
