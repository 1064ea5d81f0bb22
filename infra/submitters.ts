import { Aws, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { parseS3Uri, type S3Folder } from '../lib/cloud/s3Uri.ts';
import { DATASETS_PREFIX, RUNS_PREFIX } from '../lib/protocol/keys.ts';
import { allow } from './allow.ts';
import { type Fleet, tasksOf } from './fleet.ts';
import type { Queues } from './queues.ts';

export interface SubmittersProps {
  readonly bucket: s3.IBucket;
  readonly queues: Queues;
  /** Undefined where workers run elsewhere. */
  readonly fleet: Fleet | undefined;
  /** Folders of S3, `s3://BUCKET/PREFIX`, from which data may be submitted. */
  readonly dataUris: readonly string[];
}

/**
 * What a person or a pipeline may do who submits runs, watches and controls them, as a policy to attach to their role or
 * group. Source data are read by the submission alone: it shards them and stores the shards in the deployment's bucket,
 * so that workers need no rights on anybody's data.
 */
export class Submitters extends Construct {
  readonly policy: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, { bucket, queues, fleet, dataUris }: SubmittersProps) {
    super(scope, id);
    const policy = new iam.ManagedPolicy(this, 'Policy', {
      description: 'Submits, watches and controls runs of padmm',
    });
    this.policy = policy;
    allow(policy, { actions: ['cloudformation:DescribeStacks'], resources: [Stack.of(this).stackId] });
    allow(policy, {
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: [bucket.arnForObjects(`${RUNS_PREFIX}*`), bucket.arnForObjects(`${DATASETS_PREFIX}*`)],
      wildcard:
        'Run ids and digests of data are not known before; nothing outside runs/ and datasets/ is reached.',
    });
    allow(policy, {
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': `${RUNS_PREFIX}*` } },
    });
    allow(policy, {
      actions: ['s3:DeleteObject'],
      resources: [bucket.arnForObjects(`${RUNS_PREFIX}*`)],
      wildcard: 'Any run that has ended may be deleted; datasets stay.',
    });
    letUseQueues(policy, queues);
    if (fleet) letWantWorkers(policy, fleet);
    for (const uri of dataUris) letRead(policy, parseS3Uri(uri) as S3Folder);
  }
}

/** Sends tasks and control messages; sees how many wait; looks at dead letters, and delivers or drops them. */
function letUseQueues(policy: iam.ManagedPolicy, queues: Queues): void {
  allow(policy, {
    // The attributes say how many messages wait, and which queue takes the dead letters.
    actions: ['sqs:SendMessage', 'sqs:GetQueueAttributes'],
    resources: [queues.tasks.queueArn, queues.results.queueArn],
  });
  allow(policy, { actions: ['sqs:GetQueueAttributes'], resources: [queues.folds.queueArn] });
  allow(policy, {
    actions: [
      'sqs:GetQueueUrl',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
    ],
    resources: [queues.deadTasks, queues.deadResults, queues.deadFolds].map(({ queueArn }) => queueArn),
  });
}

/** Wants workers, and asks why there are none. */
function letWantWorkers(policy: iam.ManagedPolicy, { cluster, service }: Fleet): void {
  allow(policy, {
    actions: ['ecs:DescribeServices', 'ecs:UpdateService'],
    resources: [service.serviceArn],
  });
  allow(policy, {
    actions: ['ecs:ListTasks'],
    resources: ['*'],
    wildcard: 'Tasks are listed by the cluster, which is a condition of the action and no resource.',
    conditions: { ArnEquals: { 'ecs:cluster': cluster.clusterArn } },
  });
  allow(policy, {
    actions: ['ecs:DescribeTasks'],
    resources: [tasksOf(cluster)],
    wildcard: 'Why a worker ended is asked by its ARN, which ECS draws when it starts.',
  });
}

/** Lets a principal list and read one folder of S3, and nothing beside it. */
function letRead(policy: iam.ManagedPolicy, { bucket, prefix }: S3Folder): void {
  const bucketArn = `arn:${Aws.PARTITION}:s3:::${bucket}`;
  allow(policy, {
    actions: ['s3:GetObject'],
    resources: [`${bucketArn}/${prefix}*`],
    wildcard: 'The objects of one folder that was named as a source of data.',
  });
  allow(policy, {
    actions: ['s3:ListBucket'],
    resources: [bucketArn],
    conditions: { StringLike: { 's3:prefix': `${prefix}*` } },
  });
}
