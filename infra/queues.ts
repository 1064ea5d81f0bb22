import { Duration, Stack } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface QueuesProps {
  /** Longest invocation of the coordinator. */
  readonly coordinatorTimeoutSeconds: number;
}

/** Graceful hand-backs of a task count as receives, so this is far above the number of honest tries. */
const MAX_RECEIVES = 10;
/** How long a dead letter waits for someone to look at it; the most that SQS keeps. */
const DEAD_LETTER_DAYS = 14;
/** What a lost worker costs: a task comes back after this unless its worker extends it. */
export const TASK_VISIBILITY_SECONDS = 120;
/** Room between the end of an invocation that was cut off and the return of its messages. */
const RESULTS_VISIBILITY_FACTOR = 1.5;

/**
 * Tasks for workers (standard), results for the coordinator (FIFO, a group a run), and the blocks of folds that it asks
 * itself for (FIFO, a group a block), each with its dead letters.
 */
export class Queues extends Construct {
  readonly tasks: sqs.Queue;
  readonly results: sqs.Queue;
  readonly folds: sqs.Queue;
  readonly deadTasks: sqs.Queue;
  readonly deadResults: sqs.Queue;
  readonly deadFolds: sqs.Queue;

  constructor(scope: Construct, id: string, { coordinatorTimeoutSeconds }: QueuesProps) {
    super(scope, id);
    const secure = { encryption: sqs.QueueEncryption.SQS_MANAGED, enforceSSL: true };
    const highThroughput = {
      fifo: true,
      deduplicationScope: sqs.DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    };
    // A name must say that a queue is first in, first out; the stack's sets it apart.
    const fifoName = (name: string) => ({ queueName: `${Stack.of(this).stackName}-${name}.fifo` });
    const retentionPeriod = Duration.days(DEAD_LETTER_DAYS);
    this.deadTasks = new sqs.Queue(this, 'DeadTasks', { ...secure, retentionPeriod });
    const deadFifo = (id: string, name: string) =>
      new sqs.Queue(this, id, { ...secure, ...highThroughput, ...fifoName(name), retentionPeriod });
    this.deadResults = deadFifo('DeadResults', 'dead-results');
    this.deadFolds = deadFifo('DeadFolds', 'dead-folds');
    this.tasks = new sqs.Queue(this, 'Tasks', {
      ...secure,
      visibilityTimeout: Duration.seconds(TASK_VISIBILITY_SECONDS),
      deadLetterQueue: { queue: this.deadTasks, maxReceiveCount: MAX_RECEIVES },
    });
    const visibilitySeconds = Math.ceil(coordinatorTimeoutSeconds * RESULTS_VISIBILITY_FACTOR);
    const ofCoordinator = (id: string, name: string, dead: sqs.Queue) =>
      new sqs.Queue(this, id, {
        ...secure,
        ...highThroughput,
        ...fifoName(name),
        visibilityTimeout: Duration.seconds(visibilitySeconds),
        deadLetterQueue: { queue: dead, maxReceiveCount: MAX_RECEIVES },
      });
    this.results = ofCoordinator('Results', 'results', this.deadResults);
    this.folds = ofCoordinator('Folds', 'folds', this.deadFolds);
  }
}
