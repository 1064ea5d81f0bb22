import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { FOLDS_VARIABLE } from '../lib/cloud/foldQueue.ts';
import { RUNS_PREFIX } from '../lib/protocol/keys.ts';
import { allow } from './allow.ts';
import type { Fleet } from './fleet.ts';
import { NodeFunction } from './nodeFunction.ts';
import type { Queues } from './queues.ts';
import { letTellOfRuns } from './runEvents.ts';

export interface WatchdogProps {
  readonly bucket: s3.IBucket;
  readonly queues: Queues;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMiB: number;
  readonly logRetentionDays: number;
}

const EVERY = Duration.minutes(1);
/** Below the rule's interval, so that two watches do not overlap. */
const TIMEOUT_SECONDS = 55;

/** The watchdog's function on its rule: it looks after every live run, once a minute. */
export class Watchdog extends Construct {
  readonly function: lambda.Function;
  readonly role: iam.Role;
  readonly logGroup: NodeFunction['logGroup'];

  constructor(scope: Construct, id: string, props: WatchdogProps) {
    super(scope, id);
    const { bucket, queues } = props;
    const handler = new NodeFunction(this, 'Handler', {
      ...props,
      environment: { ...props.environment, [FOLDS_VARIABLE]: queues.folds.queueUrl },
      name: 'watchdog',
      timeoutSeconds: TIMEOUT_SECONDS,
    });
    this.function = handler.function;
    this.role = handler.role;
    this.logGroup = handler.logGroup;
    allow(this.role, {
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      resources: [bucket.arnForObjects(`${RUNS_PREFIX}*`)],
      wildcard: 'It looks after every run; nothing outside runs/ is reached.',
    });
    allow(this.role, {
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': `${RUNS_PREFIX}*` } },
    });
    allow(this.role, {
      actions: ['sqs:SendMessage', 'sqs:GetQueueAttributes'],
      resources: [queues.tasks.queueArn],
    });
    allow(this.role, { actions: ['sqs:SendMessage'], resources: [queues.folds.queueArn] });
    letTellOfRuns(handler);
    new events.Rule(this, 'EveryMinute', {
      schedule: events.Schedule.rate(EVERY),
      // The next minute is the retry.
      targets: [new targets.LambdaFunction(handler.function, { retryAttempts: 0 })],
    });
  }

  /** Lets it set how many tasks of the fleet's service are wanted. */
  driveFleet({ cluster, service }: Fleet, maxWorkers: number): void {
    this.function.addEnvironment('PADMM_CLUSTER', cluster.clusterName);
    this.function.addEnvironment('PADMM_SERVICE', service.serviceName);
    this.function.addEnvironment('PADMM_MAX_WORKERS', String(maxWorkers));
    allow(this.role, {
      actions: ['ecs:DescribeServices', 'ecs:UpdateService'],
      resources: [service.serviceArn],
    });
  }
}
