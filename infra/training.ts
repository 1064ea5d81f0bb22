import { Stack, Tags } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { PROTOCOL_VERSION } from '../lib/protocol/messages.ts';
import { parseInput } from '../lib/protocol/validate.ts';
import { Budget } from './budget.ts';
import { Coordinator } from './coordinator.ts';
import { Fleet, type FleetProps } from './fleet.ts';
import { Monitoring } from './monitoring.ts';
import { Notices } from './notices.ts';
import { writeOutputs } from './outputs.ts';
import { Queues } from './queues.ts';
import { type Settings, type SettingsInput, settingsSchema } from './settings.ts';
import { StalledRuns } from './stalledRuns.ts';
import { Storage } from './storage.ts';
import { Submitters } from './submitters.ts';
import { Watchdog } from './watchdog.ts';

/** Settings, documented in `settings.ts`, and what only code can say. */
export interface PadmmTrainingProps extends SettingsInput {
  /** Tags of everything, beside `padmm`, which carries the stack's name. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Bounds every role, where the account asks for that. */
  readonly permissionsBoundary?: iam.IManagedPolicy;
}

/**
 * A whole deployment: bucket, queues, coordinator, watchdog, workers, alarms and budget. One in a stack, since the
 * stack's outputs are how it is found.
 */
export class PadmmTraining extends Construct {
  readonly storage: Storage;
  readonly queues: Queues;
  readonly coordinator: Coordinator;
  readonly watchdog: Watchdog;
  /** Undefined where workers run elsewhere. */
  readonly fleet: Fleet | undefined;
  /** What those may do who submit runs. */
  readonly submitters: Submitters;
  /** Takes alarms, notices of the budget, and failed builds. */
  readonly topic: sns.Topic;

  /** @throws ConfigError naming every setting that is wrong. */
  constructor(scope: Construct, id: string, props: PadmmTrainingProps = {}) {
    super(scope, id);
    const { tags = {}, permissionsBoundary, ...input } = props;
    const settings = parseInput(settingsSchema, input, 'deployment');
    this.topic = new Notices(this, 'Notices', { email: settings.alarmEmail }).topic;
    this.storage = new Storage(this, 'Storage', settings);
    this.queues = new Queues(this, 'Queues', settings);
    const shared = {
      bucket: this.storage.bucket,
      queues: this.queues,
      environment: this.#environment(),
      memoryMiB: settings.coordinatorMemoryMiB,
      logRetentionDays: settings.logRetentionDays,
    };
    this.coordinator = new Coordinator(this, 'Coordinator', {
      ...shared,
      timeoutSeconds: settings.coordinatorTimeoutSeconds,
      concurrency: settings.coordinatorConcurrency,
    });
    this.watchdog = new Watchdog(this, 'Watchdog', shared);
    this.fleet = this.#fleetOf(settings, shared);
    this.submitters = new Submitters(this, 'Submitters', {
      bucket: this.storage.bucket,
      queues: this.queues,
      fleet: this.fleet,
      dataUris: settings.dataUris,
    });
    this.#watch(settings);
    this.#writeOutputs(settings);
    Tags.of(this).add('padmm', Stack.of(this).stackName);
    for (const [key, value] of Object.entries(tags)) Tags.of(this).add(key, value);
    if (permissionsBoundary) iam.PermissionsBoundary.of(this).apply(permissionsBoundary);
  }

  /** What `deploymentFromEnvironment` reads; Lambda itself sets AWS_REGION. */
  #environment(): Record<string, string> {
    return {
      PADMM_BUCKET: this.storage.bucket.bucketName,
      PADMM_TASKS_QUEUE_URL: this.queues.tasks.queueUrl,
      PADMM_RESULTS_QUEUE_URL: this.queues.results.queueUrl,
    };
  }

  #fleetOf(settings: Settings, shared: Omit<FleetProps, 'settings' | 'topic'>): Fleet | undefined {
    const { compute } = settings;
    if (compute === 'none') return undefined;
    const fleet = new Fleet(this, 'Fleet', {
      ...shared,
      settings: { ...settings, compute },
      topic: this.topic,
    });
    this.watchdog.driveFleet(fleet, settings.maxWorkers);
    return fleet;
  }

  #watch({ monthlyBudgetUsd }: Settings): void {
    const tag = Stack.of(this).stackName;
    const stalledRuns = new StalledRuns(this, 'StalledRuns', {
      logGroup: this.watchdog.logGroup,
      namespace: `padmm/${tag}`,
    });
    const { topic, queues, coordinator, watchdog } = this;
    new Monitoring(this, 'Monitoring', { topic, queues, coordinator, watchdog, stalledRuns });
    new Budget(this, 'Budget', { monthlyUsd: monthlyBudgetUsd, tag, topic });
  }

  #writeOutputs(settings: Settings): void {
    const { fleet } = this;
    const { compute, maxWorkers, instanceTypes, onDemandPercent } = settings;
    writeOutputs(this, {
      PadmmVersion: String(PROTOCOL_VERSION),
      PadmmBucket: this.storage.bucket.bucketName,
      PadmmTasksQueueUrl: this.queues.tasks.queueUrl,
      PadmmResultsQueueUrl: this.queues.results.queueUrl,
      PadmmFoldsQueueUrl: this.queues.folds.queueUrl,
      PadmmCompute: compute,
      PadmmCoordinatorMemoryMiB: String(settings.coordinatorMemoryMiB),
      PadmmCoordinatorTimeoutSeconds: String(settings.coordinatorTimeoutSeconds),
      PadmmSubmitPolicyArn: this.submitters.policy.managedPolicyArn,
      ...(fleet && {
        PadmmCluster: fleet.cluster.clusterName,
        PadmmService: fleet.service.serviceName,
        PadmmMaxWorkers: String(maxWorkers),
      }),
      ...(compute === 'gpu' && {
        PadmmInstanceTypes: instanceTypes.join(','),
        PadmmOnDemandPercent: String(onDemandPercent),
      }),
    });
  }
}
