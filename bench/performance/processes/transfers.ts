/**
 * A client that moves bytes over HTTP and does nothing else: reads and writes the bodies that each order names, all at once, and
 * knows the SHA-256 of each, as whoever checks or names an object by it must.
 */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { letHeapAndBuffersGrow } from '../../../lib/cloud/heapGrowth.ts';
import { sha256Hex } from '../../../lib/codec/digest.ts';
import { bodyOf } from '../plainBody.ts';
import type { Transfers } from '../plainRounds.ts';

const agent = new Agent({ keepAlive: true });

/** Sends a request and gives the body of its answer. */
async function exchange(url: URL, method: 'GET' | 'PUT', body?: Buffer): Promise<Buffer> {
  const headers = body === undefined ? {} : { 'content-length': body.length };
  const sent = request(url, { agent, method, headers }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const answer = await bodyOf(response);
  if (response.statusCode === 200) return answer;
  throw new Error(`${method} ${url}: expected 200, received ${response.statusCode}`);
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

letHeapAndBuffersGrow('emulator');
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const start = performance.now();
  const amount = await transfer(JSON.parse(line) as Transfers);
  console.log(JSON.stringify({ amount, seconds: (performance.now() - start) / 1000 }));
}
