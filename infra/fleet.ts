import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { DATASETS_PREFIX, RUNS_PREFIX } from '../lib/protocol/keys.ts';
import { acknowledge } from './acknowledge.ts';
import { allow } from './allow.ts';
import { GpuCapacity } from './gpuCapacity.ts';
import { Network } from './network.ts';
import { type Queues, TASK_VISIBILITY_SECONDS } from './queues.ts';
import type { Settings } from './settings.ts';
import { WorkerImage } from './workerImage.ts';

export interface FleetProps {
  readonly settings: Settings & { readonly compute: 'gpu' | 'cpu' };
  readonly bucket: s3.IBucket;
  readonly queues: Queues;
  /** What a worker is told about the deployment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Hears of instances that come and go, and of builds that failed. */
  readonly topic: sns.ITopic;
}

/** What ECS waits after SIGTERM before it kills; Spot gives as much notice. */
const STOP_TIMEOUT = Duration.seconds(120);
/** Of a GPU instance's 16 GiB, as small as they are offered; the rest is the system's. */
const GPU_TASK_MEMORY_MIB = 12_288;
const MEMORY_MIB_PER_CPU_UNIT = 2;
/** The worker touches a file while its event loop turns; a long subproblem may hold it for minutes. */
const HEALTH_CHECK: ecs.HealthCheck = {
  command: ['CMD', 'node', 'functions/worker/health.ts'],
  interval: Duration.seconds(60),
  timeout: Duration.seconds(20),
  retries: 5,
  startPeriod: Duration.seconds(120),
};

/**
 * Workers as tasks of one ECS service. It begins at zero tasks; submission and watchdog set how many are wanted, from
 * the state of the runs: queue metrics come late, stop after idle hours, and cannot leave zero.
 */
export class Fleet extends Construct {
  readonly cluster: ecs.Cluster;
  readonly service: ecs.BaseService;
  readonly taskRole: iam.IRole;
  readonly network: Network;

  constructor(scope: Construct, id: string, props: FleetProps) {
    super(scope, id);
    const { settings, bucket, queues, topic } = props;
    this.network = new Network(this, 'Network', settings);
    this.cluster = new ecs.Cluster(this, 'Cluster', {
      vpc: this.network.vpc,
      containerInsightsV2: ecs.ContainerInsights.DISABLED,
      enableFargateCapacityProviders: settings.compute === 'cpu',
    });
    acknowledge(this.cluster, {
      ECS4: 'Its metrics are paid while nobody trains; workers tell of their times and bytes in every result.',
    });
    const { image } = new WorkerImage(this, 'Image', {
      source: settings.workerImage,
      variant: settings.compute,
      logRetentionDays: settings.logRetentionDays,
      topic,
    });
    this.service =
      settings.compute === 'gpu' ? this.#onInstances(props, image) : this.#onFargate(props, image);
    this.taskRole = this.service.taskDefinition.taskRole;
    grant(this.taskRole as iam.Role, bucket, queues, this.cluster);
    acknowledge(this.service.taskDefinition.obtainExecutionRole() as iam.Role, {
      'IAM5[Resource::*]': 'ecr:GetAuthorizationToken knows no resource.',
    });
    acknowledge(this.service.taskDefinition, {
      ECS2: 'Queue URLs and the name of a bucket are no secrets.',
    });
  }

  #onInstances({ settings, topic, ...props }: FleetProps, image: ecs.ContainerImage): ecs.BaseService {
    const { provider } = new GpuCapacity(this, 'Gpu', { ...settings, network: this.network, topic });
    this.cluster.addAsgCapacityProvider(provider);
    const taskDefinition = new ecs.Ec2TaskDefinition(this, 'Task', { networkMode: ecs.NetworkMode.BRIDGE });
    taskDefinition.addContainer('worker', {
      ...this.#container(settings, props.environment, image),
      gpuCount: 1,
      memoryReservationMiB: GPU_TASK_MEMORY_MIB,
    });
    return new ecs.Ec2Service(this, 'Service', {
      ...SERVICE,
      cluster: this.cluster as ecs.ICluster,
      taskDefinition,
      capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }],
    });
  }

  #onFargate({ settings, ...props }: FleetProps, image: ecs.ContainerImage): ecs.BaseService {
    const taskDefinition = new ecs.FargateTaskDefinition(this, 'Task', {
      cpu: settings.cpu,
      memoryLimitMiB: settings.cpu * MEMORY_MIB_PER_CPU_UNIT,
    });
    taskDefinition.addContainer('worker', this.#container(settings, props.environment, image));
    const { onDemandPercent } = settings;
    const strategies = [
      { capacityProvider: 'FARGATE_SPOT', weight: 100 - onDemandPercent },
      { capacityProvider: 'FARGATE', weight: onDemandPercent },
    ];
    return new ecs.FargateService(this, 'Service', {
      ...SERVICE,
      cluster: this.cluster as ecs.ICluster,
      taskDefinition,
      vpcSubnets: this.network.subnets,
      securityGroups: [this.network.securityGroup],
      assignPublicIp: this.network.isPublic,
      capacityProviderStrategies: strategies.filter(({ weight }) => weight > 0),
    });
  }

  #container(
    { threads, logRetentionDays }: Settings,
    environment: Readonly<Record<string, string>>,
    image: ecs.ContainerImage,
  ): ecs.ContainerDefinitionOptions {
    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return {
      image,
      environment: {
        ...environment,
        AWS_REGION: Stack.of(this).region,
        PADMM_THREADS: String(threads),
        PADMM_TASK_VISIBILITY_SECONDS: String(TASK_VISIBILITY_SECONDS),
      },
      logging: ecs.LogDrivers.awsLogs({
        streamPrefix: 'worker',
        logGroup,
        mode: ecs.AwsLogDriverMode.NON_BLOCKING,
      }),
      stopTimeout: STOP_TIMEOUT,
      healthCheck: HEALTH_CHECK,
    };
  }
}

/**
 * Of either service. A new version replaces workers at once: they own nothing, and hand back what they hold. Updating
 * the stack sets the desired count to zero, which the watchdog puts right within a minute.
 */
const SERVICE = {
  desiredCount: 0,
  minHealthyPercent: 0,
  maxHealthyPercent: 200,
  // A rollback would go back to an image that is older than the coordinator.
  circuitBreaker: { enable: true, rollback: false },
  // What tasks cost counts in the budget.
  enableECSManagedTags: true,
  propagateTags: ecs.PropagatedTagSource.SERVICE,
} as const;

/** ARN of any task of a cluster. */
export const tasksOf = (cluster: ecs.Cluster): string =>
  Stack.of(cluster).formatArn({ service: 'ecs', resource: 'task', resourceName: `${cluster.clusterName}/*` });

function grant(role: iam.Role, bucket: s3.IBucket, queues: Queues, cluster: ecs.Cluster): void {
  allow(role, {
    actions: ['s3:GetObject'],
    resources: [bucket.arnForObjects(`${RUNS_PREFIX}*`), bucket.arnForObjects(`${DATASETS_PREFIX}*`)],
    wildcard: 'A worker solves tasks of any run on any dataset.',
  });
  allow(role, {
    actions: ['s3:PutObject'],
    resources: ['contributions', 'leases'].map((kind) => bucket.arnForObjects(`${RUNS_PREFIX}*/${kind}/*`)),
    wildcard: 'A worker writes its contributions and leases in any run, and nothing else.',
  });
  allow(role, {
    actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
    resources: [queues.tasks.queueArn],
  });
  allow(role, { actions: ['sqs:SendMessage'], resources: [queues.results.queueArn] });
  allow(role, {
    actions: ['ecs:UpdateTaskProtection'],
    resources: [tasksOf(cluster)],
    wildcard: 'A task protects itself by its own ARN, which ECS draws when it starts.',
  });
}
