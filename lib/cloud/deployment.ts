/** Where a deployment's bucket and queues are, and how a process is told. */
import { EnvironmentError } from '../errors.ts';
import { type ClientOptions, type CloudClients, createClients } from './clients.ts';
import type { ObjectStore } from './objectStore.ts';
import type { ResultQueue, TaskQueue } from './queues.ts';
import { S3ObjectStore } from './s3ObjectStore.ts';
import { SqsResultQueue } from './sqsResultQueue.ts';
import { SqsTaskQueue } from './sqsTaskQueue.ts';

export interface Deployment extends ClientOptions {
  readonly bucket: string;
  readonly tasksQueueUrl: string;
  readonly resultsQueueUrl: string;
  /** Where blocks of folds are asked for: known to who looks after a deployment; its functions have a variable of their own. */
  readonly foldsQueueUrl?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Environment variables that carry a deployment, and what each of them is. */
const VARIABLES = {
  region: { name: 'AWS_REGION', expected: 'an AWS region' },
  bucket: { name: 'PADMM_BUCKET', expected: 'the name of an S3 bucket' },
  tasksQueueUrl: { name: 'PADMM_TASKS_QUEUE_URL', expected: 'the URL of the tasks queue' },
  resultsQueueUrl: { name: 'PADMM_RESULTS_QUEUE_URL', expected: 'the URL of the results queue' },
} as const;
const ENDPOINT_VARIABLE = 'PADMM_ENDPOINT';
/** What every AWS SDK and the AWS CLI read (AWS SDKs and Tools Reference Guide, "Service-specific endpoints"). */
const SDK_ENDPOINT_VARIABLE = 'AWS_ENDPOINT_URL';

const required = Object.entries(VARIABLES) as [keyof typeof VARIABLES, { name: string; expected: string }][];

function checkUrl(name: string, value: string): void {
  if (!/^https?:$/.test(URL.parse(value)?.protocol ?? '')) {
    throw new EnvironmentError(`${name}: expected an http or https URL, received ${JSON.stringify(value)}`);
  }
}

/**
 * The deployment that environment variables describe.
 *
 * @throws EnvironmentError naming every variable that is missing, or the first that is no URL.
 */
export function deploymentFromEnvironment(environment: Environment): Deployment {
  const missing = required.filter(([, { name }]) => !environment[name]);
  if (missing.length > 0) {
    const lines = missing.map(([, { name, expected }]) => `${name}: expected ${expected}, received nothing`);
    throw new EnvironmentError(`environment:\n  ${lines.join('\n  ')}`);
  }
  const value = (field: keyof typeof VARIABLES): string => environment[VARIABLES[field].name] as string;
  const variable = environment[ENDPOINT_VARIABLE] ? ENDPOINT_VARIABLE : SDK_ENDPOINT_VARIABLE;
  const endpoint = environment[variable];
  if (endpoint) checkUrl(variable, endpoint);
  checkUrl(VARIABLES.tasksQueueUrl.name, value('tasksQueueUrl'));
  checkUrl(VARIABLES.resultsQueueUrl.name, value('resultsQueueUrl'));
  return {
    region: value('region'),
    bucket: value('bucket'),
    tasksQueueUrl: value('tasksQueueUrl'),
    resultsQueueUrl: value('resultsQueueUrl'),
    ...(endpoint ? { endpoint } : {}),
  };
}

/** The variables that make `deploymentFromEnvironment` find this deployment in another process. */
export function toEnvironment(deployment: Deployment): Record<string, string> {
  const variables = required.map(([field, { name }]): [string, string] => [name, deployment[field]]);
  if (deployment.endpoint !== undefined) variables.push([ENDPOINT_VARIABLE, deployment.endpoint]);
  return Object.fromEntries(variables);
}

/** The ports of a deployment, open until `close`. */
export interface Connection {
  readonly store: ObjectStore;
  readonly tasks: TaskQueue;
  readonly results: ResultQueue;
  readonly clients: CloudClients;
  /** Closes the sockets; requests under way fail. */
  close(): void;
}

export function connect(deployment: Deployment): Connection {
  const clients = createClients(deployment);
  return {
    store: new S3ObjectStore(clients.s3, deployment.bucket),
    tasks: new SqsTaskQueue(clients.sqs, deployment.tasksQueueUrl),
    results: new SqsResultQueue(clients.sqs, deployment.resultsQueueUrl),
    clients,
    close() {
      clients.s3.destroy();
      clients.sqs.destroy();
    },
  };
}
