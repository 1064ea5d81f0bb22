/** The stack, deployed by the CDK to a LocalStack of the test's own. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { type Connection, connect, toEnvironment } from '../../lib/cloud/deployment.ts';
import { findStack, type StackDeployment } from '../../lib/cloud/stack.ts';
import { WorkerProcesses } from '../../lib/emulator/workerProcesses.ts';
import { deployTo } from '../../scripts/emulators/cdk.ts';
import { startLocalStack } from '../../scripts/emulators/localstack.ts';
import { type Principal, SUBMITTER } from '../permissions/evaluate.ts';
import { type RecordedCall, startRecordingProxy } from '../permissions/recordingProxy.ts';

/**
 * Settings under which the stack goes to LocalStack. Its free edition has no ECS, so workers run elsewhere: here. A
 * killed invocation costs one and a half times the coordinator's time-out.
 */
export const LOCALSTACK_SETTINGS = { compute: 'none', coordinatorTimeoutSeconds: '10' } as const;

/** What a killed worker costs here: its task comes back so soon, and not after the minutes that a deployment allows. */
const TASK_VISIBILITY_SECONDS = '5';
const REGION = 'us-east-1';
const GRACE_MS = 10_000;
const WORKER = join(import.meta.dirname, '..', '..', 'functions', 'worker', 'index.ts');

export interface Deployed {
  readonly deployment: StackDeployment;
  readonly connection: Connection;
  /** Starts worker processes of this machine; they end with the deployment. */
  startWorkers(count: number): WorkerProcesses;
  /** Process ids of a function's execution environments, by a part of its name. */
  functionPids(name: string): Promise<number[]>;
  /** LocalStack's, of a proxy that records what it is asked for. */
  readonly recordedEndpoint: string;
  /** What functions, workers, and whoever uses the recorded endpoint have asked AWS for. */
  calls(): readonly RecordedCall[];
  close(): Promise<void>;
}

/** Access keys of functions are their names, which begin with the stack's and the construct's. */
const principalOf = (accessKey: string): Principal | typeof SUBMITTER | 'nobody' => {
  if (accessKey === 'worker' || accessKey === SUBMITTER) return accessKey;
  if (accessKey.includes('Coordinator')) return 'coordinator';
  return accessKey.includes('Watchdog') ? 'watchdog' : 'nobody';
};

/** Starts LocalStack and deploys the stack there. */
export async function deployToLocalStack(): Promise<Deployed> {
  const directory = await mkdtemp(join(tmpdir(), 'padmm-localstack-'));
  let endpoint = '';
  const proxy = await startRecordingProxy(() => endpoint);
  const closing: (() => Promise<void>)[] = [
    () => rm(directory, { recursive: true, force: true }),
    () => proxy.close(),
  ];
  const close = async () => {
    for (const end of closing.toReversed()) await end();
  };
  try {
    const emulator = await startLocalStack({ directory, functionsEndpoint: proxy.endpoint });
    closing.push(() => emulator.close());
    endpoint = emulator.endpoint;
    await deployTo({ endpoint, directory, context: LOCALSTACK_SETTINGS });
    const deployment = await findStack('padmm', { region: REGION, endpoint });
    const connection = connect(deployment);
    closing.push(async () => connection.close());
    const { tasksQueueUrl: QueueUrl } = deployment;
    const Attributes = { VisibilityTimeout: TASK_VISIBILITY_SECONDS };
    await connection.clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    return {
      deployment,
      connection,
      startWorkers(count) {
        const workers = new WorkerProcesses({
          count,
          entry: WORKER,
          environment: {
            ...process.env,
            ...toEnvironment({ ...deployment, endpoint: proxy.endpoint }),
            AWS_ACCESS_KEY_ID: 'worker',
            AWS_SECRET_ACCESS_KEY: 'secret',
            PADMM_TASK_WAIT_SECONDS: '2',
            PADMM_TASK_VISIBILITY_SECONDS: TASK_VISIBILITY_SECONDS,
          },
          logDirectory: directory,
          graceMs: GRACE_MS,
          log: () => {},
        });
        workers.start();
        closing.push(() => workers.stop());
        return workers;
      },
      async functionPids(name) {
        const functions = join(directory, 'functions');
        const files = (await readdir(functions)).filter((f) => f.includes(name) && f.endsWith('.pid'));
        return Promise.all(files.map(async (file) => Number(await readFile(join(functions, file), 'utf8'))));
      },
      recordedEndpoint: proxy.endpoint,
      calls: () => proxy.calls.map((call) => ({ ...call, principal: principalOf(call.principal) })),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
