/** How many messages lie in the queues of a deployment. */
import { DeadLetterQueue } from '../cloud/deadLetterQueue.ts';
import type { Connection, Deployment } from '../cloud/deployment.ts';
import { type QueueDepth, readQueueDepth } from '../cloud/queueDepth.ts';

/** Of all runs of a deployment together; approximate, as SQS counts. */
export interface QueueDepths {
  readonly tasks: QueueDepth;
  readonly results: QueueDepth;
  /** Dead letters of either. */
  readonly deadTasks: number;
  readonly deadResults: number;
}

async function deadLetters({ clients }: Connection, queueUrl: string): Promise<number> {
  return (await DeadLetterQueue.of(clients.sqs, queueUrl)).count();
}

/** Asks SQS. @throws CloudError where a queue has no dead-letter queue. */
export async function readQueueDepths(connection: Connection, deployment: Deployment): Promise<QueueDepths> {
  const { sqs } = connection.clients;
  const { tasksQueueUrl, resultsQueueUrl } = deployment;
  const [tasks, results, deadTasks, deadResults] = await Promise.all([
    readQueueDepth(sqs, tasksQueueUrl),
    readQueueDepth(sqs, resultsQueueUrl),
    deadLetters(connection, tasksQueueUrl),
    deadLetters(connection, resultsQueueUrl),
  ]);
  return { tasks, results, deadTasks, deadResults };
}
