/** The stack, deployed by the CDK to a LocalStack of the test's own. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, connect, toEnvironment } from '../../lib/cloud/deployment.ts';
import { findStack, type StackDeployment } from '../../lib/cloud/stack.ts';
import { WorkerProcesses } from '../../lib/emulator/workerProcesses.ts';
import { deployTo } from '../../scripts/emulators/cdk.ts';
import { startLocalStack } from '../../scripts/emulators/localstack.ts';

/**
 * Settings under which the stack goes to LocalStack. Its free edition has no ECS, so workers run elsewhere: here. A
 * killed invocation costs one and a half times the coordinator's time-out.
 */
export const LOCALSTACK_SETTINGS = { compute: 'none', coordinatorTimeoutSeconds: '10' } as const;

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
  close(): Promise<void>;
}

/** Starts LocalStack and deploys the stack there. */
export async function deployToLocalStack(): Promise<Deployed> {
  const directory = await mkdtemp(join(tmpdir(), 'padmm-localstack-'));
  const emulator = await startLocalStack(directory);
  const { endpoint } = emulator;
  const closing: (() => Promise<void>)[] = [
    () => rm(directory, { recursive: true, force: true }),
    () => emulator.close(),
  ];
  const close = async () => {
    for (const end of closing.toReversed()) await end();
  };
  try {
    await deployTo({ endpoint, directory, context: LOCALSTACK_SETTINGS });
    const deployment = await findStack('padmm', { region: REGION, endpoint });
    const connection = connect(deployment);
    closing.push(async () => connection.close());
    return {
      deployment,
      connection,
      startWorkers(count) {
        const workers = new WorkerProcesses({
          count,
          entry: WORKER,
          environment: { ...process.env, ...toEnvironment(deployment), PADMM_TASK_WAIT_SECONDS: '2' },
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
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
