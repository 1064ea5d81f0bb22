/**
 * The project's worker, whose subproblems last as long as it is told: an answer is held back until they have. On a machine
 * with fewer cores than workers the durations are then those of the experiment, not of who got a core.
 *
 * Environment, besides the worker's own: BENCH_SOLVE_MS, least time of a subproblem, and BENCH_SLOW_FACTOR, by which it is
 * multiplied in the worker `worker-0`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { connect, deploymentFromEnvironment } from '../../lib/cloud/deployment.ts';
import { MeteredObjectStore } from '../../lib/cloud/meteredObjectStore.ts';
import type { ResultQueue } from '../../lib/cloud/queues.ts';
import { runEventSchema } from '../../lib/protocol/messages.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { workerEnvironment } from '../../lib/worker/environment.ts';
import { runWorker } from '../../lib/worker/runWorker.ts';
import { Workspace } from '../../lib/worker/workspace.ts';

const { workerId, threads, visibilitySeconds } = workerEnvironment(process.env, 'worker');
const factor = workerId === 'worker-0' ? Number(process.env.BENCH_SLOW_FACTOR) : 1;
const leastMs = Number(process.env.BENCH_SOLVE_MS) * factor;
if (!(leastMs > 0)) throw new Error(`BENCH_SOLVE_MS, BENCH_SLOW_FACTOR: expected numbers above 0`);

const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort(new Error('SIGTERM')));

const backend = await loadBackend({ threads });
const { store, tasks, results, close } = connect(deploymentFromEnvironment(process.env));
const padded: ResultQueue = {
  async send(run, body, deduplicationId) {
    const answer = runEventSchema.parse(JSON.parse(body));
    if (answer.kind === 'solve') await sleep(Math.max(0, answer.startedAtMs + leastMs - Date.now()));
    await results.send(run, body, deduplicationId);
  },
  deliverAgain: (...parameters) => results.deliverAgain(...parameters),
};
const meter = new MeteredObjectStore(store);
await runWorker({
  ...{ tasks, results: padded, meter, workspace: new Workspace(meter, backend) },
  logger: new Logger({ serviceName: 'worker' }),
  worker: { id: workerId, fingerprint: backend.fingerprint },
  ...{ signal: stopping.signal, visibilitySeconds, waitSeconds: 20 },
});
close();
