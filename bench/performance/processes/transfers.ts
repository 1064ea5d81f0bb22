/**
 * A client that moves bytes over HTTP and does nothing else: reads and writes the bodies that each order names, all at once, and
 * knows the SHA-256 of each, as whoever checks or names an object by it must.
 */
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { sha256Hex } from '../../../lib/codec/digest.ts';
import type { Transfers } from '../plainRounds.ts';

const agent = new Agent({ keepAlive: true });

/** Sends a request and gives the body of its answer. */
function exchange(url: URL, method: 'GET' | 'PUT', body?: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-length': body.length };
    const sent = request(url, { agent, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks));
        else reject(new Error(`${method} ${url}: expected 200, received ${response.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function read(url: URL): Promise<number> {
  const body = await exchange(url, 'GET');
  sha256Hex(body);
  return body.length;
}

async function write(url: URL, body: Buffer): Promise<number> {
  sha256Hex(body);
  await exchange(url, 'PUT', body);
  return body.length;
}

async function transfer({ endpoint, reads, writes, bodyBytes }: Transfers): Promise<number> {
  const body = Buffer.alloc(bodyBytes, 1);
  const moved = await Promise.all([
    ...reads.map((path) => read(new URL(path, endpoint))),
    ...writes.map((path) => write(new URL(path, endpoint), body)),
  ]);
  return moved.reduce((sum, bytes) => sum + bytes, 0);
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const start = performance.now();
  const amount = await transfer(JSON.parse(line) as Transfers);
  console.log(JSON.stringify({ amount, seconds: (performance.now() - start) / 1000 }));
}
