/**
 * A worker: a process that solves subproblems until it is told to end. Environment: the deployment's variables (see
 * `lib/cloud/deployment.ts`), PADMM_WORKER_ID, PADMM_THREADS, PADMM_BACKEND, PADMM_CACHE_DIR; in a container PADMM_ALIVE_FILE, which its
 * health check looks at, and ECS_AGENT_URI, which ECS sets.
 */
import { hostname } from 'node:os';
import { Logger } from '@aws-lambda-powertools/logger';
import { connect, deploymentFromEnvironment } from '../../lib/cloud/deployment.ts';
import { letHeapAndBuffersGrow } from '../../lib/cloud/heapGrowth.ts';
import { MeteredObjectStore } from '../../lib/cloud/meteredObjectStore.ts';
import { EcsTaskProtection } from '../../lib/cloud/taskProtection.ts';
import { backendNames, loadBackend } from '../../lib/tensors/backend.ts';
import { keepAliveFile } from '../../lib/worker/aliveFile.ts';
import { workerEnvironment } from '../../lib/worker/environment.ts';
import { HostCache } from '../../lib/worker/hostCache.ts';
import { ProtectedTasks } from '../../lib/worker/protectedTasks.ts';
import { runWorker } from '../../lib/worker/runWorker.ts';
import { Workspace } from '../../lib/worker/workspace.ts';

letHeapAndBuffersGrow('worker');
const logger = new Logger({ serviceName: 'worker' });
const environment = workerEnvironment(process.env, `${hostname()}-${process.pid}`);
const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => stopping.abort(new Error(signal)));
}

const backend = await loadBackend({
  threads: environment.threads,
  ...(environment.backend === undefined ? {} : { prefer: environment.backend }),
});
const { store, tasks, results, close } = connect(deploymentFromEnvironment(process.env));
const { ECS_AGENT_URI, PADMM_ALIVE_FILE } = process.env;
const onError = (error: unknown) => logger.error('task protection failed', { error: String(error) });
const protectedTasks = ECS_AGENT_URI
  ? new ProtectedTasks(tasks, { protection: new EcsTaskProtection(ECS_AGENT_URI), onError })
  : tasks;
if (PADMM_ALIVE_FILE) keepAliveFile(PADMM_ALIVE_FILE);
const meter = new MeteredObjectStore(store);
const { cacheDirectory } = environment;
const hostCache = cacheDirectory
  ? new HostCache(cacheDirectory, (error) => logger.error('host cache failed', { error: String(error) }))
  : null;
const worker = { id: environment.workerId, fingerprint: backend.fingerprint };
logger.info('worker starts', { ...worker, fallback: backend.name !== backendNames[0] });
await runWorker({
  ...{ tasks: protectedTasks, results, logger, worker, meter },
  workspace: new Workspace(meter, backend, { hostCache }),
  signal: stopping.signal,
  visibilitySeconds: environment.visibilitySeconds,
  waitSeconds: environment.waitSeconds,
});
close();
logger.info('worker ends', { id: worker.id });
