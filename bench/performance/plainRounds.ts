/**
 * Rounds that move the bytes of a round without work over HTTP on loopback and do nothing else: no queue, no disk, no state, no
 * sum. What a round of so many parameters takes at the least where coordinator, workers and store are processes that HTTP joins.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { letHeapAndBuffersGrow } from '../../lib/cloud/heapGrowth.ts';
import { projectFile, WARM_UP_ROUNDS } from './emptyRuns.ts';
import { bodyOf } from './plainBody.ts';
import { doneSchema, ThroughputProcess, withProcesses } from './throughput.ts';

const HOST = '127.0.0.1';
const ENTRY = projectFile('bench/performance/processes/transfers.ts');

/** What one client is to read and to write at once. */
export interface Transfers {
  /** Of the store. */
  readonly endpoint: string;
  /** Paths of bodies. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Of each body. */
  readonly bodyBytes: number;
}

export interface PlainRounds {
  readonly workers: number;
  readonly rounds: number;
  /** P in float32. */
  readonly bodyBytes: number;
}

/** A store in memory: PUT keeps a body under its path, GET gives it. */
async function startStore(): Promise<Server> {
  const bodies = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    if (request.method === 'PUT') bodies.set(path, await bodyOf(request));
    const body = request.method === 'GET' ? bodies.get(path) : Buffer.alloc(0);
    response.writeHead(body === undefined ? 404 : 200, { 'content-length': body?.length ?? 0 }).end(body);
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  return server;
}

/**
 * Each worker reads z and writes its contribution; then the coordinator reads all contributions and writes z.
 *
 * @returns bytes moved and seconds taken in `rounds` rounds, after those that warm up.
 */
export async function movePlainRounds({ workers, rounds, bodyBytes }: PlainRounds) {
  letHeapAndBuffersGrow('emulator');
  const store = await startStore();
  const endpoint = `http://${HOST}:${(store.address() as AddressInfo).port}`;
  const clients = Array.from({ length: workers + 1 }, () => new ThroughputProcess(process.execPath, [ENTRY]));
  const [coordinator, ...others] = clients as [ThroughputProcess, ...ThroughputProcess[]];
  const contributions = others.map((_, i) => `/w${i}`);
  const move = (client: ThroughputProcess, reads: readonly string[], writes: readonly string[]) =>
    client.ask({ endpoint, reads, writes, bodyBytes } satisfies Transfers, doneSchema);
  const moveRound = async (): Promise<number> => {
    const sent = others.map((client, i) => move(client, ['/z'], [contributions[i] as string]));
    const done = [...(await Promise.all(sent)), await move(coordinator, contributions, ['/z'])];
    return done.reduce((sum, { amount }) => sum + amount, 0);
  };
  try {
    return await withProcesses(clients, async () => {
      await move(coordinator, [], ['/z']);
      for (let round = 0; round < WARM_UP_ROUNDS; round += 1) await moveRound();
      const start = performance.now();
      let bytes = 0;
      for (let round = 0; round < rounds; round += 1) bytes += await moveRound();
      return { bytes, seconds: (performance.now() - start) / 1000 };
    });
  } finally {
    store.closeAllConnections();
    store.close();
  }
}
