/** How many messages lie in the queues of a deployment. */
import { DeadLetterQueue } from '../cloud/deadLetterQueue.ts';
import type { Connection, Deployment } from '../cloud/deployment.ts';
import { type QueueDepth, readQueueDepth } from '../cloud/queueDepth.ts';

/** Of all runs of a deployment together; approximate, as SQS counts. */
export interface QueueDepths {
  readonly tasks: QueueDepth;
  readonly results: QueueDepth;
  /** Dead letters of either, and of blocks of folds. */
  readonly deadTasks: number;
  readonly deadResults: number;
  readonly deadFolds: number;
}

async function deadLetters({ clients }: Connection, queueUrl: string | undefined): Promise<number> {
  if (queueUrl === undefined) return 0;
  return (await DeadLetterQueue.of(clients.sqs, queueUrl)).count();
}

/** Asks SQS. @throws CloudError where a queue has no dead-letter queue. */
export async function readQueueDepths(connection: Connection, deployment: Deployment): Promise<QueueDepths> {
  const { sqs } = connection.clients;
  const { tasksQueueUrl, resultsQueueUrl, foldsQueueUrl } = deployment;
  const [tasks, results, deadTasks, deadResults, deadFolds] = await Promise.all([
    readQueueDepth(sqs, tasksQueueUrl),
    readQueueDepth(sqs, resultsQueueUrl),
    deadLetters(connection, tasksQueueUrl),
    deadLetters(connection, resultsQueueUrl),
    deadLetters(connection, foldsQueueUrl),
  ]);
  return { tasks, results, deadTasks, deadResults, deadFolds };
}
