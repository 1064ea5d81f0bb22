/**
 * The project's worker, which waits where it would solve: all that is around a subproblem is real, its time is known, and
 * its answer is θ_i = z̃. As a solve does, the wait holds the event loop.
 *
 * Environment, besides the worker's own: BENCH_SOLVE_MS, how long; 0 answers at once.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { contribution } from '../../../lib/admm/contribution.ts';
import { connect, deploymentFromEnvironment } from '../../../lib/cloud/deployment.ts';
import { letHeapAndBuffersGrow } from '../../../lib/cloud/heapGrowth.ts';
import { MeteredObjectStore } from '../../../lib/cloud/meteredObjectStore.ts';
import { loadBackend } from '../../../lib/tensors/backend.ts';
import { disposeParameters } from '../../../lib/tensors/parameters.ts';
import { workerEnvironment } from '../../../lib/worker/environment.ts';
import { HostCache } from '../../../lib/worker/hostCache.ts';
import { runWorker } from '../../../lib/worker/runWorker.ts';
import type { solve } from '../../../lib/worker/solve.ts';
import { Workspace } from '../../../lib/worker/workspace.ts';

letHeapAndBuffersGrow('worker');
const { workerId, threads, visibilitySeconds, waitSeconds, cacheDirectory } = workerEnvironment(
  process.env,
  'worker',
);
const solveMs = Number(process.env.BENCH_SOLVE_MS);
if (!(solveMs >= 0)) {
  throw new Error(`BENCH_SOLVE_MS: expected a number from 0, received ${process.env.BENCH_SOLVE_MS}`);
}
const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

const wait: typeof solve = ({ config }, _task, { broadcast, dual }) => {
  if (solveMs > 0) Atomics.wait(never, 0, 0, solveMs);
  const answer = contribution({ solution: broadcast, broadcast, dual, relaxation: 1 });
  if (dual !== null) disposeParameters(dual);
  const { batchSize: batchSamples } = config.solver;
  const figures = { loss: 1, accuracy: null, stepSquaredNorm: 0, dualSquaredNorm: 0, batchSamples };
  return { contribution: answer, figures };
};

const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort(new Error('SIGTERM')));
const backend = await loadBackend({ threads });
const { store, tasks, results, close } = connect(deploymentFromEnvironment(process.env));
const meter = new MeteredObjectStore(store);
const onError = (error: unknown): never => {
  throw error;
};
const hostCache = cacheDirectory ? new HostCache(cacheDirectory, onError) : null;
const workspace = new Workspace(meter, backend, { hostCache });
await runWorker({
  ...{ tasks, results, meter, workspace, solver: wait },
  logger: new Logger({ serviceName: 'worker' }),
  worker: { id: workerId, fingerprint: backend.fingerprint },
  ...{ signal: stopping.signal, visibilitySeconds, waitSeconds },
});
close();
