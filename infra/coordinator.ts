import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { FOLDS_VARIABLE } from '../lib/cloud/foldQueue.ts';
import { STRIPES } from '../lib/protocol/blocks.ts';
import { RUNS_PREFIX } from '../lib/protocol/keys.ts';
import { allow } from './allow.ts';
import { NodeFunction } from './nodeFunction.ts';
import type { Queues } from './queues.ts';
import { letTellOfRuns } from './runEvents.ts';

export interface CoordinatorProps {
  readonly bucket: s3.IBucket;
  readonly queues: Queues;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  /** Runs that are coordinated at once. */
  readonly concurrency: number;
  readonly logRetentionDays: number;
}

/** The most that Lambda takes from a FIFO queue at once (AWS Lambda: "Using Lambda with Amazon SQS"). */
const BATCH_RECORDS = 10;
/** Blocks that are formed at once, of all runs together: as many as one run has at most. */
const MAX_FOLDS = STRIPES;

/**
 * The coordinator's function behind the results queue, where one invocation at a time works on a run, and behind the folds
 * queue, where each works on one block.
 */
export class Coordinator extends Construct {
  readonly function: lambda.Function;
  readonly logGroup: NodeFunction['logGroup'];

  constructor(scope: Construct, id: string, props: CoordinatorProps) {
    super(scope, id);
    const { bucket, queues } = props;
    const handler = new NodeFunction(this, 'Handler', {
      ...props,
      environment: { ...props.environment, [FOLDS_VARIABLE]: queues.folds.queueUrl },
      name: 'coordinator',
      // An asynchronous run may go from version to version for long without a worker's answer in between, which is what
      // would tell Lambda that it is no loop. The protocol bounds it: as many messages a version as there are blocks.
      recursiveLoop: lambda.RecursiveLoop.ALLOW,
    });
    const { function: coordinator, role, logGroup } = handler;
    this.function = coordinator;
    this.logGroup = logGroup;
    grant(role, bucket, queues);
    letTellOfRuns(handler);
    const feed = (id: string, queue: sqs.IQueue, batchSize: number, maxConcurrency: number) => {
      const mapping = new lambda.EventSourceMapping(this, id, {
        target: coordinator,
        eventSourceArn: queue.queueArn,
        batchSize,
        reportBatchItemFailures: true,
        // Limited here and not by reserved concurrency, under which messages would count receives while they wait.
        maxConcurrency,
      });
      // The mapping is refused while the role cannot read the queue.
      mapping.node.addDependency(role);
    };
    feed('Results', queues.results, BATCH_RECORDS, props.concurrency);
    // One block an invocation: more of them in a batch would share its bandwidth.
    feed('Folds', queues.folds, 1, MAX_FOLDS);
  }
}

function grant(role: iam.Role, bucket: s3.IBucket, { folds, results, tasks }: Queues): void {
  allow(role, {
    actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
    resources: [bucket.arnForObjects(`${RUNS_PREFIX}*`)],
    wildcard: 'Run ids are drawn at submission; nothing outside runs/ is reached.',
  });
  // Garbage is found by listing a run's objects.
  allow(role, {
    actions: ['s3:ListBucket'],
    resources: [bucket.bucketArn],
    conditions: { StringLike: { 's3:prefix': `${RUNS_PREFIX}*` } },
  });
  allow(role, {
    actions: ['sqs:SendMessage'],
    resources: [tasks.queueArn, folds.queueArn, results.queueArn],
  });
  allow(role, {
    // The first three are what the event source mapping does in the role's name.
    actions: [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ChangeMessageVisibility',
    ],
    resources: [results.queueArn, folds.queueArn],
  });
}
